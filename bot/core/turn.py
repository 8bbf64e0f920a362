"""One turn: the session while an event is decided, and the effects so far. Everything here is values; nothing waits."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.core import triage
from bot.core.casework import after, is_visible
from bot.core.content import Content
from bot.core.effects import (
    CallOperators,
    ClearTimer,
    Count,
    Decision,
    Effect,
    PostCard,
    ReplyToCard,
    Seal,
    SetTimer,
    Shred,
    UpdateCard,
)
from bot.core.events import Attachment
from bot.core.flow import Ask, Line
from bot.core.state import Case, Coded, Session
from bot.core.values import Urgency, is_flagged, more_urgent, to_minute

CASES_A_DAY = 3
"""After so many cases in 24 hours, what comes is added to the newest."""
RUNGS = (5, 15, 60)
"""Minutes after which an untaken P1 case is escalated: to supervisors, to all operators, to the escalation chat."""
SILENCE = timedelta(hours=24)
"""A draft silent for so long becomes an unfinished case, or is shredded if it names no need (ARCHITECTURE, Cases)."""
UNKEPT = timedelta(hours=72)
"""Within this time an operator decides about a flagged case whose person asked not to keep it (ARCHITECTURE, Cases)."""
WROTE_AGAIN = timedelta(minutes=5)
"""One "wrote again" on a card in so long."""


class Turn:
    """Collect what one event changes. `lines` are put above the next screen."""

    def __init__(self, content: Content, session: Session, now: datetime) -> None:
        """Begin with the session as it was."""
        self.content = content
        self.now = now
        self.before = self.talk = session.conversation
        self.cases = {case.id: case for case in session.cases}
        self.spare = session.spare
        self.unlimited = session.unlimited
        self.overtaken = session.overtaken
        self.watch = session.watch
        self.effects: list[Effect] = []
        self.lines: list[Line] = []
        self.endangered = False
        self.woke: str | None = None
        self.wrote = False

    def decision(self) -> Decision:
        """Give the result of the turn."""
        session = Session(
            conversation=self.talk,
            cases=tuple(self.cases.values()),
            spare=self.spare,
            unlimited=self.unlimited,
            watch=self.watch,
        )
        return Decision(session=session, effects=tuple(self.effects))

    def change(self, **fields: object) -> None:
        """Change fields of the conversation."""
        self.talk = self.talk.model_copy(update=fields)

    def do(self, effect: Effect) -> None:
        """Add an effect."""
        self.effects.append(effect)

    def phrase(self, key: str, **params: str) -> Line:
        """Give a sentence of the program as a line."""
        return Line(words=self.content.phrases[key], params=params)

    def say(self, key: str, **params: str) -> None:
        """Put a sentence above the next screen, once."""
        self.add(self.phrase(key, **params))

    def add(self, line: Line | None) -> None:
        """Put a line above the next screen, once; None: there is nothing to say."""
        if line is not None and line not in self.lines:
            self.lines.append(line)

    # ── cases ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def own(self) -> tuple[Case, ...]:
        """Give the open cases of who writes now: not those of somebody who used this phone before."""
        return tuple(case for case in self.cases.values() if case.id not in self.talk.left)

    @property
    def case(self) -> Case | None:
        """Give the case that what is said now belongs to: this intake's, else the newest open one."""
        own = self.cases.get(self.talk.case or "")
        return own or (self.own[-1] if self.own else None)

    def put(self, case: Case, **fields: object) -> Case:
        """Change fields of a case."""
        changed = case.model_copy(update={**fields, "updated": to_minute(self.now)})
        self.cases[case.id] = changed
        return changed

    def intake_case(self) -> Case:
        """Give this intake's case, beginning a draft if there is none; after three a day the newest is used instead."""
        own = self.cases.get(self.talk.case or "")
        if own is not None:
            return own
        begun = tuple(moment for moment in self.talk.begun if self.now - moment < timedelta(hours=24))
        newest = self.case
        if newest is not None and len(begun) >= CASES_A_DAY and not self.unlimited:
            self.change(begun=begun)
            self.adopt(newest)
            self.say("add_to_it")
            return newest
        return self._begin(begun)

    def adopt(self, case: Case) -> None:
        """Make a case this intake's own; one of an earlier intake has been counted by then."""
        if self.talk.case != case.id:
            self.change(case=case.id, joined=True)

    @contextmanager
    def about(self, case: Case) -> Iterator[None]:
        """Let what is raised count for a case that is not this intake's, without making it so."""
        before = self.talk
        if before.case is None:
            self.change(case=case.id)
        yield
        if before.case is None:
            self.change(case=None, reasons=before.reasons)

    def any_case(self) -> Case:
        """Give the newest open case, or begin a draft: outside an intake nothing that is sent gets lost."""
        return self.case or self.intake_case()

    def _begin(self, begun: tuple[datetime, ...]) -> Case:
        moment = to_minute(self.now)
        country = self.talk.answers.get("country")
        case = Case(
            id=self.spare.id,
            number=self.spare.number,
            created=moment,
            updated=moment,
            country=country if isinstance(country, str) else None,
            contact=self.talk.contact.kind,
            language=self.talk.speaks,
        )
        self.cases[case.id] = case
        self.change(case=case.id, begun=(*begun, self.now))
        self.do(SetTimer(name="silent", case=case.id, due=self.now + SILENCE, rev=0))
        if self.talk.answers:
            self.do(Seal(case=case.id, body={"kind": "answers", "answers": dict(self.talk.answers)}))
        self.seal_taker(case)
        return case

    def seal_taker(self, case: Case) -> None:
        """Keep who takes down what follows, where an operator does."""
        if (taker := self.talk.taker) is not None:
            act = "took_call" if taker.way == "call" else "took_walk_in"
            self.seal({"kind": "desk", "act": act, "operator": taker.operator}, case=case)

    def seal(self, body: Mapping[str, object], *, case: Case, attachment: Attachment | None = None) -> None:
        """Add a record to a case; a file counts as unheard until a human opens it, and makes the case at least P2."""
        self.do(Seal(case=case.id, body={**body, "at": to_minute(self.now).isoformat()}, attachment=attachment))
        if attachment is not None:
            self.put(self.cases[case.id], unheard=self.cases[case.id].unheard + 1)

    def shred(self, case: Case) -> None:
        """Destroy a draft and forget the intake."""
        self.do(Shred(case=case.id))
        self.do(ClearTimer(name="silent", case=case.id))
        del self.cases[case.id]
        self.forget_intake()

    def forget_intake(self) -> None:
        """Drop the coded answers and the place: the intake is over."""
        self.change(
            **dict.fromkeys(("case", "place")),
            **dict.fromkeys(("agenda", "trail", "flows", "picked", "told", "skipped", "reasons", "needs"), ()),
            answers={},
            joined=False,
            wrote=False,
        )

    def close_intake(self) -> None:
        """End the intake: count it, drop the coded answers. The case itself goes on."""
        case = self.cases.get(self.talk.case or "")
        if case is not None and is_visible(case):
            if not self.talk.joined:
                self._count(case)
            self.do(ClearTimer(name="silent", case=case.id))
        self.forget_intake()

    def _count(self, case: Case) -> None:
        labels = {"country": case.country or "unknown", "urgency": case.urgency, "language": case.language}
        for need in self.talk.needs or ("none",):
            self.do(Count(name="intake", labels={**labels, "need": need}))
        self.do(Count(name="person", labels={key: self._coded(key) for key in ("sex", "age", "minor")}))

    def _coded(self, question: str) -> str:
        value = self.talk.answers.get(question)
        return value if isinstance(value, str) else "unknown"

    # ── urgency ──────────────────────────────────────────────────────────────────────────────────────────────

    def raise_flags(self, raised: Iterable[str], *, because: str, words: tuple[str, ...] = ()) -> None:
        """Raise indicators because of an answer or words; a case that becomes urgent is carded with this very event."""
        now = tuple(dict.fromkeys(raised))
        new = tuple(one for one in now if one not in self.talk.reasons)
        urgency = self._urgency_by(now)
        self.change(reasons=(*self.talk.reasons, *new))
        if is_flagged(urgency):
            self.intake_case()
        case = self.cases.get(self.talk.case or "")
        if case is None:
            return
        if new:
            self.do(Seal(case=case.id, body={"kind": "flag", "indicators": new, "because": because, "words": words}))
        self.escalate(case.id, urgency)

    def _urgency_by(self, raised: tuple[str, ...]) -> Urgency:
        """Give the urgency of what is raised now, alone or with what was raised before.

        What was raised before does not count by itself: an operator may have looked at it and decided otherwise.
        """
        before = triage.urgency_of(self.content, self.talk.reasons)
        together = triage.urgency_of(self.content, (*self.talk.reasons, *raised))
        return together if together != before else triage.urgency_of(self.content, raised)

    def escalate(self, case_id: str, urgency: Urgency) -> None:
        """Raise a case to an urgency, never lower it; put it before the operators if that flags it."""
        case = self.cases[case_id]
        if case.unheard:
            urgency = more_urgent(urgency, "P2")
        before, urgency = case.urgency, more_urgent(case.urgency, urgency)
        if urgency == before:
            return
        case = self.put(case, urgency=urgency)
        if urgency == "P1":
            self.endangered = True
        if is_flagged(urgency):
            self._card(case, before)

    def _card(self, case: Case, before: Urgency) -> None:
        named = triage.reasons(self.content, self.talk.reasons)
        if is_flagged(before):
            line = self.phrase("raised", urgency=case.urgency)
            self.do(ReplyToCard(case=case.id, line=line, reasons=named))
        else:
            case = self.put(case, state=after(case, "send") or case.state)
            self.do(PostCard(case=case.id, reasons=named))
        if case.urgency == "P1" and case.state == "new":
            self.wake(case)
            if is_flagged(before):
                self.do(UpdateCard(case=case.id))

    def wake(self, case: Case) -> None:
        """Put an untaken P1 before those on duty, and start its ladder: nobody has seen it yet."""
        self.woke = case.id
        self.put(case, seen_by=None)
        self.do(CallOperators(case=case.id, to="duty"))
        self.do(SetTimer(name="untaken", case=case.id, due=self.now + timedelta(minutes=RUNGS[0]), rev=0))
        self.await_duty(case)

    def await_duty(self, case: Case) -> None:
        """Let whoever begins duty next be shown a case that is untaken then."""
        if self.watch.begins is not None:
            self.do(SetTimer(name="duty", case=case.id, due=self.watch.begins, rev=0))

    def let_rest(self, case: Case) -> None:
        """End the ladder of a case: it was taken, closed, or is less urgent."""
        self.do(ClearTimer(name="untaken", case=case.id))
        self.do(ClearTimer(name="duty", case=case.id))

    def wrote_again(self, case: Case) -> None:
        """Tell on a case's card that the person wrote again, at most once in five minutes, and not below other news."""
        last = self.talk.wrote_again
        case = self.cases[case.id]
        if not is_visible(case) or not (is_flagged(case.urgency) or case.state == "taken"):
            return
        news = any(isinstance(one, PostCard | ReplyToCard) and one.case == case.id for one in self.effects)
        if news or (last is not None and self.now - last < WROTE_AGAIN):
            return
        self.change(wrote_again=self.now)
        self.do(ReplyToCard(case=case.id, line=self.phrase("wrote_again")))

    def answered(self, ask: Ask) -> bool:
        """Say whether a question was answered in any way, or skipped."""
        talk = self.talk
        return ask.id in talk.answers or ask.id in talk.told or ask.id in talk.skipped

    def was_answered(self, ask: Ask) -> bool:
        """Say whether a question was answered or skipped before this turn."""
        talk = self.before
        return ask.id in talk.answers or ask.id in talk.told or ask.id in talk.skipped

    def store_answer(self, ask: Ask, value: Coded) -> None:
        """Keep a coded answer in the conversation, in place of any earlier one."""
        self.forget_answer(ask.id)
        self.change(answers={**self.talk.answers, ask.id: value})

    def forget_answer(self, question: str) -> None:
        """Let a question be open again."""
        talk = self.talk
        self.change(
            answers={key: value for key, value in talk.answers.items() if key != question},
            told=tuple(one for one in talk.told if one != question),
            skipped=tuple(one for one in talk.skipped if one != question),
        )
