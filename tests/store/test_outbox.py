"""Messages go out in turn, once."""

from datetime import timedelta
from typing import Any

from bot.service.queueing import FULL
from bot.store.opening import Store
from tests.store.making import (
    MINUTE,
    NOW,
    SENDER,
    keys_leased,
    lease,
    row,
    save,
    sent,
)


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
