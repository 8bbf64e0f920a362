"""What is told of the store's health: how much waits and since when, and never for longer than a few rows take."""

from datetime import timedelta

import pytest
from sqlalchemy import ClauseElement

from bot.core.values import URGENCIES
from bot.service.rows import Backlog, Readings
from bot.store import gauges
from bot.store.opening import Store
from tests.store.making import MINUTE, NOW, arrival, lease, new_case, row, save, sent

NONE = Backlog(0, None)
TO_THE_MINUTE = NOW.replace(second=0, microsecond=0)


def rows_of(readings: Readings) -> tuple[Backlog, Backlog]:
    return readings.inbox, readings.outbox


async def test_an_empty_store_waits_for_nothing(store: Store) -> None:
    """Nothing is told of what is not there."""
    untaken = dict.fromkeys(URGENCIES, NONE)

    assert await store.gauges.read(NOW) == Readings(inbox=NONE, aside=0, outbox=NONE, untaken=untaken)


async def test_updates_wait_until_they_are_decided(store: Store) -> None:
    """The oldest counts, also behind one that goes first; what is set aside waits no more."""
    late = NOW + MINUTE
    await store.inbox.receive([arrival("1"), arrival("2", at=late), arrival("3", at=late, first=True)])
    before = await store.gauges.read(NOW)
    (_, parked, _) = await store.inbox.waiting()
    await store.inbox.set_aside(parked)
    after = await store.gauges.read(NOW)

    assert (before.inbox, before.aside) == (Backlog(3, NOW), 0)
    assert (after.inbox, after.aside) == (Backlog(2, late), 1)


async def test_a_message_waits_from_when_it_was_made_until_it_was_sent(store: Store) -> None:
    """Leased and tried again it is as old as ever."""
    await save(store, outbox=[row("1:0"), row("2:0", lane="bo", due=NOW + MINUTE)])
    (out,) = await lease(store)
    tried = (await store.gauges.read(NOW + MINUTE)).outbox
    await store.outbox.settle([sent(out)])

    assert (tried, (await store.gauges.read(NOW)).outbox) == (Backlog(2, NOW), Backlog(1, NOW))


async def test_what_waits_for_its_window_is_not_late(store: Store) -> None:
    """Initiatives, and answers that were put off, have their time; no one is alarmed for them."""
    hours = timedelta(hours=5)
    await save(store, outbox=[row("1:0", initiative=True), row("2:0", lane="bo", due=NOW + hours)])

    assert (await store.gauges.read(NOW)).outbox == NONE
    assert (await store.gauges.read(NOW + hours)).outbox == Backlog(1, NOW)


async def test_cases_wait_to_be_taken_each_urgency_by_itself(store: Store) -> None:
    """Drafts are nobody's to take, and what was taken or closed waits no more."""
    earlier = NOW - timedelta(hours=1)
    await save(
        store,
        new_cases=[
            new_case("a", urgency="P1", created=NOW),
            new_case("b", urgency="P1", created=earlier),
            new_case("c", urgency="P3"),
            new_case("d", urgency="P2", state="taken"),
            new_case("e", urgency="P4", state="draft"),
        ],
    )
    untaken = (await store.gauges.read(NOW)).untaken

    assert untaken["P1"] == Backlog(2, TO_THE_MINUTE - timedelta(hours=1))
    assert (untaken["P2"], untaken["P3"], untaken["P4"]) == (NONE, Backlog(1, TO_THE_MINUTE), NONE)


@pytest.mark.parametrize("times", [gauges._came, gauges._parked, gauges._going, gauges._untaken])
def test_a_flood_is_counted_up_to_a_bound(times: ClauseElement) -> None:
    """Whoever asks every few seconds must not make a full inbox slower still."""
    assert f"LIMIT {gauges.MOST}" in str(times)
