"""`init`, `operators invite`, `keys`, `hold` and `retention`, beside the helpline that runs."""

import json
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.service.requests import pack
from bot.service.vaulting import operator_recipient
from bot.store.command_socket import ask
from bot.store.opening import socket_path
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import LEAST_COST
from bot.vault.recovery import new_recovery
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
    listed = await process.command_here("operators", "list")

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
    await process.command_here("init", "--unattended", "--out", old)
    new.write_text("passphrase: another fifteen odd characters\n")
    short.write_text("too short\n")
    (line,) = (await process.command_here("cases", "--json")).out.splitlines()
    number = re.search(r'"number": "(\w+)"', line)
    assert number is not None

    refused = await process.command_here("keys", "password", "--passphrase-file", old, "--new-file", short)
    changed = await process.command_here("keys", "password", "--passphrase-file", old, "--new-file", new)
    renewed = await process.command_here("keys", "renew", "--passphrase-file", new)
    listed = await process.command_here("keys", "list")
    opened = [await process.command_here("case", number[1], "--passphrase-file", one) for one in (old, new)]

    assert [one.code for one in (refused, changed, renewed, listed, *opened)] == [1, 0, 0, 0, 1, 0]
    assert "1 cases are sealed to the new key" in renewed.out
    assert [line.split()[:2] for line in listed.out.splitlines()] == [["organisation", "1"], ["recovery", "1"]]


async def test_recovery_words_open_older_cases_to_a_new_key(process: Process, tmp_path: Path) -> None:
    """Once there is a key, and with the right words; nobody unlisted is even invited."""
    out, other = tmp_path / "secrets", tmp_path / "other"
    await process.command_here("init", "--unattended", "--out", out, "--first", 7, "Dara")
    other.write_text(new_recovery().words)
    nobody = await process.command_here("operators", "invite", 8)
    keyless = await process.command_here("keys", "grant", 7, "--recovery-file", out)
    name = operator_recipient(7)
    key = PasswordKeyring(LEAST_COST).make(name, "a password of one's own")
    row = {"id": name, "public": pack(key.public_key), "wrapped": pack(key.wrapped)}
    await ask(socket_path(f"sqlite:///{process.data}/helpline.db"), {"do": "put_recipient", **row})

    refused = await process.command_here("keys", "grant", 7, "--recovery-file", other)
    granted = await process.command_here("keys", "grant", 7, "--recovery-file", out)
    listed = await process.command_here("keys", "list")

    assert [one.code for one in (nobody, keyless, refused, granted)] == [1, 1, 1, 0]
    assert ("operators list" in nobody.err, "operators invite" in keyless.err) == (True, True)
    assert "1 older cases more" in granted.out
    assert "operator:7                     1 open cases" in listed.out


async def test_holding_and_days_are_said_beside_the_running_helpline(process: Process, tmp_path: Path) -> None:
    """The reason is read by who opens the case, and lies nowhere in clear; days out of bounds are refused."""
    (line,) = (await process.command_here("cases", "--json")).out.splitlines()
    number = json.loads(line)["number"]
    reason = tmp_path / "reason"
    reason.write_text("zqreasonzq: a court asked for it\n")

    held = await process.command_here("hold", number, "--reason-file", reason)
    said = [await process.command_here("retention", *days) for days in ((), (365,), (29,))]
    shown = await process.command_here("case", number)

    assert ([held.code], [one.code for one in said]) == ([0], [0, 0, 1])
    assert ["90 days" in said[0].out, "365 days" in said[1].out, "30 to 365" in said[2].err] == [True] * 3
    assert "zqreasonzq" in shown.out
    assert [place.name for place, bytes in process.left().items() if b"zqreasonzq" in bytes] == []


async def _set_up(process: Process, spoil: str = "") -> tuple[int, str]:
    """Run `init` as somebody at a terminal does, and type the words back; gives its exit code and what it showed."""
    running = await process.at_terminal("init")
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(b"five words of an organisation\n" * 2)
    shown = b""
    while b"Type all 24 words" not in shown:
        piece = await running.stdout.read(4096)
        assert piece, shown
        shown += piece
    words = re.findall(r"\d+\.([a-z]+)", shown.decode())
    running.stdin.write(f"{' '.join(words)}{spoil}\n7\nDara\n".encode())
    rest, _ = await running.communicate()
    return running.returncode or 0, rest.decode()


async def test_recovery_words_are_typed_back_before_anything_is_made(process: Process) -> None:
    """With a slip nothing was changed; with the words themselves there are keys, and a link for the first operator."""
    refused, _ = await _set_up(process, spoil=" slip")
    before = await process.command_here("keys", "list")
    done, told = await _set_up(process)
    after = await process.command_here("keys", "list")

    assert (refused, done) == (1, 0)
    assert [line.split()[0] for line in before.out.splitlines()] == ["provisional"]
    assert [line.split()[0] for line in after.out.splitlines()] == ["organisation", "recovery"]
    assert LINK.search(told)
