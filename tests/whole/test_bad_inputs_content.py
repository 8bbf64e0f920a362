"""Bad inputs 99 to 117: content that is wrong in one place is refused with file, line and remedy; nothing is served."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.content.loading import load
from bot.core.content import Content
from bot.core.errors import AuthorError
from bot.core.flow import Ask, Menu
from bot.core.render import render
from bot.core.screens import present
from bot.core.state import Conversation, Place
from bot.settings import ROOT
from tests.whole.bad_inputs import Row, Rows, name_of

UNPAID, HELP, START, CONTACT = "flows/unpaid_wages.yaml", "flows/help.yaml", "flows/start.yaml", "flows/contact.yaml"
END, PHRASES, DIRECTORY = "flows/end.yaml", "flows/phrases.yaml", "flows/tables/directory.yaml"
KM = "locales/km/LC_MESSAGES/messages.po"
NUMBER_KM = "លេខរបស់អ្នកគឺ {number}។"
HIDE_KM = 'msgctxt "phrases.button_hide"\nmsgid "Hide"\nmsgstr "'


class Copy:
    """A copy of the content that is served, to be broken in one place at a time."""

    def __init__(self, root: Path) -> None:
        """Copy it."""
        self.root = root
        for name in ("flows", "locales"):
            shutil.copytree(ROOT / name, root / name)

    def load(self) -> Content:
        """Load it as it is now."""
        return load(self.root, today=date(2026, 3, 2))

    def faults(self) -> str:
        """Give all that is wrong with it, a line each."""
        try:
            self.load()
        except AuthorError as error:
            return str(error)
        return ""

    def refuses(self, file: str, old: str, new: str | bytes, *said: str, told_in: str = "") -> None:
        """Put something in the first place of `old`: it must be refused there, in these words. Then mend it."""
        path = self.root / file
        good = path.read_bytes()
        assert old.encode() in good, (file, old)
        path.write_bytes(good.replace(old.encode(), new if isinstance(new, bytes) else new.encode(), 1))
        faults = self.faults()
        path.write_bytes(good)
        lines = [line for line in faults.split("\n") if line.startswith(f"{told_in or file}:")]
        assert any(all(part in line for part in said) for line in lines), faults or "nothing was refused"


ContentAct = Callable[[Copy], None]
TABLE: Rows[ContentAct] = Rows()


@TABLE.row(99, "ways that lead nowhere")
def lost_ways(copy: Copy) -> None:
    """An unknown target, a step nobody reaches, a circle and a missing end are refused."""
    copy.refuses(START, "help: help,", "help: helpp,", "no flow `helpp`")
    copy.refuses(END, "then: {resume: resume", "then: {resumed: resume", "no choice `resumed`")
    copy.refuses(HELP, "  - id: end\n", "  - submit: {}\n\n  - id: end\n", "Nobody reaches")
    copy.refuses(UNPAID, "  - id: diary\n", "  - go: help\n\n  - id: diary\n", "back to")
    copy.refuses(HELP, "    submit: {}", "    say: Thank you.", "ends without `submit` or `menu`")


@TABLE.row(100, "ids and keys twice")
def twice(copy: Copy) -> None:
    """Two steps, two choices or two keys of one name are refused."""
    copy.refuses(UNPAID, "- id: job", "- id: months", "`months` is taken")
    copy.refuses(UNPAID, "      lose: I lose", "      nothing: I lose", "second time")
    copy.refuses(UNPAID, "need: unpaid_wages", "need: unpaid_wages\nneed: other", "second time")


@TABLE.row(101, "a sentence without translation", differs="refused at the start too, never shown in English instead")
def untranslated(copy: Copy) -> None:
    """A sentence without Khmer is refused where it is written."""
    copy.refuses(UNPAID, "This is not your fault.", "You did nothing wrong.", "has no Khmer", "words update")


@TABLE.row(102, "ids too long for a button")
def long_ids(copy: Copy) -> None:
    """What would not fit the 64 bytes of a button, or collide in it, is refused."""
    copy.refuses(UNPAID, "- id: months", "- id: " + "months_" * 9, "longer than 40")
    copy.refuses(UNPAID, "- id: months", "- id: mon:ths", "is no id")


@TABLE.row(103, "code in a condition")
def code(copy: Copy) -> None:
    """A condition is a table of answers; anything else is refused, and nothing is evaluated."""
    copy.refuses(UNPAID, "when: {passport: boss}", "when: __import__('os').getcwd()", "not a table")
    copy.refuses(UNPAID, "when: {passport: boss}", "when: {{7*7}}", "A key is")
    copy.refuses(UNPAID, "when: {passport: boss}", "when: {passport: 'x or true'}", "no answer")


@TABLE.row(104, "files that are no plain YAML")
def strange_files(copy: Copy) -> None:
    """Anchors, bombs, depth, size, tabs and other encodings are refused at once; marks and ends of lines are read."""
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\nflow: unpaid_wages"
    cases: list[tuple[str | bytes, str]] = [
        (bomb, "anchor"),
        ("flow: !!python/name:os.system unpaid_wages", "tag"),
        ("[" * 9000 + "flow: unpaid_wages", "nested deeper"),
        ("# " + "x" * 5_000_000 + "\nflow: unpaid_wages", "larger than"),
        ("flow:\tunpaid_wages", "tab"),
        (b"flow: unpaid_wages \xff\xfe", "UTF-8"),
    ]
    for new, said in cases:
        began = time.process_time()
        copy.refuses(UNPAID, "flow: unpaid_wages", new, said)
        assert time.process_time() - began < 2
    path = copy.root / UNPAID
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert copy.faults() == ""


@TABLE.row(105, "text that YAML would change")
def changed_text(copy: Copy) -> None:
    """Numbers with zeros, signs and colons, dates, yes and no are refused where text is meant, phone numbers first."""
    for value in ("no", "0123", "+85523999", "10:30", "2026-01-01", "023720555"):
        copy.refuses(UNPAID, "me: I keep it", f"me: {value}", "is not read as text", f'Quote it: "{value}"')
    row = "- {id: a, country: TH, name: A, number: 0661234567, status: published, source: S, checked_on: '2026-01-01'}"
    copy.refuses(DIRECTORY, "[]", row, "is not read as text", 'Quote it: "0661234567"')


@TABLE.row(
    106, "a flow changed under live drafts", differs="no versions: a place that is gone moves to the nearest earlier"
)
def changed_flow(copy: Copy) -> None:
    """A conversation stores ids, so a step that is gone strands nobody."""
    path = copy.root / UNPAID
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  - id: promised"), text.index("  - id: if_stop")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    talk = Conversation(place=Place(flow="unpaid_wages", step="promised"), language="en")
    assert present(copy.load(), talk).step != "unpaid_wages.promised"


@TABLE.row(107, "an answer that nobody classified", differs="everything is sealed; a question must name what it asks")
def unclassified(copy: Copy) -> None:
    """There is nothing to classify: no field of a question can put its answer in clear, and each has a name."""
    copy.refuses(UNPAID, "    name: Work\n", "    name: Work\n    clear: true\n", "no `clear`")
    copy.refuses(UNPAID, "    name: Work\n", "", "`name` is missing")


TABLE.waits(108, "a broken file while running", "reading flows again while running")


@TABLE.row(109, "a screen without hide", differs="no flow can leave it out: it is legal at every wait, unwritten")
def without_hide(copy: Copy) -> None:
    """Every wait of every flow has the hide button; a flow that writes buttons of its own is refused."""
    content = copy.load()
    for flow in content.flows.values():
        for step in flow.steps:
            if isinstance(step, Ask | Menu):
                talk = Conversation(place=Place(flow=flow.id, step=step.id or ""), language="en")
                rows = render(content, present(content, talk), "en").rows
                assert any(button.data == "!hide" for row in rows for button in row), (flow.id, step.id)
    copy.refuses(UNPAID, "    name: Work\n", "    name: Work\n    hide: false\n", "no `hide`")


@TABLE.row(110, "patterns in a flow", differs="there are none to stall")
def patterns(copy: Copy) -> None:
    """A flow has no regular expressions."""
    copy.refuses(UNPAID, "    name: Work\n", "    name: Work\n    pattern: '(a+)+$'\n", "no `pattern`")


@TABLE.row(111, "placeholders that differ")
def placeholders(copy: Copy) -> None:
    """Missing, unknown, of another kind, or reaching into an object: refused."""
    for new, said in (
        ("លេខរបស់អ្នក។", "is missing"),
        ("លេខរបស់អ្នកគឺ {number} {nmae}។", "{nmae}"),
        ("លេខរបស់អ្នកគឺ {number} %s។", "%"),
        ("លេខរបស់អ្នកគឺ {number.__class__}។", "plain name"),
        ("លេខរបស់អ្នកគឺ {0}។", "plain name"),
    ):
        copy.refuses(KM, NUMBER_KM, new, said)


@TABLE.row(112, "tags", differs="balanced ones too: everything is plain text")
def tags(copy: Copy) -> None:
    """No tag is let in."""
    copy.refuses(KM, NUMBER_KM, "<b>" + NUMBER_KM, "a tag")
    copy.refuses(KM, NUMBER_KM, f"<b>{NUMBER_KM}</b>", "a tag")


@TABLE.row(113, "empty and doubtful translations", differs="refused: there is nothing to fall back to")
def doubtful(copy: Copy) -> None:
    """An empty or fuzzy entry counts as none."""
    good = (copy.root / KM).read_text(encoding="utf-8").partition(HIDE_KM)[2].partition('"')[0]
    copy.refuses(KM, HIDE_KM + good, HIDE_KM, "has no Khmer")
    copy.refuses(KM, HIDE_KM, "#, fuzzy\n" + HIDE_KM, "fuzzy")


@TABLE.row(114, "words too long for their place")
def too_long(copy: Copy) -> None:
    """Buttons, screens and messages have room for so much, in Khmer as in English."""
    copy.refuses(UNPAID, "me: I keep it", "me: " + "I keep it " * 9, "fit")
    copy.refuses(UNPAID, "This is not your fault.", "This is not your fault. " * 200, "characters")
    copy.refuses(KM, HIDE_KM, HIDE_KM + "លាក់" * 40, "fit", told_in=PHRASES)
    copy.refuses(KM, NUMBER_KM, NUMBER_KM + "ក" * 5000, "at most 4096")


@TABLE.row(115, "plural forms that Khmer has not")
def plurals(copy: Copy) -> None:
    """Khmer has one form; a catalogue that says otherwise is refused."""
    copy.refuses(KM, "nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);", "1 plural form")


@TABLE.row(116, "letters that only look right")
def lookalikes(copy: Copy) -> None:
    """Letters of other scripts, control characters and turned directions are refused by name."""
    for sign, said in (
        ("Ο", "U+039F"),
        ("\u202e", "U+202E"),
        ("\u200d", "U+200D"),
        ("\x07", "U+0007"),
        ("ก", "U+0E01"),
    ):
        copy.refuses(KM, NUMBER_KM, sign + NUMBER_KM, said)
    copy.refuses(UNPAID, "This is not", "This is n\u043et", "U+043E")


@TABLE.row(117, "phone numbers outside the directory")
def loose_numbers(copy: Copy) -> None:
    """Long or short, in either language and any digits: refused, with where it belongs."""
    for number in ("012 345 678", "០១២៣៤៥៦៧៨", "+855-23-720-555", "119"):
        copy.refuses(KM, NUMBER_KM, f"{NUMBER_KM} {number}", "directory.yaml")
    copy.refuses(UNPAID, "This is not your fault.", "Call 012 345 678.", "directory.yaml")


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
def test_broken_content_is_refused(row: Row[ContentAct], tmp_path: Path) -> None:
    """Each fault is told with its file and line; mended, the content is good again."""
    assert row.act is not None
    row.act(Copy(tmp_path))


def test_the_command_says_the_same(tmp_path: Path) -> None:
    """`check --content` on broken content names the line and exits with 1."""
    copy = Copy(tmp_path)
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    path = copy.root / UNPAID
    path.write_text(path.read_text(encoding="utf-8").replace("me: I keep it", "me: 0123"), encoding="utf-8")
    command = [sys.executable, "-m", "bot.cli", "check", "--content"]
    own = {**os.environ, "PYTHONPATH": str(tmp_path)}  # ./helpline set it to the house under test
    done = subprocess.run(command, cwd=tmp_path, env=own, check=False, capture_output=True, text=True, encoding="utf-8")

    assert done.returncode == 1
    assert f"{UNPAID}:" in done.stdout
    assert 'Quote it: "0123"' in done.stdout
