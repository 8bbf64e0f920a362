"""`init`, `operators invite` and `keys`, each a process of its own beside the helpline that runs."""

import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.whole.process import Process

LINK = re.compile(r"http://127\.0\.0\.1:0/invite/[A-Za-z0-9_-]{22}\n")


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    """Give a helpline that runs on empty folders, with one case that came before its keys."""
    async with Sandbox() as box:
        person, operator = box.add_person("Mary", language_code="en"), box.add_person("Dara", role="operator")
        process = Process(box, box.add_group("Operators", [operator]), tmp_path)
        try:
            await process.start()
            await person.sends_voice(b"words of a person")
            await process.settled()
            yield process
        finally:
            await process.kill()


async def test_set_up_ends_with_a_link_for_the_first_operator(process: Process, tmp_path: Path) -> None:
    """Asked nothing: keys, a file of secrets that only its owner reads, and an invite that is in no log."""
    out = tmp_path / "secrets"
    done = await process.command("init", "--unattended", "--out", out, "--first", 7, "Dara")
    listed = await process.command("operators", "list")

    link = LINK.search(done.out)
    assert (done.code, done.err) == (0, "")
    assert link is not None
    assert "supervisor  Dara" in listed.out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    token = link.group().strip().rsplit("/", 1)[1].encode()
    assert [place.name for place, held in process.left().items() if token in held] == []


async def test_the_organisation_changes_its_passphrase_and_renews_its_key(process: Process, tmp_path: Path) -> None:
    """The old passphrase opens nothing any more, the new one every case; wrong or short ones change nothing."""
    old, new, short = (tmp_path / name for name in ("old", "new", "short"))
    await process.command("init", "--unattended", "--out", old)
    new.write_text("passphrase: another fifteen characters\n")
    short.write_text("too short\n")
    (line,) = (await process.command("cases", "--json")).out.splitlines()
    number = re.search(r'"number": "(\w+)"', line)
    assert number is not None

    refused = await process.command("keys", "password", "--passphrase-file", old, "--new-file", short)
    changed = await process.command("keys", "password", "--passphrase-file", old, "--new-file", new)
    renewed = await process.command("keys", "renew", "--passphrase-file", new)
    listed = await process.command("keys", "list")
    opened = [await process.command("case", number[1], "--passphrase-file", one) for one in (old, new)]

    assert [one.code for one in (refused, changed, renewed, listed, *opened)] == [1, 0, 0, 0, 1, 0]
    assert "1 cases are sealed to the new key" in renewed.out
    assert [line.split()[:2] for line in listed.out.splitlines()] == [["organisation", "1"], ["recovery", "1"]]


async def test_a_grant_needs_the_key_of_who_gets_it_and_the_right_words(process: Process, tmp_path: Path) -> None:
    """Nobody gets a case without a key of their own, and other recovery words open nothing."""
    out = tmp_path / "secrets"
    await process.command("init", "--unattended", "--out", out, "--first", 7, "Dara")

    no_key = await process.command("keys", "grant", 7, "--recovery-file", out)
    nobody = await process.command("operators", "invite", 8)

    assert (no_key.code, nobody.code) == (1, 1)
    assert "operators invite" in no_key.err
    assert "operators list" in nobody.err
