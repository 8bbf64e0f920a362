"""The ear that all tests share hears what it is there for."""

import logging

import pytest
import structlog

from bot.sandbox import Sandbox
from tests.hearing import Ear, listening, told


@pytest.fixture(autouse=True)
def ear() -> None:
    """Not here, where it is logged on purpose."""


async def test_words_a_name_and_an_id_in_a_log_are_heard() -> None:
    """At the lowest level, from the program or a library, and inside an error: each kind is named."""
    ear = Ear()
    with listening(ear) as worlds:
        async with Sandbox() as box:
            sokha = box.add_person("Sokha Chan")
            await sokha.says("they keep my passport")
            structlog.get_logger().debug("seen", words="they keep my passport")
            logging.getLogger("aiohttp").debug("from %s", sokha.id)
            try:
                raise ValueError(sokha.user.name)
            except ValueError:
                structlog.get_logger().exception("failed")

    assert told(ear.heard, worlds) == ["a name", "a person's words", "an id"]


async def test_what_is_nobodys_may_be_logged() -> None:
    """Our own events pass."""
    ear = Ear()
    with listening(ear) as worlds:
        async with Sandbox() as box:
            await box.add_person("Sokha Chan").says("they keep my passport")
            structlog.get_logger().info("run.serving", rows=3)

    assert told(ear.heard, worlds) == [] and ear.heard
