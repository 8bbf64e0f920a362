"""Urgency: every rule of the table fires exactly as written, and whatever is raised makes no case less urgent."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Content, UrgencyRule
from bot.core.triage import REASONS_ON_A_CARD, read, reasons, urgency_of
from bot.core.values import URGENCIES, more_urgent
from tests.core.talking import shipped_content

CONTENT = shipped_content()
RULES = pytest.mark.parametrize("rule", CONTENT.rules, ids=lambda rule: rule.id)
INDICATORS = st.sets(st.sampled_from(sorted(CONTENT.indicators)), max_size=8)


def _alone(rule: UrgencyRule) -> Content:
    return CONTENT.model_copy(update={"rules": (rule,)})


@RULES
def test_a_rule_fires_with_just_what_it_names(rule: UrgencyRule) -> None:
    """All of `all`, and any one of `any`, are enough."""
    for one in rule.any or ("",):
        raised = {*rule.all, one} - {""}
        assert urgency_of(_alone(rule), raised) == rule.urgency
        assert urgency_of(CONTENT, raised) == more_urgent(rule.urgency, urgency_of(CONTENT, raised))


@RULES
def test_a_rule_just_misses_without_one_thing_it_names(rule: UrgencyRule) -> None:
    """Everything else of the table raised, but one of `all` or the whole of `any` missing, is not enough."""
    others = set(CONTENT.indicators)
    for one in rule.all:
        assert urgency_of(_alone(rule), others - {one}) == "P4"
    if rule.any:
        assert urgency_of(_alone(rule), others - set(rule.any)) == "P4"


@RULES
def test_a_rule_names_its_source_and_known_indicators(rule: UrgencyRule) -> None:
    """A safeguarding lead can see where a rule comes from, and what it means."""
    assert rule.source and (rule.all or rule.any)
    assert {*rule.all, *rule.any} <= CONTENT.indicators.keys()


@given(raised=INDICATORS, more=INDICATORS)
def test_raising_more_never_lowers(raised: set[str], more: set[str]) -> None:
    """One more indicator keeps the urgency or raises it."""
    before, after = urgency_of(CONTENT, raised), urgency_of(CONTENT, raised | more)
    assert more_urgent(before, after) == after


@given(raised=st.lists(st.sampled_from(sorted(CONTENT.indicators)), max_size=8), dice=st.randoms())
def test_order_and_repetition_do_not_matter(raised: list[str], dice: Random) -> None:
    """What was raised first or twice counts the same."""
    other = [*raised, *raised]
    dice.shuffle(other)
    assert urgency_of(CONTENT, other) == urgency_of(CONTENT, raised)


@pytest.mark.parametrize("raised", [(), ("no_such_indicator",), ("wants_home", "no_such_indicator")])
def test_what_the_table_does_not_know_raises_nothing(raised: tuple[str, ...]) -> None:
    """An indicator that a later release dropped does no harm."""
    assert urgency_of(CONTENT, raised) == ("P3" if "wants_home" in raised else "P4")


@pytest.mark.parametrize(
    ("raised", "urgency"),
    [
        ({"imminent_danger"}, "P1"),
        ({"suicidal"}, "P1"),
        ({"confinement"}, "P1"),
        ({"sexual_violence"}, "P1"),
        ({"ransom"}, "P1"),
        ({"in_transit_now"}, "P1"),
        ({"minor", "wages_withheld"}, "P1"),
        ({"minor", "forced_labour"}, "P1"),
        ({"missing", "phone_watched"}, "P1"),
        ({"minor"}, "P2"),
        ({"missing"}, "P2"),
        ({"documents_withheld"}, "P2"),
        ({"wages_withheld", "threats"}, "P2"),
        ({"asked_for_help"}, "P2"),
        ({"about_someone_else"}, "P2"),
        ({"wages_withheld"}, "P3"),
        ({"wants_home"}, "P3"),
        ({"phone_watched"}, "P4"),
    ],
    ids=lambda one: "+".join(sorted(one)) if isinstance(one, set) else one,
)
def test_the_levels_people_agreed_on(raised: set[str], urgency: str) -> None:
    """The cases a safeguarding lead would name first have the urgency they would name."""
    assert urgency_of(CONTENT, raised) == urgency


@given(text=st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written is read without fail, and its urgency follows from its indicators alone."""
    reading = read(CONTENT, text)
    assert reading.urgency in URGENCIES
    assert reading.urgency == urgency_of(CONTENT, reading.indicators)
    assert bool(reading.indicators) == bool(reading.words)


@given(text=st.text(max_size=40))
def test_words_around_danger_do_not_hide_it(text: str) -> None:
    """Danger stays danger, whatever else stands on lines before and after it."""
    assert "confinement" in read(CONTENT, f"{text}\n they lock me in \n{text}").indicators


@given(raised=st.lists(st.sampled_from([*CONTENT.indicators, "no_such_indicator"]), max_size=12))
def test_a_card_names_the_heaviest_four_reasons(raised: list[str]) -> None:
    """At most four known indicators, each once, the heaviest first."""
    named = reasons(CONTENT, raised)
    weights = [CONTENT.indicators[one].weight for one in named]
    rest = {one for one in raised if one in CONTENT.indicators} - set(named)
    assert len(named) == len(set(named)) <= REASONS_ON_A_CARD
    assert weights == sorted(weights, reverse=True)
    assert all(CONTENT.indicators[one].weight <= min(weights) for one in rest)
