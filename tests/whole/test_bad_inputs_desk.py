"""Bad inputs 66 to 77: what operators, and those who would be operators, do wrong in Telegram."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.sandbox.chats import Message
from bot.tg.translate import ANONYMOUS
from tests.whole.bad_inputs import CANARY, HouseAct, Row, Rows, Scene, TryOut, name_of

TABLE: Rows[HouseAct] = Rows()


async def _case(scene: Scene) -> Mapping[str, Any]:
    """Let Sokha be in danger and say where; gives the case."""
    case = await scene.house.in_danger(scene.sokha)
    await scene.says(f"{CANARY} behind the market")
    return case


async def _state(scene: Scene) -> tuple[str, str | None]:
    (case,) = await scene.house.cases()
    return case["state"], case["assignee"]


def _received(scene: Scene, words: str) -> int:
    return [message.text for message in scene.sokha.messages()].count(words)


@TABLE.row(66, "a member who is not listed presses", differs="not in the record: anybody could fill it")
async def not_listed(scene: Scene) -> None:
    """A toast says so, and nothing changes; an answer to the card is not taken over either."""
    house, case = scene.house, await _case(scene)
    vanna = house.person("Vanna")
    house.group.joins(vanna)
    await house.after(house.desk(vanna, "t", case["number"]))
    await house.after(vanna.says("hello", chat=house.group, reply_to=house.card(case["number"])))
    assert house.says("not_listed") in vanna.toasts[-1].text
    assert (await _state(scene), house.questions()) == (("new", None), [])


@TABLE.row(67, "old buttons of an operator who was removed")
async def removed(scene: Scene) -> None:
    """They are refused from that moment on, and what the operator had taken is there for others."""
    house, case = scene.house, await _case(scene)
    await house.after(house.desk(house.dara, "t", case["number"]))
    await house.after(house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id}))
    await house.after(house.desk(house.bopha, "t", case["number"]))
    await house.after(house.desk(house.dara, "b", case["number"]))
    assert house.says("not_listed") in house.dara.toasts[-1].text
    assert await _state(scene) == ("taken", "Bopha")


@TABLE.row(68, "an anonymous administrator")
async def anonymous(scene: Scene) -> None:
    """Who cannot be known is asked to act under their own name."""
    house, case = scene.house, await _case(scene)
    nobody = house.person("Group", id=ANONYMOUS)
    house.group.joins(nobody, "administrator")
    await house.after(house.desk(nobody, "t", case["number"]))
    assert house.says("anonymous_refused") in nobody.toasts[-1].text
    assert await _state(scene) == ("new", None)


@TABLE.row(69, "two operators take at once")
async def two_takes(scene: Scene) -> None:
    """One wins, and both are told."""
    house, case = scene.house, await _case(scene)
    await house.desk(house.dara, "t", case["number"])
    await house.desk(house.bopha, "t", case["number"])
    await house.settled()
    assert await _state(scene) == ("taken", "Dara")
    assert house.says("taken_by", name="Dara") in house.dara.toasts[-1].text
    assert house.says("already_taken", name="Dara") in house.bopha.toasts[-1].text


@TABLE.row(70, "an answer to something else than the card", cases=2)
async def wrong_card(scene: Scene) -> None:
    """A reply belongs to the card it answers, whatever is quoted in it; answers to anything else go nowhere."""
    house, case = scene.house, await _case(scene)
    chan = house.person("Chan")
    other = await house.in_danger(chan)
    quoted = await house.bopha.says(house.card(case["number"]).text, chat=house.group)
    await house.after(house.dara.says("to nobody", chat=house.group, reply_to=quoted))
    await house.after(house.dara.says(f"{case['number']} to nobody", chat=house.group))
    assert house.questions() == []
    await house.replies(house.dara, other["number"], f"about {case['number']}")
    assert chan.messages()[-1].text == f"about {case['number']}"
    assert _received(scene, f"about {case['number']}") == 0


@TABLE.row(71, "a reply edited after it was sent", differs="it is out of the group by then, and is not corrected")
async def edited_reply(scene: Scene) -> None:
    """It is not sent again."""
    house, case = scene.house, await _case(scene)
    reply = await house.dara.says("first words", chat=house.group, reply_to=house.card(case["number"]))
    raw = reply.wire() | {"text": "second words", "edit_date": house.box.world.now}
    await house.settled()
    await scene.injects({"edited_message": raw})
    await house.after(house.dara.presses(0, message=house.questions()[-1], chat=house.group))
    await scene.injects({"edited_message": raw})
    assert (_received(scene, "first words"), _received(scene, "second words")) == (1, 0)
    assert house.questions() == []


@TABLE.row(72, "a reply of another kind")
async def other_kinds(scene: Scene) -> None:
    """A photo is asked about and passed on; a sticker, a poll and a place are refused."""
    house, case = scene.house, await _case(scene)
    card: Message = house.card(case["number"])
    sticker = {"sticker": {"file_id": "S", "file_unique_id": "S", "type": "regular", "width": 1, "height": 1}}
    for content in (sticker, {"poll": {"id": "1"}}, {"location": {"latitude": 1.0, "longitude": 1.0}}):
        await house.after(house.dara.sends(content, chat=house.group, reply_to=card))
        assert house.says("reply_refused") in house.group.messages()[-1].text
    await house.after(house.dara.sends_file("photo", b"a map", chat=house.group, reply_to=card))
    assert len(house.questions()) == 1
    await house.after(house.dara.presses(0, message=house.questions()[0], chat=house.group))
    assert "photo" in scene.sokha.messages()[-1].content


@TABLE.row(
    73,
    "a reply that is too long",
    waits="links and names of organisations in neutral replies: not built",
    tested=("console/test_cases.py::test_a_reply_that_cannot_be_sent_is_said_so_and_not_lost",),
)
async def too_long(scene: Scene) -> None:
    """It is refused with the reason, and nothing of it is sent."""
    house, case = scene.house, await _case(scene)
    words = "a" * 4000
    await house.after(house.dara.says(words, chat=house.group, reply_to=house.card(case["number"])))
    assert house.says("reply_refused") in house.group.messages()[-1].text
    assert (house.questions(), _received(scene, words)) == ([], 0)


@TABLE.row(74, "a reply outside the safe hours")
async def outside_hours(scene: Scene) -> None:
    """It waits for the hours, or for the person."""
    house, case = scene.house, await _case(scene)
    await house.chooses(scene.sokha, "never")
    await house.passes(minutes=11)
    await house.replies(house.dara, case["number"], "We are here")
    assert house.says("reply_held", number=case["number"]) in house.dara.toasts[-1].text
    await house.passes(hours=30)
    assert _received(scene, "We are here") == 0
    await scene.says(f"{CANARY} anybody?")
    assert _received(scene, "We are here") == 1


@TABLE.row(75, "a card that is to be forwarded")
async def forwarded_card(scene: Scene) -> None:
    """It is protected, and holds nothing of the person."""
    house, case = scene.house, await _case(scene)
    card = house.card(case["number"])
    assert card.protected
    assert scene.sokha.name not in card.text
    assert str(scene.sokha.id) not in f"{card.text}{list(card.buttons())}"


@TABLE.row(76, "the bot is thrown out of the operators' group")
async def thrown_out(scene: Scene) -> None:
    """Operators hear of it another way, and the card comes once the bot is back."""
    house = scene.house
    house.group.sets_bot("kicked", by=house.dara)
    await house.settled()
    await house.after(scene.sokha.says("/start"))
    await house.presses(scene.sokha, "danger")
    alarm = house.says("alarm", name="group_unreachable")
    await house.eventually(lambda: any(alarm in message.text for message in house.dara.messages()))
    assert any(alarm in message.text for message in house.escalation.messages())
    house.group.sets_bot("administrator", by=house.dara)
    await house.passes(minutes=11)
    assert len(house.cards()) >= 1


@TABLE.row(
    77,
    "an operator's account in foreign hands",
    tested=(
        "console/test_entering.py::test_an_invite_makes_a_key_and_logs_in",
        "console/test_entering.py::test_who_is_removed_is_out_at_once",
    ),
)
async def hijacked(scene: Scene) -> None:
    """Removing the operator stops everything it could do at once, private cards too."""
    house, case = scene.house, await _case(scene)
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await house.after(house.desk(house.dara, "t", case["number"]))
    await house.after(house.dara.says("come out", chat=house.group, reply_to=house.card(case["number"])))
    await house.passes(minutes=6)
    assert (await _state(scene), house.questions()) == (("new", None), [])
    assert (len(house.cards(house.dara.chat)), len(house.cards(house.bopha.chat))) == (1, 2)


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_what_goes_wrong_at_the_desk_harms_nobody(row: Row[HouseAct], try_out: TryOut) -> None:
    """The row's own promise holds, and what holds after every bad input."""
    await try_out(row)
