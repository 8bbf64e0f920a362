"""`./helpline retention` and `hold`: when closed cases are destroyed, and which are not."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.app import app
from bot.cli.reaching import reach, settings_for
from bot.cli.serving import NoDotenv
from bot.core.errors import OperatorError
from bot.service.minting import new_id
from bot.service.requests import pack, unpack
from bot.service.retention import FEWEST_DAYS, MOST_DAYS
from bot.vault.sealing import CaseSealer


@app.command()
def retention(
    days: Annotated[int | None, typer.Argument(help=f"{FEWEST_DAYS} to {MOST_DAYS}; left out: only tell.")] = None,
    *,
    dotenv: NoDotenv = True,
) -> None:
    """Say after how many days a closed case is destroyed, with all that was said and sent in it."""
    kept = asyncio.run(_ask({"do": "retention", "days": days}, dotenv=dotenv))["days"]
    typer.echo(f"Closed cases are destroyed after {kept} days; backups hold them for up to four weeks more.")


@app.command()
def hold(
    number: str,
    *,
    lift: Annotated[bool, typer.Option("--lift", help="Let it be destroyed in time again.")] = False,
    reason_file: Annotated[Path | None, typer.Option(help="A file that holds the reason.")] = None,
    dotenv: NoDotenv = True,
) -> None:
    """Keep a case from being destroyed; the reason is sealed to the case here, and read when it is opened."""
    if not (reason := _reason(reason_file)):
        raise OperatorError("Give a reason: whoever opens the case must know why it is kept.")
    asyncio.run(_hold(number, reason=reason, held=not lift, dotenv=dotenv))
    typer.echo(f"{number.upper()} is {'destroyed in time again' if lift else 'kept until the hold is lifted'}.")


def _reason(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Reason")).strip()
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as refused:
        raise OperatorError(f"{file} cannot be read as text: give a file that holds the reason.") from refused


async def _hold(number: str, *, reason: str, held: bool, dotenv: bool) -> None:
    async with reach(settings_for(dotenv=dotenv)) as helpline:
        dossier = await helpline.answer({"do": "case", "number": number})
        case, record = dossier["case"]["id"], new_id()
        body = {"kind": "hold", "held": held, "reason": reason}
        sealed = CaseSealer().record(unpack(dossier["public_key"]), body, case=case, record=record, kind="record")
        request = {"do": "hold", "number": number, "held": held, "record": record, "sealed": pack(sealed)}
        await helpline.answer(request)


async def _ask(request: dict[str, Any], *, dotenv: bool) -> dict[str, Any]:
    async with reach(settings_for(dotenv=dotenv)) as helpline:
        return dict(await helpline.answer(request))
