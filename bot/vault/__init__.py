"""Speaks crypto: sealing and opening, key files, wrapped keys. PyNaCl, and mnemonic for words; nothing else."""
