"""How urgent is it, and why: indicators from answers and words, urgency from a table. Urgency never waits for a score.

Rules (ARCHITECTURE, Urgency): the highest matching rule wins; raising one more indicator never lowers the
urgency; a skipped answer raises nothing; words can only raise.
"""

from collections.abc import Iterable

from pydantic import Field

from bot.core.content import Content, UrgencyRule
from bot.core.values import Urgency, Value, more_urgent

REASONS_ON_A_CARD = 4
"""ARCHITECTURE, Cases: a card holds at most four reason labels."""


class Reading(Value):
    """What a message's words raise: the urgency they alone give, the indicators, and the terms that decided."""

    urgency: Urgency = "P4"
    indicators: tuple[str, ...] = ()
    words: tuple[str, ...] = Field(default=())


def urgency_of(content: Content, raised: Iterable[str]) -> Urgency:
    """Give the highest urgency that any rule of the table gives for these indicators; P4 if none matches."""
    have = frozenset(raised)
    found: Urgency = "P4"
    for rule in content.rules:
        if rule.matches(have):
            found = more_urgent(found, rule.urgency)
    return found


def states_danger(content: Content, urgency: Urgency, raised: Iterable[str]) -> bool:
    """Say whether a case of this urgency is danger as it was stated: one of what was raised is P1 all by itself.

    Several signs that only together suggest danger are not; a P1 for which nothing was raised is (the danger button).
    """
    signs = tuple(raised)
    return urgency == "P1" and (not signs or any(urgency_of(content, (one,)) == "P1" for one in signs))


def matching(content: Content, raised: Iterable[str]) -> tuple[UrgencyRule, ...]:
    """Give the rules of the table that match these indicators, in its order."""
    have = frozenset(raised)
    return tuple(rule for rule in content.rules if rule.matches(have))


def read(content: Content, text: str) -> Reading:
    """Read free text in any of the languages by the folded lexicon; an empty reading if nothing is recognised."""
    hits = content.finder.find(text)
    indicators = tuple(dict.fromkeys(one for term in hits for one in term.raises))
    return Reading(
        urgency=urgency_of(content, indicators), indicators=indicators, words=tuple(term.text for term in hits)
    )


def reasons(content: Content, raised: Iterable[str]) -> tuple[str, ...]:
    """Choose the indicators to name on a card: the heaviest, at most four, heaviest first."""
    known = [one for one in dict.fromkeys(raised) if one in content.indicators]
    known.sort(key=lambda one: -content.indicators[one].weight)
    return tuple(known[:REASONS_ON_A_CARD])
