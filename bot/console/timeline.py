"""A case as it was told and done, in order: each entry of an opened case becomes a line in the reader's language.

Words of people are given as they are; the templates escape them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, assert_never

from bot.console.speaking import Speech
from bot.service.entries import (
    Act,
    Answer,
    AnyEntry,
    Done,
    File,
    Flag,
    Hold,
    Identification,
    Media,
    Milestone,
    Note,
    Opinion,
    Other,
    Phone,
    Question,
    Reply,
    Spot,
    Suspicion,
    Told,
    Version,
    Written,
)

Side = Literal["person", "desk", "machine"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing told or done. `question` and `text` are what was asked and said; `before` are earlier versions of it.

    `label` is a text of ours beside what was said, so it needs no veil; `file` is there if one was sent.
    """

    record: str
    at: datetime
    side: Side
    what: str
    who: str = ""
    question: str = ""
    label: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    before: tuple[Version, ...] = ()
    file: File | None = None


class Timeline:
    """Tell entries in the reader's language; `names` are the operators', by id."""

    def __init__(self, speech: Speech, names: Mapping[int, str]) -> None:
        self._t = speech
        self._names = names

    def lines(self, entries: Sequence[AnyEntry]) -> Sequence[Line]:
        """Give a line for each entry, oldest first."""
        return [self._line(entry) for entry in entries]

    def name(self, operator: int | None) -> str:
        """Name an operator; one who is gone by their id."""
        return self._names.get(operator, str(operator)) if operator is not None else ""

    def _line(self, entry: AnyEntry) -> Line:
        if isinstance(entry, Told):
            return self._told(entry)
        match entry:
            case Flag():
                return Line(entry.record, entry.at, "machine", self._t("flagged"), label=entry.label)
            case Other():
                values = tuple(f"{key}: {value}" for key, value in entry.body.items() if key not in ("kind", "at"))
                return Line(entry.record, entry.at, "machine", entry.kind, text="\n".join(values))
            case _:
                return self._done(entry)

    def _told(self, entry: Told) -> Line:
        def line(what: str, to: Question | None, text: str, *notes: str) -> Line:
            question = to.name if to is not None else ""
            return Line(entry.record, entry.at, "person", self._t(what), "", question, "", text, notes)

        match entry:
            case Answer():
                return line("answered", entry.question, entry.text, *self._if(entry.replaced, "replaced"))
            case Written(versions=versions):
                told = line("wrote", entry.to, entry.text, *self._if(entry.forwarded, "forwarded"))
                return replace(told, before=versions[:-1])
            case Media():
                told = line("sent_file", entry.to, entry.caption, *self._if(entry.forwarded, "forwarded"))
                return replace(told, file=entry.file)
            case Spot():
                place = f"{entry.latitude:.5f}, {entry.longitude:.5f} {entry.title}".strip()
                return line("sent_place", entry.to, place)
            case Phone():
                number = f"{entry.number} {entry.holder}".strip()
                return line("sent_number", entry.to, number, *self._if(entry.own, "own_number"))
            case _:
                assert_never(entry)

    def _if(self, so: bool, key: str) -> Iterator[str]:
        yield from [self._t(key)] if so else []

    def _done(self, entry: Done) -> Line:
        def line(what: str, text: str, *, label: str = "", notes: tuple[str, ...] = ()) -> Line:
            who = self.name(entry.operator)
            return Line(entry.record, entry.at, "desk", what, who, label=label, text=text, notes=notes)

        match entry:
            case Reply():
                notes = (self._t("overrode", name=entry.override),) if entry.override else ()
                return replace(line(self._t("replied"), entry.text, notes=notes), file=entry.file)
            case Act():
                return line(self._act(entry.act), entry.note, notes=tuple(self._details(entry)))
            case Note():
                return line(self._t("note"), entry.text)
            case Opinion():
                what = self._t("agrees" if entry.agrees else "disagrees")
                return line(what, entry.reason, label=entry.label)
            case Suspicion():
                return line(self._t("suspected" if entry.holds else "not_suspected"), entry.reason)
            case Identification():
                return line(self._t("identified"), entry.by, notes=(day(entry.on),))
            case Milestone():
                return line(entry.label, entry.note, notes=(day(entry.on),))
            case Hold():
                return line(self._t("held" if entry.held else "held_no_longer"), entry.reason)
            case _:
                assert_never(entry)

    def _act(self, act: str) -> str:
        return self._t.phrase(act) if act in self._t.content.phrases else self._t("did")

    def _details(self, entry: Act) -> Iterator[str]:
        for name, label in entry.details.items():
            yield self._t.moment(datetime.fromisoformat(label)) if name == "due" else label
        if entry.to is not None:
            yield f"→ {self.name(entry.to)}"


def day(on: date) -> str:
    """Give a day as it is written on these pages."""
    return f"{on:%d.%m.%Y}"
