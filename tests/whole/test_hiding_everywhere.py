"""Hide is complete: from every question of every flow, in both languages, while Telegram fails by chance."""

import asyncio
import random

import pytest

from bot.core.content import Content
from bot.sandbox import Fault
from tests.whole.everywhere import hides, steps, ways
from tests.whole.house import House

CHANCES = {"errors": 0.1, "lost": 0.05, "truncated": 0.02, "resets": 0.02}
SAMPLE = 10


def test_there_is_a_way_to_every_question(content: Content) -> None:
    """What is hidden below, and in the long suite, is every question and menu there is, in both languages."""
    known = {(way.step, way.language) for way in ways(content)}

    assert {(step, language) for step in steps(content) for language in ("km", "en")} <= known


@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_left_wherever_somebody_hides(house: House, seed: int) -> None:
    """Ten of all questions: one innocent message is left, and nothing that was on its way comes after it."""
    dice = random.Random(seed)
    sample = dice.sample(ways(house.content), SAMPLE)
    house.box.faults.switch(**CHANCES)
    hidden = await asyncio.gather(*(hides(house, way, dice) for way in sample))
    house.box.faults.switch(**dict.fromkeys(CHANCES, 0.0))
    await house.settled()

    assert [house.is_innocent(person) for person, _ in hidden] == [True] * SAMPLE


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.TRUNCATED])
async def test_a_screen_whose_answer_was_lost_is_found_and_deleted(house: House, fault: Fault) -> None:
    """Nobody knows its id: it is looked for just below the one that followed, and goes before anybody hides."""
    sokha = house.person()
    house.box.faults.plan(fault, method="sendmessage", chat=sokha.id)
    await house.after(sokha.says("/start"))

    assert [message.from_bot for message in sokha.messages()] == [False, True]


async def test_a_screen_lost_while_somebody_hides_is_deleted(house: House) -> None:
    """It is not sent again, so it is looked for below the innocent screen."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    house.box.faults.plan(Fault.LOST, method="sendmessage", chat=sokha.id)
    await sokha.says("help")
    await house.box.until(lambda: [call for call in house.box.calls if call.outcome == "lost"])
    await house.after(sokha.says("hide"))

    assert house.is_innocent(sokha)


async def test_a_guessed_id_deletes_nothing_of_others(house: House) -> None:
    """What is not the bot's own and unknown stays: the person's words, and an operator's reply."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.replies(house.dara, case["number"], "We are coming")
    there = [message.id for message in sokha.messages() if not message.from_bot or "coming" in message.text]
    house.box.faults.plan(Fault.LOST, method="sendmessage", chat=sokha.id)
    await house.after(sokha.says("near the market"))

    assert set(there) <= {message.id for message in sokha.messages()}


async def test_what_was_told_while_the_store_was_sick_goes_with_the_next_hide(house: House) -> None:
    """The emergency text comes from memory; where it lies is in the ledger before a hide is decided."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    tell = house.helpline.receiver.on_sick
    assert tell is not None
    await tell([sokha.id])
    assert house.says("static_emergency") in sokha.messages()[-1].text

    await house.after(sokha.says("hide"))
    assert house.is_innocent(sokha)
