"""Speaks SQL: one schema and one set of statements, with migrations."""
