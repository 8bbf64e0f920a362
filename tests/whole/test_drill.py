"""docs/drill.md, followed to the letter: its commands, on three machines, with `run` as a process."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.sandbox import Group, Person, Sandbox
from bot.settings import ROOT
from tests.whole.process import Ended, Process

DRILL = ROOT / "docs" / "drill.md"


def _only_unsigned(said: Ended) -> bool:
    """Say whether `check` found nothing but what humans have not signed off yet, on either machine."""
    wrong = [line for line in said.out.splitlines() if line.startswith("wrong")]
    return bool(wrong) and all(line.split(maxsplit=1)[1].startswith("sign-off: ") for line in wrong)


def commands(kind: str) -> Iterator[str]:
    """Give the commands of the document's blocks of a kind, in order."""
    for block in re.findall(rf"^ *```sh {kind}\n(.*?)^ *```", DRILL.read_text(encoding="utf-8"), re.DOTALL | re.M):
        yield from (line.strip() for line in block.splitlines())


@dataclass
class Machine:
    """A machine with the program on it, and the stick in it."""

    process: Process
    folder: Path
    stick: Path
    words: Path

    async def does(self, kind: str) -> list[Ended]:
        """Do what the document says; a person types the words where it asks for them, here a file gives them."""
        said = [await self._one(line) for line in commands(kind)]
        assert [one for one in said if one.code and not _only_unsigned(one)] == []
        return said

    async def _one(self, line: str) -> Ended:
        if line == "./helpline run":
            await self.process.start()
            return Ended(0, "", "")
        if line.startswith("./helpline "):
            name, *rest = await self._expanded(line.removeprefix("./helpline "))
            asks = name == "restore" or "--verify" in rest
            return await self.process.command(name, *rest, *(["--recovery-file", self.words] if asks else []))
        return await self._shell("true" if line.startswith("export USB=") else line)

    async def _expanded(self, line: str) -> list[str]:
        """Let a shell read the line, for its variables and stars."""
        return (await self._shell(f"printf '%s\\n' {line}")).out.splitlines()

    async def _shell(self, line: str) -> Ended:
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "USB": str(self.stick)}
        process = await asyncio.create_subprocess_exec(
            "sh", "-c", line, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe
        )
        out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Town:
    """Telegram, three machines and the people who depend on them."""

    box: Sandbox
    group: Group
    sokha: Person
    old: Machine
    new: Machine
    third: Machine


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give a helpline that runs on the old machine, with keys made; the others are empty."""
    stick, words = tmp_path / "stick", tmp_path / "paper"
    stick.mkdir()
    async with Sandbox() as box:
        dara = box.add_person("Dara", language_code="en", role="operator")
        group = box.add_group("Operators", [dara])
        sokha = box.add_person("Sokha", language_code="en")
        machines = []
        for name in ("old", "new", "third"):
            folder = tmp_path / name
            folder.mkdir()
            (folder / ".env").write_text("HELPLINE_SEND_RATE=0\n")
            machines.append(Machine(Process(box, group, folder), folder, stick, words))
        old, new, third = machines
        try:
            made = await old.process.command("init", "--unattended", "--out", words)
            assert made.code == 0, made
            assert (await old.process.command("operators", "add", dara.id, "Dara")).code == 0
            await old.process.start()
            await dara.says("/start operator")
            await dara.until(dara.screen, timeout=20)
            yield Town(box, group, sokha, old, new, third)
        finally:
            for machine in machines:
                await machine.process.kill()


async def _in_danger(town: Town) -> str:
    """Let somebody press danger on the old machine; gives the case's number."""
    await town.sokha.says("/start")
    screen = await town.sokha.until(town.sokha.screen, timeout=20)
    await town.sokha.presses("!danger", message=screen)
    await town.sokha.sees("Where are you now", timeout=20)
    await town.old.process.settled()
    return (await town.old.process.command("cases")).out.split()[1]


async def test_the_drill_brings_the_helpline_back(town: Town) -> None:
    """Backup beside the running helpline, tested there; another machine, restore, check, run: the person goes on."""
    number = await _in_danger(town)
    await town.old.does("before")
    (verified,) = await town.old.does("verify")
    fit = await town.old.process.command("check")
    assert "these words open it" in verified.out
    assert "backup: the last one is 0 hours old, never tested" in fit.out
    await town.old.process.kill()
    said = await town.new.does("after")

    assert any("1 cases" in one.out for one in said)
    assert number in (await town.new.process.command("cases")).out
    case = await town.new.process.command("case", number, "--passphrase-file", town.new.words)
    assert case.code == 0, case
    await town.sokha.says("in a house by the sea")
    await town.new.process.settled()
    records = await town.new.process.command("case", number, "--passphrase-file", town.new.words)
    assert "by the sea" in records.out
    (without,) = await town.third.does("without")
    assert "A new server key was made" in without.out
    assert any(b"run.serving" in line for line in town.new.process.printed.read_bytes().splitlines())


async def test_commands_say_what_is_wrong(town: Town) -> None:
    """A folder that cannot be written, a running helpline, no database, PostgreSQL: each by name, with what to do."""
    wrong = town.old.folder / ".env"
    running = town.old.process
    told = {
        "cannot be kept": await running.command("backup", "--to", wrong / "inside"),
        "is running on this database": await running.command("upgrade"),
        "no database at": await town.new.process.command("backup"),
        "nothing to upgrade": await town.new.process.command("upgrade"),
        "is not a file": await running.command("backup", "--verify", town.old.folder / "nothing"),
    }

    assert {words: (one.code, words in one.err) for words, one in told.items()} == dict.fromkeys(told, (1, True))
    again = await running.command("backup")
    assert again.code == 0, again
