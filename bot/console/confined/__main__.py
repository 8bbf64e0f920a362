"""Make one file anew: it comes on standard input, what is made of it goes to standard output.

Whatever cannot be made anew ends this process with an error, and nothing is written.
"""

import sys
from importlib import import_module

# By the names they have in this folder; with all they need, for nothing can be loaded once this process is confined.
limits, make = import_module("limits"), import_module(sys.argv[1]).make
limits.confine()
sys.stdout.buffer.write(make(sys.stdin.buffer.read()))
