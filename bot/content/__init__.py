"""Reads content: flows, guidance, tables, catalogues of words."""
