"""Telegram misbehaving: what the caller sees, and whether it happened all the same."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from telegram import Bot
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.sandbox import Fault, Person, Sandbox
from bot.sandbox.refusals import NotPossibleError, too_many


def texts(person: Person) -> list[str]:
    return [message.text for message in person.messages()]


@pytest.mark.parametrize(
    ("fault", "error", "happens"),
    [
        (Fault.ERROR, NetworkError, False),
        (Fault.RESET, NetworkError, False),
        (Fault.LOST, NetworkError, True),
        (Fault.TRUNCATED, TelegramError, True),
    ],
)
async def test_a_planned_fault_meets_one_call(
    bot: Bot, box: Sandbox, sokha: Person, *, fault: Fault, error: type[TelegramError], happens: bool
) -> None:
    """The caller gets an error; the log knows whether the person got the message."""
    box.faults.plan(fault, method="sendMessage", chat=sokha.id)

    with pytest.raises(error):
        await bot.send_message(sokha.id, "a")
    await bot.send_message(sokha.id, "b")

    assert ("a" in texts(sokha)) is happens and "b" in texts(sokha)
    spoiled, fine = [call for call in box.calls if call.method == "sendmessage"]
    assert (spoiled.outcome, spoiled.done, fine.outcome) == (str(fault), happens, "ok")


async def test_a_planned_fault_waits_for_the_call_it_fits(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Other methods and chats pass."""
    box.faults.plan(Fault.REFUSED, method="editMessageText", times=2, refusal=too_many(7))
    sent = await bot.send_message(sokha.id, "a")

    for _ in range(2):
        with pytest.raises(RetryAfter) as refused:
            await bot.edit_message_text("b", sokha.id, sent.message_id)
        assert refused.value.retry_after == timedelta(seconds=7)
    await bot.edit_message_text("b", sokha.id, sent.message_id)

    assert texts(sokha)[-1] == "b"


async def test_while_down_nothing_is_answered_and_people_go_on_writing(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """Telegram keeps what they write until the bot gets through again."""
    box.faults.switch(down=True)
    await sokha.says("are you there")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    box.faults.switch(down=False)

    assert len(await bot.get_updates()) == 1


@pytest.mark.parametrize(("fault", "happens"), [(Fault.SILENCE, False), (Fault.MUTE, True)])
async def test_a_silent_call_ends_when_the_caller_gives_up(
    bot: Bot, box: Sandbox, sokha: Person, *, fault: Fault, happens: bool
) -> None:
    """The library says TimedOut, and it may have happened or not."""
    box.faults.plan(fault, method="sendMessage")

    with pytest.raises(TimedOut):
        await bot.send_message(sokha.id, "a", read_timeout=0.5)

    assert ("a" in texts(sokha)) is happens


async def test_going_down_cuts_off_a_waiting_poll(bot: Bot, box: Sandbox) -> None:
    """An outage ends what is under way."""
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await box.until(lambda: box.polled)
    box.faults.switch(down=True)

    with pytest.raises(NetworkError):
        await asyncio.wait_for(poll, 2)


async def test_every_send_is_throttled_by_one_switch(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """429 with its waiting time for sends and edits; deletions and polls pass."""
    box.faults.switch(too_many=30)

    with pytest.raises(RetryAfter):
        await bot.send_message(sokha.id, "a")

    assert await bot.delete_message(sokha.id, sokha.messages()[0].id)
    assert await bot.get_updates() == ()


async def test_one_chat_can_be_throttled_or_forbidden(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """The others are not touched, and it ends when allowed."""
    mary = box.add_person("Mary")
    await mary.says("/start")
    box.faults.throttle(sokha.id, 5)
    with pytest.raises(RetryAfter):
        await bot.send_message(sokha.id, "a")
    box.faults.forbid(sokha.id)
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(sokha.id, "a")
    await bot.send_message(mary.id, "a")
    box.faults.allow(sokha.id)

    assert (await bot.send_message(sokha.id, "a")).text == "a"


async def test_a_revoked_token_is_refused_everywhere(bot: Bot, box: Sandbox, sokha: Person) -> None:
    """401 for every call until it is given back."""
    box.faults.revoked = True

    with pytest.raises(InvalidToken):
        await bot.send_message(sokha.id, "a")
    with pytest.raises(InvalidToken):
        await bot.get_updates()


async def play(box: Sandbox, http: aiohttp.ClientSession, chat: int) -> list[str]:
    """Make 200 calls by turns and give what became of each."""
    box.calls.clear()
    for number in range(200):
        try:
            async with http.post(f"/bot{box.token}/sendMessage", json={"chat_id": chat, "text": str(number)}) as answer:
                await answer.read()
        except aiohttp.ClientError:
            continue
    return [call.outcome for call in box.calls]


async def test_shares_are_met_and_a_seed_repeats_them() -> None:
    """Tests under faults can be run again and see the same ones; people saw exactly what was done."""
    runs = []
    for _ in range(2):
        async with Sandbox(seed=7) as box, aiohttp.ClientSession(base_url=box.root) as http:
            person = box.add_person("Sokha")
            await person.says("/start")
            box.faults.switch(errors=0.1, lost=0.1, throttled=0.1, resets=0.05, truncated=0.05)
            runs.append(await play(box, http, person.id))
            done = [call for call in box.calls if call.done]
            assert len(done) == len(person.messages()) - 1

    assert runs[0] == runs[1]
    assert all(2 < runs[0].count(outcome) < 45 for outcome in ("error", "lost", "refused", "reset", "truncated"))


async def test_slowness_lies_on_both_sides_of_the_effect(box: Sandbox, bot: Bot, sokha: Person) -> None:
    """A bot killed while it waits may or may not have sent."""
    box.faults.switch(delay_ms=60)
    began = asyncio.get_running_loop().time()
    sending = asyncio.create_task(bot.send_message(sokha.id, "slow"))

    await sokha.sees("slow")
    seen = sending.done()
    await sending

    assert not seen and asyncio.get_running_loop().time() - began >= 0.06


async def test_every_leg_is_drawn_for_itself(box: Sandbox) -> None:
    """Half of what a call takes on the way there, half on the way back, within the bounds, and the same every time."""
    box.faults.switch(delay_ms=50, delay_more_ms=50)
    legs = [box.faults.leg() for _ in range(100)]
    again = Sandbox()
    again.faults.switch(delay_ms=50, delay_more_ms=50)

    assert all(0.025 <= leg <= 0.05 for leg in legs) and len(set(legs)) > 90
    assert [again.faults.leg() for _ in range(100)] == legs


async def test_an_open_poll_brings_what_comes_after_one_leg(box: Sandbox, bot: Bot, sokha: Person) -> None:
    """The way there of a long poll passes while nobody waits for it; another call still has both before it."""
    box.faults.switch(delay_ms=400)
    box.world.updates.clear()
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await box.until(lambda: box.polled)
    other = asyncio.create_task(bot.get_me())
    await sokha.says("now")

    done, _ = await asyncio.wait((poll, other), return_when=asyncio.FIRST_COMPLETED)

    assert done == {poll}
    await other


@pytest.mark.parametrize(
    "setting",
    [{"lost": 2}, {"lost": True}, {"down": 1}, {"delay_ms": -1}, {"too_many": 0}, {"nonsense": 1}, {"errors": "0.1"}],
)
async def test_a_wrong_switch_is_refused(box: Sandbox, setting: dict[str, object]) -> None:
    """And nothing changes."""
    before = box.faults.switches

    with pytest.raises(NotPossibleError):
        box.faults.switch(**setting)

    assert box.faults.switches == before
