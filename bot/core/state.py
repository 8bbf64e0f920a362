"""What is remembered of a person between events: the conversation, and the clear fields of their cases."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from bot.core.agreed import AgreedWord
from bot.core.duty import NOBODY, Watch
from bot.core.flow import Line
from bot.core.values import Language, Urgency, Value

CaseState = Literal["draft", "new", "taken", "closed"]
Mark = Literal["", "unfinished", "withdrawn", "not_kept", "late", "left"]
ContactClass = Literal["when_i_write", "hours", "any_time", "never"]
Hours = Literal["morning", "noon", "evening", "night"]
Stage = Literal["received", "read", "passed_on", "no_news", "call_us", "found", "no_contact"]
"""Where a family's request stands; the last two are for operators, and are never kept where its chat is."""
SHOWN: tuple[Stage, ...] = ("received", "read", "passed_on", "no_news", "call_us")
Consent = Literal["yes", "no", "later"]
Unasked = Literal["minor", "danger"]
"""Why somebody is not asked whether their case may be passed on; there are no other reasons."""
Coded = str | int | tuple[str, ...]
Way = Literal["call", "walk_in"]
"""How somebody came who does not write to us."""


class Case(Value):
    """The clear fields of a case: nothing here tells what happened to anyone. Times are to the minute, UTC.

    `seen_by` is the operator who said that they have seen an untaken P1; `rev` moves at each change operators can see.
    """

    id: str
    number: str
    state: CaseState = "draft"
    mark: Mark = ""
    urgency: Urgency = "P4"
    country: str | None = None
    created: datetime
    updated: datetime
    assignee: int | None = None
    seen_by: int | None = None
    contact: ContactClass = "when_i_write"
    language: Language = "km"
    unheard: int = 0
    rev: int = 0
    closed: datetime | None = None

    def minutes_at(self, now: datetime) -> int:
        """Give its age in whole minutes; 0 if the clock was set back."""
        return max(int((now - self.created).total_seconds() // 60), 0)


class ContactRule(Value):
    """When an initiative may be sent. Before it was asked: only when I write. `hours` count in the country's day."""

    kind: ContactClass = "when_i_write"
    hours: tuple[Hours, ...] = ()


class Place(Value):
    """Where in a flow a person is."""

    flow: str
    step: str


class Wait(Value):
    """A wait already passed: its place, and what was to come after its flow then."""

    place: Place
    agenda: tuple[Place, ...] = ()


class Taker(Value):
    """Who takes down what somebody says who called or came: an operator, and how they came."""

    operator: int
    way: Way


class Search(Value):
    """A family's request to find somebody, as its own chat may read it; `on` is the day it was passed on."""

    case: str
    number: str
    stage: Stage = "received"
    on: date | None = None


class Asked(Value):
    """A question whether a case may be passed on; `version` names the wording it was asked in."""

    id: int
    case: str
    organisation: str
    purpose: str
    version: str


class Conversation(Value):
    """One chat's conversation, or one caller's, kept encrypted with the server key.

    `answers` are coded answers by question id; `told` are questions answered in words or media (sealed, not readable
    here); `agenda` are places to go to after this flow, first one next; `trail` the waits already passed, for back;
    `flows` those taken up in this intake, in order. `joined`: its case is one of an earlier intake, counted then.
    `wrote`: it holds something of the person's own (words, a file, a place), which nobody but a human may weigh.
    `owes` are phrase keys to put first in the next answer. `reasons` are indicators raised in this intake, `needs`
    the needs of the flows entered. `begun` are the times of cases begun in the last 24 hours; `albums` the newest
    albums seen; `long_at` when a message as long as a client allows came, whose rest may follow; `located` when the
    last point of a live location was kept; `minute` and `in_minute` count messages. `undeleted`: some messages could
    not be removed when hiding, and the person has not been told. `hid` is the place in the inbox of the act that hid
    the chat last. `shown_again`: nothing was done since the pending screen was shown again after an absence.
    `read` is the guidance article of which three lines stand on the screen.

    `taker` is there if an operator takes down what is said, and there is no chat; then `above` are the lines above the
    present question, and `to_call` the cases about which the person is to be called.
    `searches` are the newest requests to find somebody that came from this chat, closed ones too.
    `asked` are the newest questions whether something may be passed on, answered ones too.
    `going`: the person was told that what they send disappears here; `papers`: pictures that may be somebody's only
    copy still lie in the chat.
    `picture` is the picture that opens the hidden chat, `page` how often its calendar was turned since it was shown.
    `word` is the word agreed on with the person, for which replies wait.
    `borrowed`: it is somebody else's phone, so the chat is left once it falls silent. `left` are the open cases of who
    used this phone before, with the indicators raised for each: they are the operators', and nobody here knows of them.
    """

    rev: int = 0
    language: Language | None = None
    hint: Language = "km"
    mode: Literal["open", "hidden"] = "open"
    place: Place | None = None
    picked: tuple[str, ...] = ()
    agenda: tuple[Place, ...] = ()
    trail: tuple[Wait, ...] = ()
    answers: Mapping[str, Coded] = Field(default_factory=dict)
    told: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    contact: ContactRule = ContactRule()
    case: str | None = None
    joined: bool = False
    wrote: bool = False
    owes: tuple[str, ...] = ()
    undeleted: bool = False
    blocked: bool = False
    last_act: datetime | None = None
    wrote_again: datetime | None = None
    begun: tuple[datetime, ...] = ()
    needs: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    long_at: datetime | None = None
    located: datetime | None = None
    minute: datetime | None = None
    in_minute: int = 0
    hid: int = 0
    shown_again: bool = False
    read: str | None = None
    taker: Taker | None = None
    above: tuple[Line, ...] = ()
    to_call: tuple[str, ...] = ()
    searches: tuple[Search, ...] = ()
    asked: tuple[Asked, ...] = ()
    going: bool = False
    papers: bool = False
    picture: str | None = None
    page: int = 0
    word: AgreedWord | None = None
    borrowed: bool = False
    left: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def by_hand(self) -> bool:
        """Say whether the person calls or comes, so that nothing can be sent to them."""
        return self.taker is not None

    def search_of(self, case: str) -> Search | None:
        """Give the request to find somebody that a case is; None if it is none of this chat's."""
        return next((one for one in self.searches if one.case == case), None)

    def reasons_of(self, case: str) -> tuple[str, ...]:
        """Give the indicators raised for a case: in this intake, or before its person left this phone."""
        return self.left.get(case, self.reasons)

    @property
    def speaks(self) -> Language:
        """Give the language to write in: the chosen one, else Khmer unless the phone is in English."""
        return self.language or self.hint


class Spare(Value):
    """An id and a number that the service made, for a case that this event may begin (core makes no ids)."""

    id: str
    number: str


class Session(Value):
    """All that `decide` may know of a person: cases are the open ones, newest last.

    `unlimited` lifts the limits on messages a minute and cases a day (HELPLINE_SEND_RATE=0). `overtaken`: what is
    decided now came before an act that hid the chat and was decided first; it is kept and answers nothing. `watch`: who
    is on duty, of those operators who can be written to.
    """

    conversation: Conversation = Conversation()
    cases: tuple[Case, ...] = ()
    spare: Spare
    unlimited: bool = False
    overtaken: bool = False
    watch: Watch = NOBODY
