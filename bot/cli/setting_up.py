"""`./helpline init` and `operators`: keys of the organisation, and who its operators are."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.app import app
from bot.cli.reaching import Reached, reach, settings_for
from bot.cli.serving import NoDotenv
from bot.core.errors import HelplineError, OperatorError
from bot.service.deskwork import START_LINK
from bot.service.office import pack, unpack
from bot.service.unlocking import Keyring
from bot.service.vaulting import ORGANISATION, Recipient
from bot.settings import Settings
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.request import AiohttpRequest
from bot.vault.key_files import KeyFolder
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import provisional_secret
from bot.vault.passphrases import DEFAULT_COST, check_passphrase, new_passphrase
from bot.vault.provisional import PROVISIONAL, destroy_provisional, provisional_recipient
from bot.vault.recovery import RECOVERY, Recovery, new_recovery

operators = typer.Typer(help="Who may act on cases, by numeric Telegram id.", no_args_is_help=True)
app.add_typer(operators, name="operators")


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def init(
    *,
    unattended: Annotated[bool, typer.Option("--unattended", help="Ask nothing; write the secrets to --out.")] = False,
    out: Annotated[Path | None, typer.Option(help="Where to write passphrase and recovery words, mode 0600.")] = None,
    dotenv: NoDotenv = True,
) -> None:
    """Make the organisation's key and the offline recovery key; cases are sealed to both from then on."""
    settings = settings_for(dotenv=dotenv)
    if unattended != (out is not None):
        raise OperatorError("--unattended and --out FILE belong together.")
    passphrase = new_passphrase() if unattended else _asked_passphrase()
    recovery = new_recovery()
    if out is not None:
        _write_secrets(out, passphrase, recovery)
    else:
        _show_recovery(recovery)
    asyncio.run(set_up_keys(settings, passphrase, recovery, keyring=PasswordKeyring(DEFAULT_COST)))
    typer.echo("Done. Cases are sealed to the organisation's key and to the recovery key.")


def _asked_passphrase() -> str:
    first = str(typer.prompt("Passphrase of the organisation (15 characters or more)", hide_input=True))
    check_passphrase(first)
    if first != typer.prompt("Once more", hide_input=True):
        raise OperatorError("The two are not the same. Nothing was changed; run `./helpline init` again.")
    return first


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
    role: Annotated[str, typer.Option(help="operator, for now.")] = "operator",
    dotenv: NoDotenv = True,
) -> None:
    """Put a person on the list, and print the link on which they press start."""
    settings = settings_for(dotenv=dotenv)
    if role != "operator":
        raise OperatorError(f"There is no role '{role}' yet: leave --role out, or say operator.")
    _ask(settings, {"do": "add_operator", "id": number, "name": name, "role": role})
    typer.echo(f"{name} may act on cases. They press start here, once, to get urgent cards privately:")
    typer.echo(f"  {asyncio.run(_start_link(settings))}")


@operators.command("remove")
def remove(number: Annotated[int, typer.Argument(metavar="ID")], *, dotenv: NoDotenv = True) -> None:
    """Take a person off the list; their buttons stop working at once."""
    _ask(settings_for(dotenv=dotenv), {"do": "remove_operator", "id": number})


@operators.command("list")
def listed(*, dotenv: NoDotenv = True) -> None:
    """List the operators."""
    rows = _ask(settings_for(dotenv=dotenv), {"do": "operators"})["operators"]
    for row in rows:
        typer.echo(f"{row['id']:>12}  {row['name']}  {'' if row['started'] else '(has not pressed start)'}")
    if not rows:
        typer.echo("Nobody yet. `./helpline operators add ID NAME` adds one.")


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
