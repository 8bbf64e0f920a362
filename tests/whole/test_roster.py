"""Who is woken for an urgent case: those on duty at once, then supervisors and a pager, unless somebody has seen it."""

import pytest

from bot.cli.rostering import roster_lines
from bot.core.errors import OperatorError
from bot.sandbox import Person
from bot.sandbox.chats import Message
from tests.whole.house import House, ending

ALWAYS, NEVER = "00:00-24:00", "off"


async def lists(house: House, operator: Person, hours: str, days: str = "daily") -> None:
    """Put an operator on the roster, as the command does."""
    request = {"do": "set_duty", "id": operator.id, "days": days, "hours": hours}
    await house.helpline.office.answer(request)


def private(house: House) -> tuple[int, int]:
    """Count the cards that Dara and Bopha got privately."""
    return len(house.cards(house.dara.chat)), len(house.cards(house.bopha.chat))


def labels(card: Message) -> list[str]:
    """Give the labels of a card's buttons."""
    return [label for row in card.labels for label in row]


# ── privately ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_danger_press_goes_privately_to_whoever_is_on_duty(house: House) -> None:
    """At once, beside the group's card; who is off duty sleeps on."""
    await lists(house, house.dara, ALWAYS)
    await lists(house, house.bopha, NEVER)
    case = await house.in_danger(house.person())

    assert private(house) == (1, 0)
    assert case["number"] in house.cards(house.dara.chat)[0].text
    assert len(house.cards()) == 1


@pytest.mark.parametrize("hours", ["00:00-12:00", "12:15-24:00"])
async def test_with_nobody_on_duty_it_goes_to_everybody_at_once(house: House, hours: str) -> None:
    """A roster that lists nobody at noon is no reason to wait."""
    await lists(house, house.dara, hours)
    await house.in_danger(house.person())

    assert private(house) == (1, 1)


async def test_who_is_on_duty_but_never_pressed_start_is_not_counted_on(house: House) -> None:
    """Nothing can be sent to them, so it goes to all the others; and the person is promised nobody."""
    vanna = house.box.add_person("Vanna", role="operator")
    await house.helpline.office.answer({"do": "add_operator", "id": vanna.id, "name": "Vanna"})
    await lists(house, vanna, ALWAYS)
    sokha = house.person()
    await house.in_danger(sokha)

    assert private(house) == (1, 1)
    assert not house.shows(sokha, "next_now")


async def test_what_is_for_today_wakes_nobody_privately(house: House) -> None:
    """A voice message nobody has heard is P2: it has a card in the group."""
    await lists(house, house.dara, ALWAYS)
    await house.after(house.person().sends_voice(b"voice"))

    assert (private(house), len(house.cards())) == ((0, 0), 1)
    assert not any(house.says("seen") in label for label in labels(house.cards()[0]))


async def test_whoever_begins_duty_gets_what_nobody_has_taken(house: House) -> None:
    """The person was told that they will; by then the earlier one is off."""
    await lists(house, house.dara, "08:00-12:30")
    await lists(house, house.bopha, "12:30-20:00")
    sokha = house.person()
    await house.in_danger(sokha)
    assert house.shows(sokha, "next_now")
    for minutes in (5, 10, 5):
        await house.passes(minutes=minutes)
    before = private(house)
    await house.passes(minutes=10)

    assert before == (3, 2)
    assert private(house) == (3, 3)


async def test_taking_somebody_off_the_roster_counts_at_once(house: House) -> None:
    """Also with its operator."""
    for operator in (house.dara, house.bopha):
        await lists(house, operator, ALWAYS)
    await house.helpline.office.answer({"do": "clear_duty", "id": house.dara.id})
    await house.in_danger(house.person())
    assert private(house) == (0, 1)

    await house.helpline.office.answer({"do": "remove_operator", "id": house.bopha.id})
    assert (await house.helpline.office.answer({"do": "roster"}))["roster"] == []


# ── seen ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def _sees(house: House, operator: Person) -> None:
    card = house.cards(operator.chat)[-1]
    await house.after(operator.presses(ending(card, "s"), message=card))


async def test_who_has_seen_it_says_so_and_nobody_else_is_woken(house: House) -> None:
    """One press; every card of the case tells who, and five minutes later nothing rings."""
    await lists(house, house.dara, ALWAYS)
    case = await house.in_danger(house.person())
    await _sees(house, house.dara)
    await house.passes(minutes=10)

    assert private(house) == (1, 0)
    seen_by = house.says("seen_by", name="Dara")
    for card in (house.cards(house.dara.chat)[0], house.card(case["number"])):
        assert any(seen_by in label for label in labels(card))
    assert [body["act"] for body in (await house.opened(case["number"])).of("desk")] == ["seen"]


async def test_seen_is_not_taken(house: House) -> None:
    """After 15 minutes all are called for what is still untaken, and it can be taken then."""
    await lists(house, house.dara, ALWAYS)
    await house.in_danger(house.person())
    await _sees(house, house.dara)
    await house.passes(minutes=15)
    assert private(house) == (2, 1)

    newest = house.cards(house.bopha.chat)[-1]
    await house.after(house.bopha.presses(ending(newest, "t"), message=newest))
    assert [row["assignee"] for row in await house.cases()] == ["Bopha"]


async def test_who_is_not_listed_any_more_sees_nothing(house: House) -> None:
    """Roles are checked at the press: a card that lies in a chat is no right."""
    await lists(house, house.dara, ALWAYS)
    await house.in_danger(house.person())
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await _sees(house, house.dara)
    await house.passes(minutes=5)

    assert private(house) == (1, 1)
    assert house.says("not_listed") in house.dara.toasts[-1].text


async def test_unseen_it_goes_to_the_supervisor(house: House) -> None:
    """After five minutes, to supervisors alone."""
    await lists(house, house.dara, ALWAYS)
    vanna = house.box.add_person("Vanna", role="operator")
    add = {"do": "add_operator", "id": vanna.id, "name": "Vanna", "role": "supervisor"}
    await house.helpline.office.answer(add)
    await house.after(vanna.says("/start operator"))
    await house.in_danger(house.person())
    at_once = len(house.cards(vanna.chat))
    await house.passes(minutes=5)

    assert (at_once, len(house.cards(vanna.chat)), private(house)) == (0, 1, (1, 0))


# ── the office ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_roster_is_told_as_it_is(house: House) -> None:
    """Entries by operator and day, who is on duty now, when the next begins, and in which zone that is meant."""
    await lists(house, house.dara, "08:00-18:00", days="mon-tue")
    await lists(house, house.bopha, "18:00-24:00", days="2026-03-02")
    told = await house.helpline.office.answer({"do": "roster"})

    rows = sorted((row["name"], row["day"], row["hours"]) for row in told["roster"])
    assert rows == [
        ("Bopha", "2026-03-02", "18:00-24:00"),
        ("Dara", "mon", "08:00-18:00"),
        ("Dara", "tue", "08:00-18:00"),
    ]
    assert (told["on"], told["begins"], told["zone"]) == (
        [house.dara.id],
        "2026-03-02T11:00:00+00:00",
        "Asia/Phnom_Penh",
    )
    assert list(roster_lines(told))[-2:] == ["On duty now: Dara", "Next to begin: Mon 18:00 (Asia/Phnom_Penh)"]


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "set_duty", "id": 1, "days": "mon", "hours": "08:00-18:00"},
        {"do": "clear_duty", "id": 1},
    ],
)
async def test_only_listed_operators_are_on_the_roster(house: House, request_: dict[str, object]) -> None:
    """A slip of the id is told, and changes nothing."""
    with pytest.raises(OperatorError, match="No operator has this id"):
        await house.helpline.office.answer(request_)


async def test_hours_that_are_none_change_nothing(house: House) -> None:
    """All or nothing: what was listed stays."""
    await lists(house, house.dara, ALWAYS)
    for days, hours in (("mon", "8-18"), ("someday", ALWAYS)):
        with pytest.raises(OperatorError):
            await lists(house, house.dara, hours, days)

    assert len((await house.helpline.office.answer({"do": "roster"}))["roster"]) == 7
