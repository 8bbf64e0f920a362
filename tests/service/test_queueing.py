"""The rows of one chat in hand: their order, and what hiding does to them."""

import asyncio
from datetime import UTC, datetime

from bot.core.sending import RowKind
from bot.service.queueing import Lane
from bot.service.rows import OutboxRow

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def _row(number: int, kind: RowKind, *, priority: int = 3, case: str | None = None) -> OutboxRow:
    return OutboxRow(
        key=str(number), lane="L", chat=b"", kind=kind, body=b"", due=NOON, priority=priority, case=case, id=number
    )


async def _order(lane: Lane) -> list[int]:
    order = []
    while (waiting := await lane.next()) is not None:
        order.append(waiting.row.id)
    return order


async def test_rows_of_a_person_keep_their_order() -> None:
    """Whatever their priority: answers are read in the order of the questions."""
    lane = Lane()
    for number, priority in ((1, 4), (2, 3), (3, 0)):
        lane.add(_row(number, "screen", priority=priority))

    assert await _order(lane) == [1, 2, 3]


async def test_an_urgent_card_goes_before_other_cases_and_never_before_its_own() -> None:
    """P1 first; but "now P1" below a card waits for the card itself."""
    lane = Lane()
    lane.add(_row(1, "card", priority=2, case="A"))
    lane.add(_row(2, "note"))
    lane.add(_row(3, "card", priority=1, case="B"))
    lane.add(_row(4, "card_reply", priority=1, case="A"))

    assert await _order(lane) == [3, 1, 4, 2]


async def test_a_wipe_takes_out_what_was_in_hand_and_nothing_that_comes_after() -> None:
    """Screens and replies from before are not sent; the innocent screen, and a reply confirmed later, are."""
    lane = Lane()
    lane.add(_row(1, "screen"))
    lane.add(_row(2, "reply"))
    in_flight = await lane.next()
    overtaken = lane.begin_wipe(_row(5, "wipe", priority=0))
    lane.add(_row(6, "screen"))
    lane.add(_row(3, "reply"))
    lane.end_wipe()

    assert [row.id for row in overtaken] == [2]
    assert in_flight is not None
    assert lane.is_overtaken(in_flight)
    assert await _order(lane) == [6, 3]


async def test_a_pause_ends_when_the_chat_is_hidden() -> None:
    """Nobody waits for a retry of what will not be sent any more."""
    lane = Lane()
    pausing = asyncio.create_task(lane.pause(1000.0))
    await asyncio.sleep(0)
    lane.begin_wipe(_row(5, "wipe"))

    await asyncio.wait_for(pausing, 1.0)
