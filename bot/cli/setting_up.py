"""`./helpline init` and `operators`: keys of the organisation, and who its operators are."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from bot.cli.app import app
from bot.cli.reaching import Reached, reach, settings_for
from bot.cli.serving import NoDotenv
from bot.cli.typed import new_passphrase
from bot.core.errors import HelplineError, OperatorError
from bot.service.deskwork import START_LINK
from bot.service.enrolling import INVITE_HOURS, INVITE_PATH
from bot.service.requests import pack, unpack
from bot.service.unlocking import Keyring
from bot.service.vaulting import ORGANISATION, PROVISIONAL, RECOVERY, Recipient
from bot.settings import Settings
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.request import AiohttpRequest
from bot.vault.key_files import KeyFolder
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import provisional_secret
from bot.vault.passphrases import DEFAULT_COST
from bot.vault.passphrases import new_passphrase as made_passphrase
from bot.vault.provisional import destroy_provisional, provisional_recipient
from bot.vault.recovery import Recovery, new_recovery

operators = typer.Typer(help="Who may act on cases, by numeric Telegram id.", no_args_is_help=True)
app.add_typer(operators, name="operators")


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def init(
    *,
    unattended: Annotated[bool, typer.Option("--unattended", help="Ask nothing; write the secrets to --out.")] = False,
    out: Annotated[Path | None, typer.Option(help="Where to write passphrase and recovery words, mode 0600.")] = None,
    first: Annotated[tuple[int, str] | None, typer.Option(metavar="ID NAME", help="The first operator.")] = None,
    dotenv: NoDotenv = True,
) -> None:
    """Make the organisation's key and the recovery key, to which all cases are sealed, and invite the first operator.

    The first operator is a supervisor: somebody must be able to look after the others.
    """
    settings = settings_for(dotenv=dotenv)
    if unattended != (out is not None):
        raise OperatorError("--unattended and --out FILE belong together.")
    passphrase = made_passphrase() if unattended else new_passphrase(None, whose="Passphrase of the organisation")
    recovery = new_recovery()
    if out is not None:
        _write_secrets(out, passphrase, recovery)
    else:
        _show_recovery(recovery)
    asyncio.run(set_up_keys(settings, passphrase, recovery, keyring=PasswordKeyring(DEFAULT_COST)))
    typer.echo("Done. Cases are sealed to the organisation's key and to the recovery key.")
    first = first if first or unattended else _asked_first()
    if first is not None:
        _ask(settings, {"do": "add_operator", "id": first[0], "name": first[1], "role": "supervisor"})
        _invite(settings, first[0])


def _show_recovery(recovery: Recovery) -> None:
    """Show the recovery words and have them typed back: without them a lost passphrase loses every case."""
    typer.echo("\nWrite these 24 recovery words on paper and keep them away from this machine:\n")
    words = recovery.words.split()
    for at in range(0, len(words), 6):
        typer.echo(
            "   " + "  ".join(f"{number}.{word}" for number, word in enumerate(words[at : at + 6], start=at + 1))
        )
    if str(typer.prompt("\nType all 24 words")).split() != words:
        raise OperatorError("Those are not the words. Nothing was changed; run `./helpline init` again.")


def _asked_first() -> tuple[int, str] | None:
    number = str(typer.prompt("\nNumeric Telegram id of the first operator (empty: later)", default="")).strip()
    if not number.isdecimal():
        typer.echo("Later, then: `./helpline operators add ID NAME` and `./helpline operators invite ID`.")
        return None
    return int(number), str(typer.prompt("Their name"))


def _write_secrets(out: Path, passphrase: str, recovery: Recovery) -> None:
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as refused:
        raise OperatorError(f"{out} cannot be made ({refused.strerror}): name a file that does not exist.") from refused
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"passphrase: {passphrase}\nrecovery words: {recovery.words}\n")


async def set_up_keys(settings: Settings, passphrase: str, recovery: Recovery, *, keyring: Keyring) -> None:
    """Put both keys in force, reseal what was sealed provisionally, and destroy the provisional key."""
    async with reach(settings) as helpline:
        known = (await helpline.answer({"do": "recipients"}))["recipients"]
        if any(one["id"] == ORGANISATION for one in known):
            raise OperatorError(
                "The organisation has its key already. It is never made anew: that would close its cases."
            )
        key = await asyncio.to_thread(keyring.make, ORGANISATION, passphrase)
        recipients = (Recipient(ORGANISATION, key.public_key), Recipient(RECOVERY, recovery.public_key))
        wrapped: Mapping[str, bytes | None] = {ORGANISATION: key.wrapped, RECOVERY: None}
        for one in recipients:
            row = {"id": one.id, "public": pack(one.public_key), "wrapped": pack(wrapped[one.id])}
            await helpline.answer({"do": "put_recipient", **row})
        await _leave_provisional(settings, helpline, recipients, keyring)


async def _leave_provisional(
    settings: Settings, helpline: Reached, recipients: tuple[Recipient, ...], keyring: Keyring
) -> None:
    folder = KeyFolder(settings.keys)
    await helpline.answer({"do": "retire_recipient", "id": PROVISIONAL})
    if provisional_recipient(folder) is None:
        return
    secret = provisional_secret(folder)
    while waiting := (await helpline.answer({"do": "wraps", "id": PROVISIONAL}))["wraps"]:
        for case, wrap in waiting:
            opened = keyring.open_case(unpack(wrap), secret)
            wraps = [[one.id, pack(opened.grant(one))] for one in recipients]
            await helpline.answer({"do": "rewrap", "case": case, "wraps": wraps, "instead_of": PROVISIONAL})
    destroy_provisional(folder)


# ── operators ────────────────────────────────────────────────────────────────────────────────────────────────


@operators.command("add")
def add(
    number: Annotated[int, typer.Argument(metavar="ID", help="Numeric Telegram id.")],
    name: str,
    *,
    role: Annotated[str, typer.Option(help="operator, supervisor or admin (settings, never a case).")] = "operator",
    dotenv: NoDotenv = True,
) -> None:
    """Put a person on the list, or change name or role; print the link on which they press start."""
    settings = settings_for(dotenv=dotenv)
    _ask(settings, {"do": "add_operator", "id": number, "name": name, "role": role})
    typer.echo(f"{name} may act on cases. They press start here, once, to get urgent cards privately:")
    typer.echo(f"  {asyncio.run(_start_link(settings))}")


@operators.command("remove")
def remove(number: Annotated[int, typer.Argument(metavar="ID")], *, dotenv: NoDotenv = True) -> None:
    """Take a person off the list: their buttons stop working at once, and their key opens nothing any more."""
    _ask(settings_for(dotenv=dotenv), {"do": "remove_operator", "id": number})


@operators.command("list")
def listed(*, dotenv: NoDotenv = True) -> None:
    """List the operators."""
    rows = _ask(settings_for(dotenv=dotenv), {"do": "operators"})["operators"]
    for row in rows:
        started = "" if row["started"] else "(has not pressed start)"
        typer.echo(f"{row['id']:>12}  {row['role']:<10}  {row['name']}  {started}")
    if not rows:
        typer.echo("Nobody yet. `./helpline operators add ID NAME` adds one.")


@operators.command("invite")
def invite(number: Annotated[int, typer.Argument(metavar="ID")], *, dotenv: NoDotenv = True) -> None:
    """Print a link on which an operator chooses a password and gets a key of their own, also after losing the old one.

    It is good once, for 24 hours; an earlier one is void. After it: `./helpline keys grant ID` for the older cases.
    """
    _invite(settings_for(dotenv=dotenv), number)


def _invite(settings: Settings, number: int) -> None:
    token = _ask(settings, {"do": "invite", "id": number})["token"]
    typer.echo(f"Good once, for {INVITE_HOURS} hours; send it to nobody else, and not in the operators' group:")
    typer.echo(f"  {_console(settings)}{INVITE_PATH.format(token)}")


def _console(settings: Settings) -> str:
    """Give the console's address: that of the public host if there is one, else this machine's."""
    if settings.public_url is not None:
        url = urlsplit(settings.public_url)
        return f"{url.scheme}://{url.netloc}"
    host, port = settings.console
    return f"http://{host}:{port}"


def _ask(settings: Settings, request: dict[str, object]) -> Mapping[str, Any]:
    async def ask() -> Mapping[str, Any]:
        async with reach(settings) as helpline:
            return await helpline.answer(request)

    return asyncio.run(ask())


async def _start_link(settings: Settings) -> str:
    """Give the start link; with no token or no network, say how to make it."""
    template = "https://t.me/{}?start=" + START_LINK
    try:
        token = settings.required_token()
        async with AiohttpRequest() as request:
            messenger = TelegramMessenger(Api(request, root=settings.bot_api, token=token))
            _, username = await messenger.name()
    except HelplineError:
        return template.format("YOUR_BOT") + "   (YOUR_BOT is the bot's username)"
    return template.format(username)
