"""`./helpline case` shows every kind of entry, and nothing a person wrote is left out of it."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from bot.cli.case_lines import lines_of
from bot.service.entries import (
    Act,
    Answer,
    AnyEntry,
    Consent,
    File,
    Flag,
    Hold,
    Identification,
    Link,
    Media,
    Milestone,
    Note,
    Opinion,
    Other,
    Phone,
    Question,
    Reply,
    Spot,
    Stood,
    Suspicion,
    Version,
    Written,
)

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
PLACE = Question("place", "Place", "Where are you?")
VOICE = File("r", "voice", "awaited", opened=False, size=9)
SHOWN: tuple[tuple[AnyEntry, list[str]], ...] = (
    (Answer("r", AT, Question("country", "Country"), "TH", "Thailand", replaced=True),
     ["Country: Thailand  (changed later)"]),
    (Written("r", AT, (Version("r", AT, "three"), Version("s", AT, "four")), PLACE),
     ["Place", "four", "before it was changed: three"]),
    (Media("r", AT, VOICE, caption="listen"), ["listen", "file: voice 9 bytes being fetched NOT OPENED YET"]),
    (Spot("r", AT, 13.7, 100.5, "a shop", PLACE), ["Place", "13.70000, 100.50000  a shop"]),
    (Phone("r", AT, "0", "Ann", own=True), ["0  Ann  (their own)"]),
    (Flag("r", AT, "minor", "Someone under 18", "Palermo", "answer", "Age: 16"),
     ["Someone under 18 (minor), because of answer Age: 16", "source: Palermo"]),
    (Reply("r", AT, 501, "", File("r", "photo", "missing", opened=True)), ["file: photo ? bytes missing opened"]),
    (Act("r", AT, 501, "hand_over", {"due": "x"}, 502, "noon"), ["hand_over by 501  to 502  due: x", "noon"]),
    (Note("r", AT, 501, "call"), ["501: call"]),
    (Opinion("r", AT, 501, "minor", "Someone under 18", agrees=False, reason="19"),
     ["501 disagrees with Someone under 18: 19"]),
    (Suspicion("r", AT, 501, holds=True, reason="sold"), ["suspected by 501: sold"]),
    (Identification("r", AT, 501, "the ministry", DAY),
     ["formally identified by the ministry on 2026-03-01, noted by 501"]),
    (
        Consent("r", AT, "licadho", "LICADHO", "to help you come home", "yes", "0a1b2c3d"),
        ["pass on to LICADHO, to help you come home: yes 0a1b2c3d"],
    ),
    (
        Consent("r", AT, "adhoc", "ADHOC", "to find you a doctor", "unasked", operator=501, reason="danger", note="x"),
        ["pass on to ADHOC, to find you a doctor: unasked, danger: x"],
    ),
    (Stood("r", AT, 501, "passed_on", "Passed on", date(2026, 3, 1)), ["search: Passed on 2026-03-01, noted by 501"]),
    (Link("r", AT, 501, "AAAA2222", "same name"), ["belongs to AAAA2222, noted by 501: same name"]),
    (Hold("r", AT, held=True, reason="a court asks"), ["kept from being destroyed: a court asks"]),
    (Milestone("r", AT, 501, "located", "Located", DAY), ["Located on 2026-03-01, noted by 501"]),
    (Other("r", AT, "of tomorrow", {"kind": "of tomorrow", "x": "ខ្មែរ"}), ['kind: "of tomorrow"', 'x: "ខ្មែរ"']),
)  # fmt: skip


@pytest.mark.parametrize(("entry", "lines"), SHOWN, ids=[type(entry).__name__ for entry, _ in SHOWN])
def test_an_entry_is_shown(entry: AnyEntry, lines: list[str]) -> None:
    """Each kind of entry, line by line."""
    assert list(lines_of(entry)) == lines


def test_every_kind_of_entry_is_shown() -> None:
    """A kind that is added is added here."""
    assert {type(entry) for entry, _ in SHOWN} == set(get_args(AnyEntry))
