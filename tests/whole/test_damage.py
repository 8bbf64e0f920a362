"""A large database is checked for damage while people are served, and operators hear what was found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import opening
from bot.store.opening import database_path
from tests.whole.house import House

PAGE = 4096


def _overwrite(database: Path, table: str) -> None:
    """Write over the first page of a table, as a disk does that fails at one place."""
    with closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes(range(256)) * (PAGE // 256))


@pytest.mark.parametrize("damaged", [True, False])
async def test_damage_in_a_large_database_is_told_to_operators(
    house: House, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    """It is served from all the same, because people wait; the group is told, and only if there is damage."""
    await house.in_danger(house.person())
    await house.stop()
    if damaged:
        _overwrite(database_path(house.settings.database), "wraps")  # read when a case is opened, and not before
    monkeypatch.setattr(opening, "CHECKED_AT_START", 0)
    await house.open()
    mony = house.person("Mony")
    await mony.says("/start")
    await house.box.until(mony.screen)
    await house.settled()

    told = any(house.says("alarm", name="database_damaged") in message.text for message in house.group.messages())
    assert told == damaged
