"""The operators' group: who is in it, what the bot may do there, and what becomes of it."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox import Group, Person, Sandbox
from bot.sandbox.refusals import NotPossibleError

TAKE = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take:1")]])


@pytest.fixture
def dara(box: Sandbox) -> Person:
    return box.add_person("Dara", role="operator")


@pytest.fixture
def group(box: Sandbox, dara: Person) -> Group:
    return box.add_group("Operators", [dara])


async def test_members_answer_a_card_and_press_its_buttons(bot: Bot, group: Group, dara: Person) -> None:
    """The bot hears both, and who it was."""
    await bot.send_message(group.id, "P1", reply_markup=TAKE)
    card = dara.screen(group)
    await dara.presses("Take", chat=group)
    await dara.says("I come", chat=group, reply_to=card)

    press, answer = await bot.get_updates()

    assert press.callback_query and press.callback_query.from_user.id == dara.id
    assert answer.message and answer.message.reply_to_message and answer.message.chat.id == group.id


async def test_the_bot_may_delete_an_operators_words(bot: Bot, group: Group, dara: Person) -> None:
    """With the right to, as an administrator."""
    said = await dara.says("I come", chat=group)

    await bot.delete_message(group.id, said.id)

    assert group.messages() == []


@pytest.mark.parametrize(("standing", "may_delete"), [("member", True), ("administrator", False)])
async def test_without_the_right_it_may_delete_only_its_own(
    bot: Bot, group: Group, dara: Person, standing: str, may_delete: bool
) -> None:
    """A demoted bot can still tidy up after itself."""
    said = await dara.says("I come", chat=group)
    sent = await bot.send_message(group.id, "P1")
    group.sets_bot("administrator" if standing == "administrator" else "member", by=dara, may_delete=may_delete)

    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, said.id)

    assert await bot.delete_message(group.id, sent.message_id)


async def test_an_ordinary_member_hears_only_what_is_meant_for_it(bot: Bot, group: Group, dara: Person) -> None:
    """Privacy mode: commands and answers to the bot, not the talk of the others."""
    await bot.send_message(group.id, "P1")
    group.sets_bot("member", by=dara)
    await dara.says("between us", chat=group)
    await dara.says("/help", chat=group)
    await dara.says("to you", chat=group, reply_to=dara.screen(group))

    heard = [update.message.text for update in await bot.get_updates() if update.message]

    assert heard == ["/help", "to you"]


async def test_an_administrator_is_told_who_comes_and_goes(bot: Bot, box: Sandbox, group: Group, dara: Person) -> None:
    """If it asked for that by name; an ordinary member is not told."""
    vanna = box.add_person("Vanna")
    await bot.get_updates(allowed_updates=["chat_member"])
    group.joins(vanna)
    group.loses(vanna, by=dara)
    group.sets_bot("member", by=dara)
    group.joins(vanna)

    told = [update.chat_member for update in await bot.get_updates(allowed_updates=["chat_member"])]

    assert [(one.from_user.id, one.new_chat_member.status) for one in told if one] == [
        (vanna.id, "member"),
        (dara.id, "kicked"),
    ]


async def test_a_kicked_bot_is_told_and_forbidden(bot: Bot, group: Group, dara: Person) -> None:
    """my_chat_member first, then 403 on everything, and silence."""
    group.sets_bot("kicked", by=dara)
    await dara.says("gone", chat=group)

    told = await bot.get_updates()

    assert [update.my_chat_member.new_chat_member.status for update in told if update.my_chat_member] == ["kicked"]
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "P1")
    assert len(told) == 1


async def test_the_bot_can_leave(bot: Bot, group: Group) -> None:
    """After that it is not a member."""
    await bot.leave_chat(group.id)

    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group.id, "P1")


async def test_a_migrated_group_names_its_new_id(bot: Bot, box: Sandbox, dara: Person) -> None:
    """Service messages tell it, and so does every send to the old id."""
    group = box.add_group("Operators", [dara], kind="group")
    old = group.id
    group.migrates(by=dara)

    left, came = [update.message for update in await bot.get_updates()]

    assert left and came and (left.migrate_to_chat_id, came.migrate_from_chat_id) == (group.id, old)
    with pytest.raises(ChatMigrated) as migrated:
        await bot.send_message(old, "P1")
    assert migrated.value.new_chat_id == group.id
    assert (await bot.send_message(group.id, "P1")).chat.id == group.id


async def test_administrators_can_be_listed(bot: Bot, box: Sandbox, dara: Person) -> None:
    """With the rights the library expects to find."""
    group = box.add_group("Operators", {dara: "creator"})

    found = {member.user.id: member.status for member in await bot.get_chat_administrators(group.id)}

    assert found == {bot.id: "administrator", dara.id: "creator"}
    assert (await bot.get_chat(group.id)).title == "Operators"
    assert await bot.get_chat_member_count(group.id) == 2


async def test_who_is_not_in_a_group_cannot_write_there(bot: Bot, box: Sandbox, group: Group) -> None:
    """Nor press its buttons."""
    await bot.send_message(group.id, "P1", reply_markup=TAKE)
    stranger = box.add_person("Mary")

    with pytest.raises(NotPossibleError, match="is not in chat"):
        await stranger.says("hello", chat=group)
    with pytest.raises(NotPossibleError, match="is not in chat"):
        await stranger.presses("Take", chat=group)
    assert (await bot.get_chat_member(group.id, stranger.id)).status == "left"


async def test_a_protected_message_cannot_be_forwarded(bot: Bot, group: Group, sokha: Person) -> None:
    """protect_content holds; others go with their sender's name."""
    card = await bot.send_message(group.id, "P1", protect_content=True)
    said = await sokha.says("hello")

    with pytest.raises(BadRequest, match="protected content"):
        await bot.forward_message(sokha.id, group.id, card.message_id)
    sent = await bot.forward_message(group.id, sokha.id, said.id)

    assert sent.forward_origin and sent.forward_origin.type == "user"
