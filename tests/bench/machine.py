"""The machine that was measured on, and how busy it was: a figure without them says nothing."""

import os
import platform
import sqlite3
from contextlib import suppress
from pathlib import Path

import typer


def described() -> str:
    """Describe the machine and its load in one line."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return f"{os.cpu_count()} cores ({_processor()}), {python}; load over 1, 5, 15 minutes: {load}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def resident(pid: int) -> float:
    """Give the megabytes (2^20) of memory that a process holds now (VmRSS)."""
    return _status(pid, "VmRSS")


def proportional(pid: int) -> float:
    """Give the megabytes that a process holds, what it shares with others counted in parts (Pss)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def most_resident(pid: int) -> float:
    """Give the most megabytes that a process held (VmHWM)."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def cpu(pid: int) -> float:
    """Give the seconds of CPU that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_cpu(pid: int) -> float:
    """Give the seconds of CPU that a process, its children and those it has waited for have used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    waited_for = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    used = cpu(pid) + waited_for
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            used += cpu(int(child))
    return used


if __name__ == "__main__":
    typer.echo(described())
