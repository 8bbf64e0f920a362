"""One person's conversation with the core, event by event, kept as JSON in between."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar

from bot.cli.content_folder import content_root
from bot.content.loading import load
from bot.core.content import Content
from bot.core.duty import Watch
from bot.core.effects import ClearTimer, Decision, Effect, Hide, Screen, SetTimer, Show
from bot.core.engine import decide
from bot.core.events import Event, Pressed, TimerFired
from bot.core.state import Case, Conversation, Session, Spare
from bot.core.values import Language

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
Kind = TypeVar("Kind", bound=Effect)


@cache
def shipped_content() -> Content:
    """Give the content that is served; not a fixture's value, because a failing example would print all of it."""
    return load(content_root(), today=date(2026, 11, 22))


class Talk:
    """A person, their phone and a clock. `session` is what is remembered, `decision` the last one."""

    def __init__(self, content: Content, *, language: Language = "en", unlimited: bool = False) -> None:
        """Begin with nobody known."""
        self.content = content
        self.now = NOON
        self.session = Session(conversation=Conversation(hint=language), spare=_spare(0), unlimited=unlimited)
        self.decision = Decision(session=self.session)
        self.screen: Screen | None = None
        self.watch = Watch()
        self.timers: dict[tuple[str, str], SetTimer] = {}
        self._events = 0

    @property
    def talk(self) -> Conversation:
        """Give the conversation as it is."""
        return self.session.conversation

    @property
    def cases(self) -> tuple[Case, ...]:
        """Give the open cases, newest last."""
        return self.session.cases

    def take(self, event: Event, *, seconds: float = 3) -> Decision:
        """Let something happen, some seconds later."""
        self.now += timedelta(seconds=seconds)
        self._events += 1
        session = self.session.model_copy(update={"spare": _spare(self._events), "watch": self.watch})
        self.decision = decide(self.content, session, event, self.now)
        still_open = tuple(case for case in self.decision.session.cases if case.state != "closed")
        kept = self.decision.session.model_copy(update={"cases": still_open})
        self.session = Session.model_validate_json(kept.model_dump_json())
        for effect in self.decision.effects:
            self._follow(effect)
        return self.decision

    def press(self, *choices: str) -> Decision:
        """Press buttons of the present screen, one after another."""
        for choice in choices:
            self.take(Pressed(data=self.data(choice)))
        return self.decision

    def data(self, choice: str) -> str:
        """Give what a button of the present screen sends back."""
        assert self.screen is not None
        if choice in {"hide", "stop", "danger"}:
            return f"!{choice}"
        ids = [option.id for option in self.screen.options]
        at = ids.index(choice) if choice in ids else None
        given = self.screen.options[at].data if at is not None else None
        return given or f"{self.screen.rev}:{self.screen.step}:{choice if at is None else at}"

    def wait(self, **span: float) -> list[Effect]:
        """Let time pass and its timers fire; gives what came of them."""
        until, effects = self.now + timedelta(**span), list[Effect]()
        while due := sorted((one for one in self.timers.values() if one.due <= until), key=lambda one: one.due):
            first = self.timers.pop((due[0].name, due[0].case))
            self.now = max(self.now, first.due)
            fired = TimerFired(name=first.name, case=first.case, rev=first.rev, due=first.due)
            effects += self.take(fired, seconds=0).effects
        self.now = until
        return effects

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Give the effects of one kind that the last event had."""
        return [effect for effect in self.decision.effects if isinstance(effect, kind)]

    def _follow(self, effect: Effect) -> None:
        match effect:
            case Show(screen=Screen() as screen) | Hide(screen=Screen() as screen):
                self.screen = screen
            case SetTimer():
                self.timers[effect.name, effect.case] = effect
            case ClearTimer():
                self.timers.pop((effect.name, effect.case), None)


def _spare(number: int) -> Spare:
    return Spare(id=f"{number:032x}", number=f"CASE{number:04d}")
