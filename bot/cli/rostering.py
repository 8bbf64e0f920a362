"""`./helpline roster`: who is on duty in which hours."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from bot.cli.app import app
from bot.cli.reaching import reach, settings_for
from bot.cli.serving import NoDotenv
from bot.core.roster import DAYS
from bot.service.cards import HOME
from bot.settings import Settings

roster = typer.Typer(
    help=f"Who is on duty in which hours ({HOME.key}): an urgent case goes to them privately, at once.",
    no_args_is_help=True,
)
app.add_typer(roster, name="roster")

Id = Annotated[int, typer.Argument(metavar="ID", help="Numeric Telegram id of an operator.")]
Days = Annotated[str, typer.Argument(help="mon, mon-fri, daily, or a date such as 2026-12-24.")]


@roster.command("set")
def put(
    number: Id,
    days: Days,
    hours: Annotated[list[str], typer.Argument(help="08:00-12:00 13:00-17:00, 22:00-06:00, or off.")],
    *,
    dotenv: NoDotenv = True,
) -> None:
    """List an operator for hours that begin on these days; a date stands in the place of its weekday."""
    request = {"do": "set_duty", "id": number, "days": days, "hours": " ".join(hours)}
    if not _ask(settings_for(dotenv=dotenv), request)["started"]:
        typer.echo("They have not pressed start yet, so nothing can be sent to them.")
        typer.echo("`./helpline operators add` with their id and name prints the link again.")


@roster.command("clear")
def clear(
    number: Id, days: Annotated[str | None, typer.Argument(help="As for `set`.")] = None, *, dotenv: NoDotenv = True
) -> None:
    """Take an operator's hours of these days from the roster; without days, all of them."""
    request: dict[str, object] = {"do": "clear_duty", "id": number, **({"days": days} if days else {})}
    typer.echo(f"Entries taken out: {_ask(settings_for(dotenv=dotenv), request)['cleared']}")


@roster.command("list")
def listed(*, dotenv: NoDotenv = True) -> None:
    """List the roster, and who is on duty now."""
    told = _ask(settings_for(dotenv=dotenv), {"do": "roster"})
    for line in roster_lines(told):
        typer.echo(line)


def roster_lines(told: Mapping[str, Any]) -> Iterable[str]:
    """Write what the helpline tells of its roster: weekdays first, then dates; then who is on duty."""
    rows = sorted(told["roster"], key=lambda row: _place(row["day"]))
    if not rows:
        yield "Nobody is listed: an urgent case goes to all operators at once."
        yield "`./helpline roster set ID mon-fri 08:00-18:00` lists somebody."
        return
    for row in rows:
        yield f"{row['day']:>10}  {row['name']} ({row['id']})  {row['hours']}"
    names = dict.fromkeys(row["name"] for row in rows if row["id"] in told["on"])
    yield f"On duty now: {', '.join(names) or 'nobody'}"
    if told["begins"] is not None:
        yield f"Next to begin: {datetime.fromisoformat(told['begins']).astimezone(HOME):%a %H:%M} ({told['zone']})"


def _place(day: str) -> tuple[int, str]:
    return (DAYS.index(day), "") if day in DAYS else (len(DAYS), day)


def _ask(settings: Settings, request: dict[str, object]) -> Mapping[str, Any]:
    async def ask() -> Mapping[str, Any]:
        async with reach(settings) as helpline:
            return await helpline.answer(request)

    return asyncio.run(ask())
