"""What became of messages is recorded once: sent, given up, confirmed, held, hidden."""

from datetime import timedelta
from typing import Any

from bot.service.rows import CardPlace, OutboxRow
from bot.store.ledgers import STRAY
from bot.store.opening import Store
from bot.store.outbox import LATE
from bot.store.schema import counters, facts, inbox, ledger, outbox
from tests.store.making import (
    MINUTE,
    NOW,
    SENDER,
    arrival,
    kept,
    keys_leased,
    lease,
    look,
    new_case,
    row,
    save,
    sent,
)


async def states(store: Store) -> list[str]:
    """Read the states of all rows, in order."""
    return [state for (state,) in await look(store, outbox.c.state)]


async def test_a_sent_row_is_blanked(store: Store) -> None:
    """Nothing that was said stays in the outbox once it was sent."""
    await save(store, outbox=[row("1:0")])
    await store.outbox.settle([sent(one) for one in await lease(store)])

    columns = (outbox.c.state, outbox.c.body, outbox.c.chat, outbox.c.lease, outbox.c.lease_until)
    assert await look(store, *columns) == [("sent", None, None, None, None)]


async def test_what_may_be_needed_again_keeps_its_words(store: Store) -> None:
    """A row to be tried again, or one an operator must decide about, is not blanked."""
    await save(store, outbox=[row("1:0"), row("2:0", lane="bo")])
    first, second = await lease(store)
    await store.outbox.settle([sent(first, state="ready"), sent(second, state="unknown")])

    assert await look(store, outbox.c.state, outbox.c.body) == [("ready", b"closed"), ("unknown", b"closed")]


async def test_a_result_of_a_lost_lease_is_refused(store: Store) -> None:
    """A sender that slept through its lease cannot undo what the next one did; hide knows of what it sent."""
    await save(store, outbox=[row("1:0")])
    (late,) = await lease(store)
    (now,) = await lease(store, at=NOW + MINUTE, token="sender 2")
    result = sent(late, state="undeliverable", kept=kept("1"), arrival=arrival("late"))
    strays = await store.outbox.settle([result])

    assert (await states(store), list(strays)) == (["leased"], [])
    assert await look(store, ledger.c.message, ledger.c.live) == [(b"1", False)]
    assert await look(store, inbox.c.id) == []
    assert await look(store, counters.c.name, counters.c.n) == [(LATE, 1)]
    await store.outbox.settle([sent(now)])
    assert await states(store) == ["sent"]


async def test_a_screen_that_comes_late_is_taken_back(store: Store) -> None:
    """Whoever has the lease shows it in its turn; what came out of turn is known to hide, and is to be deleted."""
    await save(store, outbox=[row("1:0")])
    (before,) = await lease(store, token="before")
    (now,) = await lease(store, at=NOW + MINUTE)
    await store.outbox.settle([sent(now, kept=kept("2", live=True))])
    strays = await store.outbox.settle([sent(before, kept=kept("1", live=True))])

    assert [stray.message for stray in strays] == [b"1"]
    assert await look(store, ledger.c.message, ledger.c.live) == [(b"2", True), (b"1", False)]
    await store.outbox.unkeep([stray.id for stray in strays])
    assert await look(store, ledger.c.message) == [(b"2",)]


async def test_a_result_is_recorded_once(store: Store) -> None:
    """Settling again after a lost answer does nothing."""
    await save(store, outbox=[row("1:0")])
    (one,) = await lease(store)
    await store.outbox.settle([sent(one, kept=kept("1"))])
    await store.outbox.settle([sent(one, kept=kept("1"))])

    assert len(await look(store, ledger.c.id)) == 1


async def test_settling_nothing_is_nothing(store: Store) -> None:
    """An idle sender writes nothing."""
    assert list(await store.outbox.settle([])) == []


async def test_the_live_screen_is_the_one_just_sent(store: Store) -> None:
    """The screen before it stays in the ledger if it could not be deleted, and leaves it if it was."""
    await save(store, ledger=[kept("1"), kept("2", live=True)], outbox=[row("1:0"), row("1:1")])
    await store.outbox.settle([sent(one, kept=kept("3", live=True)) for one in await lease(store)])
    undeleted = [(one.message, one.live) for one in await store.lanes.ledger_of("ann")]
    await store.outbox.settle([sent(one, kept=kept("4", live=True), old_gone=True) for one in await lease(store)])

    assert undeleted == [(b"1", False), (b"2", False), (b"3", True)]
    assert [(one.message, one.live) for one in await store.lanes.ledger_of("ann")] == [
        (b"1", False),
        (b"2", False),
        (b"4", True),
    ]


async def test_deleted_messages_leave_the_ledger(store: Store) -> None:
    """What hide deleted need not be told; what it could not delete stays known."""
    await save(store, ledger=[kept("1"), kept("2"), kept("3")], outbox=[row("1:0", kind="wipe")])
    ids = [one.id for one in await store.lanes.ledger_of("ann")]
    await store.outbox.settle([sent(one, unkept=tuple(ids[:2])) for one in await lease(store)])
    left = [one.message for one in await store.lanes.ledger_of("ann")]
    await store.outbox.unkeep(ids)

    assert left == [b"3"]
    assert await store.lanes.ledger_of("ann") == []


async def test_a_card_is_found_where_it_lies(store: Store) -> None:
    """A press finds its case by token, an answer by the message it answers; a card sent twice is two places."""
    await save(
        store,
        new_cases=[new_case()],
        outbox=[row("1:0", kind="card", case="case1"), row("1:1", kind="card", case="case1")],
    )
    places = [CardPlace("case1", -100, message, "token") for message in (5, 6)]
    leased = await lease(store)
    await store.outbox.settle([sent(one, card=place) for one, place in zip(leased, places, strict=True)])

    assert await store.desk.card("token") == await store.desk.card_at(-100, 5) == ("case1", "ann")
    assert await store.desk.card("forged") is await store.desk.card_at(-100, 7) is None
    assert [place.message for place in await store.desk.cards("case1")] == [5, 6]


async def test_what_could_not_be_delivered_is_an_event_in_the_same_transaction(store: Store) -> None:
    """A reply that cannot be delivered returns to its card, whatever happens to the process."""
    await save(store, outbox=[row("1:0", kind="reply", case="case1")])
    event = arrival("1:0:blocked", source="outbox")
    await store.outbox.settle([sent(one, state="undeliverable", arrival=event) for one in await lease(store)])

    assert await states(store) == ["undeliverable"]
    assert await store.inbox.waiting() == [1]


async def test_settled_rows_are_forgotten_and_waiting_ones_are_not(store: Store) -> None:
    """Old traces go; a reply held for months does not."""
    long_ago = NOW - timedelta(days=90)
    await save(
        store,
        outbox=[row("1:0", made=long_ago), row("2:0", lane="b", made=long_ago, state="held"), row("3:0", lane="c")],
    )
    await store.outbox.settle([sent(one) for one in await lease(store)])

    assert await store.outbox.prune(NOW - timedelta(days=8)) == 1
    assert await look(store, outbox.c.key) == [("2:0",), ("3:0",)]


async def test_an_unknown_key_finds_nothing(store: Store) -> None:
    """A forged button names a row that is not there."""
    assert await store.outbox.find("9:9") is None


# ── confirming, holding, hiding ──────────────────────────────────────────────────────────────────────────────


def reply(key: str, **fields: Any) -> OutboxRow:
    """An operator's reply to ann."""
    return row(key, kind="reply", case="case1", **fields)


async def test_replies_wait_for_the_agreed_word_and_nothing_else_does(store: Store) -> None:
    """Where the word has not been written, what is held goes with the person's next act, but for operators' replies."""
    await save(store, outbox=[reply("1:0", state="held"), row("1:1", kind="notice", state="held")])
    await save(store, release_notices=["ann"])
    assert await look(store, outbox.c.key, outbox.c.state) == [("1:0", "held"), ("1:1", "ready")]
    await save(store, release=["ann"])

    assert await look(store, outbox.c.key, outbox.c.state) == [("1:0", "ready"), ("1:1", "ready")]


async def test_a_reply_goes_once_it_is_confirmed(store: Store) -> None:
    """Confirmed replies become ready, held or cancelled, with the time and kind decided."""
    await save(store, outbox=[reply(f"1:{n}", state="asked") for n in range(3)])
    later = NOW + MINUTE
    await save(
        store,
        deliver=[("1:0", "ready", True, later), ("1:1", "held", True, NOW), ("1:2", "cancelled", False, NOW)],
    )

    columns = (outbox.c.state, outbox.c.initiative, outbox.c.due, outbox.c.body)
    assert await look(store, *columns) == [
        ("ready", True, later, b"closed"),
        ("held", True, NOW, b"closed"),
        ("cancelled", False, NOW, None),
    ]


async def test_a_reply_is_confirmed_once(store: Store) -> None:
    """Pressing "send" twice sends once."""
    await save(store, outbox=[reply("1:0", state="asked")])
    await save(store, deliver=[("1:0", "ready", False, NOW)])
    await store.outbox.settle([sent(one) for one in await lease(store)])
    await save(store, deliver=[("1:0", "ready", False, NOW)])

    assert await states(store) == ["sent"]


async def test_the_desk_finds_a_reply_by_its_key(store: Store) -> None:
    """The confirmation names the row; only replies are found so."""
    await save(store, new_cases=[new_case()], outbox=[reply("1:0", state="asked"), row("1:1")])
    found = await store.desk.reply("1:0")

    assert found is not None
    assert (found.body, found.state) == (b"closed", "asked")
    assert await store.desk.reply_case("1:0") == ("case1", "ann")
    assert await store.desk.reply("1:1") is None
    assert await store.desk.reply_case("1:1") is None


async def test_held_replies_are_answers_once_the_person_writes(store: Store) -> None:
    """Only when I write: and now she has."""
    await save(store, outbox=[reply("1:0", state="held", initiative=True), reply("2:0", lane="bo", state="held")])
    await save(store, release=["ann"], at=NOW + MINUTE)

    assert await look(store, outbox.c.state, outbox.c.initiative, outbox.c.due) == [
        ("ready", False, NOW + MINUTE),
        ("held", False, NOW),
    ]


async def test_hide_silences_a_lane(store: Store) -> None:
    """Screens and notices not yet sent are gone with their words; cards and other people's messages are not touched."""
    await save(
        store,
        outbox=[row("1:0"), row("1:1", kind="notice", initiative=True), row("1:2", kind="card"), row("2:0", lane="bo")],
    )
    await save(store, cancel=["ann"], outbox=[row("3:0", kind="wipe"), row("3:1")])

    assert await look(store, outbox.c.key, outbox.c.state, outbox.c.body) == [
        ("1:0", "cancelled", None),
        ("1:1", "cancelled", None),
        ("1:2", "ready", b"closed"),
        ("2:0", "ready", b"closed"),
        ("3:0", "ready", b"closed"),
        ("3:1", "ready", b"closed"),
    ]


async def test_hide_returns_replies_to_their_cards(store: Store) -> None:
    """A reply that was confirmed and not sent is told on the card; one not yet confirmed is still the operator's."""
    await save(
        store,
        outbox=[reply("1:0"), reply("1:1", state="held"), reply("1:2", state="asked"), reply("2:0", lane="bo")],
    )
    async with store.inbox.batch(1) as batch:
        returned = [(one.key, one.body) for one in await batch.unsent_replies(["ann"])]
    await save(store, release=["ann"], cancel=["ann"])

    assert returned == [("1:0", b"closed"), ("1:1", b"closed")]
    assert await states(store) == ["undeliverable", "undeliverable", "asked", "ready"]


async def test_what_arrives_after_hide_is_given_back_to_be_deleted(store: Store) -> None:
    """A screen that was on its way when the chat was hidden is known, never live, and deleted on arrival."""
    await save(store, outbox=[row("1:0")])
    (out,) = await lease(store)
    await save(store, cancel=["ann"])
    strays = await store.outbox.settle([sent(out, kept=kept("1", live=True))])

    assert [(one.message, one.live) for one in strays] == [(b"1", False)]
    assert await store.lanes.ledger_of("ann") == strays
    assert await look(store, outbox.c.state, outbox.c.lease) == [("cancelled", None)]


async def test_what_arrived_too_late_is_known_until_it_is_deleted(store: Store) -> None:
    """Who was about to delete it may die first; what hide deletes as well need not be deleted twice."""
    rows = await save(store, outbox=[row(f"1:{n}", state="leased", lease=SENDER) for n in range(3)])
    await save(store, cancel=["ann"])
    strays = await store.outbox.settle([sent(one, kept=kept(one.key)) for one in rows])
    before = await store.outbox.strays()
    await store.outbox.unkeep([strays[0].id])
    after = await store.outbox.strays()
    await save(store, forget=["ann"])

    assert [one.message for one in before] == [b"1:0", b"1:1", b"1:2"]
    assert [one.message for one in after] == [b"1:1", b"1:2"]
    assert await store.outbox.strays() == []
    assert [key for (key,) in await look(store, facts.c.key) if key.startswith(STRAY)] == []


async def test_what_was_hidden_is_never_tried_again(store: Store) -> None:
    """Neither by its sender, nor by the next after a crash."""
    await save(store, outbox=[row("1:0"), row("2:0", lane="bo")])
    first, _ = await lease(store)
    await save(store, cancel=["ann", "bo"])
    await store.outbox.settle([sent(first, state="ready")])

    assert await keys_leased(store, at=NOW + 9 * MINUTE) == []
    assert await states(store) == ["cancelled", "cancelled"]
