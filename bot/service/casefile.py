"""Reads an opened case: sealed records, opened by whoever may, become a typed timeline in one language.

Pure over what was opened: the console and `./helpline case` open the records and show the result. A record of a damaged
or newer shape is shown as it is (`Other`), so that nothing a person sent is ever left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar, get_args

from bot.core.content import Content
from bot.core.flow import Ask, Words
from bot.core.state import Coded, Stage
from bot.core.values import Language
from bot.service.entries import (
    Act,
    Answer,
    AnyEntry,
    CaseFile,
    Cause,
    Consent,
    Entry,
    File,
    FileState,
    Flag,
    Hold,
    Identification,
    Link,
    Media,
    Milestone,
    Note,
    Opinion,
    Other,
    Phone,
    Question,
    Reply,
    Said,
    Spot,
    Stood,
    Suspicion,
    Told,
    Version,
    Written,
)
from bot.service.rows import SealedRecord

Body = Mapping[str, Any]
Kind = TypeVar("Kind", bound=Entry)
_WRITTEN = ("words", "edited", "media", "place")
"""Kinds whose words are read for danger; the flag they raise is sealed right behind them."""
_CAUSES: Mapping[str, Cause] = {"person": "person", "crash": "crash"}


@dataclass(frozen=True, slots=True)
class Item:
    """One opened record: what was sealed, and of its file what was sealed once it was fetched (None: not yet)."""

    id: str
    body: Body
    at: datetime
    media: bool
    opened: bool
    blob: str | None
    file: Body | None


class Opener(Protocol):
    """Open the records of one case; `bot.vault.opening.CaseOpener` does."""

    def record(self, sealed: bytes, *, case: str, record: str, kind: str) -> Body:
        """Open one record of a case; raises OperatorError unless it is whole and of this case, record and kind."""


def open_items(opener: Opener, case: str, records: Iterable[SealedRecord]) -> tuple[Item, ...]:
    """Open a case's records, in order; raises OperatorError for one that does not open."""
    items = []
    for row in records:
        body = opener.record(row.sealed, case=case, record=row.id, kind="record")
        told = row.described
        file = opener.record(told, case=case, record=row.id, kind="file") if told is not None else None
        items.append(Item(row.id, body, row.at, row.media, row.opened, row.blob, file))
    return tuple(items)


def read_case(content: Content, items: Sequence[Item], language: Language) -> CaseFile:
    """Read opened records, oldest first, for somebody who reads this language."""
    reader = _Reader(content, language)
    for item in items:
        reader.read(item)
    return reader.case_file()


class _Reader:
    """Reads records one after another; what comes later may change what is told of an earlier one."""

    def __init__(self, content: Content, language: Language) -> None:
        self._content = content
        self._language = language
        self._asks = {step.id: step for flow in content.flows.values() for step in flow.steps if isinstance(step, Ask)}
        self._entries: list[AnyEntry] = []
        self._messages: dict[int, int] = {}
        self._wrote: str | None = None
        self._kinds: Mapping[str, Callable[[Item], Iterable[AnyEntry]]] = {
            "answer": self._answer,
            "answers": self._answers,
            "words": self._words,
            "edited": self._edited,
            "media": self._media,
            "place": self._place,
            "number": self._number,
            "flag": self._flags,
            "reply": self._reply,
            "desk": self._act,
            "note": self._note,
            "opinion": self._opinion,
            "suspicion": self._suspicion,
            "identification": self._identification,
            "milestone": self._milestone,
            "stage": self._stood,
            "link": self._link,
            "consent": self._consent,
            "hold": self._hold,
        }

    def read(self, item: Item) -> None:
        """Add what one record tells."""
        read = self._kinds.get(str(item.body.get("kind")))
        try:
            entries = [*read(item)] if read is not None else [_other(item)]
        except (KeyError, TypeError, ValueError):
            entries = [_other(item)]  # sealed by a release that wrote it otherwise: shown as it is
        self._entries += entries
        if item.body.get("kind") in _WRITTEN:
            self._wrote = item.id

    def case_file(self) -> CaseFile:
        """Give the case, once all its records were read."""
        answers = {one.question.id: one for one in self._of(Answer)}
        opinions = {one.indicator: one for one in self._of(Opinion)}
        entries = tuple(_settled(one, answers, opinions) for one in self._entries)
        return CaseFile(
            entries=entries,
            answers=answers,
            flags=tuple(one for one in entries if isinstance(one, Flag)),
            milestones=tuple(self._of(Milestone)),
            suspicion=next(reversed(self._of(Suspicion)), None),
            identification=next(reversed(self._of(Identification)), None),
            last_word=max((_last(one) for one in entries if isinstance(one, Told)), default=None),
        )

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self._entries if isinstance(one, kind)]

    # ── by the person ────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, item: Item) -> Iterable[AnyEntry]:
        yield self._coded(item, str(item.body["question"]), item.body["value"], name=str(item.body["name"]))

    def _answers(self, item: Item) -> Iterable[AnyEntry]:
        """Read what had been answered before the case began."""
        for question, value in item.body["answers"].items():
            yield self._coded(item, question, value, name=question)

    def _coded(self, item: Item, question: str, value: object, *, name: str) -> Answer:
        coded: Coded = tuple(str(one) for one in value) if isinstance(value, list | tuple) else _plain(value)
        ids = coded if isinstance(coded, tuple) else (coded,)
        text = ", ".join(self._choice(question, one) for one in ids)
        return Answer(item.id, item.at, self._question(question, name), coded, text)

    def _choice(self, question: str, value: str | int) -> str:
        """Give a choice's label; a number, or a choice this release does not have, as it is."""
        ask = self._asks.get(question)
        label = next((one.words for one in ask.choices if one.id == value), None) if ask else None
        return self._text(label) if label else str(value)

    def _words(self, item: Item) -> Iterable[AnyEntry]:
        message = item.body.get("message")
        if isinstance(message, int):
            self._messages[message] = len(self._entries)
        version = Version(item.id, item.at, str(item.body["text"]))
        forwarded = bool(item.body.get("forwarded"))
        yield Written(item.id, item.at, (version,), self._to(item), forwarded)

    def _edited(self, item: Item) -> Iterable[AnyEntry]:
        """Put a new version where its message stands; one whose message is not known stands by itself."""
        at = self._messages.get(item.body.get("message", 0))
        first = self._entries[at] if at is not None else None
        if at is None or not isinstance(first, Written):
            return self._words(item)
        version = Version(item.id, item.at, str(item.body["text"]))
        self._entries[at] = replace(first, versions=(*first.versions, version))
        return ()

    def _media(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        caption, forwarded = str(body.get("caption") or ""), bool(body.get("forwarded"))
        yield Media(item.id, item.at, file_of(item), caption, self._to(item), forwarded, body.get("album"))

    def _place(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        title = str(body.get("title") or "")
        yield Spot(item.id, item.at, float(body["latitude"]), float(body["longitude"]), title, self._to(item))

    def _number(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        holder, own = str(body.get("holder") or ""), bool(body.get("own"))
        yield Phone(item.id, item.at, str(body["number"]), holder, own, self._to(item))

    # ── why it was flagged ───────────────────────────────────────────────────────────────────────────────────

    def _flags(self, item: Item) -> Iterable[AnyEntry]:
        words = tuple(str(one) for one in item.body.get("words") or ())
        cause, because, by = self._cause(str(item.body["because"]), words=words)
        for indicator in item.body["indicators"]:
            row = self._content.indicators.get(indicator)
            label, source = (self._text(row.label), row.source) if row else (str(indicator), "")
            yield Flag(item.id, item.at, str(indicator), label, source, cause, because, by, words)

    def _cause(self, because: str, *, words: tuple[str, ...]) -> tuple[Cause, str, str | None]:
        """Give what raised a flag, that in words, and the record it is in: always sealed right before the flag."""
        if because == "words":
            return ("words", ", ".join(words), self._wrote) if words else ("help", "", None)
        flow = self._content.flows.get(because)
        answers = [one for one in self._of(Answer) if one.question.id == because]
        if answers:
            return "answer", f"{answers[-1].question.name}: {answers[-1].text}", answers[-1].record
        if because in _CAUSES:
            return _CAUSES[because], "", None
        return "flow", self._text(flow.title) if flow else because, None

    # ── by operators ─────────────────────────────────────────────────────────────────────────────────────────

    def _reply(self, item: Item) -> Iterable[AnyEntry]:
        file = file_of(item) if "file" in item.body else None
        body = item.body
        override = self._label(self._content.dangers, body["override"]) if body.get("override") else ""
        yield Reply(item.id, item.at, int(body["operator"]), str(body.get("text") or ""), file, override)

    def _act(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        outcomes = {ident: row.words for ident, row in self._content.outcomes.items()}
        reasons = {**self._content.urgency_reasons, **self._content.keep_reasons}
        tables = {"reason": reasons, "outcome": outcomes}
        details = {name: self._label(tables.get(name, {}), body[name]) for name in _DETAILS if body.get(name)}
        to = int(body["to"]) if "to" in body else None
        yield Act(item.id, item.at, int(body["operator"]), str(body["act"]), details, to, str(body.get("note") or ""))

    def _note(self, item: Item) -> Iterable[AnyEntry]:
        yield Note(item.id, item.at, int(item.body["operator"]), str(item.body["text"]))

    def _opinion(self, item: Item) -> Iterable[AnyEntry]:
        body, indicator = item.body, str(item.body["indicator"])
        row = self._content.indicators.get(indicator)
        label = self._text(row.label) if row else indicator
        agrees, reason = bool(body["agrees"]), str(body["reason"])
        yield Opinion(item.id, item.at, int(body["operator"]), indicator, label, agrees, reason)

    def _suspicion(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        yield Suspicion(item.id, item.at, int(body["operator"]), bool(body["holds"]), str(body["reason"]))

    def _identification(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        on = date.fromisoformat(body["on"])
        yield Identification(item.id, item.at, int(body["operator"]), str(body["by"]), on)

    def _milestone(self, item: Item) -> Iterable[AnyEntry]:
        body, ident = item.body, str(item.body["milestone"])
        on, note = date.fromisoformat(body["on"]), str(body.get("note") or "")
        row = self._content.milestones.get(ident)
        label = self._text(row.words) if row else ident
        yield Milestone(item.id, item.at, int(body["operator"]), ident, label, on, note)

    def _stood(self, item: Item) -> Iterable[AnyEntry]:
        body, stage = item.body, _STAGES[str(item.body["stage"])]
        on = date.fromisoformat(body["on"]) if body.get("on") else None
        label = self._text(self._content.phrases[f"stage_{stage}"])
        yield Stood(item.id, item.at, int(body["operator"]), stage, label, on)

    def _link(self, item: Item) -> Iterable[AnyEntry]:
        body = item.body
        yield Link(item.id, item.at, int(body["operator"]), str(body["number"]), str(body["reason"]))

    def _consent(self, item: Item) -> Iterable[AnyEntry]:
        body, ident = item.body, str(item.body["organisation"])
        row = self._content.organisations.get(ident)
        operator = body.get("operator")
        yield Consent(
            item.id,
            item.at,
            organisation=ident,
            name=self._text(row.words) if row else ident,
            purpose=self._label(self._content.purposes, body["purpose"]),
            answer=_CONSENTS[str(body["answer"])],
            version=str(body.get("version") or ""),
            operator=operator if isinstance(operator, int) else None,
            reason=str(body.get("reason") or ""),
            note=str(body.get("note") or ""),
        )

    def _hold(self, item: Item) -> Iterable[AnyEntry]:
        operator = item.body.get("operator")
        by = operator if isinstance(operator, int) else None
        yield Hold(item.id, item.at, bool(item.body["held"]), str(item.body["reason"]), by)

    # ── in words ─────────────────────────────────────────────────────────────────────────────────────────────

    def _text(self, words: Words) -> str:
        return self._content.text(words, self._language)

    def _label(self, table: Mapping[str, Words], ident: object) -> str:
        words = table.get(str(ident))
        return self._text(words) if words else str(ident)

    def _question(self, ident: str, name: str) -> Question:
        ask = self._asks.get(ident)
        return Question(ident, self._text(ask.name), self._text(ask.text)) if ask else Question(ident, name)

    def _to(self, item: Item) -> Question | None:
        """Give the question that words or a file answered; None outside of one."""
        ident = item.body.get("question")
        return self._question(str(ident), str(item.body.get("name") or ident)) if ident else None


_STAGES: Mapping[str, Stage] = {stage: stage for stage in get_args(Stage)}
_CONSENTS: Mapping[str, Said] = {said: said for said in get_args(Said)}
_DETAILS = ("urgency", "reason", "outcome", "due")


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _other(item: Item) -> Other:
    return Other(item.id, item.at, str(item.body.get("kind")), item.body)


def file_of(item: Item) -> File:
    """Give what is known of a record's file; raises KeyError for a record without one."""
    about = item.body["file"]
    state: FileState = "here" if item.blob is not None else "awaited"
    if item.file is not None and item.file.get("missing"):
        state = "missing"
    told = {name: about.get(name) for name in ("name", "mime", "size", "duration")}
    opened = item.opened or not item.media  # what an operator sent needs nobody to look
    return File(item.id, str(about["kind"]), state, opened, item.blob, **told)


def _settled(entry: AnyEntry, answers: Mapping[str, Answer], opinions: Mapping[str, Opinion]) -> AnyEntry:
    """Add to an entry what came after it: another answer, an operator's opinion."""
    match entry:
        case Answer() if answers[entry.question.id] is not entry:
            return replace(entry, replaced=True)
        case Flag() if entry.indicator in opinions:
            return replace(entry, opinion=opinions[entry.indicator])
        case _:
            return entry


def _last(entry: Entry) -> datetime:
    """Give when the person last touched it."""
    return entry.versions[-1].at if isinstance(entry, Written) else entry.at
