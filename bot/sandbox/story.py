"""What a story is: a conversation told turn by turn, and the one sentence it promises (ARCHITECTURE, Flow language).

A story names buttons, steps and sentences by their ids, so that better wording changes no story.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from bot.core.state import Stage, Way
from bot.core.values import LANGUAGES, Language, MediaKind, Value

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""When a story begins unless it says otherwise: a Monday, noon in Cambodia and Thailand."""
Words = str | Mapping[Language, str]

SPAN = r"^[1-9][0-9]{0,3}[smhd]$"
StoryAct = Literal[
    "seen",
    "unsee",
    "take",
    "give_back",
    "resolve",
    "urgency",
    "take_over",
    "keep",
    "let_go",
    "hand_over",
    "remind",
    "note",
    "judge",
    "suspect",
    "identify",
    "milestone",
    "stage",
    "consent",
    "reply",
    "called",
    "open",
]
"""What an operator does in a story."""

HAPPENINGS = (
    "start",
    "press",
    "press_again",
    "press_old",
    "say",
    "label",
    "number",
    "send",
    "locate",
    "share",
    "gesture",
    "block",
    "unblock",
    "undelivered",
    "edit",
    "wait",
    "operator",
)
"""The keys of a turn that make something happen; a turn has exactly one of them."""


class StoryFailed(AssertionError):
    """A turn did not go as told; the message names story, language, turn, what was expected and what came."""


class Turn(Value):
    """One turn: exactly one thing that happens, then what must be seen.

    Happens: `start` (with payload), `press` (an option's id, or back, skip, done, person, language, km, en, hide, stop,
    danger), `press_again` (the button of the last press once more: a double tap, or a message long gone), `press_old`
    (raw data), `say`, `label` (an option's label is typed), `number` (its number is typed, in Khmer digits when Khmer
    is spoken), `send` (voice, photo, video, document; `caption`, `album`), `locate` (`live`), `share`, `gesture` (a
    sticker), `block`, `unblock`, `undelivered` (a reply of an operator: why), `edit` (an earlier message), `wait` (90s,
    5m, 2h, 1d; `away`: the machine is off meanwhile), `operator` (see StoryAct; `by` an id, `urgency`, `reason`,
    `outcome`; `override` a danger for which they write against the rule; `to` whom it is handed over, `after` how long
    they are reminded; `words` of a note or reason; `indicator` and `agrees`; `milestone` and `again`; `reached` by a
    call; `stage` of a family's request). `times` repeats it within the same second.

    Seen by the person: `sees` a step, `says` sentences (a phrase's key, `flow.step`, `guidance.ID`, or English words),
    `says_first` the first of them, `says_not`, `offers` and `hides_choice` options, `lists` exactly these options,
    `bilingual`, `speaks` (own: the phone's language; other), `silent` (no screen at all), `toast`, `sent` (the
    helpline writes first, in these phrases), `unsent` (it does not), `hidden`, `emptied` (nothing is left, or
    sent), `released` (replies that waited may go), `cleared` (what they sent goes from the chat).
    Seen by operators: `card` an urgency, `no_card`, `reasons` named on card or below it, `raised`, `called`, `paged`
    (over the channel outside Telegram, or not), `told` (an operator reads this phrase), `privately` (this operator, in
    their own chat), `quiet` (they see nothing new), `reply` (it goes as an answer; now, as the rule allows; in the next
    window; or it is held until the person writes), `goes_at` (`17:00 Asia/Bangkok`).
    Kept: `shredded`, `sealed` kinds in order, `counts` by name, `cases` how many are open, `case` clear fields of the
    newest (`case: {}`: there is none), `contact` the rule.
    """

    start: bool | str = False
    press: str | None = None
    press_again: bool = False
    press_old: str | None = None
    say: Words | None = None
    label: str | None = None
    number: int | None = None
    send: MediaKind | None = None
    caption: Words = ""
    album: str | None = None
    locate: bool = False
    live: bool = False
    share: str | None = None
    gesture: bool = False
    block: bool = False
    unblock: bool = False
    undelivered: Literal["blocked", "gone", "refused"] | None = None
    edit: Words | None = None
    wait: str | None = Field(default=None, pattern=SPAN)
    away: bool = False
    operator: StoryAct | None = None
    by: int = 501
    to: int = 502
    after: str = Field(default="1h", pattern=SPAN)
    words: str = ""
    indicator: str = "imminent_danger"
    agrees: bool = True
    milestone: str = "located"
    again: bool = False
    reached: bool = True
    stage: Stage = "read"
    urgency: Literal["P1", "P2", "P3", "P4"] | None = None
    reason: str | None = None
    outcome: str | None = None
    override: str | None = None
    times: int = Field(default=1, ge=1, le=1000)

    sees: str | None = None
    says: tuple[str, ...] = ()
    says_first: str | None = None
    says_not: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    hides_choice: tuple[str, ...] = ()
    lists: tuple[str, ...] | None = None
    bilingual: bool | None = None
    speaks: Literal["own", "other"] | None = None
    silent: bool = False
    toast: str | None = None
    sent: str | tuple[str, ...] | None = None
    unsent: bool = False
    hidden: bool = False
    emptied: bool = False
    released: bool | None = None
    cleared: bool | None = None

    card: str | None = None
    no_card: bool = False
    reasons: tuple[str, ...] | None = None
    raised: str | None = None
    called: Literal["duty", "supervisors", "operators", "escalation"] | None = None
    paged: bool | None = None
    told: str | None = None
    privately: int | None = None
    quiet: bool = False
    reply: Literal["answer", "now", "window", "held"] | None = None
    goes_at: str | None = None

    shredded: bool = False
    sealed: tuple[str, ...] | None = None
    counts: Mapping[str, int] = Field(default_factory=dict)
    cases: int | None = None
    case: Mapping[str, str | int | None] | None = None
    contact: str | None = None


class Story(Value):
    """A conversation and the one sentence it promises. `round_trip` is the seconds each turn takes.

    `by_hand`: somebody calls or comes, `start` is their coming, and operator 501 takes down what they say.
    `roster` lists who is on duty, in Cambodia's hours, as `./helpline roster set` takes it: `501 mon-fri 08:00-18:00`.
    """

    story: str
    promise: str
    begins: datetime = NOON
    round_trip: int = 3
    languages: tuple[Language, ...] = LANGUAGES
    by_hand: Way | None = None
    roster: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = Field(min_length=1)
