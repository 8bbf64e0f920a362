"""`./helpline chat`: the bot in the terminal."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli.app import app


@app.command()
def chat(
    *,
    language: Annotated[Literal["km", "en"], typer.Option(help="The language of the person's phone.")] = "km",
    flow: Annotated[str | None, typer.Option(help="Begin in this flow.")] = None,
    story: Annotated[Path | None, typer.Option(help="Record the chat as this new story; invent what you say.")] = None,
) -> None:
    """Chat with the bot in the terminal, as a worker does; nothing is stored and nobody is told."""
    from bot.cli.chat_session import hold

    hold(language, flow=flow, story=story)
