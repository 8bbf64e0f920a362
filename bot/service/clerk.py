"""Carries decisions out: turns effects into the rows of one transaction, in order. Nothing is sent here."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from bot.core.clearing import SOON
from bot.core.effects import (
    CallOperators,
    Clear,
    ClearTimer,
    Count,
    Decision,
    Deliver,
    Effect,
    Forget,
    Hide,
    Page,
    PostCard,
    PutOnRecord,
    Release,
    ReplyToCard,
    Screen,
    Seal,
    Send,
    SetTimer,
    Show,
    Shred,
    TellOperator,
    TellPrivately,
    Toast,
    ToCase,
    ToOperators,
    ToPerson,
    UpdateCard,
)
from bot.core.render import Message, both, render
from bot.core.roles import may
from bot.core.state import Case, Session
from bot.core.triage import reasons as heaviest
from bot.core.triage import states_danger
from bot.core.values import Language
from bot.service import cards
from bot.service.collecting import Collected
from bot.service.house import SUPERVISOR, To
from bot.service.jobs import Answer, Job
from bot.service.minting import new_token
from bot.service.rows import HIDES, NewCase, RowState, Timer


class Clerk(Collected):
    """Collect what decisions ask for."""

    def carry(self, job: Job, before: Session, decision: Decision) -> None:
        """Carry out one decision: first its cases, because records need their keys, then its effects in order."""
        after = decision.session
        self._cases(job, before, after)
        for effect in decision.effects:
            self._effect(job, after, effect)
        if job.callback is not None:
            self._answer(job, job.callback, after.conversation.speaks)

    def _cases(self, job: Job, before: Session, after: Session) -> None:
        known = {case.id: case for case in before.cases}
        for case in after.cases:
            if case.id not in known:
                self._begin(job, case)
            elif case is not known[case.id] and case != known[case.id]:
                self._change(case)

    def _begin(self, job: Job, case: Case) -> None:
        made = self.sealer.new_case(self.house.recipients)
        self.keys[case.id] = made.public_key
        self.changes.sealed_to = self.house.recipients
        self.changes.new_cases.append(NewCase(case, job.lane, made.public_key, made.wraps))

    def _change(self, case: Case) -> None:
        for at, new in enumerate(self.changes.new_cases):
            if new.case.id == case.id:
                self.changes.new_cases[at] = NewCase(case, new.lane, new.public_key, new.wraps)
                return
        self.changes.cases[case.id] = case

    def _effect(self, job: Job, session: Session, effect: Effect) -> None:
        if isinstance(effect, ToPerson):
            self._to_person(job, session, effect)
        elif isinstance(effect, ToOperators):
            self._to_operators(job, session, effect)
        else:
            self._to_case(job, effect)

    # ── to the person ────────────────────────────────────────────────────────────────────────────────────────

    def _to_person(self, job: Job, session: Session, effect: ToPerson) -> None:
        match effect:
            case Show():
                self._show(job, session, effect)
            case Send():
                self._send(job, session, effect)
            case Hide():
                self._hide(job, session, effect)
            case Toast():
                job.toast = effect
            case Deliver():
                self._deliver(job, session, effect)
            case Release():
                (self.changes.release if effect.replies else self.changes.release_notices).append(job.lane)
            case Forget():
                self.changes.forget.append(job.lane)
            case Clear():
                self._clear(job, effect)
            case _:
                assert_never(effect)

    def _message(self, session: Session, screen: Screen) -> Message:
        return render(self.content, screen, session.conversation.speaks, trial=self.house.trial)

    def _show(self, job: Job, session: Session, effect: Show) -> None:
        edit = job.pressed if effect.edit else None
        message = self._message(session, effect.screen)
        body = {"message": message, "edit": edit}
        self.put(job, "screen", body, to=job.person, priority=3, initiative=effect.initiative)

    def _send(self, job: Job, session: Session, effect: Send) -> None:
        message = self._message(session, effect.screen)
        self.put(job, "notice", {"message": message}, to=job.person, priority=4, initiative=True, case=effect.case)

    def _hide(self, job: Job, session: Session, effect: Hide) -> None:
        self.hidden[job.lane] = job
        self.changes.cancel.append(job.lane)
        silenced = ("screen", "notice")
        rows = self.changes.outbox
        self.changes.outbox = [row for row in rows if row.lane != job.lane or row.kind not in silenced]
        self.put(job, "wipe", {}, to=job.person, priority=HIDES)
        if effect.screen is not None:
            message = self._message(session, effect.screen)
            self.put(job, "screen", {"message": message, "edit": None}, to=job.person, priority=HIDES)

    def _answer(self, job: Job, callback: str, language: Language) -> None:
        if job.toast is None:
            self.answers.append(Answer(callback))
            return
        text = self.content.text(job.toast.line.words, language)
        self.answers.append(Answer(callback, text, job.toast.alert))

    def _deliver(self, job: Job, session: Session, effect: Deliver) -> None:
        """Let a reply go: one that waits in the store, or one that is written in this very batch."""
        state: RowState = "held" if effect.due is None else "ready"
        due = effect.due or job.now
        mine = [at for at, row in enumerate(self.changes.outbox) if row.key == effect.row]
        for at in mine:
            row = self.changes.outbox[at]
            self.changes.outbox[at] = replace(row, state=state, initiative=effect.initiative, due=due)
        if mine:
            return
        self.changes.deliver.append((effect.row, state, effect.initiative, due))
        if job.lane in self.hidden:
            self.give_back(job, session.cases, effect.case)

    def _clear(self, job: Job, effect: Clear) -> None:
        if effect.papers:
            self.changes.clear.append(job.lane)
        else:
            self.keep(job, due=job.now + SOON)

    # ── to the case ──────────────────────────────────────────────────────────────────────────────────────────

    def _to_case(self, job: Job, effect: ToCase) -> None:
        match effect:
            case Seal():
                self.seal(job, effect)
            case SetTimer():
                self.changes.timers.append(Timer(job.lane, effect.name, effect.case, effect.due, effect.rev))
            case ClearTimer():
                self.changes.clear_timers.append((job.lane, effect.name, effect.case))
            case Shred():
                self.shred(effect.case)
            case Count():
                self.changes.counts.append((effect.name, json.dumps(dict(effect.labels), sort_keys=True)))
            case PutOnRecord():
                self.on_record.append(effect)
            case _:
                assert_never(effect)

    # ── to the operators ─────────────────────────────────────────────────────────────────────────────────────

    def _to_operators(self, job: Job, session: Session, effect: ToOperators) -> None:
        match effect:
            case PostCard():
                self._card(job, session, effect)
            case UpdateCard():
                self._buttons(job, session, effect.case)
            case ReplyToCard():
                self._below_card(job, session, effect)
            case CallOperators():
                self._call(job, session, effect)
            case Page():
                self.changes.pages += [effect.case] if self.house.has_pager else []
            case TellOperator():
                self._tell(job, session, effect)
            case TellPrivately():
                self._privately(job, session, effect)
            case _:
                assert_never(effect)

    def _card(self, job: Job, session: Session, effect: PostCard) -> None:
        case, talk = _case(session, effect.case), session.conversation
        text = cards.card_text(self.content, case, talk=talk, reasons=effect.reasons, now=job.now)
        danger = states_danger(self.content, case.urgency, (*talk.reasons_of(case.id), *effect.reasons))
        self.card(job, case, text, to=self.house.group, alone=danger or effect.asked, danger=danger)

    def card(self, job: Job, case: Case, text: str, *, to: To | None, alone: bool = True, danger: bool = False) -> None:
        """Put a card for a case into a chat of operators; not `alone`: among many it may become a line of the list."""
        token = new_token()
        rows = cards.card_rows(self.content, case, token, names=self.house.names)
        body = {"message": Message(text=text, rows=rows), "token": token, "alone": alone, "danger": danger}
        self.put(job, "card", body, to=to, priority=1 if case.urgency == "P1" else 2, case=case.id)

    def _buttons(self, job: Job, session: Session, case_id: str) -> None:
        case = _case(session, case_id)
        rows = cards.card_rows(self.content, case, "{token}", names=self.house.names)
        self.put(job, "card_buttons", {"rows": rows}, to=self.house.group, priority=4, case=case_id)

    def _below_card(self, job: Job, session: Session, effect: ReplyToCard) -> None:
        named = heaviest(self.content, effect.reasons)
        lines = [f"• {both(self.content, self.content.indicators[one].label)}" for one in named]
        self._write_below(job, _case(session, effect.case), "\n".join([self.line(effect.line), *lines]))

    def _write_below(self, job: Job, case: Case, text: str) -> None:
        priority = 1 if case.urgency == "P1" else 3
        body = {"message": Message(text=f"{cards.SIGNS[case.urgency]} {case.number}\n{text}")}
        self.put(job, "card_reply", body, to=self.house.group, priority=priority, case=case.id)

    def give_back(self, job: Job, cases_of_lane: Iterable[Case], case_id: str | None) -> None:
        """Bring a reply that hiding took back to its card."""
        case = next((one for one in cases_of_lane if one.id == case_id), None)
        if case is not None:
            self._write_below(job, case, both(self.content, self.content.phrases["reply_undelivered"]))

    def _call(self, job: Job, session: Session, effect: CallOperators) -> None:
        case = _case(session, effect.case)
        named = heaviest(self.content, session.conversation.reasons_of(case.id))
        text = cards.card_text(self.content, case, talk=session.conversation, reasons=named, now=job.now)
        if effect.line is not None:
            text = f"{self.line(effect.line)}\n\n{text}"
        for to in self._called(effect, session):
            self.card(job, case, text, to=to)

    def _called(self, effect: CallOperators, session: Session) -> list[To | None]:
        """Give where a call goes; with nobody to call privately, the escalation chat; without one, the group."""
        house, escalation = self.house, self.house.escalation_chat
        private = [one for one in house.operators if one.started and may(one.role, "act")]
        if effect.to == "duty":
            return [house.seat(one.id) for one in private if one.id in session.watch.on or not session.watch.on]
        if effect.to == "supervisors":
            private = [one for one in private if one.role == SUPERVISOR] or private
        if effect.to != "escalation" and private:
            return [house.seat(one.id) for one in private]
        return [house.seat(escalation) if escalation is not None else house.group]

    def _tell(self, job: Job, session: Session, effect: TellOperator) -> None:
        case = next((one for one in session.cases if one.id == effect.case), None)
        names = self.house.names
        params = {"number": case.number if case else "", "name": names.get(case.assignee or 0, "") if case else ""}
        text = both(self.content, effect.line.words, {**params, **effect.line.params})
        self.tell(job, text)

    def _privately(self, job: Job, session: Session, effect: TellPrivately) -> None:
        """Write to one operator; whoever has not pressed start is called by name below the card."""
        case, text = _case(session, effect.case), self.line(effect.line)
        operator = next((one for one in self.house.operators if one.id == effect.operator), None)
        if operator is not None and operator.started:
            self.note(job, Message(text=f"{cards.SIGNS[case.urgency]} {text}"), chat=operator.id)
        else:
            self._write_below(job, case, f"{operator.name if operator else '?'}: {text}")


def _case(session: Session, case_id: str) -> Case:
    return next(case for case in session.cases if case.id == case_id)
