"""Content read by a process of its own is what reading it here would give."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.apart import Reading
from bot.content.loading import load
from bot.core.errors import AuthorError, MachineError
from bot.settings import ROOT

DAY = date(2026, 11, 22)


def test_the_content_read_apart_is_the_content() -> None:
    """Nothing is lost or changed on the way from one process to the other."""
    reading = Reading(ROOT, today=DAY)

    assert reading.result() == load(ROOT, today=DAY)
    assert reading.done


def test_what_is_wrong_with_the_content_is_told_as_it_is(tmp_path: Path) -> None:
    """An author reads the same faults, wherever the content was read."""
    with pytest.raises(AuthorError) as here:
        load(tmp_path, today=DAY)

    with pytest.raises(AuthorError) as there:
        Reading(tmp_path, today=DAY).result()
    assert str(there.value) == str(here.value)


def test_a_reader_that_was_killed_is_no_content() -> None:
    """A start fails with a sentence when the reading process is ended from outside."""
    reading = Reading(ROOT, today=DAY)
    reading._process.kill()

    with pytest.raises(MachineError, match="ended with -9"):
        reading.result()
