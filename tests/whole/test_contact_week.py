"""The contact rule as it is really kept: a week of answers by an operator, at all hours, to people with each rule."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox import Person
from tests.whole.house import House

EVERY = timedelta(hours=11)
"""Between two answers: in a week sixteen hours of the day, in turns."""
BANGKOK = timedelta(hours=7)


async def _case(house: House, person: Person, *choices: str) -> str:
    """Ask for help from Thailand with this contact rule; gives the number of the case, taken."""
    await house.asks_for_help(person, "yes", "yes", "TH", "skip", "no", "papers", "done")
    while house.step(person) != "contact.contact":
        await house.chooses(person, "skip")
    for choice in choices:
        await house.chooses(person, choice)
    (case,) = await house.cases()
    await house.after(house.desk(house.dara, "t", case["number"]))
    return str(case["number"])


def _came(person: Person) -> dict[str, datetime]:
    """Give the operator's answers that a person got, and when, by the clock in Thailand."""
    answers = [message for message in person.chat.messages.values() if message.text.startswith("answer ")]
    return {one.text: datetime.fromtimestamp(one.date, UTC) + BANGKOK for one in answers}


@pytest.mark.parametrize(
    ("choices", "hours"),
    [
        (("any_time",), range(24)),
        (("hours", "morning", "night", "done"), (6, 7, 8, 9, 20, 21, 22)),
        (("when_i_write",), ()),
        (("never",), ()),
    ],
    ids=["any time", "hours", "when I write", "never"],
)
async def test_what_is_written_at_any_hour_arrives_only_at_hours_allowed(
    house: House, choices: tuple[str, ...], hours: range | tuple[int, ...]
) -> None:
    """None arrives outside, and none is lost: all come once the person writes, and fresh ones at once."""
    sokha = house.person()
    number = await _case(house, sokha, *choices)
    await house.passes(minutes=15)
    written = {}
    for turn in range(15):
        written[f"answer {turn}"] = house.clock.now() + BANGKOK
        await house.replies(house.dara, number, f"answer {turn}")
        await house.passes(seconds=EVERY.total_seconds())
    came = _came(sokha)

    assert {at.hour for at in came.values()} <= set(hours)
    assert {text for text, at in written.items() if at.hour in hours} <= set(came)
    await house.after(sokha.says("I am here"))
    await house.replies(house.dara, number, "answer at once")
    assert set(_came(sokha)) == {*written, "answer at once"}
