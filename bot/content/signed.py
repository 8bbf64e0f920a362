"""Reads what humans signed off: approvals in locales/km/approved.tsv, recordings in locales/km/voice."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.core.content import Content
from bot.core.errors import AuthorError
from bot.core.signing import Approval, Missing, Sentence, digest, missing

APPROVED = "locales/km/approved.tsv"
VOICE = "locales/km/voice"
HEADER = "context\tenglish\tkhmer\treader\ton"
LARGEST = 1 << 20
"""Bytes of a recording. What is larger Telegram shows as a file, not as a voice message."""
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds of a recording; our own figures: nobody listens for longer with somebody in the next room."""
_RATE = 48_000  # an Opus stream counts in these, whatever it was recorded with (RFC 7845, 4)


def missing_sign_offs(content: Content, root: Path) -> Missing:
    """Find what still waits for a human. Raises: AuthorError for an approval that cannot be read."""
    return missing(content, approvals=read_approvals(root), recorded=frozenset(_recorded(root)))


def read_approvals(root: Path) -> tuple[Approval, ...]:
    """Read the approvals; none if there is no file. Raises: AuthorError."""
    path = root / APPROVED
    if not path.is_file():
        return ()
    header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    if header != HEADER:
        raise AuthorError(f"{APPROVED}:1: This is not its header. Write approvals with ./helpline words approve.")
    return tuple(_approval(line, number) for number, line in enumerate(lines, start=2))


def _approval(line: str, number: int) -> Approval:
    fields = line.split("\t")
    names = HEADER.split("\t")
    try:
        approval = Approval.model_validate_strings(dict(zip(names, fields, strict=True)))
    except ValueError as wrong:
        what = f"{APPROVED}:{number}: This line is no approval. Write them with ./helpline words approve."
        raise AuthorError(what) from wrong
    if not approval.reader.strip():
        raise AuthorError(f"{APPROVED}:{number}: Nobody is named as reader. Approvals are of named people.")
    return approval


def approve(root: Path, sentence: Sentence, *, reader: str, on: date) -> None:
    """Write down that a reader approved a sentence, in the place of what was approved of it before."""
    english, khmer = digest(sentence.english), digest(sentence.khmer)
    new = Approval(context=sentence.context, english=english, khmer=khmer, reader=reader, on=on)
    kept = [one for one in read_approvals(root) if (one.context, one.english) != (new.context, english)]
    rows = sorted((one.context, one.english, one.khmer, one.reader, one.on.isoformat()) for one in [*kept, new])
    text = "\n".join([HEADER, *("\t".join(row) for row in rows)])
    (root / APPROVED).write_text(f"{text}\n", encoding="utf-8")


def _recorded(root: Path) -> Iterator[str]:
    """Name the recordings that can be used."""
    for path in (root / VOICE).glob("*.ogg"):
        if path.stat().st_size <= LARGEST and SHORTEST <= opus_seconds(path.read_bytes()) <= LONGEST:
            yield path.name


def opus_seconds(data: bytes) -> float:
    """Give how long a recording in OGG/Opus is; 0 if it is none (RFC 3533 and RFC 7845)."""
    head, last = data.find(b"OpusHead"), data.rfind(b"OggS")
    if not data.startswith(b"OggS") or not 0 < head < 128 or len(data) < last + 27:
        return 0.0
    skipped = int.from_bytes(data[head + 10 : head + 12], "little")
    position = int.from_bytes(data[last + 6 : last + 14], "little", signed=True)
    return max(position - skipped, 0) / _RATE
