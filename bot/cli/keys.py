"""`./helpline keys`: who can open cases, letting another open them, new passwords and new keys.

Passphrases and recovery words are typed here and open wraps in this process; they never reach the running helpline.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot.cli.app import app
from bot.cli.reaching import Reached, reach, settings_for
from bot.cli.reaching_keys import ReachedKeys
from bot.cli.serving import NoDotenv
from bot.cli.typed import PassphraseFile, Words, new_passphrase, passphrase, recovery_words
from bot.core.errors import OperatorError
from bot.service.granting import grant_all, grant_one, renew_key
from bot.service.requests import pack, unpack
from bot.service.vaulting import ORGANISATION, RECOVERY, operator_recipient
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import DEFAULT_COST
from bot.vault.recovery import recovery_from_words

keys = typer.Typer(help="Who can open cases, and with which key.", no_args_is_help=True)
app.add_typer(keys, name="keys")

KEYRING = PasswordKeyring(DEFAULT_COST)
Id = Annotated[int, typer.Argument(metavar="ID", help="Numeric Telegram id.")]
MaybeId = Annotated[int | None, typer.Argument(metavar="[ID]", help="An operator; left out: the organisation.")]
ByWords = Annotated[bool, typer.Option("--recovery", help="Open with the recovery words, not the passphrase.")]
T = TypeVar("T")


@keys.command("list")
def listed(*, dotenv: NoDotenv = True) -> None:
    """List to whom new cases are sealed, and how many of the open cases each can open."""

    async def work(helpline: Reached) -> None:
        for recipient, count in await ReachedKeys(helpline).recipients():
            typer.echo(f"{recipient.id:<24} {count:>7} open cases")

    _do(work, dotenv=dotenv)


@keys.command("grant")
def granted(
    number: Id,
    *,
    case: Annotated[str | None, typer.Option(metavar="NUMBER", help="This case alone; it may be closed.")] = None,
    instead_of: Annotated[int | None, typer.Option(metavar="ID", help="With --case: from this operator.")] = None,
    recovery: ByWords = False,
    recovery_file: Words = None,
    passphrase_file: PassphraseFile = None,
    dotenv: NoDotenv = True,
) -> None:
    """Let an operator open the older open cases: a newcomer, or one who lost the password and made a new key."""
    if instead_of is not None and case is None:
        raise OperatorError("--instead-of moves one case: say which with --case NUMBER.")
    by_words = recovery or recovery_file is not None

    async def work(helpline: Reached) -> None:
        store = ReachedKeys(helpline)
        to = await store.recipient(operator_recipient(number))
        holder, secret = await _holder(store, by_words=by_words, words=recovery_file, file=passphrase_file)
        if case is None:
            given = await grant_all(store, KEYRING, holder=holder, secret=secret, to=to)
            typer.echo(f"Done: {given} older cases more can be opened with this key.")
            return
        dossier = await helpline.answer({"do": "case", "number": case})
        opened = KEYRING.open_case(unpack(dossier["wraps"][holder]), secret)
        if instead_of is not None:
            moved = {"instead_of": operator_recipient(instead_of), "wraps": [[to.id, pack(opened.grant(to))]]}
            await helpline.answer({"do": "rewrap", "case": dossier["case"]["id"], **moved})
        elif not await grant_one(store, opened, case=dossier["case"]["id"], to=to):
            typer.echo("This key could open the case already.")
            return
        typer.echo(f"Done: this key can open {dossier['case']['number']}.")

    _do(work, dotenv=dotenv)


@keys.command("password")
def password(
    number: MaybeId = None,
    *,
    passphrase_file: PassphraseFile = None,
    new_file: Annotated[Path | None, typer.Option("--new-file", help="A file that holds the new one.")] = None,
    dotenv: NoDotenv = True,
) -> None:
    """Change a password. The key stays: if the old password became known, renew the key afterwards."""
    name, whose = _whose(number)

    async def work(helpline: Reached) -> None:
        store = ReachedKeys(helpline)
        key = await store.wrapped(name)
        old = passphrase(passphrase_file, whose=f"{whose} until now")
        secret = await asyncio.to_thread(KEYRING.unlock, name, key, old)
        new = new_passphrase(new_file, whose="The new one")
        changed = await asyncio.to_thread(KEYRING.rewrap, name, secret, new)
        await helpline.answer({"do": "change_password", "id": name, "wrapped": pack(changed.wrapped)})

    _do(work, dotenv=dotenv)
    typer.echo("Done. The old one opens nothing any more, save in older backups.")


@keys.command("renew")
def renewed(number: MaybeId = None, *, passphrase_file: PassphraseFile = None, dotenv: NoDotenv = True) -> None:
    """Make a new key under the same password, and seal to it whatever the old one opens."""
    name, whose = _whose(number)

    async def work(helpline: Reached) -> int:
        store = ReachedKeys(helpline)
        recipient, key = await store.recipient(name), await store.wrapped(name)
        given = passphrase(passphrase_file, whose=whose)
        return await renew_key(store, KEYRING, recipient=recipient, key=key, password=given)

    typer.echo(f"Done: {_do(work, dotenv=dotenv)} cases are sealed to the new key, and none to the old one.")


def _whose(number: int | None) -> tuple[str, str]:
    if number is None:
        return ORGANISATION, "Passphrase of the organisation"
    return operator_recipient(number), "Password of this operator"


def _do(work: Callable[[Reached], Awaitable[T]], *, dotenv: bool) -> T:
    settings = settings_for(dotenv=dotenv)

    async def do() -> T:
        async with reach(settings) as helpline:
            return await work(helpline)

    return asyncio.run(do())


async def _holder(store: ReachedKeys, *, by_words: bool, words: Path | None, file: Path | None) -> tuple[str, bytes]:
    """Give whose wraps are opened, and with which secret: the organisation's, or that of the recovery words."""
    if not by_words:
        key = await store.wrapped(ORGANISATION)
        return ORGANISATION, await asyncio.to_thread(KEYRING.unlock, ORGANISATION, key, passphrase(file))
    known, pair = await store.recipient(RECOVERY), recovery_from_words(recovery_words(words))
    if pair.public_key != known.public_key:
        raise OperatorError("These are the words of another recovery key: nothing was changed.")
    return RECOVERY, pair.secret_key
