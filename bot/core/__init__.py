"""Decides. Pure, synchronous, deterministic: no await, no clock, no id making, no file."""
