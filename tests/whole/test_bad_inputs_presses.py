"""Bad inputs 48 to 65: presses from anywhere, updates in any shape and order, and hiding while things go on."""

from typing import Any

import pytest

from bot.core.flow import Ask, Flow
from tests.whole.bad_inputs import CANARY, HouseAct, Row, Rows, Scene, TryOut, name_of

TABLE: Rows[HouseAct] = Rows()


async def _is_asked_again(scene: Scene, step: str) -> None:
    assert scene.step == step
    assert scene.house.says("expired_button") in scene.sokha.toasts[-1].text


@TABLE.row(48, "a button of an older release", differs="a step that is gone is the nearest earlier one; no mapping")
async def older_release(scene: Scene) -> None:
    """A press on a step that is no more shows the present screen; a place that is no more moves back."""
    house = scene.house
    await house.asks_for_help(scene.sokha, "yes", "yes", "TH")
    await house.after(scene.sokha.forges("5:help.colour:0"))
    await _is_asked_again(scene, "help.people")
    flow = house.content.flows["help"]
    steps = tuple(step for step in flow.steps if step.id != "people")
    shorter = Flow(**(dict(flow) | {"steps": steps}))
    house.content = house.content.model_copy(update={"flows": {**house.content.flows, "help": shorter}})
    await house.restart()
    await scene.says(f"{CANARY} words")
    assert scene.step == "help.country"


@TABLE.row(49, "forged and empty data of a button")
async def forged_data(scene: Scene) -> None:
    """Whatever a button is said to hold, the person sees where they are, and nothing else happens."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes", "TH")
    forged = [
        "",
        "x",
        ":",
        "::::",
        "\0",
        "9" * 64,
        "ក" * 21,
        "x" * 65,
        "1:help.people:99",
        "!",
        "!hid",
        "c:x:t",
        "r:1:y",
    ]
    for data in forged:
        await scene.house.after(scene.sokha.forges(data))
        assert scene.step == "help.people"
    await scene.injects(scene.press(None, game_short_name="game"))
    assert scene.step == "help.people"
    assert len((await scene.case()).of("answer")) == 2


@TABLE.row(50, "one button twenty times")
async def twenty_presses(scene: Scene) -> None:
    """It acts once."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes")
    for _ in range(20):
        await scene.house.presses(scene.sokha, "TH")
    await scene.house.settled()
    assert scene.step == "help.people"
    answers = (await scene.case()).of("answer")
    assert [one["value"] for one in answers if one["question"] == "country"] == ["TH"]


@TABLE.row(51, "two phones at once")
async def two_phones(scene: Scene) -> None:
    """The first press counts; the second finds an old button."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes")
    await scene.house.presses(scene.sokha, "TH")
    await scene.house.presses(scene.sokha, "MY")
    await scene.house.settled()
    await _is_asked_again(scene, "help.people")
    answers = (await scene.case()).of("answer")
    assert [one["value"] for one in answers if one["question"] == "country"] == ["TH"]


@TABLE.row(52, "a press without its message")
async def press_without_message(scene: Scene) -> None:
    """Too old, deleted, or of a message sent elsewhere: a new screen shows where the person is."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes")
    old = {"message_id": 3, "date": 0, "chat": {"id": scene.sokha.id, "type": "private"}}
    await scene.injects(
        scene.press("1:help.keep:0", message=old),
        scene.press("1:help.keep:0", message=None, inline_message_id="i"),
        scene.press("1:help.keep:0", message="nothing"),
    )
    assert scene.step == "help.country"


@TABLE.row(53, "updates twice, out of order, with gaps and from the beginning")
async def order_of_updates(scene: Scene) -> None:
    """What came already is not taken again; every other one is, in the order it came."""
    receiver = scene.house.helpline.receiver
    updates: list[dict[str, object]] = [
        {"update_id": number, "message": scene.message({"text": f"{CANARY} {number}"})}
        for number in (900, 7, 2**31 - 1)
    ]
    scene.sokha.user.started = True
    assert await receiver.updates(updates) == 3
    assert await receiver.updates([updates[1], updates[0]]) == 0
    await scene.house.settled()
    scene.house.box.jump(5)
    await scene.says(f"{CANARY} 5")
    assert await scene.texts() == [f"{CANARY} 900", f"{CANARY} 7", f"{CANARY} {2**31 - 1}", f"{CANARY} 5"]


@TABLE.row(54, "updates of unknown kinds and shapes")
async def unknown_shapes(scene: Scene) -> None:
    """They are passed over, and what is among them goes on."""
    shapes: list[dict[str, Any]] = [
        {},
        {"new_thing": {"of": CANARY}},
        {"message": None},
        {"message": [CANARY]},
        {"message": {"chat": CANARY}},
        {"callback_query": {"from": {"id": "x"}}},
        {"my_chat_member": {"chat": {"id": 2**70, "type": "private"}}},
        {"message": scene.message({"text": f"{CANARY} one", "new_field": {"deep": [[[]]]}}, date=None)},
        {"message": scene.message({"text": [CANARY]})},
        {"message": scene.message({"voice": CANARY})},
        {"message": scene.message({"location": {"latitude": "NaN", "longitude": 1e400}})},
    ]
    scene.sokha.user.started = True
    await scene.injects(*shapes)
    await scene.says(f"{CANARY} two")
    assert await scene.texts() == [f"{CANARY} one", f"{CANARY} two"]


@TABLE.row(55, "dates of the future and of the beginning")
async def strange_dates(scene: Scene) -> None:
    """Our own time counts."""
    for date in (0, -5, 2**31 - 1, 2**60, "today"):
        await scene.brings({"text": f"{CANARY} {date}"}, date=date)
    assert len(await scene.texts()) == 5
    await scene.says("hide")
    assert scene.house.screen(scene.sokha).text.startswith(scene.house.says("holidays_title"))
    await scene.says("/start")
    assert not scene.shows("undeleted")


@TABLE.row(56, "large ids", cases=2)
async def large_ids(scene: Scene) -> None:
    """Ids beyond 32 and up to 52 bits are kept apart and answered."""
    for number in (2**32 + 5, 2**52 - 1):
        person = scene.house.person("Large", id=number)
        await scene.house.after(person.says(f"{CANARY} {number}"))
        assert scene.house.screen(person).rows
    await scene.house.after(scene.sokha.says("/start"))
    assert [one.texts() for one in await scene.opened()] == [[f"{CANARY} {2**32 + 5}"], [f"{CANARY} {2**52 - 1}"]]


@TABLE.row(57, "names that claim something")
async def names(scene: Scene) -> None:
    """A name opens nothing: neither an operator's nor the helpline's own."""
    house = scene.house
    case = await house.in_danger(scene.sokha)
    card = next(str(button["callback_data"]) for button in house.card(case["number"]).buttons())
    for name in ("Dara", "Admin/ជំនួយ", "A", "\u202e"):
        claimer = house.person(name)
        await house.after(claimer.says("/start operator"))
        assert house.step(claimer) == "start.menu"
        await house.after(claimer.forges(card))
        assert house.says("not_listed") in claimer.toasts[-1].text
    assert (await house.cases())[0]["state"] == "new"


@TABLE.row(58, "the operators' group becomes a supergroup", cases=2, group="group")
async def migration(scene: Scene) -> None:
    """Cards go on to the new chat, also after a restart."""
    house = scene.house
    await house.in_danger(house.person("Chan"))
    house.group.migrates(by=house.dara)
    await house.settled()
    await house.restart()
    case = await house.in_danger(scene.sokha)
    assert house.card(case["number"]).chat.id == house.group.id
    await house.after(house.desk(house.dara, "t", case["number"]))
    assert [one["assignee"] for one in await house.cases()].count("Dara") == 1


@TABLE.row(59, "messages that delete themselves")
async def auto_delete(scene: Scene) -> None:
    """The notice of it is nothing to answer; what was sent stays kept."""
    await scene.brings({"message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400}})
    assert scene.shown() == []
    await scene.says(f"{CANARY} words")
    assert await scene.texts() == [f"{CANARY} words"]


@TABLE.row(60, "topics in the operators' group")
async def topics(scene: Scene) -> None:
    """An answer to a card is taken over from whatever topic it was written in."""
    house = scene.house
    case = await house.in_danger(scene.sokha)
    topic = {"message_thread_id": 77, "is_topic_message": True}
    answer = {"text": "We are coming"} | topic
    await house.after(house.dara.sends(answer, chat=house.group, reply_to=house.card(case["number"])))
    await house.after(house.dara.sends({"forum_topic_created": {"name": "x"}} | topic, chat=house.group))
    assert len(house.questions()) == 1
    await house.after(house.dara.presses(0, message=house.questions()[0], chat=house.group))
    assert scene.sokha.messages()[-1].text == "We are coming"


@TABLE.row(61, "blocked before the number could be told", answered=False)
async def blocked_at_the_end(scene: Scene) -> None:
    """The case stands, and so does its card."""
    house = scene.house
    await house.after(scene.sokha.says("/start"))
    house.box.faults.switch(down=True)
    await house.presses(scene.sokha, "danger")
    scene.sokha.blocks()
    house.box.faults.switch(down=False)
    await house.passes(seconds=61)
    (case,) = await house.cases()
    assert (case["urgency"], len(house.cards())) == ("P1", 1)


@TABLE.row(62, "an account that is gone")
async def gone(scene: Scene) -> None:
    """The case stands, and a reply that cannot arrive is told below the card."""
    house = scene.house
    case = await house.in_danger(scene.sokha)
    scene.sokha.leaves_telegram()
    await house.replies(house.dara, case["number"], "Hello")
    assert any(house.says("reply_undelivered") in line for line in house.below(case["number"]))
    assert len(await house.cases()) == 1


@TABLE.row(63, "a language we have not, or none", cases=0)
async def languages(scene: Scene) -> None:
    """Khmer, with both languages on the first page to choose from."""
    for code in ("xx", None, "", "th"):
        person = scene.house.person("Somebody", code)
        await scene.house.after(person.says("/start"))
        labels = str(scene.house.screen(person).labels)
        assert scene.house.says("button_km") in labels
        assert scene.house.says("button_en") in labels
        await scene.house.chooses(person, "help")
        (question,) = (step for step in scene.house.content.flows["help"].steps if step.id == "safe")
        assert isinstance(question, Ask)
        assert scene.house.content.text(question.text, "km") in scene.house.screen(person).text
    await scene.house.after(scene.sokha.says("/start"))


@TABLE.row(64, "hide while screens wait to be sent", answered=False)
async def hide_in_the_queue(scene: Scene) -> None:
    """What waited is kept and not answered any more; one innocent message remains."""
    house, sokha = scene.house, scene.sokha
    await house.asks_for_help(sokha)
    await house.together(sokha.says("/start"), sokha.says("help"), sokha.says("hide"))
    assert house.is_innocent(sokha)


@TABLE.row(65, "hide after 49 hours", cases=0)
async def late_hide(scene: Scene) -> None:
    """What Telegram does not delete any more is told at the next entry, with how to clear it by hand."""
    await scene.house.asks_for_help(scene.sokha)
    await scene.house.passes(hours=49)
    await scene.says("hide")
    assert not scene.shows("undeleted")
    await scene.says("/start")
    assert scene.shows("undeleted")


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_no_press_and_no_update_confuses_the_helpline(row: Row[HouseAct], try_out: TryOut) -> None:
    """The row's own promise holds, and what holds after every bad input."""
    await try_out(row)
