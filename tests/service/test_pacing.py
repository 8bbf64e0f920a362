"""How fast messages may go: bursts, then a steady pace; whoever cannot go soon uses up nothing of it."""

from datetime import UTC, datetime, timedelta

from bot.service.pacing import Bucket, Halt, Pace

PERSON, OTHER, GROUP = 501, 502, -1001


def test_a_private_chat_takes_five_at_once_then_one_a_second() -> None:
    """A burst of five, and later takers wait longer."""
    pace = Pace(30)

    assert [round(pace.take(PERSON, 100.0, most=20)) for _ in range(8)] == [0, 0, 0, 0, 0, 1, 2, 3]


def test_a_group_takes_twenty_at_once_then_one_in_three_seconds() -> None:
    """Twenty a minute."""
    pace = Pace(1000)
    waits = [pace.take(GROUP, 100.0, most=20) for _ in range(22)]

    assert waits[:20] == [0.0] * 20
    assert [round(wait) for wait in waits[20:]] == [3, 6]


def test_who_has_to_wait_too_long_takes_no_place() -> None:
    """Rows that go back to the store do not slow those that can be sent: the wait for the next stays the same."""
    pace = Pace(1)
    for _ in range(6):
        pace.take(PERSON, 100.0, most=4)
    waits = {pace.take(PERSON, 100.0, most=4) for _ in range(50)}

    assert len(waits) == 1
    assert pace.take(OTHER, 106.0, most=4) <= 4


def test_in_no_second_more_than_half_as_many_again_go() -> None:
    """After a quiet while some go at once, but Telegram counts by the second, and calls arrive a little late."""
    pace = Pace(30)
    waits = [pace.take(chat, 100.0, most=20) for chat in range(1, 101)]

    assert sum(wait <= 1.0 for wait in waits) <= 46


def test_a_rate_of_zero_lifts_every_limit() -> None:
    """For benchmarks nothing waits."""
    pace = Pace(0)

    assert {pace.take(PERSON, 100.0, most=0) for _ in range(1000)} == {0.0}
    assert {pace.take(GROUP, 100.0, most=0) for _ in range(1000)} == {0.0}


async def test_chats_with_many_messages_waiting_leave_the_pace_to_others() -> None:
    """Together they may ask for a quarter of it, in the order they came; a group has a pace of its own."""
    pace = Pace(8)

    assert [await pace.share(PERSON + at, 100.0, most=20) for at in range(5)] == [0.0, 0.0, 0.5, 1.0, 1.5]
    assert await pace.share(GROUP, 100.0, most=20) == 0.0
    assert pace.take(OTHER, 100.0, most=20) == 0.0


async def test_processes_keep_one_pace() -> None:
    """What another process sends counts, over all chats and in a group; a private chat is one process's at a time."""
    buckets: dict[str, Bucket] = {}

    async def draw(key: str, *, burst: float, rate: float, most: float) -> float:
        bucket = buckets.setdefault(key, Bucket(burst, rate))
        wait = bucket.wait(100.0)
        if wait <= most:
            bucket.take()
        return wait

    paces = Pace(4, draw), Pace(4, draw)
    waits = [await pace.turn(PERSON + at, 100.0, most=20) for at in range(2) for pace in paces]
    group = [await pace.turn(GROUP, 100.0, most=20) for pace in paces]

    assert waits == [0.0, 0.0, 0.25, 0.5]
    assert group == [0.75, 1.0]
    assert set(buckets) == {"all", f"group:{GROUP}"}


async def test_a_rate_of_zero_asks_no_other_process() -> None:
    """A benchmark measures no row of a pace it does not keep."""

    async def draw(key: str, *, burst: float, rate: float, most: float) -> float:
        raise AssertionError(key)

    assert await Pace(0, draw).turn(PERSON, 100.0, most=0) == 0.0


def test_a_pause_is_no_longer_than_it_was_asked_for() -> None:
    """A second one does not shorten the first, and a clock that is set back does not lengthen it."""
    now = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    halt = Halt()
    halt.stop(now, 60)
    halt.stop(now + timedelta(seconds=10), 5)
    instants = [now + timedelta(seconds=seconds) for seconds in (20, 60, -86_400)]

    assert [halt.wait(at) for at in instants] == [40, 0, 0]
