"""`erase` beside the helpline that runs: two people, each with a password of their own, and a count."""

import json
from pathlib import Path

from bot.service.requests import pack
from bot.service.vaulting import operator_recipient
from bot.store.command_socket import ask
from bot.store.opening import socket_path
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import LEAST_COST
from tests.whole.process import Process
from tests.whole.test_key_commands import process

__all__ = ["process"]


async def _with_key(process: Process, operator: int, folder: Path, *, role: str) -> Path:
    """List an operator, and make them a key; gives the file of their password."""
    await process.command_here("operators", "add", operator, f"Operator {operator}", "--role", role)
    file = folder / f"password-{operator}"
    file.write_text(f"the very own password of {operator}\n")
    name = operator_recipient(operator)
    key = PasswordKeyring(LEAST_COST).make(name, file.read_text().strip())
    row = {"id": name, "public": pack(key.public_key), "wrapped": pack(key.wrapped)}
    await ask(socket_path(f"sqlite:///{process.data}/helpline.db"), {"do": "put_recipient", **row})
    return file


async def test_a_case_is_erased_by_two_with_their_own_passwords(process: Process, tmp_path: Path) -> None:
    """Another's password is refused; the second one reads what there was, that nothing is left, and of backups."""
    (line,) = (await process.command_here("cases", "--json")).out.splitlines()
    number = json.loads(line)["number"]
    boss = await _with_key(process, 7, tmp_path, role="supervisor")
    clerk = await _with_key(process, 8, tmp_path, role="operator")

    wrong = await process.command_here("erase", number, "--as", 7, "--passphrase-file", clerk)
    asked = await process.command_here("erase", number, "--as", 7, "--passphrase-file", boss)
    done = await process.command_here("erase", number, "--as", 8, "--passphrase-file", clerk)
    again = await process.command_here("erase", number, "--as", 8, "--passphrase-file", clerk)
    left = await process.command_here("cases", "--json")

    assert [one.code for one in (wrong, asked, done, again)] == [1, 0, 0, 1]
    assert "another person confirms" in asked.out
    counted = [line.split() for line in done.out.splitlines() if "before," in line]
    assert ["cases", "1", "before,", "0", "now"] in counted and ["files", "1", "before,", "0", "now"] in counted
    assert {line[3] for line in counted} == {"0"}
    assert "sealed, until" in done.out and left.out == ""
