"""The agreed word, from the phone to the operators: answers are shown to who writes it, and it is kept nowhere."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.sandbox import Person
from tests.whole.house import House
from tests.whole.searching import found

WORD = "zqpurplezq coconut"
ANSWER = "We are at the gate"


async def _agrees(house: House, person: Person, rule: str = "when_i_write") -> Mapping[str, Any]:
    """Press danger, agree on a word, and be silent for an hour; gives the case."""
    case = await house.in_danger(person)
    for choice in ("skip", rule, "yes", "phone", "skip"):
        await house.chooses(person, choice)
    await house.after(person.says(WORD))
    await house.passes(hours=1)
    return case


def _reads(person: Person, text: str) -> bool:
    return any(message.text == text for message in person.messages())


async def test_an_answer_waits_for_the_word(house: House) -> None:
    """The operators read that it waits; who comes back is asked, and reads it once they wrote the word."""
    sokha = house.person()
    case = await _agrees(house, sokha)
    await house.replies(house.dara, case["number"], ANSWER)
    assert house.says("reply_word", number=case["number"]) in house.dara.toasts[-1].text
    await house.after(sokha.says("any news"))
    assert house.shows(sokha, "word_asked") and not _reads(sokha, ANSWER)

    await house.after(sokha.says(WORD.upper()))
    assert _reads(sokha, ANSWER) and not house.shows(sokha, "word_asked")


async def test_the_word_is_nowhere(house: House) -> None:
    """Not in the chat, not with the operators, not in the case, not in the store."""
    sokha = house.person()
    case = await _agrees(house, sokha, "any_time")
    await house.replies(house.dara, case["number"], ANSWER)
    await house.after(sokha.says(WORD), sokha.says("thank you"))
    await house.passes(seconds=15)
    opened = await house.opened(case["number"])
    assert "thank you" in opened.texts() and not any("coconut" in str(item.body) for item in opened.items)
    shown = [message.text for chat in (sokha, house.group) for message in chat.messages()]

    assert not any("coconut" in text for text in shown)
    await house.restart()
    files = {path: path.read_bytes() for path in house.folder.rglob("*") if path.is_file()}
    assert files and found(files, [WORD, "zqpurplezq"]) == []


async def test_hiding_takes_what_waits_back_to_its_card(house: House) -> None:
    """Hide never needs the word, and leaves neither the question nor the answer in the chat."""
    sokha = house.person()
    case = await _agrees(house, sokha, "any_time")
    await house.replies(house.dara, case["number"], ANSWER)
    assert house.says("word_asked") in [message.text for message in sokha.messages()]
    await house.after(sokha.says("hide"))

    assert house.is_innocent(sokha)
    assert any(house.says("reply_undelivered") in line for line in house.below(case["number"]))


async def test_three_wrong_words_are_told_below_the_card(house: House) -> None:
    """What waits stays unread, and what was written instead is kept."""
    sokha = house.person()
    case = await _agrees(house, sokha, "any_time")
    await house.replies(house.dara, case["number"], ANSWER)
    await house.after(*(sokha.says(text) for text in ("durian", "mango", "papaya", WORD)))

    assert not _reads(sokha, ANSWER)
    assert any(house.says("word_failed") in line for line in house.below(case["number"]))
    assert (await house.opened(case["number"])).texts() == [ANSWER, "durian", "mango", "papaya"]


@pytest.mark.parametrize("act", ["danger", "/start"])
async def test_nothing_else_shows_what_waits(house: House, act: str) -> None:
    """Danger and the first page work as ever, and the answer waits."""
    sokha = house.person()
    case = await _agrees(house, sokha, "any_time")
    await house.replies(house.dara, case["number"], ANSWER)
    await house.after(sokha.says(act))

    assert house.step(sokha) == {"danger": "danger.place", "/start": "start.menu"}[act]
    assert not _reads(sokha, ANSWER)
