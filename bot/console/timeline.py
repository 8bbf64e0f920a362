"""A case as it is read: what must be known first, why it is urgent, and what was told and done, in order.

Answers stand beside the questions they answer, in the reader's language. Words of people are given as they are; the
templates escape them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from bot.console.speaking import Speech
from bot.core import contact
from bot.core.content import Content
from bot.core.flow import Ask
from bot.core.state import Case, Conversation
from bot.service.cards import HOME
from bot.service.casebook import Dossier, Item

FIRST = ("safe", "phone", "minor", "people")
"""Questions whose answers must be known before anything is written."""
Side = Literal["person", "desk", "machine"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing told or done. `question` and `text` are what was asked and said; `file` if there is one to be had."""

    at: datetime
    side: Side
    what: str
    who: str = ""
    question: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    file: "File | None" = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a record: what kind, and whether it can be had and was opened."""

    record: str
    kind: str
    state: Literal["here", "fetching", "lost"]
    opened: bool
    size: int


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for the urgency: the indicator, and what raised it."""

    label: str
    by: str
    what: str
    source: str


class Story:
    """A dossier, told in the reader's language."""

    def __init__(self, dossier: Dossier, speech: Speech, *, names: Mapping[int, str]) -> None:
        self.case: Case = dossier.item.case
        self._talk: Conversation = dossier.talk
        self._items: Sequence[Item] = dossier.items or ()
        self._t = speech
        self._content: Content = speech.content
        self._names = names

    # ── what must be known first ─────────────────────────────────────────────────────────────────────────────

    def facts(self) -> Iterator[tuple[str, str]]:
        """Give what the first screen says: labels, and what is known."""
        last = self._talk.last_act or self.case.updated
        yield self._t("where"), self._t.place(self.case.country)
        yield self._t("time_there"), self._t.times(self.case.country)
        yield self._t("last_word"), self._t("ago", time=self._t.duration(last))
        yield self._t("may_write"), self.may_write()
        yield self._t("rule"), self._rule()
        for question in FIRST:
            yield self._question(question, {}), self._told(question)

    def may_write(self) -> str:
        """Say whether one may write now, and until or from when."""
        talk, now = self._talk, self._t.now
        zones = self._content.zones(self.case.country)
        if talk.mode == "open" and talk.last_act is not None and contact.is_answer(talk.last_act, now):
            return self._t("answer_until", time=_clock(talk.last_act + contact.ANSWER_TIME))
        due = contact.next_allowed(talk.contact, zones, now)
        if due is None:
            return self._t("not_first")
        return self._t("may_now") if due == now else self._t("not_before", time=_clock(due))

    def _rule(self) -> str:
        hours = tuple(str(one) for one in self._talk.contact.hours)
        said = self._label("contact", self._talk.contact.kind)
        return f"{said}: {', '.join(self._label('hours', one) for one in hours)}" if hours else said

    def _told(self, question: str) -> str:
        values = [answer for item in self._items for asked, answer in _answers(item.body) if asked == question]
        return self._value(question, values[-1]) if values else self._t("unknown")

    def unheard(self) -> Sequence[Entry]:
        """Give the entries with a file that nobody has opened."""
        return [entry for entry in self.entries if entry.file is not None and not entry.file.opened]

    # ── why it is urgent ─────────────────────────────────────────────────────────────────────────────────────

    def reasons(self) -> Iterator[Why]:
        """Give every indicator that was raised, with the answer or the words that raised it."""
        for item in self._items:
            if item.body.get("kind") == "flag":
                for indicator in _texts(item.body.get("indicators")):
                    yield self._why(indicator, item.body)

    def _why(self, indicator: str, body: Mapping[str, Any]) -> Why:
        row = self._content.indicators.get(indicator)
        because = str(body.get("because", ""))
        words = ", ".join(_texts(body.get("words")))
        label, source = (self._t.words(row.label), row.source) if row else (indicator, "")
        if words:
            return Why(label, self._t("by_words"), words, source)
        if because in self._asks:
            return Why(label, self._t("by_answer"), self._t.words(self._asks[because].name), source)
        flow = self._content.flows.get(because)
        return Why(label, self._t("by_press"), self._t.words(flow.title) if flow else "", source)

    # ── what was told and done ───────────────────────────────────────────────────────────────────────────────

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Give everything, oldest first."""
        return [entry for item in self._items for entry in self._entry(item)]

    def _entry(self, item: Item) -> Iterator[Entry]:
        body = item.body
        match body.get("kind"):
            case "answer" | "answers":
                for question, value in _answers(body):
                    text = self._value(question, value)
                    yield self._by_person(item, "answered", text, question=self._question(question, body))
            case "words" | "edited" as kind:
                yield self._by_person(item, "wrote" if kind == "words" else "rewrote", str(body.get("text", "")))
            case "media":
                yield self._by_person(item, "sent_file", str(body.get("caption") or ""))
            case "place":
                place = f"{body.get('latitude')}, {body.get('longitude')} {body.get('title') or ''}"
                yield self._by_person(item, "sent_place", place.strip())
            case "number":
                number = f"{body.get('number')} {body.get('holder') or ''}".strip()
                own = self._t("own_number") if body.get("own") else ""
                yield self._by_person(item, "sent_number", f"{number}  {own}".strip())
            case "flag":
                labels = [self._why(one, body).label for one in _texts(body.get("indicators"))]
                yield Entry(item.at, "machine", self._t("flagged"), text=", ".join(labels))
            case "reply":
                who = self._name(body)
                yield Entry(item.at, "desk", self._t("replied"), who, text=str(body.get("text", "")), file=_file(item))
            case "desk":
                yield Entry(item.at, "desk", self._act(body), self._name(body), notes=tuple(self._details(body)))
            case other:  # what a later release keeps is shown, not hidden
                values = [f"{key}: {value}" for key, value in body.items() if key not in ("kind", "at", "file")]
                yield Entry(item.at, "machine", str(other), notes=tuple(values), file=_file(item))

    def _by_person(self, item: Item, what: str, text: str, *, question: str = "") -> Entry:
        notes = (self._t("forwarded"),) if item.body.get("forwarded") else ()
        asked = question or self._question(str(item.body.get("question", "")), item.body)
        return Entry(item.at, "person", self._t(what), "", asked, text, notes, _file(item))

    def _act(self, body: Mapping[str, Any]) -> str:
        act = str(body.get("act", ""))
        return self._t.phrase(act) if act in self._content.phrases else self._t("did")

    def _details(self, body: Mapping[str, Any]) -> Iterator[str]:
        if body.get("urgency"):
            yield str(body["urgency"])
        if reason := self._content.urgency_reasons.get(str(body.get("reason"))):
            yield self._t.words(reason)
        if outcome := self._content.outcomes.get(str(body.get("outcome"))):
            yield self._t.words(outcome.words)

    def _name(self, body: Mapping[str, Any]) -> str:
        operator = body.get("operator")
        return self._names.get(operator, str(operator)) if isinstance(operator, int) else ""

    # ── answers beside their questions ───────────────────────────────────────────────────────────────────────

    @cached_property
    def _asks(self) -> Mapping[str, Ask]:
        return {step.id: step for flow in self._content.flows.values() for step in flow.steps if isinstance(step, Ask)}

    def _question(self, question: str, body: Mapping[str, Any]) -> str:
        ask = self._asks.get(question)
        return self._t.words(ask.name) if ask is not None else str(body.get("name") or question)

    def _value(self, question: str, value: object) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(self._label(question, str(one)) for one in value)
        return self._label(question, str(value))

    def _label(self, question: str, choice: str) -> str:
        ask = self._asks.get(question)
        found = next((one for one in ask.choices if one.id == choice), None) if ask is not None else None
        return self._t.words(found.words) if found is not None else choice


def _answers(body: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Give the coded answers of a record: one of its own, or those given before the case began."""
    if body.get("kind") == "answer":
        yield str(body.get("question", "")), body.get("value")
    answers = body.get("answers")
    if isinstance(answers, dict):
        yield from answers.items()


def _texts(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else ()


def _file(item: Item) -> File | None:
    about = item.body.get("file")
    if not isinstance(about, dict):
        return None
    lost = item.file is not None and bool(item.file.get("missing"))
    state: Literal["here", "fetching", "lost"] = "here" if item.blob else "lost" if lost else "fetching"
    size = about.get("size")
    opened = item.opened or not item.media
    return File(item.id, str(about.get("kind", "document")), state, opened, size if isinstance(size, int) else 0)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(HOME):%d.%m. %H:%M}"
