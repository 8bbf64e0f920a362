"""Nothing accepted is lost and nothing is doubled, whatever breaks: content, a row, the database, the process."""

import time
import asyncio
import json
import sqlite3
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.content import Content
from bot.core.errors import MachineError
from bot.sandbox import Person
from tests.whole.house import House

BROKEN = "CREATE TRIGGER broken BEFORE UPDATE ON inbox WHEN new.state = 'done' BEGIN SELECT RAISE(ABORT, 'broken'); END"
"""Lets the last write of every batch fail, after all the others."""


def _broken(content: Content) -> Content:
    """Give content that cannot answer the word for help: deciding it fails."""
    return content.model_copy(update={"phrases": {k: v for k, v in content.phrases.items() if k != "help_line"}})


async def test_a_full_disk_loses_nothing_and_sets_nothing_aside(house: House) -> None:
    """While nothing can be written people get the static text, once; with room again everything is answered."""
    sokha, words = house.person(), "they hit me " * 300
    print("T", 'sokha, words = house.person(), "they hit me " * 30', time.monotonic())
    await house.after(sokha.says("/start"))
    print("T", 'await house.after(sokha.says("/start"))', time.monotonic())
    await _fill(house)
    print("T", 'await _fill(house)', time.monotonic())
    await sokha.says(words)
    print("T", 'await sokha.says(words)', time.monotonic())
    await sokha.says("please")
    print("T", 'await sokha.says("please")', time.monotonic())
    await sokha.sees(house.says("static_emergency"))
    print("T", 'await sokha.sees(house.says("static_emergency"))', time.monotonic())
    asked = len(_polls(house))
    print("T", 'asked = len(_polls(house))', time.monotonic())
    await house.until(lambda: _asks_again(house, asked + 2))
    print("T", 'await house.until(lambda: _asks_again(house, asked', time.monotonic())
    assert [message.text for message in sokha.messages()].count(house.screen(sokha).text) == 1
    print("T", 'assert [message.text for message in sokha.messages', time.monotonic())
    assert house.box.pending == 2
    print("T", 'assert house.box.pending == 2', time.monotonic())

    await _sql(house, "PRAGMA max_page_count = 1000000")
    print("T", 'await _sql(house, "PRAGMA max_page_count = 1000000', time.monotonic())
    await house.passes(minutes=1)
    print("T", 'await house.passes(minutes=1)', time.monotonic())
    assert (await house.only_case()).texts() == [words, "please"]
    print("T", 'assert (await house.only_case()).texts() == [words', time.monotonic())
    assert await house.store.inbox.aside() == 0
    print("T", 'assert await house.store.inbox.aside() == 0', time.monotonic())


async def _asks_again(house: House, polls: int) -> bool:
    house.clock.put_forward(timedelta(seconds=1))
    print("T", 'house.clock.put_forward(timedelta(seconds=1))', time.monotonic())
    return len(_polls(house)) >= polls
    print("T", 'return len(_polls(house)) >= polls', time.monotonic())


async def _fill(house: House) -> None:
    """Leave the database no page more than it has, and use up those that are free."""
    pages = await house.count("PRAGMA page_count")
    await _sql(house, f"PRAGMA max_page_count = {pages}")
    with pytest.raises(MachineError):
        while True:
            await _sql(house, "INSERT INTO facts VALUES (hex(randomblob(16)), hex(zeroblob(4000)))")


def _polls(house: House) -> Sequence[object]:
    return [call for call in house.box.calls if call.method == "getupdates"]


async def _sql(house: House, statement: str) -> None:
    await house.store.database.write(lambda connection: connection.execute(text(statement)).close())


