"""Words: every sentence has its Khmer, and no translation can break, format, mislead or hide anything."""

# ruff: noqa: E501  - each fault is one row of a table

import pytest

from bot.content.catalogues import TEMPLATE
from bot.content.words import is_template_current, update_catalogues
from bot.core.errors import AuthorError
from tests.content.conftest import EN, KM, Tree

MSGID = 'msgid "Your number is {number}. We look within {minutes} minutes."\nmsgstr '
SAFE = 'msgid "Can you write safely now?"\nmsgstr '
GOOD = "អ្នកអាចសរសេរបានទេ?"


def khmer_faults(tree: Tree, msgid: str, text: str) -> list[str]:
    """Give the faults after a sentence got this Khmer; all must be in the line of its msgid."""
    head, _, tail = tree.read(KM).partition(msgid)
    tree.write(KM, f'{head}{msgid}"{text}"{tail[tail.index(chr(10)) :]}')
    line = tree.line(KM, msgid.partition("\n")[0])
    faults = tree.faults()
    assert all(fault.startswith(f"{KM}:{line}: ") for fault in faults), faults
    return faults


SPOILT = {
    # name: (Khmer of "Can you write safely now?", what, remedy)
    "empty": ("", "`help.safe` has no Khmer: 'Can you write safely now?'", "Translate it"),
    "a placeholder of its own": (GOOD + "{number}", "{number} is not in the English", "Delete it"),
    "an attribute": (GOOD + "{number.__class__}", "not a plain name in braces", "{number}, nothing else"),
    "an index": (GOOD + "{number[0]}", "not a plain name in braces", "{number}, nothing else"),
    "a position": (GOOD + "{0}", "not a plain name in braces", "{number}, nothing else"),
    "a conversion": (GOOD + "{number!r}", "not a plain name in braces", "{number}, nothing else"),
    "a format": (GOOD + "{number:>10}", "not a plain name in braces", "{number}, nothing else"),
    "an open brace": (GOOD + "{", "not a plain name in braces", "{number}, nothing else"),
    "a template": (GOOD + "{{7*7}}", "not a plain name in braces", "{number}, nothing else"),
    "a percent placeholder": (GOOD + "%s", "% placeholder", "Placeholders are written {number}"),
    "a named percent placeholder": (GOOD + "%(name)s", "% placeholder", "Placeholders are written {number}"),
    "an open tag": ("<b>" + GOOD, "a tag", "plain text"),
    "a closed tag": ("<b>" + GOOD + "</b>", "a tag", "plain text"),
    "a control character": (GOOD + "\x07", "nobody can see, U+0007", "Delete it"),
    "text that turns round": ("\u202e" + GOOD, "nobody can see, U+202E RIGHT-TO-LEFT OVERRIDE", "Delete it"),
    "an isolate": ("\u2066" + GOOD, "nobody can see, U+2066", "Delete it"),
    "a joiner": (GOOD + "\u200d", "nobody can see, U+200D", "Delete it"),
    "a hard space": (GOOD + "\u00a0" + GOOD, "nobody can see, U+00A0", "type a space"),
    "an invisible vowel": ("ក\u17b4", "nobody can see, U+17B4", "Delete it"),
    "a Greek letter": (GOOD + "Ο", "another script, U+039F GREEK", "Type it anew"),
    "a Thai letter": (GOOD + "ก", "another script, U+0E01 THAI", "Type it anew"),
    "a full-width digit": (GOOD + "１", "digit of another script", "Write 0 to 9"),
    "signs in another order": ("ស្រ្តី", "unusual order in `ស្រ្តី`", "Write `ស្ត្រី`"),
    "a Latin word": (GOOD + " please", "the Latin word `please`", "Write it in Khmer"),
    "English left as it was": ("Can you write safely now?", "the Latin word `write`", "Write it in Khmer"),
    "a phone number": (GOOD + " 012 345 678", "like a phone number", "directory.yaml"),
    "a phone number in Khmer digits": (GOOD + " ០១២៣៤៥៦៧៨", "like a phone number", "directory.yaml"),
    "a phone number with dashes": (GOOD + " +855-23-720-555", "like a phone number", "directory.yaml"),
    "a short code": (GOOD + " 119", "a short code, 119", "directory.yaml"),
    "a word that accuses": (GOOD + " ខុសច្បាប់", "the word `ខុសច្បាប់`", "everyday words"),
    "a word that accuses, typed with hints": ("ខុស\u200bច្បាប់", "the word `ខុសច្បាប់`", "everyday words"),
    "a word of contempt": ("ស្រុកយួន", "the word `យួន`", "everyday words"),
    "a space in front": (" " + GOOD, "begins or ends with a space", "Delete it"),
}


@pytest.mark.parametrize(("text", "what", "mend"), SPOILT.values(), ids=SPOILT)
def test_a_faulty_translation_is_refused(tree: Tree, text: str, what: str, mend: str) -> None:
    """The fault is told in the line of the sentence, with what is wrong and how to mend it."""
    faults = khmer_faults(tree, SAFE, text)

    assert any(what in fault and mend in fault for fault in faults), faults


def test_a_sentence_longer_than_any_message_is_refused(tree: Tree) -> None:
    """A pasted book is refused before anything else is looked for in it."""
    head, _, tail = tree.read(KM).partition(SAFE)
    tree.write(KM, f'{head}{SAFE}"{"ក" * 5000}"{tail[tail.index(chr(10)) :]}')

    assert any("There are 5000 characters, at most 4096. Shorten it." in fault for fault in tree.faults())


PLACEHOLDERS = {
    "missing": ("លេខ {number}", "{minutes} is missing", "Copy it"),
    "misspelt": ("លេខ {nmuber} {minutes}", "{number} is missing", "Copy it"),
    "misspelt and unknown": (
        "លេខ {nmuber} {number} {minutes}",
        "Nothing fills the placeholder {nmuber}",
        "Use one of: age",
    ),
    "of another sentence": ("លេខ {number} {minutes} {country}", "{country} is not in the English", "Delete it"),
}


@pytest.mark.parametrize(("text", "what", "mend"), PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_translation_has_the_same_placeholders(tree: Tree, text: str, what: str, mend: str) -> None:
    """What the English fills in, the Khmer fills in: no more, no less, no other."""
    faults = khmer_faults(tree, MSGID, text)

    assert any(what in fault and mend in fault for fault in faults), faults


@pytest.mark.parametrize(
    "text", [GOOD, "សួស្តី Telegram", "ក្នុង 60 នាទី", "ឆ្នាំ 2026", "06–10 ម៉ោង", "«ក» “ខ” … 👋", "1,000,000", "អ្នក\u200bអាច"]
)
def test_a_good_translation_loads(tree: Tree, text: str) -> None:
    """Names people know in Latin letters, times, years, amounts, quotes, pictures and break hints are welcome."""
    assert khmer_faults(tree, SAFE, text) == []


ENGLISH = {
    # name: (file, old, new, what, remedy)
    "a placeholder in a flow": ("It belongs to you.", "It is {number}.", "Nothing fills the placeholder {number} here", "phrases.yaml"),
    "a phone number": ("It belongs to you.", "Call 012 345 678.", "like a phone number", "directory.yaml"),
    "a short code": ("It belongs to you.", "Call 119.", "a short code, 119", "directory.yaml"),
    "a word of the trade": ("It belongs to you.", "You can report it.", "the word `report`", "everyday words"),
    "another form of it": ("It belongs to you.", "It was reported.", "the word `reported`", "everyday words"),
    "victims": ("It belongs to you.", "Victims can ask.", "the word `Victims`", "everyday words"),
    "a letter that only looks Latin": ("It belongs to you.", "It belоngs to you.", "U+043E CYRILLIC", "Type it anew"),
    "Khmer in English": ("It belongs to you.", "It belongs to អ្នក.", "English has Khmer", "one language"),
    "a tag": ("It belongs to you.", "It <i>belongs</i>.", "a tag", "plain text"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "mend"), ENGLISH.values(), ids=ENGLISH)
def test_faulty_english_is_refused_in_the_flow(tree: Tree, old: str, new: str, what: str, mend: str) -> None:
    """English is held to the same rules, where it is written."""
    file = "flows/unpaid.yaml"
    faults = tree.check(file, old, new)

    where = f"{file}:{tree.line(file, new)}: "
    assert any(fault.startswith(where) and what in fault and mend in fault for fault in faults), faults


def test_operators_may_read_words_of_the_trade(tree: Tree) -> None:
    """The label of an indicator is for operators, who call things by their names."""
    assert tree.check("flows/tables/indicators.yaml", "Papers kept", "Reported papers") == []


def test_a_new_sentence_without_khmer_is_refused(tree: Tree) -> None:
    """A sentence that no catalogue knows is told where it is written."""
    tree.replace("flows/unpaid.yaml", "It belongs to you.", "It is yours.")

    assert tree.faults() == [
        "flows/unpaid.yaml:17: `unpaid.say3` has no Khmer: 'It is yours.'. "
        "Run ./helpline words update and translate it."
    ]


def test_fuzzy_is_not_translated(tree: Tree) -> None:
    """A guess that nobody confirmed is never shown to a person."""
    tree.replace(KM, 'msgctxt "help.safe"\n' + SAFE, '#, fuzzy\nmsgctxt "help.safe"\n' + SAFE)

    assert [fault for fault in tree.faults() if "marked fuzzy" in fault and "delete `#, fuzzy`" in fault]


BROKEN = {
    # name: (old, new, what, remedy)
    "two plural forms": ("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);", "`km` has 1 plural form(s)", "nplurals=1; plural=0;"),
    "a plural sentence": (SAFE, 'msgid "Can you write safely now?"\nmsgid_plural "x"\nmsgstr[0] ', "has plural forms", "one msgstr"),
    "a lost quote": (SAFE + '"', SAFE, "no line of a catalogue", "quotes"),
    "a lost closing quote": ('"Language: km\\n"', '"Language: km\\n', "no line of a catalogue", "quotes"),
    "a stray word": ("msgctxt \"help.safe\"\n" + SAFE, "hello\nmsgctxt \"help.safe\"\n" + SAFE, "no line of a catalogue", "Check msgid"),
    "a code in an escape": (SAFE + '"', SAFE + '"\\x41', "no line of a catalogue", "quotes"),
    "no msgstr": ("msgctxt \"help.safe\"\n" + SAFE, "msgctxt \"a\"\nmsgid \"b\"\n\nmsgctxt \"help.safe\"\n" + SAFE, "broken", "Mend the entry"),
    "another encoding": ("charset=utf-8", "charset=latin1", "Content-Type is not that", "Write utf-8"),
    "no such encoding": ("charset=utf-8", "charset=utf8x", "Content-Type is not that", "Write utf-8"),
    "another language": ("Language: km", "Language: th", "Language is not that", "Write km"),
    "a broken header": ("nplurals=1;", "nplurals=one;", "The catalogue is broken", "Mend the entry"),
    "a sentence twice": ("msgctxt \"help.safe\"\n" + SAFE, "msgctxt \"help.safe\"\n" + SAFE + '"ក"\n\nmsgctxt "help.safe"\n' + SAFE, "here twice", "Delete one"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "mend"), BROKEN.values(), ids=BROKEN)
def test_a_broken_catalogue_is_refused(tree: Tree, old: str, new: str, what: str, mend: str) -> None:
    """Whatever gettext readers would swallow in silence is told with its line."""
    tree.replace(KM, old, new)
    faults = tree.faults()

    assert any(fault.startswith(f"{KM}:") and what in fault and mend in fault for fault in faults), faults


def test_a_catalogue_that_is_not_utf8_is_refused(tree: Tree) -> None:
    """A catalogue saved in another encoding is told with its line."""
    tree.write(KM, tree.read(KM).encode() + b"\n# \xe9\n")

    assert tree.faults()[0].endswith("The file is not UTF-8. Save it as UTF-8 in your editor.")


# ── updating ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_updating_twice_changes_nothing(tree: Tree) -> None:
    """The same flows give the same files, byte for byte: no dates, no versions, no line numbers."""
    update_catalogues(tree.root)
    files = {path: path.read_bytes() for path in tree.root.rglob("*.po*")}

    assert update_catalogues(tree.root) == ()
    assert files == {path: path.read_bytes() for path in tree.root.rglob("*.po*")}
    assert b"Date" not in files[tree.root / TEMPLATE]
    assert b"EMAIL" not in files[tree.root / TEMPLATE]


def test_updating_keeps_translations(tree: Tree) -> None:
    """A new sentence is added empty; what was translated stays; what is gone is kept below, out of use."""
    khmer_faults(tree, SAFE, GOOD)
    tree.replace("flows/unpaid.yaml", "It belongs to you.", "It is yours.")

    assert {path.name for path in update_catalogues(tree.root)} == {"messages.pot", "messages.po"}

    assert SAFE + f'"{GOOD}"' in tree.read(KM)
    assert 'msgid "It is yours."\nmsgstr ""' in tree.read(KM)
    assert '#~ msgid "It belongs to you."' in tree.read(KM)
    assert "fuzzy" not in tree.read(KM)


def test_a_sentence_that_comes_back_finds_its_translation(tree: Tree) -> None:
    """Taking a sentence out and putting it back loses no translator's work."""
    before = tree.read(KM)
    tree.replace("flows/unpaid.yaml", "It belongs to you.", "It is yours.")
    update_catalogues(tree.root)
    tree.replace("flows/unpaid.yaml", "It is yours.", "It belongs to you.")
    update_catalogues(tree.root)

    assert before.split('msgid "It belongs to you."\n')[1].split("\n")[0] in tree.read(KM)
    assert tree.faults() == []


def test_catalogues_are_made_where_there_are_none(tree: Tree) -> None:
    """A first update makes template and catalogues, every sentence in place and empty."""
    for file in (TEMPLATE, KM, EN):
        (tree.root / file).unlink()

    update_catalogues(tree.root)

    assert 'msgctxt "help.safe"\n' + SAFE + '""' in tree.read(KM)
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"' in tree.read(KM)
    assert is_template_current(tree.root)


def test_a_stale_template_is_noticed(tree: Tree) -> None:
    """Translators work on what the flows say today."""
    assert is_template_current(tree.root)

    tree.replace("flows/unpaid.yaml", "It belongs to you.", "It is yours.")

    assert not is_template_current(tree.root)


def test_nothing_is_written_from_flows_that_cannot_be_read(tree: Tree) -> None:
    """Half a set of flows would mark the other half's translations obsolete."""
    before = tree.read(KM)
    tree.write("flows/unpaid.yaml", "flow: [unpaid\n")

    with pytest.raises(AuthorError, match=r"flows/unpaid\.yaml"):
        update_catalogues(tree.root)
    assert tree.read(KM) == before


def test_nothing_is_written_over_a_broken_catalogue(tree: Tree) -> None:
    """A catalogue that cannot be read whole is mended by hand, never rewritten shorter."""
    tree.replace(KM, SAFE + '"', SAFE)
    before = tree.read(KM)

    with pytest.raises(AuthorError, match="no line of a catalogue"):
        update_catalogues(tree.root)
    assert tree.read(KM) == before
