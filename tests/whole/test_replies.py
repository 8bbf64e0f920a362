"""An operator answers a card: confirmed, taken over, sent as the contact rule allows, else brought back to the card."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox import Person
from tests.whole.house import House


async def _case(house: House, person: Person, *contact: str) -> Mapping[str, Any]:
    """Ask for help from Thailand with this contact rule; gives the case."""
    await house.asks_for_help(person, "yes", "yes", "TH", "skip", "no", "papers", "done")
    while house.step(person) != "contact.contact":
        await house.chooses(person, "skip")
    for choice in contact:
        await house.chooses(person, choice)
    return (await house.cases())[-1]


async def test_a_reply_is_confirmed_before_it_goes_and_leaves_the_group(house: House) -> None:
    """The operator's words leave the group, are asked about without repeating them, and arrive once confirmed."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.after(house.dara.says("Where are you now?", chat=house.group, reply_to=house.card(case["number"])))

    assert "Where are you" not in _all_text(house)
    assert not any("Where are you" in message.text for message in sokha.messages())
    (question,) = house.questions()
    assert house.says("reply_ready_answer", number=case["number"]) in question.text

    await house.after(house.dara.presses(0, message=question, chat=house.group))
    assert sokha.messages()[-1].text == "Where are you now?"
    assert house.says("reply_sent", number=case["number"]) in house.dara.toasts[-1].text
    assert house.questions() == []
    assert (await house.opened(case["number"])).of("reply")[0]["text"] == "Where are you now?"


def _all_text(house: House) -> str:
    return "\n".join(message.text for message in house.group.messages())


async def test_a_cancelled_reply_goes_nowhere(house: House) -> None:
    """Cancel removes the question; nothing is sent and nothing is kept of it."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.replies(house.dara, case["number"], "not this", confirm="n")

    assert all("not this" not in message.text for message in sokha.messages())
    assert house.questions() == []
    assert "reply" not in (await house.opened(case["number"])).kinds()


async def test_send_pressed_by_two_operators_sends_once(house: House) -> None:
    """The second press finds an old button."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.after(house.dara.says("Hello", chat=house.group, reply_to=house.card(case["number"])))
    (question,) = house.questions()
    await house.dara.presses(0, message=question, chat=house.group)
    await house.bopha.presses(0, message=question, chat=house.group)
    await house.settled()

    assert [message.text for message in sokha.messages()].count("Hello") == 1
    assert house.says("expired_button") in house.bopha.toasts[-1].text


async def test_a_reply_after_ten_minutes_waits_until_the_person_writes(house: House) -> None:
    """Only when I write: an initiative is held, and goes with the person's next act."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "We are here")

    assert all("We are here" not in message.text for message in sokha.messages())
    assert house.says("reply_held", number=case["number"]) in house.dara.toasts[-1].text

    await house.passes(hours=3)
    assert all("We are here" not in message.text for message in sokha.messages())
    await house.after(sokha.says("is anybody there"))
    assert any(message.text == "We are here" for message in sokha.messages())


async def test_a_held_reply_outlives_a_restart(house: House) -> None:
    """What an operator wrote is kept until the person comes, whatever happens to the process."""
    sokha = house.person()
    case = await _case(house, sokha, "never")
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "We are here")
    await house.restart(clean=False)
    await house.after(sokha.says("hello"))

    assert any(message.text == "We are here" for message in sokha.messages())


async def test_a_reply_waits_for_the_hours_of_the_person(house: House) -> None:
    """Evening in Thailand begins at 17: the reply written at noon goes then, and not a minute before."""
    sokha = house.person()
    case = await _case(house, sokha, "hours", "evening", "done")
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "Good evening")
    await house.passes(hours=4, minutes=47)
    assert all("Good evening" not in message.text for message in sokha.messages())

    await house.passes(minutes=3)
    assert any(message.text == "Good evening" for message in sokha.messages())


async def test_any_time_lets_a_reply_go_at_once(house: House) -> None:
    """Who allowed any time is written to at any time."""
    sokha = house.person()
    case = await _case(house, sokha, "any_time")
    await house.passes(hours=5)
    await house.replies(house.dara, case["number"], "Good evening")

    assert any(message.text == "Good evening" for message in sokha.messages())


async def test_a_reply_to_somebody_who_blocked_the_bot_returns_to_the_card(house: House) -> None:
    """The operator is told below the card that it could not be delivered; the case stands."""
    sokha = house.person()
    case = await _case(house, sokha, "any_time")
    sokha.blocks()
    await house.settled()
    await house.replies(house.dara, case["number"], "Hello")

    assert any(house.says("reply_undelivered") in line for line in house.below(case["number"]))
    assert (await house.cases())[0]["number"] == case["number"]


async def test_a_reply_to_a_deleted_account_returns_to_the_card(house: House) -> None:
    """An account that is gone is told like one that blocked the bot."""
    sokha = house.person()
    case = await _case(house, sokha, "any_time")
    sokha.leaves_telegram()
    await house.replies(house.dara, case["number"], "Hello")

    assert any(house.says("reply_undelivered") in line for line in house.below(case["number"]))


async def test_hide_brings_an_unsent_reply_back_to_the_card(house: House) -> None:
    """A reply that was waiting is not sent into a chat that was hidden, and the operator knows."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "We are here")
    await house.after(sokha.says("hide"))

    assert house.is_innocent(sokha)
    assert any(house.says("reply_undelivered") in line for line in house.below(case["number"]))

    await house.after(sokha.says("/start"), sokha.says("back again"))
    assert all("We are here" not in message.text for message in sokha.messages())


async def test_a_reply_waits_while_the_chat_is_hidden_whatever_the_rule(house: House) -> None:
    """Somebody else may hold the phone: even where any time is allowed, a reply comes when the chat is opened again."""
    sokha = house.person()
    case = await _case(house, sokha, "any_time")
    await house.after(sokha.says("hide"))
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "We are here")

    assert house.says("reply_held", number=case["number"]) in house.dara.toasts[-1].text
    assert house.is_innocent(sokha)

    await house.after(sokha.says("/start"), sokha.says("back again"))
    assert [message.text for message in sokha.messages()].count("We are here") == 1


async def test_an_operator_may_answer_a_private_card(house: House) -> None:
    """The card that came privately is answered like that in the group, in the operator's own chat."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    danger = await house.in_danger(house.person("Chan"))
    (private,) = house.cards(house.dara.chat)
    await house.after(house.dara.says("I am coming", reply_to=private))
    question = house.screen(house.dara)
    await house.after(house.dara.presses(0, message=question))

    assert danger["number"] in private.text
    assert case["number"] not in private.text
    assert any(message.text == "I am coming" for message in house.box.people[_id(house, "Chan")].messages())
    assert all("I am coming" not in message.text for message in house.dara.messages())


def _id(house: House, name: str) -> int:
    return next(one.id for one in house.box.people.values() if one.name == name)


async def test_a_voice_note_of_an_operator_is_passed_on(house: House) -> None:
    """An operator may answer with voice, photo or document; it reaches the person and is kept in the case."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    await house.after(
        house.dara.sends_file("voice", b"a friendly voice", chat=house.group, reply_to=house.card(case["number"]))
    )
    await house.after(house.dara.presses(0, message=house.questions()[0], chat=house.group))

    assert "voice" in sokha.messages()[-1].content
    (row,) = await house.cases()
    assert row["unheard"] == 0
    assert (await house.opened(case["number"])).items[-1].file == b"a friendly voice"


async def test_a_sticker_as_a_reply_is_refused(house: House) -> None:
    """Only words, voice, photos and documents are passed on."""
    sokha = house.person()
    case = await _case(house, sokha, "when_i_write")
    sticker = {"sticker": {"file_id": "S", "file_unique_id": "S", "type": "regular", "width": 1, "height": 1}}
    await house.after(house.dara.sends(sticker, chat=house.group, reply_to=house.card(case["number"])))

    assert house.says("reply_refused") in house.group.messages()[-1].text
    assert house.questions() == []
