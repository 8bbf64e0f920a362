"""Wrong people in the room: who is in the operators' group and who is not, and what the bot may do there."""

from functools import partial

from bot.sandbox import Fault, Person
from bot.sandbox.chats import Message
from bot.sandbox.refusals import too_many
from bot.service.rows import Operator
from tests.whole.house import House, alarmed


def private(house: House, operator: Person) -> list[Message]:
    """Give the cards that lie in an operator's private chat."""
    return house.cards(operator.chat)


async def test_a_lost_right_to_delete_is_known_within_a_minute(house: House) -> None:
    """Nobody has to answer a card first, whose words would then stay in the group."""
    house.group.sets_bot("member", by=house.dara)
    await house.passes(minutes=1)

    await house.eventually(partial(alarmed, house, "cannot_delete"))


async def test_a_right_that_was_never_given_is_known_from_the_start(house: House) -> None:
    """Telegram tells of changes only; what was so before is asked for."""
    await house.stop()
    house.group.chat.bot_may_delete = False
    await house.open()

    await house.eventually(partial(alarmed, house, "cannot_delete"))


async def test_a_group_without_the_bot_is_known_before_there_is_a_card(house: House) -> None:
    """Within a minute, by the ways that are left."""
    house.group.sets_bot("kicked", by=house.dara)
    await house.passes(minutes=1)

    told = house.says("alarm", name="group_unreachable")
    await house.eventually(lambda: any(told in message.text for message in house.dara.messages()))


async def test_an_escalation_chat_without_the_bot_is_known(house: House) -> None:
    """Else it would be noticed an hour after the first danger that nobody took."""
    house.escalation.sets_bot("left", by=house.bopha)
    await house.passes(minutes=1)

    await house.eventually(partial(alarmed, house, "escalation_unreachable"))


async def test_while_all_is_as_it_should_be_nobody_is_alarmed(house: House) -> None:
    """Two questions a minute, and no message."""
    house.box.calls.clear()
    await house.passes(minutes=1)
    await house.eventually(lambda: sum(call.method == "getchatmember" for call in house.box.calls) >= 2)

    assert not house.helpline.alarm.raised
    assert sum(call.method == "getchatmember" for call in house.box.calls) == 2


async def test_who_leaves_the_group_is_written_to_privately_no_more(house: House) -> None:
    """The group is told who; cards go to the others, and pressing start again brings them back if they stay."""
    house.group.loses(house.dara, by=house.bopha)
    await house.settled()
    await house.in_danger(house.person())
    told = house.says("operator_left", name="Dara")

    assert any(told in message.text for message in house.group.messages())
    await house.eventually(partial(alarmed, house, "operator_left"))
    assert (len(private(house, house.dara)), len(private(house, house.bopha))) == (0, 1)
    house.group.joins(house.dara)
    await house.after(house.dara.says("/start operator"))
    await house.in_danger(house.person())
    assert (len(private(house, house.dara)), len(private(house, house.bopha))) == (1, 2)


async def test_supervisors_are_told_privately_who_left(house: House) -> None:
    """Perhaps whoever left was the one who reads the group."""
    await house.store.desk.put_operator(Operator(house.bopha.id, "Bopha", "supervisor", started=True))
    house.helpline.household.forget()
    house.group.loses(house.dara)
    await house.settled()

    told = house.says("operator_left", "km", name="Dara")
    assert any(told in message.text for message in house.bopha.messages())
    assert not any(told in message.text for message in house.dara.messages())


async def test_a_stranger_who_joins_is_told_of_and_can_do_nothing(house: House) -> None:
    """Before they do anything at all; who is listed may come without a word."""
    vanna = house.person("Vanna")
    house.group.joins(house.dara)
    await house.settled()
    assert not house.helpline.alarm.raised
    house.group.joins(vanna)
    await house.eventually(partial(alarmed, house, "stranger_in_group"))

    (said,) = [message for message in house.group.messages() if message.from_bot]
    assert "Vanna" not in said.text


async def test_a_stranger_who_writes_or_presses_is_refused_and_told_of(house: House) -> None:
    """Also one who was there before the bot could be told of it; nothing of what they write reaches anybody."""
    vanna = house.person("Vanna")
    house.group.chat.members[vanna.id] = "member"
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.after(vanna.says("Come out", chat=house.group, reply_to=house.card(case["number"])))
    await house.after(house.desk(vanna, "t", case["number"]))

    assert house.questions() == [] and (await house.cases())[0]["state"] == "new"
    assert house.says("not_listed") in vanna.toasts[-1].text
    await house.eventually(partial(alarmed, house, "stranger_in_group"))


async def test_the_escalation_chat_may_have_others_in_it(house: House) -> None:
    """Whoever is called last need not be an operator; what they say to each other is theirs."""
    vanna = house.person("Vanna")
    house.escalation.joins(vanna)
    await house.after(vanna.says("I look after it", chat=house.escalation))

    assert not house.helpline.alarm.raised


async def test_a_card_on_its_way_does_not_reach_who_was_removed(house: House) -> None:
    """It is looked at the list when it is sent, not only when it is written."""
    house.box.faults.plan(Fault.REFUSED, method="sendmessage", chat=house.dara.id, refusal=too_many(30))
    await house.in_danger(house.person())
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await house.passes(seconds=31)

    assert (len(private(house, house.dara)), len(private(house, house.bopha))) == (0, 1)


async def test_what_only_somebody_removed_had_seen_wakes_the_others(house: House) -> None:
    """Their mark goes with them: the others are called again at once, and once more in five minutes."""
    case = await house.in_danger(house.person())
    await house.after(house.desk(house.dara, "s", case["number"]))
    await house.passes(minutes=6)
    assert len(private(house, house.bopha)) == 1
    await house.after(house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id}))
    assert len(private(house, house.bopha)) == 2
    await house.passes(minutes=5)

    assert len(private(house, house.bopha)) == 3
