"""What this process gives up for good before it reads a stranger's first byte.

What holds, also for code that a broken decoder lets in:

- It has no keys: its environment is empty, it was given one file, and nothing of the helpline is loaded.
- It can open nothing: of descriptors none is left to give out, so there is no file and no socket, not even after it
  closed its own three. It can write to no file, and to its two pipes only as much as their reader takes.
- It can start nobody who would outlive it.
- It has 768 MiB, 20 seconds of a processor, what is left over by others, and is the first to go if memory is short.

On Linux, where a process may leave its network (most systems; few containers), it has none, and can look into no other
process either. Where it may not, that is the system's to forbid (Yama, which Ubuntu sets: ptrace_scope 1). Who is root
may start others, and give itself descriptors again if it may not leave: do not serve as root.
"""

import ctypes
import os
import resource
from contextlib import suppress
from pathlib import Path

MEMORY = 768 << 20
SECONDS = 20
LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, SECONDS),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NPROC, 0),
    (resource.RLIMIT_NOFILE, 0),
)
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Of Linux' sched.h. The first is what permits the second to who is not root, and bars the way to other processes."""


def confine() -> None:
    """Give up all that is not needed any more; what has to be loaded was loaded."""
    os.nice(10)
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(AttributeError):  # Linux only; os.unshare is there from Python 3.12 on
        ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK)
    for limit, most in LIMITS:
        resource.setrlimit(limit, (most, most))
