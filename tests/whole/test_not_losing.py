"""Nothing accepted is lost and nothing is doubled, whatever breaks: content, a row, the database, the process."""

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


async def test_a_poison_act_reaches_a_human_and_the_others_are_answered(house: House) -> None:
    """Whoever sends what cannot be decided gets a kind line; an operator gets a case; others do not notice."""
    house.content = _broken(house.content)
    poor, others = house.person("Poor"), [house.person(f"Other {number}") for number in range(5)]
    await house.together(poor.says("help"), *(other.says("/start") for other in others))

    assert house.shows(poor, "crash")
    assert [house.step(other) for other in others] == ["start.menu"] * 5
    (case,) = await house.cases()
    assert case["urgency"] == "P2"
    assert house.card(case["number"]).rows
    assert any(house.says("alarm", name="poison") in message.text for message in house.group.messages())
    assert await house.store.inbox.aside() == 1


async def test_the_same_poison_twice_makes_one_case(house: House) -> None:
    """One case a person, however often they try."""
    house.content = _broken(house.content)
    poor = house.person()
    await house.after(poor.says("help"), poor.says("help"), poor.says("help"))

    assert len(await house.cases()) == 1
    assert await house.store.inbox.aside() == 3


async def test_poison_in_a_hidden_chat_shows_nothing(house: House) -> None:
    """Not even the kind line: somebody else may hold the phone."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.says("hide"))
    phrases = {key: value for key, value in house.content.phrases.items() if key != "kept_media"}
    house.content = house.content.model_copy(update={"phrases": phrases})
    await house.after(sokha.sends_photo(b"a photo"))

    assert house.screen(sokha).text.startswith(house.says("holidays_title"))
    assert [case["urgency"] for case in await house.cases()] == ["P2"]


async def test_a_poison_timer_tells_operators_and_never_the_person(house: House) -> None:
    """What the helpline does by itself and fails at is nothing to write to a person about."""
    sokha = house.person()
    await house.in_danger(sokha)
    seen = [message.text for message in sokha.messages()]
    phrases = {key: value for key, value in house.content.phrases.items() if key != "untaken_still"}
    house.content = house.content.model_copy(update={"phrases": phrases})
    await house.passes(minutes=6)

    assert [message.text for message in sokha.messages()] == seen
    assert any(house.says("alarm", name="poison") in message.text for message in house.group.messages())


async def _sql(house: House, statement: str) -> None:
    await house.store.database.write(lambda connection: connection.execute(text(statement)).close())


async def test_a_save_that_fails_leaves_nothing_half_done(house: House) -> None:
    """If the last of a batch's writes fails, none of it happened; once it works, all of it has, once."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    await _sql(house, BROKEN)
    await sokha.says("they hit me")
    await house.until(lambda: _is_tried(house))
    await _sql(house, "DROP TRIGGER broken")
    await house.settled()

    (case,) = await house.cases()
    assert case["urgency"] == "P1"
    assert len(house.cards()) == 1


async def _is_tried(house: House) -> bool:
    return await house.count("SELECT max(tries) FROM inbox") > 0


async def test_a_full_disk_loses_nothing_and_sets_nothing_aside(house: House) -> None:
    """While nothing can be written people get the static text, once; with room again everything is answered."""
    sokha, words = house.person(), "they hit me " * 300
    await house.after(sokha.says("/start"))
    await _fill(house)
    await sokha.says(words)
    await sokha.says("please")
    await sokha.sees(house.says("static_emergency"))
    asked = len(_polls(house))
    await house.until(lambda: _asks_again(house, asked + 2))
    assert [message.text for message in sokha.messages()].count(house.screen(sokha).text) == 1
    assert house.box.pending == 2

    await _sql(house, "PRAGMA max_page_count = 1000000")
    await house.passes(minutes=1)
    assert (await house.only_case()).texts() == [words, "please"]
    assert await house.store.inbox.aside() == 0


async def _asks_again(house: House, polls: int) -> bool:
    house.clock.put_forward(timedelta(seconds=1))
    return len(_polls(house)) >= polls


async def _fill(house: House) -> None:
    """Leave the database no page more than it has, and use up those that are free."""
    pages = await house.count("PRAGMA page_count")
    await _sql(house, f"PRAGMA max_page_count = {pages}")
    with pytest.raises(MachineError):
        while True:
            await _sql(house, "INSERT INTO facts VALUES (hex(randomblob(16)), hex(zeroblob(4000)))")


def _polls(house: House) -> Sequence[object]:
    return [call for call in house.box.calls if call.method == "getupdates"]


async def test_a_kill_before_deciding_loses_nothing(house: House) -> None:
    """What was acknowledged and not decided when the process died is decided by the next one, once."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    await _sql(house, BROKEN)
    await sokha.says("they hit me")
    await house.box.until(lambda: house.box.pending == 0)
    await house.stop(clean=False)
    await _open_and_drop(house)
    await house.settled()

    assert (await house.only_case()).texts() == ["they hit me"]
    assert len(house.cards()) == 1


async def _open_and_drop(house: House) -> None:
    with sqlite3.connect(house.settings.data / "helpline.db") as database:
        database.execute("DROP TRIGGER broken")
        database.execute("UPDATE inbox SET state = 'waiting', tries = 0 WHERE state = 'aside'")
    await house.open()


async def test_a_kill_before_sending_sends_after_the_restart(house: House) -> None:
    """Rows that a dead process had leased are sent by the next one."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    house.box.faults.throttle(sokha.id, 15)
    await sokha.says("they hit me")
    await house.box.until(lambda: [call for call in house.box.calls if call.code == 429])
    house.box.faults.allow(sokha.id)
    await house.restart(clean=False)
    await house.settled()

    assert house.step(sokha) == "danger.place"
    assert len(house.cards()) == 1


async def test_an_update_that_comes_twice_counts_once(house: House) -> None:
    """Telegram repeats what it believes unconfirmed, also under a restart of ours."""
    sokha = house.person()
    written = await sokha.says("they hit me")
    update = house.box.world.updates.waiting()[0]
    await house.settled()
    await house.restart(clean=False)
    again = json.loads(update.json)
    await house.helpline.receiver.updates([again, again])
    await house.settled()

    assert written.text in (await house.only_case()).texts()
    assert len((await house.only_case()).of("words")) == 1


async def test_ids_that_start_anew_swallow_nothing(house: House) -> None:
    """After a quiet week Telegram's ids go on anywhere: an old id with other words is another update."""
    sokha = house.person()
    await sokha.says("they hit me")
    first = house.box.world.updates.waiting()[0].id
    await house.settled()
    house.box.world.updates.end_poll()
    await house.box.until(lambda: house.box.polled)
    house.box.jump(first)
    await house.after(sokha.says("near the harbour"))

    assert (await house.only_case()).texts() == ["they hit me", "near the harbour"]


async def test_many_people_at_once_keep_their_order_through_a_sick_telegram(house: House) -> None:
    """With 5xx, 429 and lost answers all are answered, in order; at most what got lost is doubled, and no case is."""
    people = [house.person(f"Person {number}") for number in range(30)]
    house.box.faults.switch(errors=0.05, lost=0.03, throttled=0.05)
    await asyncio.gather(*(_talks(person) for person in people))
    await house.until(lambda: _calm(house))
    house.box.faults.switch(errors=0.0, lost=0.0, throttled=0.0)
    await house.settled()

    assert len(await house.cases()) == len(people)
    for person in people:
        assert house.step(person) == "danger.place", person.name
        assert sum(message.from_bot for message in person.messages()) <= 1 + _lost(house, person)
    assert len({card.text.splitlines()[0] for card in house.cards()}) == len(people)


async def _talks(person: Person) -> None:
    for words in ("/start", "help", "they hit me"):
        await person.says(words)


async def _calm(house: House) -> bool:
    return house.box.pending == 0 and not await house.store.inbox.waiting()


def _lost(house: House, person: Person) -> int:
    return sum(call.outcome == "lost" and call.chat_id == person.id for call in house.box.calls)
