"""The send policy: what a failed send means and what to do next, as one table (ARCHITECTURE, Outbox).

A reply cannot be exactly-once: the messenger has no idempotency key. Questions, receipts and words of safety are
repeated when it is unknown whether they arrived; edits and deletions may be repeated freely.
"""

from typing import Literal

from bot.core.values import Value

Failure = Literal["wait", "busy", "unsent", "unknown", "blocked", "gone", "nothing", "malformed", "revoked", "moved"]
"""
wait       429: not sent, come back after `after` seconds
busy       5xx, HTML, truncated answer: usually not sent
unsent     no connection: certainly not sent
unknown    the connection broke after the request: perhaps sent
blocked    403: the person blocked the bot or never started it
gone       400/403: no such chat, or the bot is no longer in it
nothing    400: nothing to edit or delete, or not modified: as good as done
malformed  400: our message is not accepted: a fault of ours
revoked    401/404: the token is no longer valid
moved      400: the group became another chat, `chat`
"""

Reason = Literal["blocked", "gone", "refused"]
"""Why a row will never arrive."""

RowKind = Literal["screen", "reply", "notice", "wipe", "delete", "card", "card_buttons", "card_reply", "note"]
"""
screen        a person's live screen          reply         an operator's words to a person
notice        a further message to a person   wipe          delete all that may be deleted in a chat
delete        delete given messages           card          a case's card, in the group or privately
card_buttons  edit the buttons of the cards   card_reply    a line below the card
note          a line to an operator or group
"""

IDEMPOTENT: frozenset[RowKind] = frozenset({"wipe", "delete", "card_buttons"})
QUICK: frozenset[RowKind] = frozenset({"wipe", "delete"})
"""What somebody who hides is waiting for. These, and the screen after them, are tried again much sooner."""
SOON_TRIES = 4
"""So often after a quarter of a second: calls fail by chance, several in a row too. Then its pauses grow."""
GIVE_UP_AFTER_SECONDS = 24 * 3600
LONGEST_PAUSE_SECONDS = 60


class Plan(Value):
    """What to do with a row: done, again after so many seconds, undeliverable (tell why), or stop all sending."""

    do: Literal["done", "again", "undeliverable", "stop"]
    seconds: float = 0.0
    reason: Reason | None = None
    repeated: bool = False


def plan(
    failure: Failure, *, kind: RowKind, tries: int, age_seconds: float, after: float = 0.0, hides: bool = False
) -> Plan:
    """Decide what a failure means for a row tried `tries` times before, waiting for `age_seconds`.

    `hides`: it belongs to somebody's hiding.
    """
    if failure == "nothing":
        return Plan(do="done")
    if failure == "blocked":
        return Plan(do="undeliverable", reason="blocked")
    if failure == "gone":
        return Plan(do="undeliverable", reason="gone")
    if failure == "malformed":
        return Plan(do="undeliverable", reason="refused")
    if failure == "revoked":
        return Plan(do="stop", seconds=LONGEST_PAUSE_SECONDS)
    if failure == "wait":
        return Plan(do="again", seconds=min(max(after, 1.0), 3600.0))
    if failure == "moved":
        return Plan(do="again", seconds=0.0)
    if age_seconds > GIVE_UP_AFTER_SECONDS:
        return Plan(do="undeliverable", reason="gone")
    repeated = failure == "unknown" and kind not in IDEMPOTENT
    soon = hides or kind in QUICK
    seconds = pause(max(tries - SOON_TRIES, 0)) / 4 if soon else pause(tries)
    return Plan(do="again", seconds=seconds, repeated=repeated)


def pause(tries: int) -> float:
    """Give the seconds before the next try: 1, 2, 4 ... at most 60."""
    return float(min(2**tries, LONGEST_PAUSE_SECONDS))
