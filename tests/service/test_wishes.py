"""What an operator wishes is checked at the act: every field may be forged, and roles are looked up as they are now."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.core.events import Desk, HandedOver, Identified, Judged, Noted, Postponed, Reached, Suspected
from bot.service.rows import Operator
from bot.service.wishes import LONGEST_NOTE, Wish, WishError, Wishes
from tests.core.talking import shipped_content

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
"""One in the morning of the second of March in Cambodia."""
DARA, BOPHA, ADMIN = Operator(501, "Dara"), Operator(502, "Bopha", "supervisor"), Operator(503, "Vanna", "admin")
WHO: dict[str, Any] = {"case": "c", "operator": 501, "name": "Dara"}


def wished(act: str, fields: Mapping[str, str], *, by: Operator = DARA) -> object:
    """Make a wish of an operator's."""
    return Wishes(shipped_content(), (DARA, BOPHA, ADMIN), NOW).event(Wish(act, "c", fields), by)


@pytest.mark.parametrize(
    ("act", "fields", "event"),
    [
        ("take", {}, Desk(**WHO, act="take")),
        ("keep", {"reason": "danger"}, Desk(**WHO, act="keep", reason="danger")),
        ("let_go", {}, Desk(**WHO, act="let_go")),
        ("urgency", {"urgency": "P1", "reason": "heard"}, Desk(**WHO, act="urgency", urgency="P1", reason="heard")),
        ("resolve", {"outcome": "no_money"}, Desk(**WHO, act="resolve", outcome="no_money")),
        ("hand_over", {"to": "502", "note": " noon "}, HandedOver(**WHO, to=502, to_name="Bopha", note="noon")),
        ("remind", {"hours": "4"}, Postponed(**WHO, due=datetime(2026, 3, 1, 22, 0, tzinfo=UTC))),
        ("remind", {"at": "2026-03-02T15:00"}, Postponed(**WHO, due=datetime(2026, 3, 2, 8, 0, tzinfo=UTC))),
        ("note", {"text": "call"}, Noted(**WHO, text="call")),
        ("judge", {"indicator": "minor", "agrees": "no", "reason": "19"},
         Judged(**WHO, indicator="minor", agrees=False, reason="19")),
        ("suspect", {"holds": "yes", "reason": "sold"}, Suspected(**WHO, holds=True, reason="sold")),
        ("identify", {"by": "the ministry", "on": "2026-03-02"},
         Identified(**WHO, by="the ministry", on=date(2026, 3, 2))),
        ("milestone", {"milestone": "departed", "on": "2026-02-27", "again": "yes"},
         Reached(**WHO, milestone="departed", on=date(2026, 2, 27), again=True)),
    ],
)  # fmt: skip
def test_a_wish_becomes_an_event(act: str, fields: dict[str, str], event: object) -> None:
    """Each act, complete and allowed; days and times are of Cambodia, where operators are."""
    assert wished(act, fields) == event


@pytest.mark.parametrize(
    ("act", "fields", "field"),
    [
        ("fly", {}, "act"),
        ("urgency", {"urgency": "P0", "reason": "heard"}, "urgency"),
        ("urgency", {"urgency": "P1", "reason": "<script>"}, "reason"),
        ("resolve", {}, "outcome"),
        ("resolve", {"outcome": "withdrawn; DROP TABLE cases"}, "outcome"),
        ("hand_over", {"to": "501"}, "to"),
        ("hand_over", {"to": "503"}, "to"),
        ("hand_over", {"to": "999"}, "to"),
        ("hand_over", {"to": "502", "note": "x" * (LONGEST_NOTE + 1)}, "note"),
        ("remind", {}, "at"),
        ("remind", {"hours": "0"}, "at"),
        ("remind", {"hours": "9" * 20}, "at"),
        ("remind", {"hours": "721"}, "at"),
        ("remind", {"at": "2026-03-01T15:00"}, "at"),
        ("note", {"text": "  "}, "text"),
        ("judge", {"indicator": "no_such", "agrees": "yes", "reason": "x"}, "indicator"),
        ("judge", {"indicator": "minor", "agrees": "true", "reason": "x"}, "agrees"),
        ("judge", {"indicator": "minor", "agrees": "yes"}, "reason"),
        ("suspect", {"holds": "yes"}, "reason"),
        ("identify", {"by": "", "on": "2026-03-01"}, "by"),
        ("identify", {"by": "x", "on": "2026-03-03"}, "on"),
        ("identify", {"by": "x", "on": "1926-03-01"}, "on"),
        ("milestone", {"milestone": "flown", "on": "2026-03-01", "again": "no"}, "milestone"),
        ("milestone", {"milestone": "departed", "on": "01.03.2026", "again": "no"}, "on"),
    ],
)
def test_a_wish_that_is_forged_or_incomplete_is_refused_by_field(act: str, fields: dict[str, str], field: str) -> None:
    """What is wrong is named, and nothing of what was written is repeated."""
    with pytest.raises(WishError) as refused:
        wished(act, fields)
    assert refused.value.field == field
    assert not any(len(text) > 3 and text in str(refused.value) for text in fields.values())


@pytest.mark.parametrize(
    ("act", "by", "may"),
    [("take", DARA, True), ("take", ADMIN, False), ("take_over", DARA, False), ("take_over", BOPHA, True)],
)
def test_some_acts_are_for_some_roles(act: str, by: Operator, may: bool) -> None:
    """Only a supervisor takes a case from somebody, and an admin works on none."""
    if may:
        assert wished(act, {}, by=by)
        return
    with pytest.raises(WishError) as refused:
        wished(act, {}, by=by)
    assert refused.value.field == "role"
