"""What can happen, in the past tense. Every event of a lane passes through `engine.decide` in order."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.core.state import Stage, Unasked, Way
from bot.core.values import MediaKind, TimerName, Urgency, Value


class Attachment(Value):
    """A file as the messenger describes it; `file` is a download capability and is dropped after the download.

    `size` is in bytes, `duration` in seconds; None means not told. `name` is the sender's and never used on disk.
    `content` is the file itself in base64, of a voice that no messenger knows yet; `file` is empty then.
    """

    file: str
    kind: MediaKind
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    duration: int | None = None
    content: str | None = Field(default=None, repr=False)


# ── by a person ──────────────────────────────────────────────────────────────────────────────────────────────


class Started(Value):
    """A person pressed start; `payload` is what followed it, never trusted, only compared with a list."""

    type: Literal["started"] = "started"
    payload: str = ""


class Said(Value):
    """A person wrote text; `edited` if it is a new version of an earlier message; `forwarded` if from elsewhere.

    `message` is the messenger's id, by which the versions of a message are known to be one; None if it has none.
    """

    type: Literal["said"] = "said"
    text: str
    edited: bool = False
    forwarded: bool = False
    message: int | None = None


class Pressed(Value):
    """A person pressed a button; `data` is the client's and may be forged. `live`: it was on the live screen."""

    type: Literal["pressed"] = "pressed"
    data: str
    live: bool = True


class Sent(Value):
    """A person sent a file; `album` joins the items of one album."""

    type: Literal["sent"] = "sent"
    attachment: Attachment
    caption: str = ""
    album: str | None = None
    edited: bool = False
    forwarded: bool = False


class Located(Value):
    """A person sent a place: WGS84 degrees. `sharing`: where they go is told from now on.

    `live` is such a further point; they are kept once per five minutes.
    """

    type: Literal["located"] = "located"
    latitude: float
    longitude: float
    title: str = ""
    live: bool = False
    sharing: bool = False


class Shared(Value):
    """A person shared a phone contact; `own` if it is their own number."""

    type: Literal["shared"] = "shared"
    number: str
    name: str = ""
    own: bool = False


class Gestured(Value):
    """A person sent something that carries nothing to keep (sticker, dice, poll, game, ...)."""

    type: Literal["gestured"] = "gestured"


class Blocked(Value):
    """The person blocked the bot."""

    type: Literal["blocked"] = "blocked"


class Unblocked(Value):
    """The person unblocked the bot."""

    type: Literal["unblocked"] = "unblocked"


# ── by operators ─────────────────────────────────────────────────────────────────────────────────────────────


class OperatorAct(Value):
    """What an operator did to a case; `operator` is the numeric id, already checked: listed, and allowed to do this.

    `name` is the operator's own name as listed, for telling colleagues.
    """

    case: str
    operator: int
    name: str


class Desk(OperatorAct):
    """An act that changes what everybody sees of a case; `outcome` is a row of the outcomes, failures among them.

    `take_over` is a supervisor's. Of a request taken back, or not to be kept, `keep` decides that it stays, for a
    `reason` of the table, and `let_go` that it is destroyed. `erase` is the organisation's duty, asked for by two.
    """

    type: Literal["desk"] = "desk"
    act: Literal["seen", "unsee", "take", "give_back", "urgency", "resolve", "take_over", "keep", "let_go", "erase"]
    urgency: Urgency | None = None
    reason: str | None = None
    outcome: str | None = None


class HandedOver(OperatorAct):
    """An operator handed a case over to a colleague, who is listed too; the note is sealed."""

    type: Literal["handed_over"] = "handed_over"
    to: int
    to_name: str
    note: str = ""


class Postponed(OperatorAct):
    """An operator wants to be reminded of a case at `due`, an aware instant."""

    type: Literal["postponed"] = "postponed"
    due: datetime


class Noted(OperatorAct):
    """An operator noted something for colleagues."""

    type: Literal["noted"] = "noted"
    text: str


class Judged(OperatorAct):
    """An operator agrees, or not, that an indicator applies; `reason` is why."""

    type: Literal["judged"] = "judged"
    indicator: str
    agrees: bool
    reason: str


class Suspected(OperatorAct):
    """An operator suspects trafficking, or (`holds` false) does not any more; never a finding."""

    type: Literal["suspected"] = "suspected"
    holds: bool
    reason: str


class Identified(OperatorAct):
    """An authority (`by`, in words) identified the person formally, on a day."""

    type: Literal["identified"] = "identified"
    by: str
    on: date


class Reached(OperatorAct):
    """A milestone was reached on a day. `again`: the case has this one already, so it is not counted once more."""

    type: Literal["reached"] = "reached"
    milestone: str
    on: date
    note: str = ""
    again: bool = False


class Staged(OperatorAct):
    """An operator says where a family's request stands; `on` is the day on which it was passed on."""

    type: Literal["staged"] = "staged"
    stage: Stage
    on: date | None = None


class ConsentAsked(OperatorAct):
    """An operator wants somebody asked whether what they told may be passed on; both are rows of their tables."""

    type: Literal["consent_asked"] = "consent_asked"
    organisation: str
    purpose: str


class ConsentUnasked(OperatorAct):
    """An operator notes why somebody is not asked: a minor who may be abused, or danger to life."""

    type: Literal["consent_unasked"] = "consent_unasked"
    organisation: str
    purpose: str
    reason: Unasked
    note: str


class Replied(Value):
    """An operator confirmed a reply to the person of a case; the reply waits in outbox row `row`.

    One written or spoken at the console brings its `text` or `attachment`, and gets its row when it is decided.
    `override`: why it must go though the contact rule does not allow it now, an id of the dangers.
    """

    type: Literal["replied"] = "replied"
    case: str
    operator: int
    name: str
    row: str = ""
    text: str | None = None
    attachment: Attachment | None = None
    override: str | None = None


class Called(OperatorAct):
    """An operator called the person of a case, and reached them, or (`reached` false) did not."""

    type: Literal["called"] = "called"
    reached: bool


class Received(Value):
    """An operator takes a call, or somebody who came: a person not known yet, or the one of `case`, who came before."""

    type: Literal["received"] = "received"
    operator: int
    way: Way
    case: str = ""


class TakenDown(Value):
    """An operator took down what somebody says who called or came, at the screen of revision `rev`.

    `ticked` are all that is ticked of a question that allows several, sent with its "Done"; None: as it was.
    """

    type: Literal["taken_down"] = "taken_down"
    operator: int
    rev: int
    told: Annotated[Said | Pressed, Field(discriminator="type")]
    ticked: tuple[str, ...] | None = None


class Opened(Value):
    """An operator opened record `record` of a case: a person has now heard or seen it."""

    type: Literal["opened"] = "opened"
    case: str
    record: str


# ── by the helpline itself ───────────────────────────────────────────────────────────────────────────────────


class TimerFired(Value):
    """A timer came due. `rev` is what it was set for: the rung of the ladder for `untaken`, the screen for `again`.

    `due` is when it should have fired; it may fire late, after the machine was down.
    """

    type: Literal["timer"] = "timer"
    name: TimerName
    case: str
    rev: int
    due: datetime


class Undelivered(Value):
    """A row of the outbox could not be delivered for good; `case` if it was a reply of an operator."""

    type: Literal["undelivered"] = "undelivered"
    row: str
    case: str | None = None
    reason: Literal["blocked", "gone", "refused"]


class Returned(Value):
    """The helpline is back, at `back`, after it could not be reached; presses made meanwhile are lost."""

    type: Literal["returned"] = "returned"
    back: datetime


class Unseen(Value):
    """The operators' group could not be shown a case's card."""

    type: Literal["unseen"] = "unseen"
    case: str


class CardWanted(Value):
    """A case that is only in the list needs a card of its own: an operator `asked` for it, or there is news of it."""

    type: Literal["card_wanted"] = "card_wanted"
    case: str
    asked: bool = False


Event = Annotated[
    Started
    | Said
    | Pressed
    | Sent
    | Located
    | Shared
    | Gestured
    | Blocked
    | Unblocked
    | Desk
    | HandedOver
    | Postponed
    | Noted
    | Judged
    | Suspected
    | Identified
    | Reached
    | Called
    | Received
    | TakenDown
    | Staged
    | ConsentAsked
    | ConsentUnasked
    | Replied
    | Opened
    | TimerFired
    | Undelivered
    | Returned
    | Unseen
    | CardWanted,
    Field(discriminator="type"),
]
