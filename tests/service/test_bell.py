"""A bell: whoever waits wakes at the next ring, and nobody waits once it is over."""

import asyncio
from datetime import timedelta

from bot.service.bell import Bell

LONG = timedelta(minutes=1)


async def test_a_ring_wakes_all_who_wait() -> None:
    """And a ring between looking and waiting is not missed."""
    bell = Bell()
    coming = bell.next()
    waiting = [asyncio.create_task(bell.wait(coming, LONG)) for _ in range(2)]
    bell.ring()
    await bell.wait(coming, LONG)

    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)


async def test_nobody_waits_for_a_bell_that_is_over() -> None:
    """Open lists end when the helpline does."""
    bell = Bell()
    waiting = asyncio.create_task(bell.wait(bell.next(), LONG))
    bell.end()

    async with asyncio.timeout(5):
        await waiting
        await bell.wait(bell.next(), LONG)
        await bell.pause(LONG)
    assert bell.over
