"""What a case holds, as a human reads it: one frozen value for each opened record, in the order it was kept.

Texts of the content are in the reader's language; what people wrote is as they wrote it. Nothing here is markup: who
shows it escapes it. `record` is the record's id, `at` the minute it was kept, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from bot.core.state import Coded, Stage

FileState = Literal["awaited", "here", "missing"]
"""awaited: still being fetched. missing: it could not be fetched, and is not tried again."""
Said = Literal["yes", "no", "later", "asked", "unasked"]
"""What was answered to the question whether a case may be passed on, or that it was asked, or not."""
Cause = Literal["answer", "words", "flow", "person", "help", "crash"]
"""What raised a flag: a coded answer, words somebody wrote, entering a flow (danger), asking for a person or for help,
or a fault of the program."""
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""What the console can show, as a sender's program names it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is named and asked now; `asked` is None if this release does not ask it any more."""

    id: str
    name: str
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a record: `blob` is where its sealed bytes lie once they are `here`. `size` is in bytes.

    `opened`: a human has heard or seen it. `duration` is in seconds. `name` is the sender's: shown, never used on disk.
    """

    record: str
    kind: str
    state: FileState
    opened: bool
    blob: str | None = None
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    duration: int | None = None

    @property
    def is_picture(self) -> bool:
        """Say whether it was sent as a picture; what it is, nobody has looked at."""
        return self.kind == "photo" or self.mime in PICTURES


@dataclass(frozen=True, slots=True)
class Version:
    """A message's text as it was at a moment."""

    record: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    record: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer(Entry):
    """A coded answer: `value` as it is stored, `text` in words. `replaced`: it was answered otherwise later."""

    question: Question
    value: Coded
    text: str
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Written(Entry):
    """Words of the person; `versions`, oldest first, has more than one once they edited them. `to`: the question."""

    versions: tuple[Version, ...]
    to: Question | None = None
    forwarded: bool = False

    @property
    def text(self) -> str:
        """Give the words as they stand now."""
        return self.versions[-1].text


@dataclass(frozen=True, slots=True)
class Media(Entry):
    """A voice note, photo, video or file of the person; items of one `album` belong together."""

    file: File
    caption: str = ""
    to: Question | None = None
    forwarded: bool = False
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Spot(Entry):
    """A place the person sent, in WGS84 degrees."""

    latitude: float
    longitude: float
    title: str = ""
    to: Question | None = None


@dataclass(frozen=True, slots=True)
class Phone(Entry):
    """A phone contact the person shared; `own` if it is their own number."""

    number: str
    holder: str = ""
    own: bool = False
    to: Question | None = None


@dataclass(frozen=True, slots=True)
class Flag(Entry):
    """One indicator that was raised, and why: `by` is the record of the answer, message or version, if there is one.

    `words` are the terms of the lexicon that decided. `opinion` is the newest one of an operator, if there is one.
    """

    indicator: str
    label: str
    source: str
    cause: Cause
    because: str
    by: str | None = None
    words: tuple[str, ...] = ()
    opinion: "Opinion | None" = None


@dataclass(frozen=True, slots=True)
class Reply(Entry):
    """What an operator answered the person; `override`: why against the contact rule, in words, "" if it was not."""

    operator: int
    text: str
    file: File | None = None
    override: str = ""


@dataclass(frozen=True, slots=True)
class Act(Entry):
    """What an operator did with the case; `details` are its labels in words, by name.

    Names: urgency, reason, outcome, due (an ISO instant). `to` is the colleague it was handed over to.
    """

    operator: int
    act: str
    details: Mapping[str, str]
    to: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note(Entry):
    """What an operator noted for colleagues; the person never sees it, and it never goes through the messenger."""

    operator: int
    text: str


@dataclass(frozen=True, slots=True)
class Opinion(Entry):
    """An operator agrees or disagrees with a flag, and says why; the urgency is another matter."""

    operator: int
    indicator: str
    label: str
    agrees: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Suspicion(Entry):
    """An operator suspects trafficking, or does not any more. Never a finding: see Identification."""

    operator: int
    holds: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Identification(Entry):
    """An authority identified the person formally: `by` whom, on which day."""

    operator: int
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Milestone(Entry):
    """A step of the way home that was reached on a day."""

    operator: int
    milestone: str
    label: str
    on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stood(Entry):
    """Where a family's request stands from then on; `on` is the day on which it was passed on."""

    operator: int
    stage: Stage
    label: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Link(Entry):
    """A case that belongs to this one, by its number: who noted it, and why."""

    operator: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Consent(Entry):
    """A question whether the case may be passed on, and what was answered, in the wording that `version` names.

    unasked: an operator noted the reason why nobody is asked (`minor`, `danger`), with words of their own.
    """

    organisation: str
    name: str
    purpose: str
    answer: Said
    version: str = ""
    operator: int | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hold(Entry):
    """The case is kept from being destroyed, or (`held` false) no longer; `operator` is None if a command did it."""

    held: bool
    reason: str
    operator: int | None = None


@dataclass(frozen=True, slots=True)
class Other(Entry):
    """A record of a kind this release does not know, as it was sealed: nothing is left out of a case."""

    kind: str
    body: Mapping[str, Any]


Told = Answer | Written | Media | Spot | Phone
"""What the person told."""
Done = Reply | Act | Note | Opinion | Suspicion | Identification | Milestone
"""What operators did, found or wrote."""
Kept = Stood | Link | Consent | Hold
"""What was noted of the case itself."""
AnyEntry = Told | Flag | Done | Kept | Other


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, opened and read. `entries` are in the order they were kept.

    `answers` are the present ones by question id; `flags` all that were raised; `suspicion` and `identification` the
    newest of each, None if nobody noted any. `last_word` is when the person last wrote, sent or answered something.
    """

    entries: tuple[AnyEntry, ...]
    answers: Mapping[str, Answer]
    flags: tuple[Flag, ...]
    milestones: tuple[Milestone, ...]
    suspicion: Suspicion | None
    identification: Identification | None
    last_word: datetime | None
