"""What operators, the command line, timers and downloads read and write."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.roster import Duty, read_spans
from bot.service.rows import Fetch, Operator
from bot.service.vaulting import Recipient
from bot.store.opening import Store
from bot.store.schema import alarms, wraps
from tests.store.making import MINUTE, NOW, frames, look, new_case, record, save


async def test_operators_are_listed_changed_and_dropped(store: Store) -> None:
    """Roles hang on the numeric id, which may be larger than 32 bits."""
    await store.desk.put_operator(Operator(2**40, "Bopha"))
    await store.desk.put_operator(Operator(7, "Dara"))
    await store.desk.put_operator(Operator(7, "Dara", role="supervisor", started=True))

    assert await store.desk.operators() == [Operator(7, "Dara", "supervisor", True), Operator(2**40, "Bopha")]
    assert (await store.desk.drop_operator(7), await store.desk.drop_operator(7)) == (True, False)


async def test_the_roster_is_kept_by_operator_and_day(store: Store) -> None:
    """What is put takes the place of what was there; who leaves the list leaves the roster."""
    morning, evening = read_spans("08:00-12:00"), read_spans("18:00-22:00")
    for operator in (7, 8):
        await store.desk.put_operator(Operator(operator, "Dara"))
    await store.desk.put_duties([Duty(operator=7, day=day, spans=morning) for day in ("mon", "tue", "2026-12-24")])
    await store.desk.put_duties([Duty(operator=7, day="mon", spans=evening), Duty(operator=8, day="mon")])

    assert await store.desk.drop_duties(7, ["tue", "wed"]) == 1
    assert [(duty.operator, duty.day, duty.spans) for duty in (await store.desk.roster()).duties] == [
        (7, "2026-12-24", morning),
        (7, "mon", evening),
        (8, "mon", ()),
    ]
    assert await store.desk.drop_duties(7, ()) == 2
    await store.desk.drop_operator(8)
    assert (await store.desk.roster()).duties == ()


async def test_an_operator_who_is_changed_stays_on_the_roster(store: Store) -> None:
    """Pressing start, or another name, is no reason to be off duty."""
    await store.desk.put_operator(Operator(7, "Dara"))
    await store.desk.put_duties([Duty(operator=7, day="mon", spans=read_spans("08:00-12:00"))])
    await save(store, operators=[Operator(7, "Dara", started=True)])

    assert (await store.desk.roster()).operators == (7,)


async def test_a_call_outside_telegram_is_kept_until_it_was_heard(store: Store) -> None:
    """It brings the case as it is by now, comes again later if it failed, and goes with its case."""
    await save(store, new_cases=[new_case(urgency="P1"), new_case("case2")], pages=["case1", "case2"])
    await save(store, cases={"case1": new_case(urgency="P1", seen_by=2**40).case})
    first, second = sorted(await store.desk.due_pages(NOW, 9), key=lambda page: page.case.id)
    await store.desk.page_again(first, NOW + MINUTE)
    await store.desk.drop_page(second)

    assert first.case.seen_by == 2**40
    assert await store.desk.due_pages(NOW, 9) == []
    assert [(page.case.id, page.tries) for page in await store.desk.due_pages(NOW + MINUTE, 9)] == [("case1", 1)]
    await save(store, shred=["case1"])
    assert await store.desk.due_pages(NOW + MINUTE, 9) == []


async def test_cases_are_sealed_to_active_recipients_only(store: Store) -> None:
    """A recipient that was retired opens what it could open before, and nothing new."""
    organisation, provisional = Recipient("organisation", b"public 1"), Recipient("provisional", b"public 2")
    await store.desk.put_recipient(organisation, wrapped=b"wrapped")
    await store.desk.put_recipient(provisional)
    await store.desk.retire_recipient("provisional")

    assert await store.desk.recipients() == [organisation]
    assert await store.desk.wrapped("organisation") == (b"public 1", b"wrapped")
    assert await store.desk.wrapped("provisional") is None


async def test_cases_change_hands_one_by_one(store: Store) -> None:
    """`init` seals what the provisional key held to the organisation; stopped midway, it goes on where it was."""
    provisional = (("provisional", b"old"),)
    await save(store, new_cases=[replace(new_case(f"case{n}"), wraps=provisional) for n in range(3)])
    for case, _ in await store.desk.wraps("provisional", limit=2):
        await store.desk.rewrap(case, [("organisation", b"new"), ("recovery", b"new")], instead_of="provisional")

    assert await store.desk.wraps("provisional", limit=9) == [("case2", b"old")]
    assert len(await look(store, wraps.c.wrap)) == 5


async def test_the_queue_shows_the_most_urgent_and_oldest_first(store: Store) -> None:
    """Drafts and closed cases are not in it; pages follow each other without a gap."""
    made = [("a", "P3", 0), ("b", "P1", 2), ("c", "P1", 1), ("d", "P2", 0)]
    cases = [new_case(id, urgency=urgency, created=NOW + minutes * MINUTE) for id, urgency, minutes in made]
    hidden = [new_case("e", state="draft", urgency="P1"), new_case("f", state="closed", urgency="P1")]
    await save(store, new_cases=[*cases, *hidden])
    page = await store.desk.queue(limit=2)
    last = page[-1].case
    rest = await store.desk.queue(limit=9, after=(last.urgency, last.created, last.id))

    assert [item.case.id for item in [*page, *rest]] == ["c", "b", "d", "a"]
    assert page[0].lane == "ann"


async def test_a_case_is_found_by_its_number_unless_it_is_a_draft(store: Store) -> None:
    """A draft is nobody's business yet; a closed case can be looked up."""
    await save(store, new_cases=[new_case("a"), new_case("b", state="draft"), new_case("c", state="closed")])
    found = [await store.desk.case(number) for number in ("Na", "Nb", "Nc", "Nx")]

    assert [item and item.case.id for item in found] == ["a", None, "c", None]


async def test_a_dossier_holds_wraps_and_records_in_order(store: Store) -> None:
    """What was written first is read first; the file's description lies beside the record."""
    await save(store, new_cases=[new_case()], records=[record("b", media=True), record("a")])
    await save(store, fetches=[Fetch("b", "case1", b"source", NOW)], opened=[("case1", "b")])
    await store.desk.fetched(Fetch("b", "case1", b"source", NOW), blob="0" * 32, sealed=b"described")
    held, records = await store.desk.dossier("case1")

    assert held == {"organisation": b"wrap 1", "recovery": b"wrap 2"}
    assert [(one.id, one.sealed, one.media, one.opened, one.blob, one.described) for one in records] == [
        ("b", b"sealed b", True, True, "0" * 32, b"described"),
        ("a", b"sealed a", False, False, None, None),
    ]


async def test_downloads_come_due_and_are_put_off(store: Store) -> None:
    """A file that cannot be had now is tried again, and remembers since when."""
    await save(store, new_cases=[new_case()], records=[record("a")], fetches=[Fetch("a", "case1", b"source", NOW)])
    (first,) = await store.desk.due_fetches(NOW, 9)
    await store.desk.postpone(first, NOW + MINUTE)

    assert await store.desk.due_fetches(NOW, 9) == []
    (again,) = await store.desk.due_fetches(NOW + MINUTE, 9)
    assert (again.tries, again.since, again.source) == (1, NOW, b"source")


async def test_a_file_missing_for_good_is_not_awaited(store: Store) -> None:
    """The case says that an attachment is missing; nothing tries again."""
    await save(store, new_cases=[new_case()], records=[record("a")], fetches=[Fetch("a", "case1", b"source", NOW)])
    await store.desk.fetched(Fetch("a", "case1", b"source", NOW), blob=None, sealed=b"missing")

    assert await store.desk.due_fetches(NOW, 9) == []
    assert [(one.blob, one.described) for one in (await store.desk.dossier("case1"))[1]] == [(None, b"missing")]


async def test_a_file_that_comes_too_late_is_deleted(store: Store) -> None:
    """Its case was shredded while it was downloaded."""
    name = "ab" * 16
    await store.blobs.write(name, frames(b"sealed"))
    await store.desk.fetched(Fetch("gone", "gone", b"source", NOW), blob=name, sealed=b"described")

    assert not (store.blobs.path / name).exists()


@pytest.mark.parametrize(
    ("after", "raised"),
    [(timedelta(0), False), (timedelta(minutes=59), False), (timedelta(hours=1), True), (timedelta(hours=-2), True)],
)
async def test_an_alarm_is_raised_once_an_hour(store: Store, after: timedelta, raised: bool) -> None:
    """A broken thing is told and not repeated; a clock that was set back silences nothing."""
    first = await store.desk.alarm("disk", NOW)
    other = await store.desk.alarm("poison", NOW)
    again = await store.desk.alarm("disk", NOW + after)

    assert (first, other, again) == (True, True, raised)
    assert await look(store, alarms.c.code, alarms.c.n) == [("disk", 2), ("poison", 1)]


async def test_facts_are_kept(store: Store) -> None:
    """The instance remembers what it must know of itself."""
    before = await store.desk.get("key_check")
    await store.desk.put("key_check", "one")
    await store.desk.put("key_check", "two")

    assert (before, await store.desk.get("key_check")) == (None, "two")
