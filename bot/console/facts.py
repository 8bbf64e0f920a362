"""What must be known of a case before anything is written: the first screen, from clear fields and opened answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.console.speaking import Speech
from bot.core import contact, proving
from bot.core.content import Checklist, Contact
from bot.core.flow import Ask
from bot.core.state import Case, Conversation
from bot.service.advice import checklists
from bot.service.casebook import Dossier
from bot.service.entries import Answer, CaseFile, File, Media, Spot, Written

PHONE = ("whose_phone", "phone", "safe", "who")
"""Questions that tell whose phone it is: may they use it, can they write safely, is it about somebody else."""
PLACE, CALLBACK = "place", "callback"
NOTHING = CaseFile((), {}, (), (), None, None, None)


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is known; `told` are words of the person, to be veiled. `known`: somebody told it."""

    label: str
    value: str
    told: str = ""
    known: bool = True


class Facts:
    """Say what is known of an opened case; of one that is not sealed to the reader, what is in clear."""

    def __init__(self, dossier: Dossier, speech: Speech) -> None:
        self._case: Case = dossier.item.case
        self._talk: Conversation = dossier.talk
        self._file: CaseFile = dossier.file or NOTHING
        self._t = speech

    def __iter__(self) -> Iterator[Fact]:
        """Give them in the order in which they are asked for."""
        t, case = self._t, self._case
        told = [at for at in (self._file.last_word, self._talk.last_act) if at is not None]
        place = self._place()
        yield self._fact("where", t.place(case.country) if case.country or not place else "", told=place)
        yield self._fact("last_word", t("ago", time=t.duration(max(told, default=case.updated))))
        yield self._fact("may_write", f"{self.may_write()} ({self._rule()})")
        yield self._fact("time_there", t.times(case.country) or t("unknown"))
        yield self._fact("whose_phone", self._phone())
        yield self._fact("under_18", self._answer("minor"))
        yield self._fact("how_many", self._answer("people"))

    def _fact(self, label: str, value: str, *, told: str = "") -> Fact:
        return Fact(self._t(label), value, told, known=bool(told) or value != self._t("unknown"))

    def may_write(self) -> str:
        """Say whether one may write now, and until or from when."""
        now = self._t.now
        may = contact.allowance(self._t.content, self._talk, self._case, now)
        if may.allowed == now:
            return self._t("may_now")
        if may.until is not None:
            return self._t("answer_until", time=self._t.clock(may.until))
        return self._t("not_before", time=self._t.clock(may.allowed)) if may.allowed else self._t("not_first")

    def may_override(self) -> bool:
        """Say whether what is written now would wait, and may be sent to save a life."""
        may = contact.allowance(self._t.content, self._talk, self._case, self._t.now)
        return (may.due != self._t.now or self.needs_word()) and contact.may_override(self._talk, self._case)

    @property
    def has_word(self) -> bool:
        """Say whether a word was agreed on with the person."""
        return self._talk.word is not None

    def needs_word(self) -> bool:
        """Say whether what is written now waits until the person has written the agreed word."""
        return proving.is_needed(self._talk, self._t.now)

    def _rule(self) -> str:
        hours = ", ".join(self._label("hours", one) for one in self._talk.contact.hours)
        said = self._label("contact", self._talk.contact.kind)
        return f"{said}: {hours}" if hours else said

    def _label(self, question: str, choice: str) -> str:
        for flow in self._t.content.flows.values():
            for step in flow.steps:
                if isinstance(step, Ask) and step.id == question:
                    return next((self._t.words(one.words) for one in step.choices if one.id == choice), choice)
        return choice

    def _phone(self) -> str:
        """Say what was told of the phone; only that somebody watches it, if only a flag says so."""
        said = [f"{one.question.name}: {one.text}" for one in map(self._file.answers.get, PHONE) if one]
        watched = [flag.label for flag in self._file.flags if flag.indicator == "phone_watched"][:1]
        return " · ".join(said + watched) or self._t("unknown")

    def _answer(self, question: str) -> str:
        found: Answer | None = self._file.answers.get(question)
        return found.text if found is not None else self._t("unknown")

    def _place(self) -> str:
        """Give the newest place that was told, in words or as a point."""
        for entry in reversed(self._file.entries):
            match entry:
                case Spot():
                    return f"{entry.latitude:.5f}, {entry.longitude:.5f} {entry.title}".strip()
                case Written() | Answer():
                    asked = entry.question if isinstance(entry, Answer) else entry.to
                    if asked is not None and asked.id == PLACE:
                        return entry.text
        return ""

    @property
    def callback(self) -> str:
        """Give the newest number to call, as it was told; "" if there is none."""
        told = [one for one in self._file.entries if isinstance(one, Written) and one.to is not None]
        return next((one.text for one in reversed(told) if one.to and one.to.id == CALLBACK), "")

    @property
    def say_who(self) -> str:
        """Say whether whoever answers may be told who calls."""
        return self._answer("say_who")

    @property
    def unheard(self) -> list[File]:
        """Give the files that no human has heard or seen."""
        return [one.file for one in self._file.entries if isinstance(one, Media) and not one.file.opened]

    @property
    def advice(self) -> tuple[Checklist, ...]:
        """Give the checklists for what raised this P1; none for what is less urgent."""
        raised = [flag.indicator for flag in self._file.flags]
        return checklists(self._t.content, raised) if self._case.urgency == "P1" else ()

    @property
    def numbers(self) -> list[Contact]:
        """Give the numbers of the case's country that may be shown."""
        return [one for one in self._t.content.directory if one.country == self._case.country and one.is_shown]
