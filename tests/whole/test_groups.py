"""The operators' group itself: moved, out of reach, without rights; and groups that are not ours."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.core.content import Content
from tests.whole.house import House, Keys, alarmed, ending


async def test_the_bot_leaves_a_group_that_is_not_ours(house: House) -> None:
    """Whoever adds the bot to another group sees it go at once, without a word; the operators hear of it."""
    stranger = house.person("Stranger")
    group = house.box.add_group("Friends", [stranger], bot="left")
    group.sets_bot("member", by=stranger)
    await house.settled()

    assert group.chat.bot == "left"
    assert not any(message.from_bot for message in group.messages())
    assert not any(message.from_bot for message in stranger.messages())
    await house.eventually(partial(alarmed, house, "foreign_group"))


async def test_a_group_that_is_not_ours_is_left_though_nobody_told_of_it(house: House) -> None:
    """Whatever somebody says to the bot there is enough; a forged button does nothing."""
    stranger = house.person("Stranger")
    group = house.box.add_group("Friends", [stranger])
    await house.after(stranger.says("/start", chat=group))

    await house.eventually(partial(alarmed, house, "foreign_group"))
    assert [call.method for call in house.box.calls if call.chat_id == group.id] == ["leavechat"]


@pytest.fixture
async def old_group(tmp_path: Path, content: Content, keys: Keys) -> AsyncIterator[House]:
    """Give a helpline whose operators sit in a basic group, which can become a supergroup."""
    house = House(tmp_path, content, keys)
    try:
        await house.start(kind="group")
        yield house
    finally:
        await house.close()


async def test_what_may_be_one_of_ours_that_moved_is_left_later(old_group: House) -> None:
    """A basic group becomes a supergroup, which is told in another message: for a minute the bot waits for that."""
    house = old_group
    stranger = house.person("Stranger")
    group = house.box.add_group("Friends", [stranger], bot="left")
    group.sets_bot("member", by=stranger)
    await house.settled()
    assert "leavechat" not in [call.method for call in house.box.calls]
    await house.passes(minutes=1)

    await house.eventually(partial(alarmed, house, "foreign_group"))
    assert group.chat.bot == "left"


async def test_a_group_that_moved_is_followed(old_group: House) -> None:
    """Cards go to the new group, its operators act there, and the bot does not leave its own new group."""
    house = old_group
    before = await house.in_danger(house.person("Before"))
    house.group.migrates(by=house.dara)
    house.group.sets_bot("administrator", by=house.dara)
    await house.settled()
    after = await house.in_danger(house.person("After"))
    await house.after(house.desk(house.dara, "t", after["number"]))

    await house.passes(minutes=2)
    assert house.group.chat.bot == "administrator"
    assert alarmed(house, "group_moved") and not house.helpline.alarm.raised["foreign_group"]
    assert {case["number"]: case["state"] for case in await house.cases()} == {
        before["number"]: "new",
        after["number"]: "taken",
    }


async def test_a_move_learnt_from_a_refusal_is_followed_too(old_group: House) -> None:
    """If the message about the move never comes, the first send that is refused tells it; a restart remembers."""
    house = old_group
    house.group.migrates(by=house.dara)
    house.box.world.updates.clear()
    first = await house.in_danger(house.person("First"))
    await house.restart()
    await house.settled()
    second = await house.in_danger(house.person("Second"))

    assert house.card(first["number"]).chat is house.card(second["number"]).chat is house.group.chat
    await house.eventually(partial(alarmed, house, "group_moved"))


async def test_what_is_pressed_in_the_group_that_was_left_behind_does_nothing(old_group: House) -> None:
    """The old id is not trusted any more, whoever can still press there."""
    house = old_group
    case = await house.in_danger(house.person())
    card, old = house.card(case["number"]), house.group.chat
    house.group.migrates(by=house.dara)
    await house.settled()
    await house.after(house.dara.presses(ending(card, "t"), message=card, chat=old))

    assert [row["state"] for row in await house.cases()] == ["new"]


async def test_buttons_left_in_the_old_group_stop_nothing(old_group: House) -> None:
    """A case whose card stayed behind is taken by its private card; its old card is no failure."""
    house = old_group
    case = await house.in_danger(house.person())
    house.group.migrates(by=house.dara)
    (private,) = house.cards(house.dara.chat)
    await house.after(house.dara.presses(0, message=private))

    assert [row["state"] for row in await house.cases()] == ["taken"]
    assert case["number"] in private.text


async def test_a_group_out_of_reach_is_told_by_another_way_and_gets_its_cards_later(house: House) -> None:
    """A kicked bot alarms the escalation chat and the operators; the card waits until the group is there again."""
    house.group.sets_bot("kicked", by=house.dara)
    await house.settled()
    case = await house.in_danger(house.person())
    alarm = house.says("alarm", name="group_unreachable")
    assert any(alarm in message.text for message in house.escalation.messages())
    assert any(alarm in message.text for message in house.dara.messages())

    house.group.sets_bot("administrator", by=house.dara)
    await house.passes(minutes=2)
    assert house.card(case["number"]).rows


async def test_a_group_where_nothing_can_be_deleted_alarms(house: House) -> None:
    """An operator's words that cannot be taken out of the group are somebody's business."""
    house.group.sets_bot("administrator", by=house.dara, may_delete=False)
    case = await house.in_danger(house.person())
    await house.after(house.dara.says("Where are you?", chat=house.group, reply_to=house.card(case["number"])))

    assert any(house.says("alarm", name="cannot_delete") in message.text for message in house.group.messages())


async def test_what_operators_say_to_each_other_is_not_ours(house: House) -> None:
    """Only an answer to a card is taken; other words stay where they are."""
    case = await house.in_danger(house.person())
    await house.after(house.dara.says("who is on duty?", chat=house.group))

    assert house.group.messages()[-1].text == "who is on duty?"
    assert house.questions() == []
    assert "reply" not in (await house.opened(case["number"])).kinds()


async def test_a_flood_of_cards_leaves_room_for_acting_on_them(limited: House) -> None:
    """Of twenty cards at once five are sent and the rest is one list; a danger still gets through at once."""
    house = limited
    house.paced()
    people = [house.person(f"Person {number}") for number in range(20)]
    await house.together(*(person.sends_voice(b"a voice") for person in people))
    await house.in_danger(house.person("Urgent"))

    assert len(house.cards()) == 6
    assert house.cards()[-1].text.startswith("🔴 P1")
    listed = house.says("cards_list").partition("}")[2]
    assert sum(listed in message.text for message in house.group.messages()) == 1
