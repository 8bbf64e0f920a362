"""Stories as files: read strictly, written so that they read back."""

from pathlib import Path

import pytest

from bot.cli.story_files import load_stories, story_yaml
from bot.core.errors import AuthorError
from bot.sandbox.stories import Story, Turn

TOLD = """\
story: told
promise: It is kept.
languages: [km]
turns:
  - {start: true, sees: start.menu}
  - {press: "yes", says: [kept_words], card: P2}
  - {say: {km: បាទ, en: "yes"}, silent: true}
  - {number: 3, case: {urgency: P4, country: null}}
  - {wait: 90s, sealed: []}
"""


def test_a_story_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Texts, numbers, true and lists come out as what they are; the rest has its defaults."""
    (tmp_path / "told.yaml").write_text(TOLD, encoding="utf-8")

    assert load_stories(tmp_path) == [
        Story(
            story="told",
            promise="It is kept.",
            languages=("km",),
            turns=(
                Turn(start=True, sees="start.menu"),
                Turn(press="yes", says=("kept_words",), card="P2"),
                Turn(say={"km": "បាទ", "en": "yes"}, silent=True),
                Turn(number=3, case={"urgency": "P4", "country": None}),
                Turn(wait="90s", sealed=()),
            ),
        )
    ]


@pytest.mark.parametrize("text", ["no", "023720555", "3", "2026-01-01", "a: b", "# x", "ខ្ញុំ 'និង' \"គេ\"", "~", "💬"])
def test_what_is_written_reads_back(tmp_path: Path, text: str) -> None:
    """Whatever is said in a chat, its story holds exactly that."""
    story = Story(story="told", promise="Kept.", turns=(Turn(start=True, sees="start.menu"), Turn(say=text)))
    (tmp_path / "told.yaml").write_text(story_yaml(story), encoding="utf-8")

    assert load_stories(tmp_path) == [story]


@pytest.mark.parametrize(
    ("old", "new", "line", "part"),
    [
        ("sees:", "see:", 5, "`sees`"),
        ("promise:", "promises:", 2, "`promise`"),
        ("story: told", "story: other", 1, "told"),
        ('"yes", says', "yes, says", 6, 'Quote it: "yes"'),
        ("{start: true, sees", "{sees", 5, "exactly one"),
        ("{number: 3,", "{number: 3, skip: a,", 8, "`skip`"),
        ("wait: 90s", 'wait: 90s, press: "yes"', 9, "press, wait"),
        ("number: 3", "number: many", 8, "number"),
        ("languages: [km]", "languages: [lo]", 3, "'km' or 'en'"),
        ("languages: [km]\n", "languages: [km]\nlanguages: [km]\n", 4, "second time"),
        ("urgency: P4", "urgency: yes", 8, 'Quote it: "yes"'),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, part: str) -> None:
    """What is wrong in a story is refused, with file, line and how to mend it."""
    assert TOLD.count(old) == 1
    (tmp_path / "told.yaml").write_text(TOLD.replace(old, new), encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        load_stories(tmp_path)
    assert any(f"told.yaml:{line}: " in fault and part in fault for fault in str(refused.value).split("\n"))


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    """An author mends all stories in one go."""
    for name in ("one.yaml", "two.yaml", "three.yml"):
        (tmp_path / name).write_text("story: told\n", encoding="utf-8")

    with pytest.raises(AuthorError) as refused:
        load_stories(tmp_path)
    assert all(name in str(refused.value) for name in ("one.yaml", "two.yaml", "three.yml"))
