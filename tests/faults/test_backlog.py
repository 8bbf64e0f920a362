"""A hundred thousand updates wait in the inbox: hide and danger go first, and memory stays small."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.core.content import Content
from bot.sandbox import Person, Sandbox, populate
from bot.settings import Settings
from bot.store.opening import open_store
from bot.wiring import build
from tests.bench.machine import most_resident
from tests.bench.process import running
from tests.conftest import Report

WAITING = 100_000
PEOPLE = 5_000
MEGABYTES = 300
PATIENCE = 900.0
AT_ONCE = 1_000
ONE_BATCH = 64
"""The rows decided together, whose answers go side by side."""


async def test_a_hundred_thousand_waiting_updates(tmp_path: Path, content: Content, report: Report) -> None:
    """Who hides or is in danger is answered before the crowd that came earlier; all the others are answered too."""
    async with Sandbox() as box:
        group = populate(box)
        crowd = [box.add_person(f"Person {number}", language_code="en") for number in range(PEOPLE)]
        hider, endangered = (box.add_person(name, language_code="en") for name in ("Hider", "Endangered"))
        updates = [_said(person, at, "/start") for at, person in enumerate(crowd * (WAITING // PEOPLE))]
        late = [_said(hider, WAITING, "hide"), _said(endangered, WAITING + 1, "danger")]
        for person in (*crowd, hider, endangered):
            person.user.started = True
        await _fill(_settings(box, group.id, tmp_path), content, [*updates, *late])
        async with running(box, group, tmp_path) as helpline:
            await _all_answered(box, PEOPLE + 2)
            most = most_resident(helpline.pid)
    order = _sends(box)
    places = [order.index(person.id) for person in (hider, endangered)]
    report(
        f"backlog: {WAITING} updates of {PEOPLE} people waiting: {most:.0f} MB at most; "
        f"hide and danger, the last to come, are answered at places {places} of {len(order)}"
    )
    assert max(places) < ONE_BATCH
    assert most < MEGABYTES


def _said(person: Person, number: int, text: str) -> dict[str, Any]:
    chat = {"id": person.id, "type": "private", "first_name": person.name}
    sender = {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": "en"}
    message = {"message_id": number + 1, "date": int(datetime.now(UTC).timestamp()), "chat": chat, "from": sender}
    return {"update_id": number + 1, "message": {**message, "text": text}}


def _settings(box: Sandbox, group: int, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "bot_token": box.token,
            "bot_api": box.root,
            "operators_chat": group,
            "data": folder / "data",
            "keys": folder / "keys",
            "database": f"sqlite:///{folder}/data/helpline.db",
            "send_rate": 0,
        }
    )


async def _fill(settings: Settings, content: Content, updates: Sequence[dict[str, Any]]) -> None:
    """Put updates into the inbox of a helpline that decides nothing yet."""
    store = await open_store(settings.database, settings.data)
    try:
        async with build(settings, store, content=lambda: content) as helpline:
            for start in range(0, len(updates), AT_ONCE):
                await helpline.receiver.updates(updates[start : start + AT_ONCE])
    finally:
        await store.close()


def _sends(box: Sandbox) -> list[int]:
    return [call.chat_id for call in box.calls if call.method == "sendmessage" and call.done and call.chat_id]


async def _all_answered(box: Sandbox, people: int) -> None:
    """Wait until everybody has got an answer, and nobody gets another."""
    async with asyncio.timeout(PATIENCE):
        before = 0
        while len(set(_sends(box))) < people or len(box.calls) > before:
            before = len(box.calls)
            await asyncio.sleep(2.0)
