"""What shall be done, in the imperative. Effects are values; the service carries them out in one transaction."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.core.events import Attachment
from bot.core.flow import Line, Words
from bot.core.state import Session
from bot.core.values import TimerName, Value

Bar = Literal["done", "back", "skip", "person", "language", "stop", "hide", "km", "en", "remove"]


class Option(Value):
    """A button of a screen; `picked` shows a tick (several may be chosen). `data` replaces the usual callback data."""

    id: str
    words: Words
    picked: bool = False
    data: str | None = None


class Screen(Value):
    """One message a person sees. `step` names it (`flow.step`) in callbacks and stories; `rev` is its revision.

    `bar` are the standard buttons below the options, in rows. `calendar` are the ISO codes of the countries whose
    next public holidays from `today` on are listed (the innocent screen), a few on each `page`. `plain` leaves out the
    trial line, and numbers before options.
    """

    step: str
    rev: int = 0
    lines: tuple[Line, ...] = ()
    options: tuple[Option, ...] = ()
    columns: Literal[1, 2, 3] = 1
    bar: tuple[tuple[Bar, ...], ...] = ()
    bilingual: bool = False
    calendar: tuple[str, ...] = ()
    today: date | None = None
    page: int = 0
    plain: bool = False


class Show(Value):
    """Make this the live screen. `edit`: change the pressed message in place; else send it and delete the old one.

    `initiative`: it answers no act, so the contact rule is asked once more when it is sent.
    """

    type: Literal["show"] = "show"
    screen: Screen
    edit: bool = False
    initiative: bool = False


class Send(Value):
    """Send a further message by the helpline's own initiative; it obeys the contact rule."""

    type: Literal["send"] = "send"
    screen: Screen
    case: str


class Hide(Value):
    """Cancel unsent rows, delete every message of the chat that may be deleted, then show this innocent screen.

    Without a screen nothing is sent: the chat is left empty.
    """

    type: Literal["hide"] = "hide"
    screen: Screen | None


class Toast(Value):
    """Answer the press with a short line; without it the press is answered silently."""

    type: Literal["toast"] = "toast"
    line: Line
    alert: bool = False


class Seal(Value):
    """Add a record to a case. `body` is JSON; with an attachment, the file is fetched and sealed too."""

    type: Literal["seal"] = "seal"
    case: str
    body: Mapping[str, object]
    attachment: Attachment | None = None


class PostCard(Value):
    """Put a card for the case before the operators' group; `reasons` are at most four indicator ids.

    `asked`: an operator wants to see it, so it goes by itself however many others wait.
    """

    type: Literal["card"] = "card"
    case: str
    reasons: tuple[str, ...] = ()
    asked: bool = False


class UpdateCard(Value):
    """Edit the card's buttons to the case as it is now; nothing else of a card ever changes."""

    type: Literal["update_card"] = "update_card"
    case: str


class ReplyToCard(Value):
    """Write below the case's card in the group; `reasons` are indicator ids to name."""

    type: Literal["reply_to_card"] = "reply_to_card"
    case: str
    line: Line
    reasons: tuple[str, ...] = ()


class CallOperators(Value):
    """Send the case's card privately, below a line, to operators who pressed start; or to the escalation chat.

    duty: to those whose hours it is, with nobody on duty to all.   supervisors: with none of them, to all.
    operators: to all, supervisors too; if nobody pressed start, to the escalation chat.
    """

    type: Literal["call_operators"] = "call_operators"
    case: str
    to: Literal["duty", "supervisors", "operators", "escalation"]
    line: Line | None = None


class Page(Value):
    """Call somebody about an urgent case over the channel outside Telegram, if there is one."""

    type: Literal["page"] = "page"
    case: str


class TellOperator(Value):
    """Tell one operator in the chat where they acted."""

    type: Literal["tell_operator"] = "tell_operator"
    operator: int
    line: Line
    case: str


class TellPrivately(Value):
    """Write to one operator in their private chat, by the case's number only; below the card if they have none."""

    type: Literal["tell_privately"] = "tell_privately"
    operator: int
    line: Line
    case: str


class SetTimer(Value):
    """Set or move the case's timer of this name; `case` is "" for one that belongs to the conversation."""

    type: Literal["set_timer"] = "set_timer"
    name: TimerName
    case: str
    due: datetime
    rev: int


class ClearTimer(Value):
    """Forget the case's timer of this name."""

    type: Literal["clear_timer"] = "clear_timer"
    name: TimerName
    case: str


class Shred(Value):
    """Destroy a draft: its key, its records, its files."""

    type: Literal["shred"] = "shred"
    case: str


class Deliver(Value):
    """Let a confirmed reply of an operator go at `due`; None: it is held until the person writes.

    `initiative`: it is not an answer, so the contact rule is asked once more when it is sent.
    """

    type: Literal["deliver"] = "deliver"
    row: str
    case: str
    initiative: bool
    due: datetime | None


class Forget(Value):
    """Drop the ids of messages that could not be deleted: the person is being told."""

    type: Literal["forget"] = "forget"


class Clear(Value):
    """Take what the person just sent out of their chat; with `papers`, all that they ever sent, pictures too."""

    type: Literal["clear"] = "clear"
    papers: bool = False


class Release(Value):
    """Let what is held for `only when I write` go now: the person has written. Not `replies`: those wait for a word."""

    type: Literal["release"] = "release"
    replies: bool = True


class Count(Value):
    """Add one to a statistic; `key` has no path to a case or chat."""

    type: Literal["count"] = "count"
    name: str
    labels: Mapping[str, str] = Field(default_factory=dict)


class PutOnRecord(Value):
    """Add to the record of acts what an operator did, for whoever watches over them."""

    type: Literal["put_on_record"] = "put_on_record"
    operator: int
    act: Literal["override"]
    case: str


ToPerson = Show | Send | Hide | Toast | Deliver | Release | Forget | Clear
"""What reaches the person, or decides whether something does."""
ToOperators = PostCard | UpdateCard | ReplyToCard | CallOperators | Page | TellOperator | TellPrivately
"""What operators get to see."""
ToCase = Seal | SetTimer | ClearTimer | Shred | Count | PutOnRecord
"""What is kept, waits, is destroyed or counted."""
Effect = Annotated[ToPerson | ToOperators | ToCase, Field(discriminator="type")]


class Decision(Value):
    """What `decide` gives back: the session as it is from now on, and what shall be done, in order."""

    session: Session
    effects: tuple[Effect, ...] = ()
