"""Speaks HTTP on an address of its own: what listens there, and what machines are told of the helpline's health."""
