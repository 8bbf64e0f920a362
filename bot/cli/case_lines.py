"""The lines by which `./helpline case` shows an entry of a case."""

import json
from collections.abc import Iterator
from typing import assert_never

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
    Written,
)


def lines_of(entry: AnyEntry) -> Iterator[str]:
    """Give what an entry tells, line by line; what people wrote is given as it is, and must be made visible."""
    if isinstance(entry, Told):
        return _told(entry)
    if isinstance(entry, Done):
        return _done(entry)
    return _marked(entry)


def _told(entry: Told) -> Iterator[str]:
    match entry:
        case Answer():
            yield f"{entry.question.name}: {entry.text}{'  (changed later)' if entry.replaced else ''}"
        case Written():
            yield from _written(entry)
        case Media():
            yield from _asked(entry.to)
            yield from _shown(entry.caption, entry.file)
        case Spot():
            yield from _asked(entry.to)
            yield f"{entry.latitude:.5f}, {entry.longitude:.5f}  {entry.title}".rstrip()
        case Phone():
            yield from _asked(entry.to)
            yield f"{entry.number}  {entry.holder}{'  (their own)' if entry.own else ''}"
        case _:
            assert_never(entry)


def _done(entry: Done) -> Iterator[str]:
    match entry:
        case Reply():
            yield from [f"against the contact rule: {entry.override}"] if entry.override else []
            yield from _shown(entry.text, entry.file)
        case Act():
            yield from _act(entry)
        case Note():
            yield f"{entry.operator}: {entry.text}"
        case Opinion():
            yield f"{entry.operator} {'agrees' if entry.agrees else 'disagrees'} with {entry.label}: {entry.reason}"
        case Suspicion():
            yield f"{'suspected' if entry.holds else 'not suspected'} by {entry.operator}: {entry.reason}"
        case Identification():
            yield f"formally identified by {entry.by} on {entry.on}, noted by {entry.operator}"
        case Milestone():
            yield f"{entry.label} on {entry.on}, noted by {entry.operator}  {entry.note}".rstrip()
        case Hold():
            yield f"{'kept from being destroyed' if entry.held else 'kept no longer'}: {entry.reason}"
        case _:
            assert_never(entry)


def _marked(entry: Flag | Other) -> Iterator[str]:
    match entry:
        case Flag():
            yield f"{entry.label} ({entry.indicator}), because of {entry.cause} {entry.because}".rstrip()
            yield f"source: {entry.source}"
        case Other():
            yield from (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.body.items())
        case _:
            assert_never(entry)


def _shown(text: str, file: File | None) -> Iterator[str]:
    yield from [text] if text else []
    yield from _file(file) if file else []


def _asked(question: Question | None) -> Iterator[str]:
    if question is not None:
        yield question.name


def _written(entry: Written) -> Iterator[str]:
    yield from _asked(entry.to)
    yield f"{entry.text}{'  (forwarded)' if entry.forwarded else ''}"
    for version in entry.versions[:-1]:
        yield f"before it was changed: {version.text}"


def _act(entry: Act) -> Iterator[str]:
    told = "".join(f"  {name}: {label}" for name, label in entry.details.items())
    yield f"{entry.act} by {entry.operator}{f'  to {entry.to}' if entry.to else ''}{told}"
    yield from [entry.note] if entry.note else []


def _file(file: File) -> Iterator[str]:
    there = {"awaited": "being fetched", "here": "", "missing": "missing"}[file.state]
    state = "opened" if file.opened else "NOT OPENED YET"
    parts = ("file:", file.kind, file.name or "", f"{file.size or '?'} bytes", there, state)
    yield " ".join(part for part in parts if part)
