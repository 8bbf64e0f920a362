"""Who can open what: invites, grants, a renewed key, and what goes when somebody goes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.errors import MachineError
from bot.service.holding import next_key
from bot.service.rows import NewCase, Operator
from bot.service.vaulting import Recipient, operator_recipient
from bot.store.opening import Store
from bot.store.schema import cases, invites, recipients, wraps
from tests.store.making import NOW, look, new_case, save

DARA, BOPHA, SOK, CHAN = 7, 8, 9, 2**40
DAY = timedelta(days=1)


def key(operator: int, public: bytes = b"public") -> Recipient:
    """An operator's key."""
    return Recipient(operator_recipient(operator), public + str(operator).encode())


def sealed(id: str, *to: int, **fields: Any) -> NewCase:
    """A case sealed to the organisation and to operators."""
    held = (("organisation", b"wrap"), *((operator_recipient(one), b"old") for one in to))
    return replace(new_case(id, **fields), wraps=held)


async def team(store: Store) -> None:
    """Dara is an operator, Bopha a supervisor, Sok an admin, Chan an operator; all have keys."""
    roles = {DARA: "operator", BOPHA: "supervisor", SOK: "admin", CHAN: "operator"}
    for one, role in roles.items():
        await store.desk.put_operator(Operator(one, f"name {one}", role))
        await store.desk.put_recipient(key(one), wrapped=b"wrapped")


async def holders(store: Store) -> set[tuple[str, str]]:
    """Give which case is sealed to which operator."""
    found = await look(store, wraps.c.case_id, wraps.c.recipient)
    return {(case, who.removeprefix("operator:")) for case, who in found if who != "organisation"}


# ── to whom new cases are sealed ─────────────────────────────────────────────────────────────────────────────


async def test_new_cases_are_sealed_to_the_team_and_never_to_an_admin(store: Store) -> None:
    """An admin has a key to log in with, and no case is sealed to it, whatever is written of it."""
    await team(store)
    await store.desk.put_recipient(key(SOK), wrapped=b"another password")

    assert set(await store.desk.recipients()) == {key(DARA), key(BOPHA), key(CHAN)}
    assert await store.desk.wrapped(operator_recipient(SOK)) == (key(SOK).public_key, b"another password")


async def test_a_case_sealed_to_who_was_removed_meanwhile_is_decided_again(store: Store) -> None:
    """Between deciding and saving somebody was removed: nothing is saved, so nobody who is gone gets a case."""
    await team(store)
    sealed_to = tuple(await store.desk.recipients())
    await store.desk.drop_operator(DARA)

    with pytest.raises(MachineError):
        await save(store, new_cases=[sealed("a", DARA)], sealed_to=sealed_to)

    assert await look(store, cases.c.id) == []
    now = tuple(await store.desk.recipients())
    await save(store, new_cases=[sealed("a", BOPHA)], sealed_to=now)
    assert await holders(store) == {("a", str(BOPHA))}


# ── when a case closes, somebody goes, or gets another role ──────────────────────────────────────────────────


@pytest.mark.parametrize("born", [False, True])
async def test_a_closed_case_is_left_to_its_last_assignee_and_supervisors(store: Store, *, born: bool) -> None:
    """What nobody has to read any more, fewer people can; other cases stay as they are."""
    await team(store)
    new = sealed("a", DARA, BOPHA, CHAN)
    closed = new.case.model_copy(update={"state": "closed", "assignee": CHAN, "closed": NOW})
    other = sealed("b", DARA, BOPHA, CHAN)
    if born:
        await save(store, new_cases=[replace(new, case=closed), other])
    else:
        await save(store, new_cases=[new, other])
        await save(store, cases={"a": closed})

    assert {one for one in await holders(store) if one[0] == "a"} == {("a", str(BOPHA)), ("a", str(CHAN))}
    assert len([one for one in await holders(store) if one[0] == "b"]) == 3
    assert {row[1] for row in await look(store, wraps.c.case_id, wraps.c.recipient)} >= {"organisation"}


async def test_who_is_removed_keeps_nothing(store: Store) -> None:
    """Key, invite, a key half renewed and all that was sealed to them are gone in one transaction."""
    await team(store)
    await store.desk.put_recipient(Recipient(next_key(operator_recipient(DARA)), b"next"), wrapped=b"wrapped")
    await store.desk.put_invite(DARA, "token", NOW + DAY)
    await save(store, new_cases=[sealed("a", DARA, BOPHA)])

    assert await store.desk.drop_operator(DARA)

    assert await holders(store) == {("a", str(BOPHA))}
    assert not [row for row in await look(store, recipients.c.id) if row[0].startswith(operator_recipient(DARA))]
    assert await look(store, invites.c.token) == []


async def test_who_becomes_an_admin_can_open_no_case(store: Store) -> None:
    """The key stays, to log in with; nothing is sealed to it any more."""
    await team(store)
    await save(store, new_cases=[sealed("a", DARA, BOPHA)])
    await store.desk.put_operator(Operator(DARA, "Dara", "admin"))

    assert await holders(store) == {("a", str(BOPHA))}
    assert key(DARA) not in await store.desk.recipients()
    assert await store.desk.wrapped(operator_recipient(DARA)) is not None


async def test_who_is_no_supervisor_any_more_keeps_open_cases_and_their_own(store: Store) -> None:
    """Closed cases of others go, as if they had been an operator when those were closed."""
    await team(store)
    shut = {"state": "closed", "closed": NOW}
    cases = [sealed("a", BOPHA, **shut), sealed("b", BOPHA, **shut, assignee=BOPHA), sealed("c", BOPHA)]
    await save(store, new_cases=cases)
    await store.desk.put_operator(Operator(BOPHA, "Bopha", "operator"))

    assert await holders(store) == {("b", str(BOPHA)), ("c", str(BOPHA))}


# ── invites ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_invite_is_good_once_and_for_its_time(store: Store) -> None:
    """Another token, another person, a day later, or a second time: nothing happens."""
    await team(store)
    await store.desk.put_invite(DARA, "token", NOW + DAY)
    fresh = key(DARA, b"fresh")

    assert await store.desk.invited("token", NOW) == DARA
    assert await store.desk.invited("other", NOW) is None
    assert await store.desk.invited("token", NOW + DAY) is None
    assert not await store.desk.enrol("token", key(BOPHA), b"wrapped", operator=BOPHA, now=NOW)
    assert not await store.desk.enrol("token", fresh, b"wrapped", operator=DARA, now=NOW + DAY)
    assert await store.desk.enrol("token", fresh, b"wrapped", operator=DARA, now=NOW)
    assert not await store.desk.enrol("token", key(DARA, b"again"), b"wrapped", operator=DARA, now=NOW)
    assert fresh in await store.desk.recipients()


async def test_a_new_invite_voids_the_one_before(store: Store) -> None:
    """A link that went astray is closed by sending another."""
    await team(store)
    await store.desk.put_invite(DARA, "first", NOW + DAY)
    await store.desk.put_invite(DARA, "second", NOW + DAY)

    assert (await store.desk.invited("first", NOW), await store.desk.invited("second", NOW)) == (None, DARA)


async def test_a_new_key_forgets_what_was_sealed_to_the_old_one(store: Store) -> None:
    """Nobody could open it any more; a grant seals the open cases to the new key."""
    await team(store)
    await save(store, new_cases=[sealed("a", DARA, BOPHA)])
    await store.desk.put_invite(DARA, "token", NOW + DAY)
    await store.desk.enrol("token", key(DARA, b"fresh"), b"wrapped", operator=DARA, now=NOW)

    assert await holders(store) == {("a", str(BOPHA))}


# ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_older_open_cases_are_granted_page_by_page(store: Store) -> None:
    """What the newcomer has, what is closed and what the helper cannot open is not among them."""
    await team(store)
    made = [sealed(one, DARA) for one in "abc"]
    more = [sealed("d", DARA, CHAN), sealed("e", BOPHA), sealed("f", DARA, state="closed", assignee=DARA)]
    await save(store, new_cases=[*made, *more])
    dara, chan = operator_recipient(DARA), operator_recipient(CHAN)
    first = await store.desk.ungranted(dara, chan, after="", limit=2, closed=False)
    rest = await store.desk.ungranted(dara, chan, after="b", limit=2, closed=False)

    assert [case for case, _ in [*first, *rest]] == ["a", "b", "c"]
    assert await store.desk.grant(key(CHAN), [*first, *rest, ("gone", b"wrap")], closed=False) == 3
    assert await store.desk.grant(key(CHAN), first, closed=False) == 0
    assert (await store.desk.holdings())[chan] == 4


async def test_a_case_that_was_closed_meanwhile_is_not_granted(store: Store) -> None:
    """Nor is any granted to a key that is not a recipient's, or an admin's."""
    await team(store)
    await save(store, new_cases=[sealed("a", DARA), sealed("b", DARA, state="closed", assignee=DARA)])

    assert await store.desk.grant(key(CHAN), [("b", b"new")], closed=False) == 0
    assert await store.desk.grant(key(SOK), [("a", b"new")], closed=False) == 0
    assert await store.desk.grant(key(CHAN, b"forged"), [("a", b"new")], closed=False) == 0
    assert await holders(store) == {("a", str(DARA)), ("b", str(DARA))}


# ── a renewed key ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_key_is_renewed_once_the_next_opens_all_that_the_old_one_does(store: Store) -> None:
    """Not before; and what was closed meanwhile and taken from the old one is not given to the new one."""
    await team(store)
    dara = operator_recipient(DARA)
    fresh = Recipient(next_key(dara), b"fresh")
    await store.desk.put_recipient(fresh, wrapped=b"fresh wrapped")
    await save(store, new_cases=[sealed("a", DARA), sealed("b", DARA), sealed("c")])
    await store.desk.grant(fresh, [("a", b"new"), ("c", b"new")], closed=True)

    assert not await store.desk.renew(dara, anyway=False)
    await store.desk.grant(fresh, [("b", b"new")], closed=True)
    assert await store.desk.renew(dara, anyway=False)

    assert await store.desk.wraps(dara, limit=9) == [("a", b"new"), ("b", b"new")]
    assert await store.desk.wrapped(dara) == (b"fresh", b"fresh wrapped")
    assert fresh not in await store.desk.recipients()
    assert len(await look(store, wraps.c.wrap)) == 5
    assert not await store.desk.renew(dara, anyway=True)
