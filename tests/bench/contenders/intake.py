"""The intake that every contender plays: eight questions answered and two skipped, as the shipped flows ask them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.core.content import Content
from bot.core.effects import Screen, Show
from bot.core.engine import decide
from bot.core.render import render
from bot.core.state import Session, Spare
from bot.service.messaging import PersonCame
from bot.tg.translate import translate
from tests.bench.people import NUMBER, Act, masked, raw

WORDS = "ខ្ញុំធ្វើការនៅលើទូកនេសាទ ថៅកែមិនបានបើកប្រាក់ខែឲ្យខ្ញុំបីខែហើយ។ ខ្ញុំចង់ត្រឡប់ទៅផ្ទះ។"
"""Invented."""

ANSWERS: Sequence[tuple[Literal["says", "presses"], str]] = (
    ("says", "/start"),
    ("presses", "help"),
    ("presses", "yes"),  # may you write safely
    ("presses", "yes"),  # may we keep it
    ("presses", "MY"),  # which country
    ("says", "2"),  # how many people
    ("presses", "no"),  # anyone under 18
    ("presses", "papers"),  # what is happening: a tick, urgent, so that operators are told
    ("presses", "done"),
    ("says", WORDS),  # more about it: sealed, and read for danger
    ("presses", "when_i_write"),  # how to reach you
    ("presses", "skip"),  # woman or man
    ("presses", "skip"),  # the age
)
CARD = (
    "🟠 P2  CASE0000\n"
    "ម៉ាឡេស៊ី · Malaysia · 13:05\n"
    "0 នាទី · 0 min\n"
    "ឥឡូវអាចឆ្លើយបាន · May answer now, until 12:15 in Cambodia\n"
    "• មានគេកាន់ឯកសារ · Papers kept by someone\n"
    "ឆ្លើយសារនេះ · Answer this message to write to the person"
)
"""What the others tell the operators' group once for every conversation, as long as the helpline's own card."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One act, and the screen that comes of it: what is said, or the label pressed; its text and rows of labels."""

    kind: Literal["says", "presses"]
    data: str
    text: str
    rows: list[list[str]]

    @property
    def wire(self) -> dict[str, Any]:
        """Give the turn as JSON has it."""
        return asdict(self)


def intake(content: Content, now: datetime) -> list[Turn]:
    """Give the intake in Khmer, decided by the core alone."""
    session, screen, turns = Session(spare=_spare(0), unlimited=True), Screen(step=""), []
    for number, (kind, answer) in enumerate(ANSWERS):
        at = now + timedelta(seconds=3 * number)
        act, label = (Act(kind, answer), answer) if kind == "says" else _press(content, screen, answer)
        came = translate(raw(act, chat=1, number=number, at=at), at)
        assert isinstance(came, PersonCame)
        talk = session.conversation.model_copy(update={"hint": came.hint})
        made = decide(
            content, session.model_copy(update={"conversation": talk, "spare": _spare(number)}), came.event, at
        )
        session = made.session
        screen = next(effect.screen for effect in made.effects if isinstance(effect, Show))
        message = render(content, screen, "km", trial=True)
        rows = [[button.text for button in row] for row in message.rows]
        turns.append(Turn(kind, label, masked(message.text), rows))
    return turns


def _press(content: Content, screen: Screen, answer: str) -> tuple[Act, str]:
    """Find a button by the option's id, or by its name in the bar below; gives the press and the label."""
    ids = [option.id for option in screen.options]
    option = screen.options[ids.index(answer)] if answer in ids else None
    data = (option and option.data) or f"{screen.rev}:{screen.step}:{ids.index(answer) if option else answer}"
    buttons = [button for row in render(content, screen, "km").rows for button in row]
    return Act("presses", data), next(button.text for button in buttons if button.data == data)


def _spare(number: int) -> Spare:
    return Spare(id=f"{number:032x}", number=NUMBER)
