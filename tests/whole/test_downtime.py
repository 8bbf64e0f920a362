"""The helpline was away: presses made meanwhile are lost, and the pending screen is shown again once."""

from datetime import datetime, timedelta
from functools import partial

from bot.sandbox import Person
from bot.service.presence import ALIVE, Presence
from tests.whole.house import House

RETURNS = "SELECT count(*) FROM inbox WHERE source = 'return'"


def _screens(person: Person) -> int:
    """Count the screens ever put into a person's chat."""
    return sum(message.from_bot for message in person.chat.messages.values())


async def _away(house: House, **by: float) -> None:
    """Let the helpline's process die, time pass, and another begin."""
    await house.stop(clean=False)
    house.clock.put_forward(timedelta(**by))
    await _back(house)


async def _back(house: House) -> None:
    """Begin again, and wait until Telegram has answered and what followed is done."""
    back = house.clock.now()
    await house.open()
    await house.until(partial(_has_answered, house, back))
    await house.settled()


async def _has_answered(house: House, back: datetime) -> bool:
    alive = await house.store.desk.get(ALIVE)
    return alive is not None and datetime.fromisoformat(alive) >= back


async def _begins(house: House, name: str) -> Person:
    person = house.person(name)
    await house.asks_for_help(person)
    return person


async def test_a_press_that_telegram_dropped_is_asked_for_again(house: House) -> None:
    """Five minutes away: whoever was answering sees the question again, whose buttons work."""
    sokha = await _begins(house, "Sokha")
    screen = house.screen(sokha)
    await house.stop(clean=False)
    await house.presses(sokha, "yes")
    house.clock.put_forward(timedelta(minutes=5))
    await _back(house)
    assert house.shows(sokha, "away_again")
    assert (screen.deleted, house.step(sokha)) == (True, "help.safe")

    await house.chooses(sokha, "yes")
    assert house.step(sokha) == "help.keep"


async def test_several_restarts_show_it_once(house: House) -> None:
    """Until the person acts, however often the process dies, and however short or long it was away."""
    sokha = await _begins(house, "Sokha")
    shown = _screens(sokha)
    await _away(house, minutes=3)
    for seconds in (10, 150, 130, 5):
        await _away(house, seconds=seconds)

    assert _screens(sokha) == shown + 1


async def test_a_kill_while_it_is_ordered_orders_it_once(house: House) -> None:
    """The order and the note that the helpline is back are two commits; between them a process may die."""
    sokha = await _begins(house, "Sokha")
    shown, alive = _screens(sokha), await house.store.desk.get(ALIVE)
    assert alive is not None
    await _away(house, minutes=3)
    ordered = await house.count(RETURNS)
    await house.store.desk.put(ALIVE, alive)
    await _away(house, seconds=1)

    assert _screens(sokha) == shown + 1
    assert await house.count(RETURNS) == ordered


async def test_a_short_break_shows_nothing_again(house: House) -> None:
    """Within two minutes Telegram has kept the presses."""
    sokha = await _begins(house, "Sokha")
    shown = _screens(sokha)
    await _away(house, seconds=100)

    assert _screens(sokha) == shown


async def test_what_waited_at_telegram_goes_first(house: House) -> None:
    """Who wrote meanwhile is answered, and is not shown the question a second time."""
    sokha = await _begins(house, "Sokha")
    shown = _screens(sokha)
    await house.stop(clean=False)
    await sokha.says("yes")
    house.clock.put_forward(timedelta(minutes=5))
    await _back(house)

    assert (house.step(sokha), _screens(sokha)) == ("help.keep", shown + 1)


async def test_only_who_was_talking_is_looked_at(house: House) -> None:
    """An absence costs one row for each person of its last ten minutes, and none for all the others."""
    for number in range(5):
        await _begins(house, f"Earlier {number}")
    await house.passes(minutes=30)
    late = await _begins(house, "Late")
    await house.store.desk.put(ALIVE, house.clock.now().isoformat())
    await _away(house, minutes=4)

    assert await house.count(RETURNS) == 1
    assert house.shows(late, "away_again")


async def test_a_day_away_is_told_to_operators(house: House) -> None:
    """Telegram keeps messages for 24 hours: after 23 some may be lost, and somebody must know."""
    await _away(house, hours=23, minutes=30)

    assert any(house.says("alarm", name="messages_lost") in message.text for message in house.group.messages())


def _presence(house: House, *seconds: float) -> Presence:
    """Watch for absences by a steady clock that tells these seconds."""
    told = iter(seconds)
    parts = house.helpline
    return Presence(desk=house.store.desk, receiver=parts.receiver, alarm=parts.alarm, steady=lambda: next(told))


async def test_a_network_that_was_away_counts_as_much(house: House) -> None:
    """Without a way to Telegram presses are lost too; the process notices by a clock that nobody sets."""
    sokha = await _begins(house, "Sokha")
    presence = _presence(house, 0.0, 300.0, 300.0)
    await presence.answered(house.clock.now(), more=False)
    house.clock.put_forward(timedelta(minutes=5))
    await presence.answered(house.clock.now(), more=False)
    await house.settled()

    assert house.shows(sokha, "away_again")


async def test_who_was_answered_while_the_backlog_came_is_not_asked_again(house: House) -> None:
    """More than one batch waited at Telegram: the helpline is back with the first of them, not with the last."""
    sokha = await _begins(house, "Sokha")
    presence = _presence(house, 0.0, 300.0, 303.0, 303.0)
    await presence.answered(house.clock.now(), more=False)
    house.clock.put_forward(timedelta(minutes=5))
    await presence.answered(house.clock.now(), more=True)
    await house.chooses(sokha, "yes")
    shown = _screens(sokha)
    house.clock.put_forward(timedelta(seconds=3))
    await presence.answered(house.clock.now(), more=False)
    await house.settled()

    assert _screens(sokha) == shown


async def test_a_clock_that_jumps_is_no_absence(house: House) -> None:
    """While the process runs, setting the machine's clock writes to nobody."""
    sokha = await _begins(house, "Sokha")
    shown = _screens(sokha)
    await house.passes(minutes=8)
    await house.after(house.person("Other").says("/start"))

    assert _screens(sokha) == shown
