"""Stories: conversations told turn by turn, which are the specification (DESIGN §4). Played here against the core.

A story is played in each language. Between turns the session is written to JSON and read back, timers fire on a clock
of the story's own, and every screen is rendered, so that a missing word fails the story.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from bot.core.content import Content
from bot.core.effects import (
    CallOperators,
    ClearTimer,
    Deliver,
    Effect,
    Hide,
    PostCard,
    ReplyToCard,
    Screen,
    Seal,
    Send,
    SetTimer,
    Show,
    Shred,
    TellOperator,
    Toast,
)
from bot.core.engine import decide
from bot.core.events import (
    Attachment,
    Blocked,
    Desk,
    Event,
    Gestured,
    Located,
    Opened,
    Pressed,
    Replied,
    Said,
    Sent,
    Shared,
    Started,
    TimerFired,
    Unblocked,
)
from bot.core.render import render
from bot.core.state import Session, Spare
from bot.core.values import LANGUAGES, Language, Value

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""When a story begins unless it says otherwise: a Monday, noon in Cambodia and Thailand."""
Words = str | Mapping[Language, str]


class StoryFailed(AssertionError):
    """A turn did not go as told; the message names story, language, turn, what was expected and what came."""


class Turn(Value):
    """One turn: exactly one thing that happens, then what must be seen.

    Happens: `start` (with payload), `press` (an option's id, or back, skip, done, person, language, km, en, hide, stop,
    danger), `press_old` (raw data), `say`, `label` (an option's label is typed), `number` (its number is typed, in
    Khmer digits when Khmer is spoken), `send` (voice, photo, video, document; `caption`, `album`), `locate`, `share`,
    `gesture`, `block`, `unblock`, `edit`, `wait` (90s, 5m, 2h, 1d), `operator` (take, give_back, resolve, urgency,
    reply, open; `by` an id, `urgency`, `reason`, `outcome`).
    Seen: `sees` a step, `says` phrase keys or sentences in the screen, `offers` and `hides_choice` options, `silent`
    (no screen at all), `card` an urgency, `raised`, `called`, `told` (an operator reads this phrase), `toast`, `sent`
    (an initiative with this phrase), `reply` (answer, held, window), `hidden`, `shredded`, `sealed` kinds in order, `case`
    clear fields of the newest case (or of none: `case: {}`), `contact`.
    """

    start: bool | str = False
    press: str | None = None
    press_old: str | None = None
    say: Words | None = None
    label: str | None = None
    number: int | None = None
    send: Literal["voice", "photo", "video", "document"] | None = None
    caption: Words = ""
    album: str | None = None
    locate: bool = False
    live: bool = False
    share: str | None = None
    gesture: bool = False
    block: bool = False
    unblock: bool = False
    edit: Words | None = None
    wait: str | None = None
    operator: Literal["take", "give_back", "resolve", "urgency", "reply", "open"] | None = None
    by: int = 501
    urgency: Literal["P1", "P2", "P3", "P4"] | None = None
    reason: str | None = None
    outcome: str | None = None

    sees: str | None = None
    says: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    hides_choice: tuple[str, ...] = ()
    silent: bool = False
    card: str | None = None
    no_card: bool = False
    raised: str | None = None
    called: Literal["operators", "escalation"] | None = None
    told: str | None = None
    toast: str | None = None
    sent: str | None = None
    reply: Literal["answer", "held", "window"] | None = None
    hidden: bool = False
    shredded: bool = False
    sealed: tuple[str, ...] | None = None
    case: Mapping[str, str | int | None] | None = None
    contact: str | None = None


class Story(Value):
    """A conversation and the one sentence it promises. `round_trip` is the seconds each turn takes."""

    story: str
    promise: str
    begins: datetime = NOON
    round_trip: int = 3
    languages: tuple[Language, ...] = LANGUAGES
    turns: tuple[Turn, ...] = Field(min_length=1)


class Player:
    """Play one story in one language, and note what it reached."""

    def __init__(self, content: Content, story: Story, language: Language) -> None:
        """Begin with a person nobody has seen before, whose phone speaks this language."""
        self.content = content
        self.story = story
        self.language: Language = language
        self.now = story.begins.astimezone(UTC)
        self.session = Session(spare=self._spare(0))
        self.session = self._with_talk(hint=language)
        self.screen: Screen | None = None
        self.effects: list[Effect] = []
        self.timers: dict[tuple[str, str], SetTimer] = {}
        self.steps: set[str] = set()
        self.presses = 0
        self._at = 0
        self._cases = 0

    def play(self) -> None:
        """Play all turns; raises StoryFailed at the first that goes otherwise."""
        for at, turn in enumerate(self.story.turns, start=1):
            self._at = at
            self.effects = []
            self.now += timedelta(seconds=self.story.round_trip)
            if turn.wait is not None:
                self._wait(_span(turn.wait))
            else:
                self._decide(self._event(turn))
            self._check(turn)

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────

    def _spare(self, number: int) -> Spare:
        return Spare(id=f"{number:032x}", number=f"CASE{number:04d}")

    def _with_talk(self, **fields: object) -> Session:
        return self.session.model_copy(update={"conversation": self.session.conversation.model_copy(update=fields)})

    def _decide(self, event: Event) -> None:
        self._cases += 1
        session = self.session.model_copy(update={"spare": self._spare(self._cases)})
        decision = decide(self.content, session, event, self.now)
        open_cases = tuple(case for case in decision.session.cases if case.state != "closed")
        kept = decision.session.model_copy(update={"cases": open_cases})
        self.session = Session.model_validate_json(kept.model_dump_json())
        self.effects += decision.effects
        for effect in decision.effects:
            self._follow(effect)

    def _follow(self, effect: Effect) -> None:
        match effect:
            case Show(screen=screen) | Hide(screen=screen) | Send(screen=screen):
                self.steps.add(screen.step)
                render(self.content, screen, self.session.conversation.speaks, trial=True)
                if not isinstance(effect, Send):
                    self.screen = screen
            case SetTimer():
                self.timers[effect.name, effect.case] = effect
            case ClearTimer():
                self.timers.pop((effect.name, effect.case), None)

    def _wait(self, span: timedelta) -> None:
        until = self.now + span
        while due := sorted((one for one in self.timers.values() if one.due <= until), key=lambda one: one.due):
            first = due[0]
            del self.timers[first.name, first.case]
            self.now = max(self.now, first.due)
            self._decide(TimerFired(name=first.name, case=first.case, rev=first.rev, due=first.due))
        self.now = until

    def _event(self, turn: Turn) -> Event:
        if turn.start is not False:
            return Started(payload=turn.start if isinstance(turn.start, str) else "")
        if turn.press is not None:
            self.presses += 1
            return Pressed(data=self._data(turn.press))
        if turn.press_old is not None:
            return Pressed(data=turn.press_old)
        if turn.label is not None:
            return Said(text=self._label(turn.label))
        if turn.number is not None:
            return Said(text=self._number(turn.number))
        if turn.say is not None:
            return Said(text=self._words(turn.say))
        if turn.edit is not None:
            return Said(text=self._words(turn.edit), edited=True)
        if turn.operator is not None:
            return self._desk(turn)
        return self._other(turn)

    def _other(self, turn: Turn) -> Event:
        if turn.send is not None:
            attachment = Attachment(file="F", kind=turn.send)
            return Sent(attachment=attachment, caption=self._words(turn.caption), album=turn.album)
        if turn.locate:
            return Located(latitude=13.7, longitude=100.5, live=turn.live)
        if turn.share is not None:
            return Shared(number=turn.share)
        if turn.gesture:
            return Gestured()
        if turn.block:
            return Blocked()
        if turn.unblock:
            return Unblocked()
        raise self._failed("something to happen", "an empty turn")

    def _words(self, words: Words) -> str:
        return words if isinstance(words, str) else words[self.language]

    def _data(self, name: str) -> str:
        if name in ("hide", "stop", "danger"):
            return f"!{name}"
        screen = self._shown()
        ids = [option.id for option in screen.options]
        if name in ids:
            at = ids.index(name)
            return screen.options[at].data or f"{screen.rev}:{screen.step}:{at}"
        if name not in [one for row in screen.bar for one in row]:
            raise self._failed(f"a button {name}", f"{screen.step} with {ids}")
        return f"{screen.rev}:{screen.step}:{name}"

    def _label(self, choice: str) -> str:
        option = next((one for one in self._shown().options if one.id == choice), None)
        if option is None:
            raise self._failed(f"a choice {choice}", self._shown().step)
        return self.content.text(option.words, self.language)

    def _number(self, number: int) -> str:
        text = str(number)
        return text.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")) if self.language == "km" else text

    def _shown(self) -> Screen:
        if self.screen is None:
            raise self._failed("a screen", "none yet")
        return self.screen

    def _desk(self, turn: Turn) -> Event:
        case = self.session.cases[-1].id if self.session.cases else "none"
        name = f"Operator {turn.by}"
        match turn.operator:
            case "reply":
                return Replied(case=case, operator=turn.by, name=name, row="0:0")
            case "open":
                return Opened(case=case, record="R")
            case act:
                fields = {"act": act, "case": case, "operator": turn.by, "name": name}
                extra = {"urgency": turn.urgency, "reason": turn.reason, "outcome": turn.outcome}
                return Desk.model_validate({**fields, **extra})

    # ── what must be seen ────────────────────────────────────────────────────────────────────────────────────

    def _failed(self, expected: str, came: str) -> StoryFailed:
        where = f"{self.story.story} [{self.language}] turn {self._at}"
        return StoryFailed(f"{where}: expected {expected}, but came {came}")

    def _expect(self, what: str, expected: object, came: object) -> None:
        if expected != came:
            raise self._failed(f"{what} {expected!r}", repr(came))

    def _of(self, *kinds: type[Effect]) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kinds)]

    def _check(self, turn: Turn) -> None:
        shown = [effect.screen for effect in self.effects if isinstance(effect, Show | Hide)]
        if turn.silent:
            self._expect("screens", [], [screen.step for screen in shown])
        if turn.sees is not None:
            self._expect("screen", turn.sees, shown[-1].step if shown else None)
        for words in turn.says:
            self._says(words, shown)
        options = [option.id for option in shown[-1].options] if shown else []
        for choice in turn.offers:
            self._expect(f"choice {choice} offered", True, choice in options)
        for choice in turn.hides_choice:
            self._expect(f"choice {choice} offered", False, choice in options)
        self._check_operators(turn)
        self._check_case(turn)

    def _says(self, words: str, shown: list[Screen]) -> None:
        lines = [line.words for screen in shown for line in screen.lines]
        phrase = self.content.phrases.get(words)
        english = phrase.english if phrase else words
        if not any(english in line.english for line in lines):
            raise self._failed(f"the words {words!r}", str([line.english[:60] for line in lines]))

    def _check_operators(self, turn: Turn) -> None:
        cards = [self._case(effect.case).get("urgency") for effect in self.effects if isinstance(effect, PostCard)]
        if turn.card is not None:
            self._expect("card", [turn.card], cards)
        if turn.no_card:
            self._expect("cards", [], cards)
        below = [effect.line for effect in self.effects if isinstance(effect, ReplyToCard)]
        if turn.raised is not None:
            self._expect("raised on the card", True, any(line.params.get("urgency") == turn.raised for line in below))
        if turn.called is not None:
            self._expect("called", [turn.called], [one.to for one in self.effects if isinstance(one, CallOperators)])
        told = [one.line.words for one in self.effects if isinstance(one, TellOperator)]
        told += [line.words for line in below]
        if turn.told is not None:
            self._expect(f"told {turn.told}", True, self.content.phrases[turn.told] in told)
        if turn.toast is not None:
            toasts = [one.line.words for one in self.effects if isinstance(one, Toast)]
            self._expect(f"toast {turn.toast}", True, self.content.phrases[turn.toast] in toasts)

    def _check_case(self, turn: Turn) -> None:
        if turn.sent is not None:
            sent = [line.words for one in self.effects if isinstance(one, Send) for line in one.screen.lines]
            self._expect(f"sent {turn.sent}", [self.content.phrases[turn.sent]], sent)
        if turn.reply is not None:
            self._expect("reply", [turn.reply], [self._kind(one) for one in self.effects if isinstance(one, Deliver)])
        if turn.hidden:
            self._expect("hidden", True, bool(self._of(Hide)))
        if turn.shredded:
            self._expect("shredded", True, bool(self._of(Shred)))
        if turn.sealed is not None:
            kinds = tuple(str(one.body["kind"]) for one in self.effects if isinstance(one, Seal))
            self._expect("sealed", turn.sealed, kinds)
        if turn.contact is not None:
            self._expect("contact", turn.contact, self.session.conversation.contact.kind)
        if turn.case is not None:
            self._check_fields(turn.case)

    def _check_fields(self, fields: Mapping[str, str | int | None]) -> None:
        if not fields:
            self._expect("cases", 0, len(self.session.cases))
            return
        newest = self.session.cases[-1].model_dump() if self.session.cases else {}
        self._expect("case", dict(fields), {key: newest.get(key) for key in fields})

    def _case(self, case_id: str) -> Mapping[str, object]:
        return next((case.model_dump() for case in self.session.cases if case.id == case_id), {})

    def _kind(self, deliver: Deliver) -> str:
        if deliver.due is None:
            return "held"
        return "window" if deliver.initiative and deliver.due > self.now else "answer"


def _span(text: str) -> timedelta:
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[text[-1]]
    return timedelta(**{unit: int(text[:-1])})
