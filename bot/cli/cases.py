"""`./helpline cases` and `case`: the queue, and one case opened in this process; the passphrase never leaves it."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.app import app
from bot.cli.case_lines import lines_of
from bot.cli.content_folder import content_root, load_content
from bot.cli.reaching import Reached, reach, settings_for
from bot.cli.serving import NoDotenv
from bot.cli.typed import PassphraseFile, passphrase
from bot.core.errors import OperatorError
from bot.service.casefile import Item, open_items, read_case
from bot.service.requests import unpack
from bot.service.rows import SealedRecord
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import ORGANISATION, PROVISIONAL
from bot.settings import Settings
from bot.vault.key_files import KeyFolder
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import CaseOpener, provisional_secret
from bot.vault.passphrases import DEFAULT_COST

FIELDS = ("number", "state", "urgency", "country", "created", "updated", "assignee", "contact", "language")
"""What `cases --json` prints of each case, in this order."""
NAMES = {"voice": "ogg", "photo": "jpg", "video": "mp4"}


@app.command()
def cases(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    dotenv: NoDotenv = True,
) -> None:
    """Show the queue: open cases, the urgent first, then the oldest."""
    rows = asyncio.run(_queue(settings_for(dotenv=dotenv)))
    for row in rows:
        if as_json:
            typer.echo(json.dumps({name: row[name] for name in FIELDS}, ensure_ascii=False))
        else:
            typer.echo(_line(row))
    if not rows and not as_json:
        typer.echo("No open cases.")


def _line(row: Mapping[str, Any]) -> str:
    who = row["assignee"] or "-"
    unheard = f"  {row['unheard']} to hear or see" if row["unheard"] else ""
    mark = f"  {row['mark'].replace('_', ' ')}" if row["mark"] else ""
    where = row["country"] or "-"
    return (
        f"{row['urgency']}  {row['number']}  {row['state']:<6} {where:<8} {row['created'][:16]}  {who}{unheard}{mark}"
    )


async def _queue(settings: Settings) -> Sequence[Mapping[str, Any]]:
    async with reach(settings) as helpline:
        rows: Sequence[Mapping[str, Any]] = (await helpline.answer({"do": "cases"}))["cases"]
        return rows


@app.command()
def case(
    number: str,
    *,
    save: Annotated[tuple[int, Path] | None, typer.Option(metavar="N FILE", help="Save item N's file.")] = None,
    passphrase_file: PassphraseFile = None,
    dotenv: NoDotenv = True,
) -> None:
    """Open a case: what the person wrote and sent, and what was done. Saving a file marks it opened."""
    settings = settings_for(dotenv=dotenv)
    asyncio.run(_show(settings, number, save=save, passphrase_file=passphrase_file))


async def _show(
    settings: Settings, number: str, *, save: tuple[int, Path] | None, passphrase_file: Path | None
) -> None:
    async with reach(settings) as helpline:
        dossier = await helpline.answer({"do": "case", "number": number})
        opener = _opened(settings, dossier, passphrase_file)
        items = _open_all(opener, dossier)
        if save is None:
            _print_case(dossier["case"], items)
            return
        await _save(helpline, opener, dossier["case"], item=_nth(items, save[0]), target=save[1])


def _opened(settings: Settings, dossier: Mapping[str, Any], passphrase_file: Path | None) -> CaseOpener:
    """Open the case: with the organisation's passphrase, or before `init` with the provisional key."""
    wraps, keys, keyring = dossier["wraps"], dossier["keys"], PasswordKeyring(DEFAULT_COST)
    if ORGANISATION in wraps:
        key = WrappedKey(unpack(keys[ORGANISATION]["public"]), unpack(keys[ORGANISATION]["wrapped"]))
        secret = keyring.unlock(ORGANISATION, key, passphrase(passphrase_file))
        return keyring.open_case(unpack(wraps[ORGANISATION]), secret)
    return keyring.open_case(unpack(wraps[PROVISIONAL]), provisional_secret(KeyFolder(settings.keys)))


def _open_all(opener: CaseOpener, dossier: Mapping[str, Any]) -> Sequence[Item]:
    return open_items(opener, dossier["case"]["id"], (_record(row) for row in dossier["records"]))


def _record(row: Mapping[str, Any]) -> SealedRecord:
    """Read a sealed record as it came over the socket."""
    described = unpack(row["described"]) if row.get("described") else None
    at = datetime.fromisoformat(row["at"])
    return SealedRecord(row["id"], unpack(row["sealed"]), at, row["media"], row["opened"], row["blob"], described)


def _nth(items: Sequence[Item], number: int) -> Item:
    if not 1 <= number <= len(items) or items[number - 1].blob is None:
        raise OperatorError(f"Item {number} has no file. `./helpline case NUMBER` shows which items have one.")
    return items[number - 1]


async def _save(
    helpline: Reached, opener: CaseOpener, case_row: Mapping[str, Any], *, item: Item, target: Path
) -> None:
    """Write the opened file under its name only once its end was verified."""
    draft = target.with_name(f".{target.name}.part")
    stream = opener.stream(case=case_row["id"], record=item.id)
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            async with helpline.blob(str(item.blob)) as chunks:
                async for chunk in chunks:
                    file.write(stream.feed(chunk))
            stream.finish()
        draft.replace(target)
    except OSError as refused:
        raise OperatorError(f"{target} cannot be written ({refused.strerror}).") from refused
    finally:
        draft.unlink(missing_ok=True)
    await helpline.answer({"do": "opened", "number": case_row["number"], "record": item.id})
    typer.echo(f"{file_name(item)}\t{item.body.get('file', {}).get('mime') or 'application/octet-stream'}")


def file_name(item: Item) -> str:
    """Give a safe name for a file: our own, with an ending for its kind; the sender's name is never used on disk."""
    kind = item.body.get("file", {}).get("kind", "file")
    return f"{kind}-{item.id[:8]}.{NAMES.get(kind, 'bin')}"


# ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────


def _print_case(row: Mapping[str, Any], items: Sequence[Item]) -> None:
    typer.echo(f"{row['urgency']}  {row['number']}  {row['state']}  {row['country'] or '-'}  contact: {row['contact']}")
    content = load_content(content_root())
    numbers = {item.id: number for number, item in enumerate(items, start=1)}
    for entry in read_case(content, items, "en").entries:
        typer.echo(f"\n{numbers[entry.record]:>3}  {entry.at:%Y-%m-%dT%H:%M}  {type(entry).__name__.lower()}")
        for line in lines_of(entry):
            typer.echo(f"     {visible(line)}")


def visible(text: str) -> str:
    """Show control and direction characters as signs, so that a message cannot rewrite the screen it is read on."""
    return "".join(_sign(one) for one in text)


def _sign(one: str) -> str:
    code = ord(one)
    if one in ("\n", "\t"):
        return " ⏎ " if one == "\n" else " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F or 0x80 <= code < 0xA0 or code in _DIRECTIONS or 0xD800 <= code < 0xE000:
        return f"⟨{code:04X}⟩"
    return one


_DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
