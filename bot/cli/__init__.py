"""The `helpline` command: thin; what it does lives in the rooms and in wiring."""
