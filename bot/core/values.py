"""The small closed sets and the base value that every room uses."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["km", "en"]
LANGUAGES: tuple[Language, ...] = ("km", "en")

Urgency = Literal["P1", "P2", "P3", "P4"]
URGENCIES: tuple[Urgency, ...] = ("P1", "P2", "P3", "P4")

TimerName = Literal["untaken", "duty", "silent", "unkept", "again", "remind", "late", "call", "news", "leave", "word"]
"""
untaken  the ladder of an urgent case     silent  the end of an intake
duty     somebody's duty begins           unkept  a case to be decided about
remind   an operator's own reminder       late    the end of waiting for somebody who was told of a case
news     a family hears again where its request stands
again    the pending screen, in the hours of its person; belongs to no case
call     somebody has to call the person
word     the agreed word is asked for, in the hours of its person
leave    the end of a chat on a phone that is not the person's own; belongs to no case
"""

MediaKind = Literal["voice", "photo", "video", "document"]
"""What can be fetched and must be heard or seen by a human. Audio files are voice; video notes and GIFs are video."""


class Value(BaseModel):
    """A frozen, JSON-able value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_flagged(urgency: Urgency) -> bool:
    """Say whether an urgency is carded at once: P1 and P2 (ARCHITECTURE, Cases)."""
    return urgency in ("P1", "P2")


def more_urgent(one: Urgency, other: Urgency) -> Urgency:
    """Give the higher of two urgencies; P1 is the highest."""
    return min(one, other)


def to_minute(moment: datetime) -> datetime:
    """Drop seconds: case times are kept in clear, so they are kept to the minute only (ARCHITECTURE, Cases)."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
