"""A phone that is not the person's own: how they may be reached, and how the chat is left for good.

A chat is not a person. Once it is silent for three minutes it is emptied, and nothing is ever sent there again. Who
writes there next is a stranger: the cases stay with the operators, marked, and the conversation knows nothing of them.
"""

from datetime import timedelta

from bot.core.casework import is_visible
from bot.core.effects import Hide, ReplyToCard, SetTimer, UpdateCard
from bot.core.state import Case, ContactRule, Conversation
from bot.core.turn import Turn
from bot.core.values import is_flagged

NOT_MINE = "not_mine"
"""The answer to "how can we reach you" that tells that the phone belongs to somebody else."""
QUIET = timedelta(minutes=3)
"""So long after the person's last act a borrowed phone is probably back with its owner."""


def set_rule(turn: Turn, rule: ContactRule) -> None:
    """Remember how a person may be reached, in their cases too."""
    turn.change(contact=rule)
    for case in turn.own:
        turn.put(case, contact=rule.kind)


def lend(turn: Turn) -> None:
    """Note that the phone is somebody else's: never write to it, and leave it soon."""
    set_rule(turn, ContactRule(kind="never"))
    turn.change(borrowed=True)
    put_off(turn)


def put_off(turn: Turn) -> None:
    """Wait three minutes more: the person is still there."""
    if turn.talk.borrowed:
        turn.do(SetTimer(name="leave", case="", due=turn.now + QUIET, rev=0))


def leave(turn: Turn) -> None:
    """Empty the chat and forget who used it, unless they were there a moment ago."""
    talk = turn.talk
    if not talk.borrowed:
        return
    if talk.last_act is not None and timedelta() <= turn.now - talk.last_act < QUIET:
        put_off(turn)
        return
    for case in turn.own:
        _mark(turn, case)
    turn.close_intake()
    left = {case.id: talk.reasons if case.id == talk.case else () for case in turn.own}
    turn.do(Hide(screen=None))
    turn.talk = Conversation(rev=talk.rev + 1, hint=talk.hint, hid=talk.hid, left={**talk.left, **left})


def _mark(turn: Turn, case: Case) -> None:
    """Tell the operators that nobody can be reached there; what else marks a case they have to decide about."""
    turn.put(case, mark=case.mark or "left", rev=case.rev + 1)
    if is_visible(case) and (is_flagged(case.urgency) or case.state == "taken"):
        turn.do(UpdateCard(case=case.id))
        turn.do(ReplyToCard(case=case.id, line=turn.phrase("left_mark")))
