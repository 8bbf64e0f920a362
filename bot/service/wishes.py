"""What an operator wishes to do with a case, checked at the act and made an event: the one way from card and console.

A wish comes as names and texts, as a form sends them; everything in it may be forged. Roles are looked up now, in the
list as it is. Whether the case allows it (who has it, whether it is open) is decided in the lane of its person.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict, get_args

from bot.core.content import Content
from bot.core.errors import OperatorError
from bot.core.events import (
    Attachment,
    Called,
    ConsentAsked,
    ConsentUnasked,
    Desk,
    Event,
    HandedOver,
    Identified,
    Judged,
    Noted,
    Postponed,
    Reached,
    Replied,
    Staged,
    Suspected,
)
from bot.core.roles import Right, may
from bot.core.state import Stage, Unasked
from bot.core.values import URGENCIES
from bot.service.cards import HOME
from bot.service.rows import Operator

NEEDS: Mapping[str, Right] = {"take_over": "take_over", "reply": "reply"}
"""The right that an act needs; all others need the right to act."""
LONGEST_REPLY = 3500
"""Below Telegram's 4,096, with room for what stands around it."""
LONGEST_NOTE = 4000
LONGEST_NAME = 200
LATEST_REMINDER = timedelta(days=30)
OLDEST_DAY = date(2000, 1, 1)


def works_on_cases(operator: Operator) -> bool:
    """Say whether an operator may have a case."""
    return may(operator.role, "act")


class Who(TypedDict):
    """Whose act it is and about which case, as every event of an operator says it."""

    case: str
    operator: int
    name: str


class WishError(OperatorError):
    """A wish cannot be carried out; `field` says what of it is wrong, "role" if it is who wishes."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wish:
    """An act by its name, and its fields; `case` is the case's id, `spoken` an answer that is no text."""

    act: str
    case: str
    fields: Mapping[str, str]
    spoken: Attachment | None = None

    def text(self, name: str, *, most: int = LONGEST_NOTE, least: int = 1) -> str:
        """Read words of a length; raises WishError."""
        text = self.fields.get(name, "").strip()
        if not least <= len(text) <= most:
            raise WishError(name, f"`{name}` has {len(text)} characters; {least} to {most} are possible.")
        return text

    def one_of(self, name: str, known: Mapping[str, object] | Sequence[str]) -> str:
        """Read one of a closed set; raises WishError."""
        chosen = self.fields.get(name, "")
        if chosen not in known:
            raise WishError(name, f"`{name}` is none of those that are known. Load the page anew.")
        return chosen

    def is_so(self, name: str) -> bool:
        """Read yes or no; raises WishError."""
        return self.one_of(name, ("yes", "no")) == "yes"

    def day(self, name: str, *, today: date) -> date:
        """Read a day, written as 2026-03-01, that has come; raises WishError."""
        try:
            day = date.fromisoformat(self.fields.get(name, ""))
        except ValueError as wrong:
            raise WishError(name, f"`{name}` is no date. Write it as 2026-03-01.") from wrong
        if not OLDEST_DAY <= day <= today:
            raise WishError(name, f"`{name}` has not come yet, or is too long ago.")
        return day


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a wish is held against: the content, the operators as they are listed now, and the time."""

    content: Content
    operators: Sequence[Operator]
    now: datetime

    def event(self, wish: Wish, operator: Operator) -> Event:
        """Make the event of an operator's wish; raises WishError if it is not theirs to do, or not complete."""
        if not may(operator.role, NEEDS.get(wish.act, "act")):
            raise WishError("role", "This is not among what your role may do. Ask a supervisor.")
        if wish.act not in ACTS:
            raise WishError("act", "There is no such act. Load the page anew.")
        return ACTS[wish.act](self, wish, {"case": wish.case, "operator": operator.id, "name": operator.name})

    def _acted(self, wish: Wish, who: Who) -> Event:
        return Desk.model_validate({**who, "act": wish.act})

    def _kept(self, wish: Wish, who: Who) -> Event:
        return Desk(**who, act="keep", reason=wish.one_of("reason", self.content.keep_reasons))

    def _urgency(self, wish: Wish, who: Who) -> Event:
        reason = wish.one_of("reason", self.content.urgency_reasons)
        urgency = wish.one_of("urgency", URGENCIES)
        return Desk.model_validate({**who, "act": "urgency", "urgency": urgency, "reason": reason})

    def _resolved(self, wish: Wish, who: Who) -> Event:
        return Desk(**who, act="resolve", outcome=wish.one_of("outcome", self.content.outcomes))

    def _handed_over(self, wish: Wish, who: Who) -> Event:
        to = self._colleague(wish, who["operator"])
        return HandedOver(**who, to=to.id, to_name=to.name, note=wish.text("note", least=0))

    def _postponed(self, wish: Wish, who: Who) -> Event:
        return Postponed(**who, due=self._due(wish))

    def _replied(self, wish: Wish, who: Who) -> Event:
        text = wish.text("text", most=LONGEST_REPLY) if wish.spoken is None else None
        override = wish.one_of("override", self.content.dangers) if wish.fields.get("override") else None
        return Replied(**who, text=text, attachment=wish.spoken, override=override)

    def _noted(self, wish: Wish, who: Who) -> Event:
        return Noted(**who, text=wish.text("text"))

    def _judged(self, wish: Wish, who: Who) -> Event:
        indicator = wish.one_of("indicator", self.content.indicators)
        return Judged(**who, indicator=indicator, agrees=wish.is_so("agrees"), reason=wish.text("reason"))

    def _suspected(self, wish: Wish, who: Who) -> Event:
        return Suspected(**who, holds=wish.is_so("holds"), reason=wish.text("reason"))

    def _identified(self, wish: Wish, who: Who) -> Event:
        return Identified(**who, by=wish.text("by", most=LONGEST_NAME), on=self._day(wish))

    def _reached(self, wish: Wish, who: Who) -> Event:
        milestone = wish.one_of("milestone", self.content.milestones)
        note, again = wish.text("note", least=0), wish.is_so("again")
        return Reached(**who, milestone=milestone, on=self._day(wish), note=note, again=again)

    def _called(self, wish: Wish, who: Who) -> Event:
        return Called(**who, reached=wish.is_so("reached"))

    def _staged(self, wish: Wish, who: Who) -> Event:
        stage = wish.one_of("stage", get_args(Stage))
        on = self._day(wish) if stage == "passed_on" else None
        return Staged.model_validate({**who, "stage": stage, "on": on})

    def _consent(self, wish: Wish, who: Who) -> Event:
        return ConsentAsked.model_validate({**who, **self._passing(wish)})

    def _unasked(self, wish: Wish, who: Who) -> Event:
        fields = {"reason": wish.one_of("reason", get_args(Unasked)), "note": wish.text("note")}
        return ConsentUnasked.model_validate({**who, **self._passing(wish), **fields})

    def _passing(self, wish: Wish) -> Mapping[str, str]:
        """Read to whom something is to be passed on, and for what."""
        organisation = wish.one_of("organisation", self.content.organisations)
        return {"organisation": organisation, "purpose": wish.one_of("purpose", self.content.purposes)}

    def _day(self, wish: Wish) -> date:
        return wish.day("on", today=self.now.astimezone(HOME).date())

    def _colleague(self, wish: Wish, own: int) -> Operator:
        """Find whom a case is handed over to: listed now, works on cases, and is somebody else."""
        for one in self.operators:
            if str(one.id) == wish.fields.get("to") and one.id != own and works_on_cases(one):
                return one
        raise WishError("to", "This colleague is not listed any more, or does not work on cases.")

    def _due(self, wish: Wish) -> datetime:
        """Read when to be reminded: in some `hours`, or `at` a time in Cambodia, written as 2026-03-01T15:00."""
        try:
            if hours := wish.fields.get("hours"):
                due = self.now + timedelta(hours=int(hours))
            else:
                due = datetime.fromisoformat(wish.fields.get("at", "")).replace(tzinfo=HOME)
        except (ValueError, OverflowError) as wrong:
            raise WishError("at", "This is no time. Write it as 2026-03-01T15:00.") from wrong
        if not self.now < due <= self.now + LATEST_REMINDER:
            raise WishError("at", f"A reminder is possible within the next {LATEST_REMINDER.days} days.")
        return due


ACTS: Mapping[str, Callable[[Wishes, Wish, Who], Event]] = {
    **dict.fromkeys(("seen", "take", "give_back", "take_over", "let_go"), Wishes._acted),
    "keep": Wishes._kept,
    "urgency": Wishes._urgency,
    "resolve": Wishes._resolved,
    "hand_over": Wishes._handed_over,
    "remind": Wishes._postponed,
    "reply": Wishes._replied,
    "note": Wishes._noted,
    "judge": Wishes._judged,
    "suspect": Wishes._suspected,
    "identify": Wishes._identified,
    "milestone": Wishes._reached,
    "called": Wishes._called,
    "stage": Wishes._staged,
    "consent": Wishes._consent,
    "consent_unasked": Wishes._unasked,
}
"""What makes the event of each act; there are no others."""
