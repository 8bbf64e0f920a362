"""What somebody takes back goes within the hour once an operator lets it go, and never by itself."""

import pytest

from bot.core.errors import OperatorError
from bot.sandbox import Person
from bot.service.requests import Reply
from bot.service.rows import Operator
from tests.whole.house import House
from tests.whole.test_retention import OF_CASES, closed, count, hold, numbers

BOSS, CLERK = 7_200_001, 7_200_002


async def taken_back(house: House, person: Person) -> str:
    """Let somebody in danger take back what they told, and an operator take the case; gives its number."""
    number = str((await house.in_danger(person))["number"])
    await house.after(person.sends_voice(b"the person's voice"))
    await house.after(person.says("delete what I told you"))
    await house.chooses(person, "delete")
    await house.desk(house.dara, "t", number)
    await house.settled()
    return number


async def hour(house: House) -> None:
    """Let an hour pass."""
    await house.passes(hours=1)
    await house.helpline.retention.let_go()
    house.helpline.sender.wake()
    await house.settled()


async def test_what_an_operator_lets_go_is_destroyed_within_the_hour(house: House) -> None:
    """Rows, keys and files; by two presses on the card, which says nothing any more."""
    number = await taken_back(house, house.person())
    card = house.card(number)
    for act in ("m", "z", "z.yes"):
        await house.desk(house.dara, act, number)
        await house.settled()
    await hour(house)

    assert await count(house, *OF_CASES) == dict.fromkeys(OF_CASES, 0)
    assert list((house.settings.data / "blobs").iterdir()) == []
    assert number not in card.text


async def test_what_was_taken_back_and_is_finished_is_destroyed_too(house: House) -> None:
    """A closed case keeps its mark: it does not lie here for three months more."""
    number = await taken_back(house, house.person())
    for act in ("r", "r.helped"):
        await house.desk(house.dara, act, number)
        await house.settled()
    await hour(house)

    assert await numbers(house) == []


async def test_what_nobody_decides_about_stays_and_supervisors_are_told(house: House) -> None:
    """After 72 hours they get the card privately; a P1 is never destroyed in silence."""
    boss = house.box.add_person("Vichea")
    await house.store.desk.put_operator(Operator(boss.id, "Vichea", "supervisor"))
    house.helpline.household.forget()
    await house.after(boss.says("/start operator"))
    number = await taken_back(house, house.person())
    await house.passes(hours=73)
    await hour(house)

    assert await numbers(house) == [number]
    assert any(number in message.text and house.says("withdrawn_mark") in message.text for message in boss.messages())


async def test_what_stays_has_a_reason(house: House) -> None:
    """Of a table; it is sealed in the case, and the mark is gone."""
    number = await taken_back(house, house.person())
    for act in ("m", "k", "k.not_them"):
        await house.desk(house.dara, act, number)
        await house.settled()
    (case,) = await house.cases()
    kept = [one for one in (await house.opened(number)).of("desk") if one["act"] == "keep"]

    assert case["mark"] == "" and [one["reason"] for one in kept] == ["not_them"]


async def test_what_is_held_is_not_destroyed_though_it_was_let_go(house: House) -> None:
    """Until the hold is lifted."""
    number = await taken_back(house, house.person())
    await hold(house, number, held=True)
    for act in ("m", "z", "z.yes"):
        await house.desk(house.dara, act, number)
        await house.settled()
    await hour(house)
    assert await numbers(house) == [number]
    await hold(house, number, held=False)
    await hour(house)

    assert await numbers(house) == []


# ── erasing ──────────────────────────────────────────────────────────────────────────────────────────────────


async def erase(house: House, number: str, operator: int) -> Reply:
    """Give the command as this operator, whose password was right."""
    return await house.helpline.office.answer({"do": "erase", "number": number, "operator": operator})


async def listed(house: House) -> None:
    """List a supervisor and an operator more."""
    for ident, role in ((BOSS, "supervisor"), (CLERK, "operator")):
        await house.store.desk.put_operator(Operator(ident, role, role))
    house.helpline.household.forget()


@pytest.mark.parametrize("is_open", [True, False])
async def test_two_people_erase_a_case_and_a_count_proves_it(house: House, *, is_open: bool) -> None:
    """Open or closed: no row names it any more, no file of it is left, and no card; both acts are recorded."""
    await listed(house)
    sokha = house.person()
    number = str((await house.in_danger(sokha))["number"]) if is_open else await closed(house, sokha)
    await house.after(sokha.sends_voice(b"more of the voice")) if is_open else None
    card = house.card(number)
    asked = await erase(house, number, BOSS)
    proof = await erase(house, number, CLERK)
    house.helpline.sender.wake()
    await house.settled()

    assert (asked["done"], proof["done"]) == (False, True)
    assert proof["before"]["cases"] == 1 and proof["before"]["records"] > 0 and proof["before"]["files"] == 1
    assert set(proof["after"].values()) == {0}
    assert await numbers(house) == [] and list((house.settings.data / "blobs").iterdir()) == []
    assert number not in card.text
    assert await house.count("SELECT count(*) FROM audit WHERE act IN ('erase_asked', 'erase')") == 2


async def test_nobody_erases_alone(house: House) -> None:
    """Asking twice is asking; an operator does not ask; who is not listed does nothing; after a day it is too late."""
    await listed(house)
    number = str((await house.in_danger(house.person()))["number"])
    for operator in (CLERK, 1):
        with pytest.raises(OperatorError):
            await erase(house, number, operator)
    assert [(await erase(house, number, BOSS))["done"] for _ in range(2)] == [False, False]
    await house.passes(hours=25)
    with pytest.raises(OperatorError, match="asks first"):
        await erase(house, number, CLERK)

    assert await numbers(house) == [number]


async def test_one_request_does_not_confirm_another(house: House) -> None:
    """What was asked for is one case; a held one is not erased."""
    await listed(house)
    number = await closed(house, house.person())
    other = str((await house.in_danger(house.person()))["number"])
    await erase(house, number, BOSS)
    with pytest.raises(OperatorError, match="asks first"):
        await erase(house, other, CLERK)
    await hold(house, number, held=True)
    with pytest.raises(OperatorError, match="held"):
        await erase(house, number, CLERK)

    assert await numbers(house) == [number, other]


async def test_the_person_goes_on_after_their_case_was_erased(house: House) -> None:
    """They are somebody who begins anew, and nothing they answered before is known any more."""
    await listed(house)
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH", "skip", "no", "papers", "done")
    (case,) = await house.cases()
    for operator in (BOSS, CLERK):
        await erase(house, case["number"], operator)
    await house.asks_for_help(sokha, "yes", "yes")

    assert house.step(sokha) == "help.country"
    assert await house.cases() == []
