"""Orders. Use-cases: what happens in which transaction, and the ports they need."""
