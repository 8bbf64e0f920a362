"""The labelled messages are fit to measure with."""

import csv
from collections import Counter
from pathlib import Path

LINES = Path(__file__).with_name("messages.tsv").read_text(encoding="utf-8").split("\n")
ROWS = list(csv.DictReader(LINES, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_both_halves_are_alike() -> None:
    """Language and urgency are spread evenly, so that what was tuned on one half is fairly reported by the other."""
    halves = {
        half: Counter((row["language"], row["urgency"]) for row in ROWS if row["half"] == half)
        for half in ("tune", "report")
    }

    assert halves["tune"] == halves["report"] and len(ROWS) >= 150


def test_every_message_has_one_label_and_is_there_once() -> None:
    """An urgency that exists, words, a reason; no text twice."""
    assert {row["urgency"] for row in ROWS} == {"P1", "P2", "P3", "P4"}
    assert all(row["text"].strip() and row["why"].strip() for row in ROWS)
    assert len({row["text"] for row in ROWS}) == len({row["id"] for row in ROWS}) == len(ROWS)
