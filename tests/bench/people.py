"""People to measure with: what each does, act by act, and the screens that must come of it.

Acts are drawn by dice that fall the same way every time, on the shipped content: mostly presses, then typed labels and
numbers, words that the lexicon reads, voice, photos, places, now and then hide. What must come of them is decided by
the core alone, so that a crowd played over HTTP can be compared with it screen by screen.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from bot.core.content import Content
from bot.core.effects import Effect, Hide, Option, Screen, Show
from bot.core.engine import FIRST, command_of, decide
from bot.core.render import render
from bot.core.state import Session, Spare
from bot.service.messaging import PersonCame
from bot.tg.translate import translate

Raw = dict[str, Any]
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
NUMBER = "CASE0000"
MASK = "########"
WORDS = (
    "ខ្ញុំធ្វើការនៅលើទូកនេសាទ ថៅកែមិនបានបើកប្រាក់ខែឲ្យខ្ញុំបីខែហើយ។ ខ្ញុំចង់ត្រឡប់ទៅផ្ទះ។",
    "ខ្ញុំនៅជិតផ្សារធំ ផ្ទះពណ៌ស ជាន់ទីពីរ",
    "បងស្រីរបស់ខ្ញុំទៅធ្វើការតាំងពីឆ្នាំមុន ហើយមិនបានទាក់ទងមកផ្ទះទេ តើខ្ញុំត្រូវធ្វើដូចម្តេច?",
    "គេយកលិខិតឆ្លងដែនរបស់ខ្ញុំ ហើយមិនឲ្យខ្ញុំចេញក្រៅ",
    "I work in a rubber glove factory. They told us we would earn more, and now they take money for the room.",
    "My boss keeps my passport and they locked the door of the house. I have not been paid for three months.",
    "I am fine today, I only want to ask how to send money home without paying so much.",
    "ok thank you",
)
"""Invented. Two of the Khmer and one of the English ones hold terms of danger."""

Kind = Literal["says", "presses", "voice", "photo", "place"]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person does. `data` is what is written, or what the pressed button carries.

    `screens` are the texts that must be shown after it, in order, with the request number masked. `overtakes`: it goes
    before what was sent earlier (hide, stop, danger), or silences its answers (whatever hides).
    """

    kind: Kind
    data: str = ""
    screens: tuple[str, ...] = ()
    overtakes: bool = False


@dataclass
class Walker:
    """Somebody who talks to the helpline, and what it must answer; `effects` is all that was decided so far.

    `trial`: it is a trial, as every `run` against the sandbox is, and each screen says so.
    """

    content: Content
    seed: int
    now: datetime = NOW
    hidden: bool = False
    trial: bool = True
    session: Session = field(init=False)
    screen: Screen | None = field(init=False, default=None)
    effects: list[Effect] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Begin as somebody nobody has seen."""
        self.dice = random.Random(self.seed)
        self.session = Session(spare=_spare(0), unlimited=True)

    def acts(self, wanted: int) -> Iterator[Act]:
        """Give so many acts, the first of them a start."""
        for number in range(wanted):
            kind, data = self._choose() if number else ("says", "/start")
            at = self.now + timedelta(seconds=3 * number)
            came = translate(raw(Act(kind, data), chat=self.seed + 1, number=number, at=at), at)
            assert isinstance(came, PersonCame)
            screens = tuple(self._decide(came, number, now=at))
            yield Act(kind, data, screens, self.hidden or command_of(self.content, came.event) in FIRST)

    def _decide(self, came: PersonCame, number: int, *, now: datetime) -> Iterator[str]:
        talk = self.session.conversation.model_copy(update={"hint": came.hint})
        session = self.session.model_copy(update={"conversation": talk, "spare": _spare(number)})
        made = decide(self.content, session, came.event, now)
        self.session = made.session
        self.hidden = made.session.conversation.mode == "hidden"
        self.effects += made.effects
        for effect in made.effects:
            if isinstance(effect, Show | Hide) and effect.screen is not None:
                self.screen = effect.screen
                yield self.shown(effect.screen)

    def shown(self, screen: Screen) -> str:
        """Say what is compared of a screen: its words."""
        return masked(render(self.content, screen, self.session.conversation.speaks, trial=self.trial).text)

    def _choose(self) -> tuple[Kind, str]:
        screen, roll = self.screen, self.dice.random()
        if screen is None or self.hidden:
            return "says", "/start"
        if roll < 0.01:
            return "presses", "!hide"
        if roll < 0.04:
            return self.dice.choice(("voice", "photo", "place")), ""
        if not screen.options:
            return self._answer_in_words(screen, roll)
        if roll < 0.10:
            return "says", self.dice.choice(WORDS)
        return self._answer_by_choice(screen, roll)

    def _answer_in_words(self, screen: Screen, roll: float) -> tuple[Kind, str]:
        if screen.step.endswith((".months", ".people")):
            return "says", self.dice.choice(("2", "៣", "three", "1"))
        if roll < 0.30:
            return self.dice.choice(("voice", "photo", "place")), ""
        return ("presses", f"{screen.rev}:{screen.step}:skip") if roll < 0.45 else ("says", self.dice.choice(WORDS))

    def _answer_by_choice(self, screen: Screen, roll: float) -> tuple[Kind, str]:
        at = self.dice.randrange(len(screen.options))
        option = screen.options[at]
        if any(one.picked for one in screen.options) and roll < 0.6:
            return "presses", f"{screen.rev}:{screen.step}:done"
        if roll < 0.16:
            return "says", self._label(option)
        if roll < 0.20:
            return "says", str(at + 1)
        return "presses", option.data or f"{screen.rev}:{screen.step}:{at}"

    def _label(self, option: Option) -> str:
        return self.content.text(option.words, self.session.conversation.speaks)


def _spare(number: int) -> Spare:
    return Spare(id=f"{number:032x}", number=NUMBER)


_NUMBER = re.compile(rf"{NUMBER}|(?<![0-9A-Za-z])[0-9A-HJKMNP-TV-Z]{{8}}(?![0-9A-Za-z])")


def masked(text: str) -> str:
    """Put a mask in the place of a request number, which the service draws by lot."""
    return _NUMBER.sub(MASK, text)


def crowd(content: Content, people: int, *, acts: int, now: datetime = NOW) -> list[list[Act]]:
    """Give what so many people do from an instant on, so many acts each; every third has a phone in English."""
    return [list(Walker(content, seed, now).acts(acts)) for seed in range(people)]


def language(seed: int) -> str:
    """Give the language of a phone."""
    return "en" if seed % 3 == 2 else "km"


# ── as Telegram writes it ────────────────────────────────────────────────────────────────────────────────────


def raw(act: Act, *, chat: int, number: int, at: datetime) -> Raw:
    """Write an act as an update; `number` makes ids, `chat` is person and chat, one more than the seed."""
    person = {"id": chat, "is_bot": False, "first_name": "Sokha", "language_code": language(chat - 1)}
    place = {"id": chat, "type": "private", "first_name": "Sokha"}
    seconds = int(at.timestamp())
    update_id = chat * 1000 + number
    if act.kind == "presses":
        bot = {"id": 42, "is_bot": True, "first_name": "Helpline", "username": "helpline_bot"}
        shown = {"message_id": 2 * number, "date": seconds, "chat": place, "from": bot, "text": "…" * 200}
        query = {"id": f"{update_id}", "from": person, "message": shown, "chat_instance": "1", "data": act.data}
        return {"update_id": update_id, "callback_query": query}
    message = {"message_id": 2 * number + 1, "date": seconds, "chat": place, "from": person, **_content(act, update_id)}
    return {"update_id": update_id, "message": message}


def _content(act: Act, number: int) -> Raw:
    file = {"file_id": f"AgACAgUAAxkBAAI{number:040}", "file_unique_id": f"{number:016}", "file_size": 30_000}
    match act.kind:
        case "voice":
            return {"voice": {**file, "duration": 5, "mime_type": "audio/ogg"}}
        case "photo":
            return {"photo": [{**file, "width": width, "height": width} for width in (90, 320, 800)]}
        case "place":
            return {"location": {"latitude": 13.75, "longitude": 100.5}}
        case _:
            return {"text": act.data}


def share(acts: Sequence[Sequence[Act]]) -> str:
    """Say in one line what the people do."""
    kinds = [act.kind for person in acts for act in person]
    return ", ".join(f"{kind} {100 * kinds.count(kind) / len(kinds):.0f} %" for kind in dict.fromkeys(kinds))
