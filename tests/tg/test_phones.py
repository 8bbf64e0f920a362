"""What people do on a phone, through the whole of it: sandbox, HTTP, polling, translation."""

from bot.core.events import Blocked, Gestured, Located, Pressed, Said, Sent, Shared, Started, Unblocked
from bot.core.render import Button, Message
from bot.sandbox import Person, Sandbox
from bot.service.messaging import GroupMoved, GroupPressed, GroupWrote, Incoming, Joined, PersonCame
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.translate import translate
from tests.tg.conftest import Hands


async def seen(api: Api, clock: Hands) -> list[Incoming]:
    """Fetch what waits and translate it."""
    updates = await api.call("getUpdates", {"timeout": 0})
    assert isinstance(updates, list)
    return [translate(update, clock.now()) for update in updates]


async def test_a_person_is_understood(
    api: Api, messenger: TelegramMessenger, box: Sandbox, sokha: Person, clock: Hands
) -> None:
    """Every way of saying something arrives as what it was, in order, from the one chat."""
    await messenger.send(sokha.id, Message(text="x", rows=((Button(text="a", data="1:s.m:0"),),)))
    await sokha.says("/start operator")
    words = await sokha.says("ជំរាបសួរ")
    await sokha.presses("a")
    await sokha.sends_voice(b"x")
    await sokha.sends_photo(b"\xff\xd8", caption="x", album="a1")
    await sokha.sends_document("a.pdf", "application/pdf", b"x")
    live = await sokha.sends_location(13.7, 100.5, live=600)
    await sokha.moves(live, 13.8, 100.5)
    await sokha.sends_contact("+85512345678")
    await sokha.sends_contact("012", of=box.add_person("Srey"))
    await sokha.sends({"sticker": {"file_id": "x", "emoji": "x"}})
    await sokha.edits(words, "better")
    sokha.blocks()
    sokha.unblocks()

    came = [one for one in await seen(api, clock) if isinstance(one, PersonCame)]
    expected = [Started, Said, Pressed, Sent, Sent, Sent, Located, Located, Shared, Shared, Gestured, Said]
    assert [type(one.event) for one in came] == [*expected, Blocked, Unblocked]
    assert {(one.chat, one.person) for one in came} == {(sokha.id, sokha.id)}
    events = [one.event for one in came]
    assert events[0] == Started(payload="operator") and events[11] == Said(text="better", edited=True)
    assert [event.live for event in events[6:8] if isinstance(event, Located)] == [False, True]
    assert [event.own for event in events[8:10] if isinstance(event, Shared)] == [True, False]


async def test_operators_are_understood(api: Api, messenger: TelegramMessenger, box: Sandbox, clock: Hands) -> None:
    """A press on a card, an answer to it, and the group's own changes."""
    dara = box.add_person("Dara")
    group = box.add_group("Operators", [dara], kind="group")
    card = await messenger.send(group.id, Message(text="card", rows=((Button(text="take", data="c:t0k:t"),),)))
    shown = group.messages()[-1]
    old = group.id
    await dara.presses("take", message=shown)
    await dara.says("we come", chat=group, reply_to=shown)
    group.migrates(by=dara)
    group.sets_bot("kicked", by=dara)

    found = await seen(api, clock)
    pressed, wrote = found[:2]
    assert isinstance(pressed, GroupPressed) and (pressed.data, pressed.message) == ("c:t0k:t", card)
    assert isinstance(wrote, GroupWrote) and (wrote.text, wrote.replied_to, wrote.person) == ("we come", card, dara.id)
    assert {(one.chat, one.to) for one in found if isinstance(one, GroupMoved)} == {(old, group.id)}
    assert [(one.chat, one.present) for one in found if isinstance(one, Joined)][-1] == (group.id, False)
