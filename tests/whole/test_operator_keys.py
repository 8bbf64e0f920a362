"""Operators have keys of their own: who can open which case, from the invite to the removal."""

from dataclasses import dataclass

import pytest

from bot.core.errors import OperatorError
from bot.service.consoling import Session
from bot.service.enrolling import Invites
from bot.service.granting import grant_all, grant_one, renew_key
from bot.service.requests import pack
from bot.service.rows import Operator
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import ORGANISATION, RECOVERY, Recipient, operator_recipient
from bot.vault.key_files import KeyFolder
from bot.vault.recovery import recovery_from_words
from bot.vault.server_key import load_server_key
from tests.whole.house import KEYRING, PASSPHRASE, House

SOK = 4040
PASSWORD = "a password of one's own"


@dataclass(frozen=True)
class Holder:
    """Somebody who logged in once: their recipient and unlocked secret."""

    recipient: Recipient
    secret: bytes


def invites(house: House) -> Invites:
    """Build the invites as the console does."""
    cipher = load_server_key(KeyFolder(house.settings.keys), key_check=None)
    changed = house.helpline.household.forget
    return Invites(desk=house.store.desk, cipher=cipher, clock=house.clock, changed=changed)


async def enrol(house: House, operator: int, password: str = PASSWORD) -> Holder:
    """Invite an operator, and log them in for the first time."""
    token = (await house.helpline.office.answer({"do": "invite", "id": operator}))["token"]
    name = operator_recipient(operator)
    key = KEYRING.make(name, password)
    assert await invites(house).enrol(token, key)
    return Holder(Recipient(name, key.public_key), KEYRING.unlock(name, key, password))


async def opens(house: House, holder: Holder) -> set[str]:
    """Give the numbers of the cases that somebody can open."""
    rows = await house.store.desk.wraps(holder.recipient.id, limit=99)
    numbers = {}
    for item in [await house.store.desk.case(row["number"]) for row in await house.cases()]:
        assert item is not None
        numbers[item.case.id] = item.case.number
    for case, wrap in rows:
        _, records = await house.store.desk.dossier(case)
        opened = KEYRING.open_case(wrap, holder.secret)
        assert opened.record(records[0].sealed, case=case, record=records[0].id, kind="record")
    return {numbers.get(case, "closed") for case, _ in rows}


async def organisation(house: House) -> bytes:
    """Unlock the organisation's key."""
    return KEYRING.unlock(ORGANISATION, house.keys.organisation, PASSPHRASE)


# ── the invite ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_was_invited_opens_every_case_from_then_on(house: House) -> None:
    """The very next case, and none before it; the organisation can open all of them still."""
    before = await house.in_danger(house.person())
    dara = await enrol(house, house.dara.id)
    after = await house.in_danger(house.person())

    assert await opens(house, dara) == {after["number"]}
    assert [(await house.opened(case["number"])).items != [] for case in (before, after)] == [True, True]


async def test_an_invite_is_good_once_and_for_a_day(house: House) -> None:
    """Used, too old or made up, it is the same: nobody is told which."""
    office = house.helpline.office
    token = (await office.answer({"do": "invite", "id": house.dara.id}))["token"]
    key = KEYRING.make(operator_recipient(house.dara.id), PASSWORD)

    assert await invites(house).invited(token) == house.dara.id
    assert [await invites(house).enrol(one, key) for one in (token, token, "made up")] == [True, False, False]
    late = (await office.answer({"do": "invite", "id": house.bopha.id}))["token"]
    await house.passes(hours=24)
    assert await invites(house).invited(late) is None


async def test_nobody_unlisted_is_invited(house: House) -> None:
    """An id that is on no list gets no link."""
    with pytest.raises(OperatorError, match="operators list"):
        await house.helpline.office.answer({"do": "invite", "id": SOK})


async def test_an_admin_logs_in_and_opens_nothing(house: House) -> None:
    """The key is there for the password's sake; no case is sealed to it, and none can be granted to it."""
    await house.store.desk.put_operator(Operator(SOK, "Sok", "admin"))
    sok = await enrol(house, SOK)
    await house.in_danger(house.person())
    held = await organisation(house)

    assert await opens(house, sok) == set()
    assert await grant_all(house.store.desk, KEYRING, holder=ORGANISATION, secret=held, to=sok.recipient) == 0


async def test_who_became_an_admin_acts_on_no_case(house: House) -> None:
    """Roles are asked at the press: the button does nothing, and urgent cards stop coming privately."""
    case = await house.in_danger(house.person())
    await house.helpline.office.answer({"do": "add_operator", "id": house.dara.id, "name": "Dara", "role": "admin"})
    await house.desk(house.dara, "t", case["number"])
    await house.settled()

    assert [row["state"] for row in await house.cases()] == ["new"]
    assert house.says("not_listed") in house.dara.toasts[-1].text
    assert [one.started for one in await house.store.desk.operators() if one.id == house.dara.id] == [False]


# ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_colleague_grants_a_newcomer_the_older_open_cases(house: House) -> None:
    """All that the colleague can open; asked again, nothing is left to do."""
    dara = await enrol(house, house.dara.id)
    numbers = {(await house.in_danger(house.person()))["number"] for _ in range(3)}
    bopha = await enrol(house, house.bopha.id)
    granted = [
        await grant_all(house.store.desk, KEYRING, holder=dara.recipient.id, secret=dara.secret, to=bopha.recipient)
        for _ in range(2)
    ]

    assert granted == [3, 0]
    assert await opens(house, bopha) == numbers


async def test_a_lost_password_is_mended_with_the_recovery_words(house: House) -> None:
    """A new invite makes a new key; the words seal the open cases to it, and the old key opens nothing any more."""
    lost = await enrol(house, house.dara.id)
    case = await house.in_danger(house.person())
    found = await enrol(house, house.dara.id, "another password after that")
    assert await opens(house, found) == set()
    words = recovery_from_words(house.keys.recovery.words)

    given = await grant_all(house.store.desk, KEYRING, holder=RECOVERY, secret=words.secret_key, to=found.recipient)

    assert given == 1
    assert await opens(house, found) == {case["number"]}
    with pytest.raises(OperatorError):
        await opens(house, lost)


async def test_a_damaged_wrap_keeps_no_other_case_closed(house: House) -> None:
    """What does not open is passed over, and the rest is granted."""
    dara = await enrol(house, house.dara.id)
    cases = [await house.in_danger(house.person()) for _ in range(2)]
    item = await house.store.desk.case(cases[0]["number"])
    assert item is not None
    name = dara.recipient.id
    await house.store.desk.rewrap(item.case.id, [(name, bytes(80))], instead_of=name)
    bopha = await enrol(house, house.bopha.id)

    await grant_all(house.store.desk, KEYRING, holder=name, secret=dara.secret, to=bopha.recipient)

    assert await opens(house, bopha) == {cases[1]["number"]}


async def test_a_closed_case_is_left_to_who_closed_it_and_can_be_handed_on(house: House) -> None:
    """The colleague can open it no more, until somebody who can lets them."""
    dara, bopha = await enrol(house, house.dara.id), await enrol(house, house.bopha.id)
    case = await house.in_danger(house.person())
    await house.desk(house.dara, "t", case["number"])
    await house.settled()
    await house.desk(house.dara, "r", case["number"])
    await house.settled()
    await house.desk(house.dara, "r.helped", case["number"])
    await house.settled()
    assert (await opens(house, dara), await opens(house, bopha)) == ({"closed"}, set())
    ((case_id, wrap),) = await house.store.desk.wraps(dara.recipient.id, limit=9)

    opened = KEYRING.open_case(wrap, dara.secret)
    assert await grant_one(house.store.desk, opened, case=case_id, to=bopha.recipient)

    assert await opens(house, bopha) == {"closed"}


# ── new keys, and no key ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_renewed_key_opens_what_the_old_one_did_and_what_comes(house: House) -> None:
    """Open and closed; under the same password; and nothing is sealed to the old key any more."""
    old = await enrol(house, house.dara.id)
    first = await house.in_danger(house.person())
    found = await house.store.desk.wrapped(old.recipient.id)
    assert found is not None
    key = WrappedKey(*found)

    with pytest.raises(OperatorError):
        await renew_key(house.store.desk, KEYRING, recipient=old.recipient, key=key, password="not this password")
    given = await renew_key(house.store.desk, KEYRING, recipient=old.recipient, key=key, password=PASSWORD)
    house.helpline.household.forget()
    second = await house.in_danger(house.person())

    renewed = await house.store.desk.wrapped(old.recipient.id)
    assert renewed is not None
    name = old.recipient.id
    new = Holder(Recipient(name, renewed[0]), KEYRING.unlock(name, WrappedKey(*renewed), PASSWORD))
    assert (given, renewed[0] != old.recipient.public_key) == (1, True)
    assert await opens(house, new) == {first["number"], second["number"]}


@pytest.mark.parametrize("act", ["renew", "change_password"])
async def test_a_new_key_or_password_ends_the_logins_of_its_owner(act: str, house: House) -> None:
    """What an open login holds is of before; a colleague's stays open."""
    dara = await enrol(house, house.dara.id)
    now = house.clock.now()
    for operator in (house.dara.id, house.bopha.id):
        await house.store.console.begin(Session(f"login {operator}", operator, b"kept", "operator", now, now))
    request = {"do": act, "id": dara.recipient.id, "anyway": True, "wrapped": pack(b"wrapped")}

    await house.helpline.office.answer(request)

    assert await house.store.console.sessions(house.dara.id) == []
    assert len(await house.store.console.sessions(house.bopha.id)) == 1


async def test_a_case_that_comes_while_keys_change_is_kept_and_sealed_to_the_new_ones(house: House) -> None:
    """The helpline did not hear of the change: it finds out when it saves, and nobody has to write twice."""
    await house.in_danger(house.person())
    name = operator_recipient(house.dara.id)
    key = KEYRING.make(name, PASSWORD)
    await house.store.desk.put_recipient(Recipient(name, key.public_key), wrapped=key.wrapped)

    case = await house.in_danger(house.person())

    dara = Holder(Recipient(name, key.public_key), KEYRING.unlock(name, key, PASSWORD))
    assert await opens(house, dara) == {case["number"]}


async def test_who_is_removed_opens_nothing_and_gets_nothing(house: House) -> None:
    """Wraps and key are gone with the name on the list, and cases that were taken are given back."""
    dara = await enrol(house, house.dara.id)
    case = await house.in_danger(house.person())
    await house.desk(house.dara, "t", case["number"])
    await house.settled()
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await house.settled()
    await house.in_danger(house.person())

    assert await house.store.desk.wraps(dara.recipient.id, limit=9) == []
    assert await house.store.desk.wrapped(dara.recipient.id) is None
    assert [row["state"] for row in await house.cases()] == ["new", "new"]
