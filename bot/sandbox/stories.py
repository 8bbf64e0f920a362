"""Stories played against the core: the conversations of tests/stories, which are the specification.

A story is played in each language. Between turns the session is written to JSON and read back, timers fire on a clock
of the story's own, and every screen is rendered, so that a missing word fails the story.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from bot.core.content import Content
from bot.core.duty import watch
from bot.core.effects import ClearTimer, Effect, Hide, Screen, Send, SetTimer, Show
from bot.core.engine import decide
from bot.core.events import (
    Attachment,
    Blocked,
    Event,
    Gestured,
    Located,
    Pressed,
    Received,
    Returned,
    Said,
    Sent,
    Shared,
    Started,
    TakenDown,
    TimerFired,
    Unblocked,
    Undelivered,
)
from bot.core.render import render
from bot.core.roster import Duty, Roster, read_days, read_spans
from bot.core.state import Session, Spare
from bot.core.values import Language
from bot.sandbox.acts import operator_event, span
from bot.sandbox.seeing import Seen
from bot.sandbox.story import HAPPENINGS, NOON, Story, StoryFailed, Turn, Words

HOME = ZoneInfo("Asia/Phnom_Penh")
TAKER = 501
"""Who takes down what is said in a story told by hand."""
__all__ = ["HAPPENINGS", "NOON", "Player", "Story", "StoryFailed", "Turn"]


class Player:
    """Play one story in one language, and note what it reached."""

    def __init__(self, content: Content, story: Story, language: Language) -> None:
        """Begin with a person nobody has seen before, whose phone speaks this language."""
        self.content = content.aloud if story.by_hand else content
        self.story = story
        self.language: Language = language
        self.now = story.begins.astimezone(UTC)
        self.session = Session(spare=self._spare(0))
        self.session = self._with_talk(hint=language)
        self.roster = _roster(story)
        self.screen: Screen | None = None
        self.effects: list[Effect] = []
        self.timers: dict[tuple[str, str], SetTimer] = {}
        self.steps: set[str] = set()
        self.presses = 0
        self._pressed = ""
        self._at = 0
        self._cases = 0

    def play(self) -> None:
        """Play all turns; raises StoryFailed at the first that goes otherwise."""
        for at, turn in enumerate(self.story.turns, start=1):
            self._at = at
            self.effects = []
            self.now += timedelta(seconds=self.story.round_trip)
            if turn.wait is not None:
                self._wait(span(turn.wait), away=turn.away)
            else:
                for _ in range(turn.times):
                    self._decide(self._taken_down(self._event(turn)))
            self.seen().check(turn)

    def seen(self) -> Seen:
        """Give what the last turn brought, ready to be held against what is told."""
        return Seen(self.content, self.session, tuple(self.effects), self.now, self.language, self._fail)

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────

    def _spare(self, number: int) -> Spare:
        return Spare(id=f"{number:032x}", number=f"CASE{number:04d}")

    def _with_talk(self, **fields: object) -> Session:
        return self.session.model_copy(update={"conversation": self.session.conversation.model_copy(update=fields)})

    def _decide(self, event: Event) -> None:
        self._cases += 1
        on_watch = watch(self.roster, HOME, self.now)
        session = self.session.model_copy(update={"spare": self._spare(self._cases), "watch": on_watch})
        decision = decide(self.content, session, event, self.now)
        open_cases = tuple(case for case in decision.session.cases if case.state != "closed")
        kept = decision.session.model_copy(update={"cases": open_cases})
        self.session = Session.model_validate_json(kept.model_dump_json())
        self.effects += decision.effects
        for effect in decision.effects:
            self._follow(effect)

    def _follow(self, effect: Effect) -> None:
        match effect:
            case Show(screen=Screen() as screen) | Hide(screen=Screen() as screen) | Send(screen=screen):
                self.steps.add(screen.step)
                render(self.content, screen, self.session.conversation.speaks, trial=True)
                if not isinstance(effect, Send):
                    self.screen = screen
            case SetTimer():
                self.timers[effect.name, effect.case] = effect
            case ClearTimer():
                self.timers.pop((effect.name, effect.case), None)

    def _wait(self, span: timedelta, *, away: bool) -> None:
        """Let time pass; timers fire when they are due, or all at its end if the machine is away meanwhile.

        Then it is told that it is back, as after every absence of two minutes.
        """
        until = self.now + span
        if away:
            self.now = until
        while due := sorted((one for one in self.timers.values() if one.due <= until), key=lambda one: one.due):
            first = due[0]
            del self.timers[first.name, first.case]
            self.now = max(self.now, first.due)
            self._decide(TimerFired(name=first.name, case=first.case, rev=first.rev, due=first.due))
        self.now = until
        if away:
            self._decide(Returned(back=self.now))

    def _taken_down(self, event: Event) -> Event:
        """Give an event as it comes where an operator takes down what somebody says."""
        if self.story.by_hand is None:
            return event
        if isinstance(event, Started):
            return Received(operator=TAKER, way=self.story.by_hand, case=self._newest())
        if isinstance(event, Pressed):
            event = event.model_copy(update={"live": False})
        if isinstance(event, Pressed | Said):
            return TakenDown(operator=TAKER, rev=self.session.conversation.rev, told=event)
        return event

    def _event(self, turn: Turn) -> Event:
        if turn.start is not False:
            return Started(payload=turn.start if isinstance(turn.start, str) else "")
        if turn.press is not None:
            self._pressed = self._data(turn.press)
        if turn.press is not None or turn.press_again:
            self.presses += 1
            return Pressed(data=self._pressed)
        if turn.press_old is not None:
            return Pressed(data=turn.press_old)
        if turn.operator is not None:
            return operator_event(turn, self._newest(), self.now)
        return self._words_of(turn) or self._other(turn)

    def _words_of(self, turn: Turn) -> Said | None:
        if turn.label is not None:
            return Said(text=self._label(turn.label))
        if turn.number is not None:
            return Said(text=self._number(turn.number))
        if turn.say is not None:
            return Said(text=self._words(turn.say))
        if turn.edit is not None:
            return Said(text=self._words(turn.edit), edited=True)
        return None

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
        if turn.undelivered is not None:
            return Undelivered(row="0:0", case=self._newest(), reason=turn.undelivered)
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

    def _newest(self) -> str:
        return self.session.cases[-1].id if self.session.cases else "none"

    # ── what goes otherwise ──────────────────────────────────────────────────────────────────────────────────

    def _failed(self, expected: str, came: str) -> StoryFailed:
        where = f"{self.story.story} [{self.language}] turn {self._at}"
        return StoryFailed(f"{where}: expected {expected}, but came {came}")

    def _fail(self, expected: str, came: str) -> NoReturn:
        raise self._failed(expected, came)

    def _of(self, *kinds: type[Effect]) -> list[Effect]:
        return [effect for effect in self.effects if isinstance(effect, kinds)]

    def _case(self, case_id: str) -> Mapping[str, object]:
        return next((case.model_dump() for case in self.session.cases if case.id == case_id), {})


def _roster(story: Story) -> Roster:
    """Read a story's roster; raises OperatorError."""
    duties = []
    for line in story.roster:
        operator, days, hours = line.split(" ", 2)
        duties += [Duty(operator=int(operator), day=day, spans=read_spans(hours)) for day in read_days(days)]
    return Roster(duties=tuple(duties))
