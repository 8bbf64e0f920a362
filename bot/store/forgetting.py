"""What is left of a store whose server key is lost: every case, and nothing that only that key could open."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.core.errors import MachineError

# Chats, where somebody stands, what waits to be decided, sent or fetched. Timers stay: they name cases, and nothing
# closed. Keys of finished updates stay too, but Telegram's are keyed with the lost key and will not be known again.
_LOST = ("conversations", "inbox", "outbox", "ledger", "fetches", "invites")


def forget_closed(database: Path, *, key_check: str) -> dict[str, int]:
    """Take out of an unpacked database what no new key opens, and give it a new key's check.

    Gives how many rows of each table that were. Raises MachineError.
    """
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = on")
            connection.execute("BEGIN IMMEDIATE")
            lost = {name: connection.execute(f"DELETE FROM {name}").rowcount for name in _LOST}  # noqa: S608 - constants
            connection.execute("UPDATE facts SET value = ? WHERE key = 'key_check'", (key_check,))
            connection.execute("COMMIT")
            return lost
    except sqlite3.Error as error:
        raise MachineError(f"database {database} cannot be changed ({error}): look at the disk") from error
