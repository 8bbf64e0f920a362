"""What the console keeps, and the parts of the queue: the same on both engines."""

import asyncio
from datetime import timedelta

from bot.core.state import Case
from bot.service.consoling import Account, Entry, Pin, Session, Tries, Wanted
from bot.store.opening import Store
from tests.store.making import NOW, arrival, new_case, row, save

HOUR = timedelta(hours=1)


def chained(before: str, entry: Entry) -> str:
    """Make links that show their order."""
    return f"{before}{entry.act}"


def marking(seq: int, link: str) -> str:
    """Make marks that can be read."""
    return f"{seq} {link}"


async def test_a_code_is_used_once(store: Store) -> None:
    """Also when two try at once."""
    await store.console.put_account(Account(1, b"totp", 5, "en"))
    tries = await asyncio.gather(store.console.use_code(1, 6), store.console.use_code(1, 6))

    assert sorted(tries) == [False, True]
    assert not await store.console.use_code(1, 5) and not await store.console.use_code(2, 9)
    assert await store.console.account(1) == Account(1, b"totp", 6, "en")


async def test_an_operator_has_one_session(store: Store) -> None:
    """A new one takes the place of the other; those of others go on; old ones are forgotten."""
    kept = [Session(name, who, b"kept", "operator", NOW, NOW) for name, who in (("a", 1), ("c", 2), ("b", 1))]
    for session in kept:
        await store.console.begin(session)
    await store.console.touch("b", NOW + HOUR)

    assert await store.console.session("a") is None and await store.console.session("c") == kept[1]
    assert [(one.id, one.seen) for one in await store.console.sessions(1)] == [("b", NOW + HOUR)]
    await store.console.end_all(1)
    assert await store.console.session("b") is None and await store.console.session("c") == kept[1]
    await store.console.prune(began=NOW + HOUR, tried=NOW)
    assert await store.console.session("c") is None


async def test_what_is_idle_pauses_or_ends(store: Store) -> None:
    """With a PIN the secret that the cookie opens is gone; without one the session is."""
    for who, paused in ((1, b"paused"), (2, None), (3, b"paused")):
        at = NOW + HOUR if who == 3 else NOW
        await store.console.begin(Session(f"{who}", who, b"kept", "operator", NOW, at, paused))
    await store.console.pause(NOW)
    left = [await store.console.session(f"{who}") for who in (1, 2, 3)]

    assert [one and (one.kept, one.paused) for one in left] == [(b"", b"paused"), None, (b"kept", b"paused")]


async def test_a_pin_is_kept_with_its_account(store: Store) -> None:
    """And changed alone."""
    await store.console.put_account(Account(1, b"totp", 5, "en"))
    await store.console.put_pin(1, Pin(b"recipe", b"kept"))

    assert await store.console.account(1) == Account(1, b"totp", 5, "en", Pin(b"recipe", b"kept"))


async def test_failures_are_counted_until_a_success(store: Store) -> None:
    """Under each name for itself."""
    for at in (NOW, NOW + HOUR):
        await store.console.failed("ann", at)

    assert await store.console.tries("ann") == Tries(2, NOW + HOUR) and await store.console.tries("bob") == Tries()
    await store.console.succeeded("ann")
    assert await store.console.tries("ann") == Tries()


async def test_the_record_is_one_chain_whoever_writes(store: Store) -> None:
    """Ten at once: numbered without a gap, each link made of the one before."""
    acts = [Entry(NOW, 1, f"{number}", "case") for number in range(10)]
    await asyncio.gather(*(store.console.record([entry], chained, marking) for entry in acts))
    found = await store.console.recorded(after=0, limit=99)

    assert [one.seq for one in found] == list(range(1, 11))
    assert await store.console.marked() == marking(10, found[-1].link)
    assert [one.link for one in found] == ["".join(one.entry.act for one in found[: at + 1]) for at in range(10)]
    assert [one.seq for one in await store.console.newest(before=4, limit=2)] == [3, 2]


async def test_a_reason_holds_from_when_it_was_given(store: Store) -> None:
    """For that operator and that case."""
    await store.console.record(
        [Entry(NOW, 1, "reason:asked", "case"), Entry(NOW, 2, "opened", "case")], chained, marking
    )

    assert await store.console.has_reason(1, "case", NOW) and not await store.console.has_reason(2, "case", NOW)
    assert not await store.console.has_reason(1, "case", NOW + HOUR)
    assert not await store.console.has_reason(1, "other", NOW)


def a_case(name: str, **fields: object) -> Case:
    """Make a case with these clear fields."""
    return new_case(name).case.model_copy(update={"state": "new", **fields})


async def test_the_queue_is_parted_and_paged(store: Store) -> None:
    """By urgency, country, who has it, or that nobody has; page by page nothing is lost or doubled."""
    wanted: dict[str, dict[str, object]] = {
        "a": {"urgency": "P2", "country": "TH", "assignee": 1, "state": "taken"},
        "b": {"urgency": "P1", "country": "TH"},
        "c": {"urgency": "P2", "country": "MY"},
        "d": {"urgency": "P1", "state": "closed"},
        "e": {"urgency": "P2", "country": "TH", "assignee": 2, "state": "taken"},
    }
    cases = {name: a_case(name, **fields) for name, fields in wanted.items()}
    await save(store, new_cases=[new_case(name) for name in cases])
    await save(store, cases=cases)

    async def names(part: Wanted) -> str:
        found, after = "", None
        while items := await store.console.part(part, limit=2, after=after):
            found += "".join(item.case.id for item in items)
            last = items[-1].case
            after = (last.urgency, last.created, last.id)
        return found

    assert await names(Wanted()) == "bace" and await names(Wanted(urgency="P2")) == "ace"
    assert await names(Wanted(country="TH")) == "bae" and await names(Wanted(assignee=2)) == "e"
    assert await names(Wanted(untaken=True)) == "bc" and await names(Wanted(untaken=True, country="MY")) == "c"
    counted = await store.console.counted(1)
    assert (dict(counted.urgencies), counted.untaken, counted.mine) == ({"P1": 1, "P2": 3, "P3": 0, "P4": 0}, 2, 1)


async def test_what_waits_is_told_from_what_was_decided(store: Store) -> None:
    """An act in the inbox; and replies that wait for the person or for their hours, not those on their way."""
    await store.inbox.receive([arrival("x")])
    await save(
        store,
        new_cases=[new_case()],
        outbox=[
            row("1:0", kind="reply", case="case1", state="held"),
            row("1:1", kind="reply", case="case1", state="ready", due=NOW + HOUR),
            row("1:2", kind="reply", case="case1", state="ready", due=NOW),
            row("1:3", kind="reply", case="other", state="held"),
        ],
    )

    assert await store.console.unsent("ann", "case1", NOW) == 2
    assert await store.console.is_waiting("telegram", "x") and not await store.console.is_waiting("telegram", "y")
