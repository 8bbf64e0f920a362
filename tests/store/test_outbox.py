"""Messages go out in turn, once; what became of them is recorded once."""

from datetime import timedelta
from typing import Any

from bot.service.queueing import FULL
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


# ── whose turn it is ─────────────────────────────────────────────────────────────────────────────────────────


async def test_lanes_go_side_by_side_and_rows_of_a_lane_in_turn(store: Store) -> None:
    """Chats take turns; within one the order holds."""
    await save(store, outbox=[row("1:0"), row("1:1"), row("2:0", lane="bo")])
    first = await lease(store)
    while_out = await keys_leased(store)
    await store.outbox.settle([sent(one) for one in first])

    assert [one.key for one in first] == ["1:0", "2:0"]
    assert while_out == []
    assert await keys_leased(store) == ["1:1"]


async def test_urgent_rows_go_first_and_initiatives_last(store: Store) -> None:
    """Hide and P1 cards, then answers by urgency and age, then what nobody waits for."""
    await save(
        store,
        outbox=[
            row("1:0", lane="a", initiative=True, priority=0),
            row("2:0", lane="b", priority=5),
            row("3:0", lane="c", priority=3, due=NOW - MINUTE),
            row("4:0", lane="d", priority=3, due=NOW - 2 * MINUTE),
            row("5:0", lane="e", priority=0),
        ],
    )

    assert await keys_leased(store) == ["5:0", "4:0", "3:0", "2:0", "1:0"]


async def test_a_lease_takes_no_more_than_its_limit(store: Store) -> None:
    """Several senders may share a backlog."""
    await save(store, outbox=[row(f"{n}:0", lane=f"lane{n}") for n in range(5)])

    assert await keys_leased(store, limit=2) == ["0:0", "1:0"]


async def test_an_urgent_row_overtakes_within_its_lane(store: Store) -> None:
    """The innocent screen does not wait behind what it hides."""
    await save(store, outbox=[row("1:0", priority=3), row("2:0", priority=0)])

    assert await keys_leased(store) == ["2:0"]


async def test_order_holds_while_a_row_waits_to_be_tried_again(store: Store) -> None:
    """A later screen does not overtake one that Telegram refused for the moment."""
    await save(store, outbox=[row("1:0"), row("1:1")])
    (first,) = await lease(store)
    await store.outbox.settle([sent(first, state="ready", due=NOW + MINUTE)])

    assert await keys_leased(store) == []
    assert await keys_leased(store, at=NOW + MINUTE) == ["1:0"]


async def test_a_card_that_waits_holds_up_no_answer(store: Store) -> None:
    """A sick operators' group must not silence a person's chat, nor one case's card another's."""
    await save(store, outbox=[row("1:0", case="case1", due=NOW + MINUTE), row("1:1"), row("1:2", case="case2")])

    assert await keys_leased(store) == ["1:1"]


async def test_operators_chats_take_several_rows_at_once(store: Store) -> None:
    """What waits for the group is not fetched one by one; each case keeps its order, and one chat does not take all."""
    cards = [row(f"{n}:0", lane="group", kind="card", case=f"case{n}") for n in range(2 * FULL)]
    reply = row("99:0", lane="group", kind="card_reply", case="case0", priority=6)
    await save(store, outbox=[*cards, reply, row("1:9")])

    assert await keys_leased(store) == [*(card.key for card in cards[:FULL]), "1:9"]
    assert [one.key for one in await lease(store, full=["group"])] == []
    assert await keys_leased(store) == [card.key for card in cards[FULL:]]


async def test_a_card_does_not_wait_until_nothing_else_goes_to_the_group(store: Store) -> None:
    """What a dead process had out is sent though new cards never cease to be out."""
    await save(store, outbox=[row("1:0", lane="group", kind="card", case="case1")])
    await save(store, outbox=[row("2:0", lane="group", kind="note", state="leased", lease=SENDER)])

    assert await keys_leased(store) == ["1:0"]


async def test_a_new_card_lets_those_go_first_that_wait_and_are_as_urgent(store: Store) -> None:
    """The oldest of them is never the last to be seen; one that is more urgent goes at once."""
    card: dict[str, Any] = {"lane": "group", "kind": "card", "state": "leased", "lease": SENDER}
    await save(store, outbox=[row("1:0", lane="group", kind="card", case="case1", priority=2)])
    new = [row(f"2:{urgency}", case=f"case2{urgency}", priority=urgency, **card) for urgency in (1, 2)]

    assert [one.state for one in await save(store, outbox=new)] == ["leased", "ready"]


async def test_a_card_that_waits_for_its_hour_holds_up_no_new_one(store: Store) -> None:
    """A group that asked one card to wait is tried with the next."""
    await save(store, outbox=[row("1:0", lane="group", kind="card", case="case1", due=NOW + MINUTE)])
    (new,) = await save(store, outbox=[row("2:0", lane="group", kind="card", state="leased", lease=SENDER)])

    assert new.state == "leased"


async def test_an_initiative_that_waits_holds_up_no_answer(store: Store) -> None:
    """What waits for morning does not stop what is asked for tonight."""
    await save(store, outbox=[row("1:0", initiative=True, due=NOW + timedelta(hours=9)), row("1:1")])

    assert await keys_leased(store) == ["1:1"]


async def test_what_is_not_due_or_not_confirmed_stays(store: Store) -> None:
    """Only ready rows whose time has come are sent."""
    await save(
        store,
        outbox=[row("1:0", due=NOW + MINUTE), row("2:0", lane="b", state="asked"), row("3:0", lane="c", state="held")],
    )

    assert await keys_leased(store) == []


async def test_a_clock_that_went_back_holds_nothing_up(store: Store) -> None:
    """What was made due while the clock was a day ahead is sent now, not tomorrow."""
    ahead = NOW + timedelta(days=1)
    await save(store, at=ahead, outbox=[row("1:0", due=ahead), row("2:0", lane="bo", due=NOW + 3 * MINUTE)])
    await save(store, outbox=[row("3:0", lane="cy", due=NOW + 3 * MINUTE)])

    assert await keys_leased(store) == ["2:0", "1:0"]


async def test_a_row_whose_lease_ran_out_is_taken_again(store: Store) -> None:
    """A sender that died loses nothing; the next one learns that it may have been sent."""
    await save(store, outbox=[row("1:0")])
    (first,) = await lease(store)
    (again,) = await lease(store, at=NOW + MINUTE, token="sender 2")

    assert (first.state, first.tries, first.lease) == ("ready", 0, SENDER)
    assert (again.state, again.tries, again.lease) == ("leased", 1, "sender 2")


async def test_rows_handed_over_at_the_commit_are_out(store: Store) -> None:
    """The process that decided sends at once; nobody else takes these rows for a minute."""
    rows = await save(
        store, outbox=[row("1:0", state="leased", lease=SENDER), row("1:1", state="leased", lease=SENDER)]
    )

    assert [(one.key, one.lease) for one in rows] == [("1:0", SENDER), ("1:1", SENDER)]
    assert await keys_leased(store) == []
    assert await keys_leased(store, at=NOW + MINUTE) == ["1:0"]


async def test_nothing_is_handed_over_before_what_another_sender_has_out(store: Store) -> None:
    """What a dead process may have shown comes once more before what follows it, never after."""
    await save(store, outbox=[row("1:0", state="leased", lease="dead")])
    (rows,) = await save(store, outbox=[row("2:0", state="leased", lease=SENDER)])
    while_out = await keys_leased(store)
    (first,) = await lease(store, at=NOW + MINUTE)
    await store.outbox.settle([sent(first)])

    assert (rows.state, rows.lease) == ("ready", None)
    assert while_out == []
    assert [first.key, *await keys_leased(store, at=NOW + MINUTE)] == ["1:0", "2:0"]


async def test_nothing_is_handed_over_before_what_waits_to_be_tried_again(store: Store) -> None:
    """A screen that Telegram refused for the moment does not come after the one that follows it."""
    await save(store, outbox=[row("1:0", due=NOW + MINUTE)])
    (following,) = await save(store, outbox=[row("2:0", state="leased", lease=SENDER)])

    assert following.state == "ready"
    assert await keys_leased(store, at=NOW + MINUTE) == ["1:0"]


async def test_what_has_no_place_before_a_row_does_not_keep_it_from_being_handed_over(store: Store) -> None:
    """Initiatives, other cases' and other chats' rows, less urgent ones, and those in the same hands."""
    waiting = [
        row("1:0", initiative=True, due=NOW + MINUTE),
        row("1:1", case="case1", due=NOW + MINUTE),
        row("1:2", lane="bo", due=NOW + MINUTE),
        row("1:3", priority=6, due=NOW + MINUTE),
        row("1:4", state="leased", lease=SENDER),
    ]
    await save(store, outbox=waiting)
    (rows,) = await save(store, outbox=[row("2:0", state="leased", lease=SENDER)])

    assert (rows.state, rows.lease) == ("leased", SENDER)


async def test_only_what_can_be_sent_is_handed_over(store: Store) -> None:
    """A reply to be confirmed stays where it is."""
    rows = await save(store, outbox=[row("1:0"), row("1:1", state="asked"), row("1:2", state="held")])

    assert [one.key for one in rows] == ["1:0"]


async def test_the_sender_is_told_when_to_look_again(store: Store) -> None:
    """It sleeps until a row is due or a lease runs out, and not at all over rows that wait for another."""
    nothing = await store.outbox.next_due()
    await save(store, outbox=[row("1:0"), row("1:1"), row("2:0", lane="bo", due=NOW + 2 * MINUTE)])
    ready = await store.outbox.next_due()
    leased = await lease(store)
    out = await store.outbox.next_due()
    await store.outbox.settle([sent(one, state="ready", due=NOW + 3 * MINUTE) for one in leased])

    assert (nothing, ready, out) == ((None, False), (NOW, True), (NOW + MINUTE, True))
    assert await store.outbox.next_due() == (NOW + 2 * MINUTE, True)


async def test_a_row_behind_one_that_waits_wakes_nobody(store: Store) -> None:
    """Looking again before the first of a lane is due would be a busy loop."""
    await save(store, outbox=[row("1:0", due=NOW + 3 * MINUTE), row("1:1")])

    assert await store.outbox.next_due() == (NOW + 3 * MINUTE, True)


# ── what became of it ────────────────────────────────────────────────────────────────────────────────────────


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
