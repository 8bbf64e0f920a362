"""The send policy, row by row: what Telegram answers, what is done about it, and with exactly how many calls.

Each row is played against one chat; what others are sent meanwhile goes at once, with a single call.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from bot.sandbox import Fault, Person
from bot.sandbox.calls import Call
from bot.sandbox.refusals import RefusedError, bad, conflict, forbidden, too_many
from tests.whole.house import House

SEND, EDIT, ANSWER = "sendmessage", "editmessagetext", "answercallbackquery"


def calls(house: House, method: str, chat: int | None = None) -> list[Call]:
    """Give the calls of a method, to one chat if it is named."""
    return [one for one in house.box.calls if one.method == method and chat in (None, one.chat_id)]


def shown(person: Person) -> int:
    """Count the messages of the bot that were ever put into a person's chat."""
    return sum(message.from_bot for message in person.chat.messages.values())


async def test_what_telegram_took_is_sent_once_and_blanked(house: House) -> None:
    """200: one call, and the words are gone from the store."""
    sokha = house.person()
    await house.after(sokha.says("/start"))

    assert len(calls(house, SEND, sokha.id)) == 1
    assert await house.count("SELECT count(*) FROM outbox WHERE body IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("fault", "seen"),
    [(Fault.ERROR, 1), (Fault.RESET, 1), (Fault.LOST, 2), (Fault.TRUNCATED, 2)],
    ids=str,
)
async def test_a_call_that_broke_is_made_once_more(fault: Fault, seen: int, house: House) -> None:
    """5xx, a page of HTML, a reset: two calls, one message. Lost or cut answers: two calls, and a repeat is seen."""
    sokha, other = house.person(), house.person("Other")
    house.box.faults.plan(fault, method=SEND, chat=sokha.id)
    await sokha.says("/start")
    await house.after(other.says("/start"))

    assert (len(calls(house, SEND, sokha.id)), shown(sokha)) == (2, seen)
    assert len(calls(house, SEND, other.id)) == 1
    assert house.step(sokha) == house.step(other) == "start.menu"


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.LOST, Fault.TRUNCATED], ids=str)
async def test_an_edit_that_broke_leaves_one_screen(fault: Fault, house: House) -> None:
    """An edit may be repeated freely: "not modified" is as good as done."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    sent = len(calls(house, SEND, sokha.id))
    edits = len(calls(house, EDIT, sokha.id))
    house.box.faults.plan(fault, method=EDIT, chat=sokha.id)
    await house.chooses(sokha, "yes")

    assert (len(calls(house, EDIT, sokha.id)) - edits, len(calls(house, SEND, sokha.id)) - sent) == (2, 0)
    assert house.step(sokha) == "help.keep"


async def test_an_edit_of_what_is_gone_becomes_a_send(house: House) -> None:
    """400 "message to edit not found": one edit, one send."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    sent, edits = len(calls(house, SEND, sokha.id)), len(calls(house, EDIT, sokha.id))
    house.box.faults.plan(Fault.REFUSED, method=EDIT, chat=sokha.id, refusal=bad("message to edit not found"))
    await house.chooses(sokha, "yes")

    assert (len(calls(house, EDIT, sokha.id)) - edits, len(calls(house, SEND, sokha.id)) - sent) == (1, 1)
    assert house.step(sokha) == "help.keep"


async def test_a_429_delays_its_own_chat_only(house: House) -> None:
    """Not before the time Telegram names: one refused call, one that is taken; nobody else waits."""
    sokha, other = house.person(), house.person("Other")
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=sokha.id, refusal=too_many(30))
    await sokha.says("/start")
    await house.after(other.says("/start"), other.says("help"))
    await house.passes(seconds=28)
    assert (len(calls(house, SEND, sokha.id)), len(calls(house, SEND, other.id))) == (1, 2)

    await house.passes(seconds=3)
    assert (len(calls(house, SEND, sokha.id)), house.step(sokha)) == (2, "start.menu")


async def test_429_for_several_chats_in_a_row_lets_everything_wait(house: House) -> None:
    """Then it is the whole bot that is too fast: nothing is tried until the time is over, and then all of it goes."""
    people = [house.person(f"Person {number}") for number in range(5)]
    house.box.faults.switch(too_many=30)
    for person in people[:3]:
        await house.after(person.says("/start"))
    house.box.faults.switch(too_many=None)
    for person in people[3:]:
        await house.after(person.says("/start"))
    assert [len(calls(house, SEND, person.id)) for person in people] == [1, 1, 1, 0, 0]

    await house.passes(seconds=31)
    assert [len(calls(house, SEND, person.id)) for person in people] == [2, 2, 2, 1, 1]
    assert {house.step(person) for person in people} == {"start.menu"}


async def test_who_must_wait_an_hour_is_told_of(house: House) -> None:
    """No wait is longer than an hour, and operators hear of one that long."""
    sokha = house.person()
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=sokha.id, refusal=too_many(86_400))
    await house.after(sokha.says("/start"))
    assert _alarmed(house, "told_to_wait")

    await house.passes(minutes=61)
    assert len(calls(house, SEND, sokha.id)) == 1
    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


def _alarmed(house: House, code: str, *, chat: Callable[[House], Person] | None = None) -> bool:
    messages = house.group.messages() if chat is None else chat(house).messages()
    return any(house.says("alarm", name=code) in message.text for message in messages)


@pytest.mark.parametrize("words", ["bot was blocked by the user", "user is deactivated"])
async def test_who_cannot_be_reached_is_tried_once(words: str, house: House) -> None:
    """403: one call a message; the operators are told on the card, once; others are answered."""
    sokha, other = house.person(), house.person("Other")
    case = await house.in_danger(sokha)
    before = len(calls(house, SEND, sokha.id))
    house.box.faults.forbid(sokha.id, words)
    await house.after(sokha.says("hello"))
    await house.after(other.says("/start"))

    assert len(calls(house, SEND, sokha.id)) - before == 1
    assert house.below(case["number"]).count(_both(house, "delivery_failed", number=case["number"])) == 1
    assert (house.step(other), len(calls(house, SEND, other.id))) == ("start.menu", 1)


def _both(house: House, key: str, **params: str) -> str:
    return " · ".join(house.says(key, language, **params) for language in ("km", "en"))


async def test_who_cannot_be_reached_gets_one_call_for_all_that_waits(house: House) -> None:
    """What is queued behind the refused message is given up with it."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    before = len(calls(house, SEND, sokha.id))
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=sokha.id, refusal=too_many(2))
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=sokha.id, times=9, refusal=forbidden("user is deactivated"))
    for words in ("hello", "hello?", "is anybody there?"):
        await sokha.says(words)
        await house.until(lambda: _decided(house))
    await house.settled()

    assert len(calls(house, SEND, sokha.id)) - before == 2
    assert await house.count("SELECT count(*) FROM outbox WHERE state = 'undeliverable'") == 3


async def _decided(house: House) -> bool:
    return house.box.pending == 0 and not await house.store.inbox.waiting()


async def test_who_unblocks_is_answered_again(house: House) -> None:
    """Blocking and coming back costs no place and no case."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    sokha.blocks()
    await house.settled()
    sokha.unblocks()
    await house.after(sokha.says("I am here"))

    assert house.step(sokha) == "contact.contact"
    assert (await house.cases())[0]["number"] == case["number"]


@pytest.mark.parametrize(
    "refusal",
    [forbidden("bot was kicked from the supergroup chat"), bad("chat not found"), bad("not enough rights to send")],
    ids=lambda refusal: str(refusal.description),
)
async def test_a_card_the_group_cannot_get_goes_to_each_operator(refusal: RefusedError, house: House) -> None:
    """Privately and at once, with buttons that work; once, though the group is tried each minute; others go on."""
    other = house.person("Other")
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=house.group.id, times=4, refusal=refusal)
    case = await house.in_danger(house.person())
    await house.after(other.says("/start"))
    for _ in range(3):
        await house.passes(minutes=1)

    for operator in (house.dara, house.bopha):
        assert [case["number"] in card.text for card in house.cards(operator.chat)] == [True]
        assert _alarmed(house, "group_unreachable", chat=lambda house: house.bopha)
    await house.after(house.dara.presses(0, message=house.cards(house.dara.chat)[0]))
    assert [row["state"] for row in await house.cases()] == ["taken"]
    assert house.step(other) == "start.menu"

    await house.passes(minutes=5)
    assert len(house.cards()) == 1


async def test_a_card_telegram_will_not_have_is_told_and_shown_privately(house: House) -> None:
    """400 for our own message is our fault: one call, an alarm, and no case without a card somewhere."""
    plan = house.box.faults.plan
    plan(Fault.REFUSED, method=SEND, chat=house.group.id, refusal=bad("can't parse reply keyboard markup JSON object"))
    case = await house.in_danger(house.person())

    assert house.cards() == []
    assert [case["number"] in card.text for card in house.cards(house.dara.chat)] == [True]
    assert _alarmed(house, "refused")


async def test_a_screen_telegram_will_not_have_is_told_of(house: House) -> None:
    """It is tried once; the next act is answered."""
    sokha = house.person()
    house.box.faults.plan(Fault.REFUSED, method=SEND, chat=sokha.id, refusal=bad("message text is empty"))
    await house.after(sokha.says("/start"))
    assert (len(calls(house, SEND, sokha.id)), _alarmed(house, "refused")) == (1, True)

    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


async def test_a_revoked_token_stops_all_sending_and_keeps_the_queue(house: House) -> None:
    """401: one call a minute over all chats, none given up; with a token that is valid everything goes, once."""
    people = [house.person(f"Person {number}") for number in range(4)]
    house.box.faults.plan(Fault.REFUSED, method=SEND, times=1, refusal=RefusedError(401, "Unauthorized"))
    for person in people:
        await house.after(person.says("/start"))
    assert len(calls(house, SEND)) == 1
    assert await house.count("SELECT count(*) FROM outbox WHERE state = 'ready'") >= 4

    await house.passes(seconds=61)
    assert {house.step(person) for person in people} == {"start.menu"}
    assert [shown(person) for person in people] == [1] * 4
    assert _alarmed(house, "token_revoked")


async def test_a_second_poller_is_told_of_within_a_minute(house: House) -> None:
    """409: an alarm in the group, pauses that grow, and nothing that came meanwhile is lost."""
    sokha = house.person()
    house.box.faults.plan(Fault.REFUSED, method="getupdates", times=2, refusal=conflict("terminated by other"))
    house.box.world.updates.end_poll()
    await sokha.says("/start")
    await house.until(partial(_polls_again, house))
    await house.settled()

    assert _alarmed(house, "second_poller")
    assert house.step(sokha) == "start.menu"


async def _polls_again(house: House) -> bool:
    """Let a second pass at each look, until both conflicts and the poll after them were there."""
    house.clock.put_forward(timedelta(seconds=1))
    return sum(one.code == 409 for one in house.box.calls) == 2 and house.box.pending == 0


async def test_a_press_too_old_to_answer_is_let_be(house: House) -> None:
    """One call to answer it, no second; the screen goes on."""
    sokha = house.person()
    await house.asks_for_help(sokha)
    house.box.calls.clear()
    refusal = bad("query is too old and response timeout expired or query ID is invalid")
    house.box.faults.plan(Fault.REFUSED, method=ANSWER, refusal=refusal)
    await house.chooses(sokha, "yes")

    assert (len(calls(house, ANSWER)), house.step(sokha)) == (1, "help.keep")
