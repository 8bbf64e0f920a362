"""Holding a chat in the terminal, line by line, and writing the story of it."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.chat import HOW, Chat
from bot.cli.content_folder import content_root, load_content
from bot.cli.lines import typed_lines
from bot.cli.story_files import story_yaml
from bot.content.draft import nearest
from bot.content.fields import ID
from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.core.values import Language
from bot.sandbox.stories import NOON, Player, StoryFailed, Turn


def hold(language: Language, *, flow: str | None, story: Path | None) -> None:
    """Chat until `q` or the end of input; then write the story, if one is wanted.

    Raises: OperatorError if there is no such flow, or the story cannot be written there or does not play.
    """
    content = load_content(content_root())
    _check(content, flow, story)
    begins = NOON if story else datetime.now(UTC)
    chat = Chat(content, language, begins=begins, name=story.stem if story else "chat")
    typer.echo(typer.style(HOW, dim=True))
    if flow:
        chat.enter(flow)
    else:
        chat.take(Turn(start=True))
    _say(chat)
    try:
        _listen(chat)
    except KeyboardInterrupt:
        typer.echo()
    if story:
        _write(chat, story)


def _check(content: Content, flow: str | None, story: Path | None) -> None:
    if flow and flow not in content.flows:
        raise OperatorError(f"There is no flow {flow}. {nearest(flow, content.flows)}")
    if story is None:
        return
    if flow:
        raise OperatorError("A story begins where people begin: leave out --flow and go there by the buttons.")
    if story.suffix != ".yaml" or not ID.fullmatch(story.stem):
        raise OperatorError(f"{story} cannot be a story: name it with letters, digits, _ and .yaml.")
    if story.exists() or not story.parent.is_dir():
        what = "is there already" if story.exists() else "has no folder to be in"
        raise OperatorError(f"{story} {what}: choose another file.")


def _listen(chat: Chat) -> None:
    is_piped = not typer.get_text_stream("stdin").isatty()
    for line in typed_lines(prompt="> "):
        text = line.strip()
        if is_piped:
            typer.echo(f"> {text}")
        if text == "q":
            return
        turn = chat.read(text) if text else None
        if turn is not None:
            chat.take(turn)
            _say(chat)
        elif text:
            typer.echo(typer.style("    [no such button here]", dim=True))


def _say(chat: Chat) -> None:
    for line in chat.printed():
        typer.echo(line)


def _write(chat: Chat, path: Path) -> None:
    story = chat.recorded()
    try:
        path.write_text(story_yaml(story), encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written ({error.strerror}): choose another file.") from error
    typer.echo(f"Recorded: {path}. Say in it, in one sentence, what it promises.")
    for language in story.languages:
        try:
            Player(chat.content, story, language).play()
        except StoryFailed as error:
            raise OperatorError(f"{path} does not play as it was recorded; mend it by hand: {error}") from error
