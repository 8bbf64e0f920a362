"""The bot in a terminal: a person's chat played on the core by itself, and recorded as a story if wanted.

Nothing is stored and nobody is told: timers do not fire, and what operators would see is only printed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import get_args

import typer

from bot.core import walk
from bot.core.content import Content
from bot.core.effects import Effect, Hide, PostCard, ReplyToCard, Screen, Seal, Send, Show, Shred, Toast
from bot.core.flow import Line
from bot.core.render import line_text, render
from bot.core.screens import show
from bot.core.state import Session
from bot.core.turn import Turn as Deciding
from bot.core.values import LANGUAGES, Language, MediaKind
from bot.sandbox.stories import Player, Story, Turn

KEYS = {
    "b": "back",
    "s": "skip",
    "d": "done",
    "p": "person",
    "l": "language",
    "r": "remove",
    "h": "hide",
    "x": "stop",
    "km": "km",
    "en": "en",
    "!": "danger",
}
"""What to type for each standard button."""

ANYWHERE = ("hide", "stop", "danger")
"""Buttons of messages long gone act too (ARCHITECTURE, Screen), so these are there at every moment."""

HOW = (
    "A number presses that choice; b back, s skip, d done, p person, l language, r remove, h hide, x stop, ! danger; "
    "/start /voice /photo /video /document /location send such; q quits; all else is said."
)
PROMISE = "What was seen when this was recorded is still seen."


class Chat(Player):
    """One chat with the core; what is typed becomes a story's turns, so a recording plays as it was."""

    def __init__(self, content: Content, language: Language, *, begins: datetime, name: str = "chat") -> None:
        """Begin with a person nobody has seen before, at an aware instant."""
        story = Story(story=name, promise=PROMISE, begins=begins, turns=(Turn(start=True),))
        super().__init__(content, story, language)
        self.turns: list[Turn] = []

    def enter(self, flow: str) -> None:
        """Begin in the middle, at the first step of a flow."""
        deciding = Deciding(self.content, self.session, self.now)
        walk.enter(deciding, flow)
        show(deciding, edit=False)
        decision = deciding.decision()
        self.session = Session.model_validate_json(decision.session.model_dump_json())
        self.effects = list(decision.effects)
        for effect in decision.effects:
            self._follow(effect)

    def take(self, turn: Turn) -> None:
        """Let one thing happen, three seconds after the last, and note what is seen of it."""
        self.effects = []
        self.now += timedelta(seconds=self.story.round_trip)
        self._decide(self._event(turn))
        self.turns.append(turn.model_copy(update=self._seen()))

    def read(self, line: str) -> Turn | None:
        """Understand a typed line; None if it names a button that is not there."""
        word, _, rest = line.partition(" ")
        options = self.screen.options if self.screen else ()
        if word == "/start":
            return Turn(start=rest or True)
        if word == "/location":
            return Turn(locate=True)
        if word[1:] in get_args(MediaKind) and word.startswith("/"):
            return Turn.model_validate({"send": word[1:], "caption": rest})
        if line.isascii() and line.isdecimal() and 1 <= int(line) <= len(options):
            return Turn(press=options[int(line) - 1].id)
        if self._has(KEYS.get(line, "")):
            return Turn(press=KEYS[line])
        if line in KEYS and len(line) == 1:
            return None
        label = next((one.id for one in options if self.content.text(one.words, self.language) == line), None)
        return Turn(label=label) if label is not None else Turn(say=line)

    def recorded(self) -> Story:
        """Give the chat so far as a story: in both languages, unless words were written in one."""
        texts = (str(turn.say or turn.caption) for turn in self.turns)
        has_words = any(text and not text.isdecimal() for text in texts)
        languages = (self.language,) if has_words else LANGUAGES
        return self.story.model_copy(update={"turns": tuple(self.turns), "languages": languages})

    def _has(self, button: str) -> bool:
        there: list[str] = [*ANYWHERE, *chain.from_iterable(self.screen.bar if self.screen else ())]
        return button in there

    def _seen(self) -> dict[str, object]:
        screens = [one.screen for one in self.effects if isinstance(one, Show | Hide) and one.screen is not None]
        cards = [self._case(effect.case).get("urgency") for effect in self.effects if isinstance(effect, PostCard)]
        below = [effect.line for effect in self.effects if isinstance(effect, ReplyToCard)]
        raised = next((line.params["urgency"] for line in below if "urgency" in line.params), None)
        seen: dict[str, object] = {"sees": screens[-1].step} if screens else {"silent": True}
        if len(cards) == 1:
            seen["card"] = cards[0]
        if raised is not None:
            seen["raised"] = raised
        hides = self._of(Hide)
        what = {"hidden": hides and screens, "emptied": hides and not screens, "shredded": self._of(Shred)}
        seen |= {name: True for name, came in what.items() if came}
        return seen

    # ── what is printed ──────────────────────────────────────────────────────────────────────────────────────

    def printed(self) -> Iterator[str]:
        """Give what came of the last thing that happened: the operators' side dimly, then the screen."""
        for effect in self.effects:
            if aside := self._aside(effect):
                yield typer.style(f"    [{aside}]", dim=True)
        for effect in self.effects:
            if isinstance(effect, Show | Hide | Send) and effect.screen is not None:
                yield from self._screen(effect.screen)

    def _aside(self, effect: Effect) -> str | None:
        match effect:
            case PostCard(case=case, reasons=reasons):
                return f"card {self._case(case).get('urgency')}" + self._labels(reasons)
            case ReplyToCard(line=line, reasons=reasons):
                return f"below the card: {self._text(line)}" + self._labels(reasons)
            case Seal(body=body, attachment=attachment):
                return f"sealed: {body['kind']}" + (f", {attachment.kind}" if attachment else "")
            case Shred():
                return "shredded: the draft and all that was sealed to it"
            case Hide():
                return "hidden: every message of the chat that can be removed is removed"
            case Toast(line=line):
                return f"for a moment: {self._text(line)}"
        return None

    def _labels(self, indicators: tuple[str, ...]) -> str:
        labels = (self.content.text(self.content.indicators[one].label, "en") for one in indicators)
        return "".join(f" · {label}" for label in labels)

    def _text(self, line: Line) -> str:
        return line_text(self.content, line, "en")

    def _screen(self, screen: Screen) -> Iterator[str]:
        message = render(self.content, screen, self.session.conversation.speaks)
        buttons = [button.text for row in message.rows for button in row]
        keys = {name: key for key, name in KEYS.items()}
        names = chain.from_iterable(screen.bar)
        labels = buttons[len(screen.options) :]
        bar = [f"{typer.style(keys[name], bold=True)} {label}" for name, label in zip(names, labels, strict=True)]
        yield f"\n{message.text}\n"
        yield from (f"  {label}" for label in buttons[: len(screen.options)])
        if bar:
            yield "  " + "   ".join(bar)
