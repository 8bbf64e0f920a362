"""Hide: the chat shows nothing of the helpline, whatever was on its way, and nothing that was begun is lost."""

import asyncio

import pytest

from bot.sandbox import Fault, Person
from bot.sandbox.calls import Call
from tests.whole.house import House


async def test_hide_removes_everything_on_both_sides(house: House) -> None:
    """The person's own messages, the screen and an operator's reply go; one innocent message remains."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.after(sokha.says("behind the fish market"), sokha.sends_photo(b"a photo"))
    await house.replies(house.dara, case["number"], "We are coming")
    await house.chooses(sokha, "hide")

    assert house.is_innocent(sokha)


async def test_the_innocent_screen_is_tried_again_sooner_than_others(house: House) -> None:
    """Whoever holds the phone out to somebody waits for it: it overtakes another's screen that failed before it."""
    sokha, other = house.person(), house.person("Other")
    await house.asks_for_help(sokha, "yes")
    house.box.calls.clear()
    for person in (other, sokha):
        house.box.faults.plan(Fault.ERROR, method="sendmessage", chat=person.id, times=2)
    await other.says("/start")
    await house.box.until(lambda: any(call.chat_id == other.id and call.outcome == "error" for call in house.box.calls))
    await house.after(sokha.says("hide"))

    shown = [call.chat_id for call in house.box.calls if call.method == "sendmessage" and call.done]
    assert shown == [sokha.id, other.id] and house.is_innocent(sokha)


@pytest.mark.parametrize("words", ["hide", "/x", "លាក់", "Hide", "/hide"])
async def test_hide_works_in_words(house: House, words: str) -> None:
    """Whoever cannot find the button types it, in either language."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes")
    await house.after(sokha.says(words))

    assert house.is_innocent(sokha)


async def test_hide_works_on_every_message_at_any_age(house: House) -> None:
    """Below an operator's reply there is a hide button too, and it works long after the screen has moved on."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.replies(house.dara, case["number"], "We are here")
    reply = sokha.messages()[-1]
    await house.after(sokha.says("behind the market"))
    await house.passes(hours=5)
    await house.after(sokha.presses(0, message=reply))

    assert house.is_innocent(sokha)


async def test_no_to_safe_now_hides_with_a_neutral_line(house: House) -> None:
    """Who cannot write safely sees one line that means nothing, and no number; /start brings help back."""
    sokha = house.person()
    await house.asks_for_help(sokha, "no")

    assert [message.text for message in sokha.messages()] == [house.says("neutral")]
    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


async def test_what_is_sent_into_a_hidden_chat_is_kept_and_read_for_danger(house: House) -> None:
    """Somebody else may hold the phone: no answer; but words of danger are a card at once."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.chooses(sokha, "hide")
    await house.after(sokha.says("they hit me"))

    assert [message.text for message in sokha.messages() if message.from_bot] == [house.screen(sokha).text]
    assert house.screen(sokha).text.startswith(house.says("holidays_title"))
    (case,) = await house.cases()
    assert case["urgency"] == "P1"
    assert (await house.opened(case["number"])).texts() == ["they hit me"]


@pytest.mark.parametrize("way", ["/start", "danger", "voice"])
async def test_three_things_bring_help_back(house: House, way: str) -> None:
    """/start, danger and a voice note reopen; the draft and its answers are still there."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.chooses(sokha, "hide")
    await house.after(sokha.sends_voice(b"a voice") if way == "voice" else sokha.says(way))

    assert house.step(sokha) in ("start.menu", "danger.place")
    assert sum(message.from_bot for message in sokha.messages()) == 1


async def test_what_waits_to_be_sent_is_cancelled(house: House) -> None:
    """A screen that Telegram holds back is not sent after the chat was hidden."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    house.box.faults.throttle(sokha.id, 2)
    await sokha.says("help")
    await house.box.until(lambda: [call for call in _sends(house, sokha) if call.outcome == "refused"])
    await sokha.says("hide")
    await house.box.until(lambda: [call for call in house.box.calls if call.method == "deletemessages"])
    house.box.faults.allow(sokha.id)
    await house.settled()

    assert house.is_innocent(sokha)
    assert [call.text("text") for call in _sends(house, sokha) if call.done][1:] == [house.screen(sokha).text]


def _sends(house: House, person: Person) -> list[Call]:
    return [call for call in house.box.calls if call.method == "sendmessage" and call.chat_id == person.id]


async def test_what_is_being_sent_is_removed_on_arrival(house: House) -> None:
    """A send that Telegram was carrying out when the chat was hidden is deleted as soon as it is known."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    house.box.faults.switch(delay_ms=300)
    await sokha.says("help")
    await house.box.until(lambda: [call for call in _sends(house, sokha)[1:] if not call.outcome])
    await sokha.says("hide")
    await house.box.until(lambda: len(_sends(house, sokha)) > 2)
    house.box.faults.switch(delay_ms=0)
    await house.settled()

    assert house.is_innocent(sokha)


async def test_a_lost_answer_to_a_send_leaves_no_trace_of_what_is_known(house: House) -> None:
    """An edit whose answer got lost is done again, and hide still clears the chat."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    house.box.faults.switch(lost=1.0)
    press = asyncio.ensure_future(house.presses(sokha, "yes"))
    await house.box.until(lambda: [call for call in house.box.calls if call.method == "editmessagetext"])
    house.box.faults.switch(lost=0.0)
    await press
    await house.passes(seconds=61)
    assert house.step(sokha) == "help.keep"

    await house.chooses(sokha, "hide")
    assert house.is_innocent(sokha)


async def test_what_is_too_old_to_be_deleted_is_told_at_the_next_entry_only(house: House) -> None:
    """Telegram deletes nothing older than 48 hours: not the innocent screen says so, but the next entry, once."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.passes(hours=49)
    await house.after(sokha.says("hide"))
    assert house.says("undeleted") not in "".join(message.text for message in sokha.messages())
    assert house.screen(sokha).text.startswith(house.says("holidays_title"))

    await house.after(sokha.says("/start"))
    assert house.shows(sokha, "undeleted")
    await house.after(sokha.says("/start"))
    assert not house.shows(sokha, "undeleted")


async def test_hide_overtakes_what_was_sent_before_it(house: House) -> None:
    """Acts that wait to be decided when hide arrives are kept, and answer nothing; not even a voice note reopens."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.together(
        sokha.says("my boss is coming"), sokha.sends_voice(b"a voice"), sokha.says("/start"), sokha.says("hide")
    )

    assert house.is_innocent(sokha)
    case = await house.only_case()
    assert case.texts() == ["my boss is coming"]
    assert case.items[-1].file == b"a voice"


async def test_hide_survives_a_restart_between_deciding_and_sending(house: House) -> None:
    """A wipe that Telegram did not take before the process died is done by the next one."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes")
    house.box.faults.plan(Fault.ERROR, method="deletemessages")
    await sokha.says("hide")
    await house.box.until(lambda: [call for call in house.box.calls if call.outcome == "error"])
    await house.restart(clean=False)
    await house.settled()

    assert house.is_innocent(sokha)


async def test_telling_what_was_too_old_forgets_nothing_that_can_still_be_deleted(house: House) -> None:
    """What was sent into the hidden chat goes with the next hide, also after the old rest was told."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.passes(hours=49)
    await house.after(sokha.says("hide"), sokha.says("my boss is here"), sokha.says("/start"))
    assert house.shows(sokha, "undeleted")

    await house.after(sokha.says("hide"))
    assert "my boss is here" not in [message.text for message in sokha.messages()]
    assert house.screen(sokha).text.startswith(house.says("holidays_title"))
