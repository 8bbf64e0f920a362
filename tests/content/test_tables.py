"""Tables, phrases, articles and the directory: each row is complete, or refused with file, line and remedy."""

# ruff: noqa: E501  - each fault is one row of a table

from datetime import date

import pytest

from tests.content.conftest import Tree

TABLES = "flows/tables/"
COUNTRIES, FACTS, COMMANDS = f"{TABLES}countries.yaml", f"{TABLES}facts.yaml", f"{TABLES}commands.yaml"
INDICATORS, URGENCY, LEXICON = f"{TABLES}indicators.yaml", f"{TABLES}urgency.yaml", f"{TABLES}lexicon.yaml"
DIRECTORY, MONEY, PHRASES = f"{TABLES}directory.yaml", "flows/guidance/money.yaml", "flows/phrases.yaml"

FAULTS = {
    # name: (file, what is there, what is put in its place, the line is that of, what, remedy)
    "an id twice": (COUNTRIES, "id: unknown", "id: sea", "I do not know", "`sea` is taken (line 2)", "Choose another"),
    "no id": (COUNTRIES, "id: unknown, ", "", "I do not know", "`id` is missing", "Add `id: ...`"),
    "Norway": (COUNTRIES, "id: unknown", "id: no", "id: no", "`no` is not read as text", 'Quote it: "no"'),
    "no such country code": (COUNTRIES, "iso: TH", "iso: TL9", "TL9", "no country code", "two capital letters"),
    "no such time zone": (COUNTRIES, "Asia/Bangkok", "Asia/Bankok", "Bankok", "no time zone", "Asia/Bangkok"),
    "a time zone that is a path": (COUNTRIES, "Asia/Bangkok", "../../etc/passwd", "passwd", "no time zone", "Asia/Bangkok"),
    "a misspelt column": (COUNTRIES, "aliases: [ไทย", "alias: [ไทย", "ไทย", "no `alias`", "Did you mean `aliases`?"),
    "a table that is a mapping": (f"{TABLES}outcomes.yaml", "- {id", "{id", "id", "not a list", "one row a line"),
    "a row that is a text": (f"{TABLES}reasons.yaml", "- {id", "- hello\n- {id", "hello", "not a table", "{id: ..., ...}"),
    "a fact without flow": (FACTS, "flow: unpaid, ", "", "unpaid", "`flow` is missing", "Add `flow: ...`"),
    "an indicator without source": (INDICATORS, ', source: "ILO, 8"', "", "wages_withheld", "`source` is missing", "Add `source"),
    "an indicator without weight": (INDICATORS, "weight: 45, ", "", "wages_withheld", "`weight` is missing", "0 to 100"),
    "too much weight": (INDICATORS, "weight: 45", "weight: 145", "wages_withheld", "from 0 to 100", "Write one"),
    "a weight in quotes": (INDICATORS, "weight: 45", 'weight: "45"', "wages_withheld", "not a whole number", "without quotes"),
    "no such ILO indicator": (INDICATORS, "ilo: [8]", "ilo: [12]", "ilo: [12]", "from 1 to 11", "Write one"),
    "verified by yes": (INDICATORS, "verified: true", "verified: yes", "verified: yes", "neither true nor false", "Write true"),
    "a rule without source": (URGENCY, ', urgency: P1, source: "Own rule"', ", urgency: P1", "danger_now", "`source` is missing", "Add"),
    "a rule without indicators": (URGENCY, "all: [imminent_danger], ", "", "danger_now", "neither `all` nor `any`", "Name the"),
    "no such urgency": (URGENCY, "P1", "P0", "danger_now", "`P0` is no urgency", "Did you mean|Use one of: P1"),
    "an outcome without source": (f"{TABLES}outcomes.yaml", ', source: "Own code"', "", "helped", "`source` is missing", "Add"),
    "a failure of yes": (f"{TABLES}outcomes.yaml", "label", "failed: yes, label", "failed", "neither true nor false", "Write true"),
    "a milestone without source": (f"{TABLES}milestones.yaml", ', source: "Own code"', "", "located", "`source` is missing", "Add"),
    "a checklist for no rule": (f"{TABLES}checklists.yaml", "id: danger_now", "id: danger_no", "danger_no", "no P1 rule", "Did you mean `danger_now`"),
    "a checklist that phones nobody": (f"{TABLES}checklists.yaml", "phone: [A doctor, Somebody near], ", "", "danger_now", "`phone` of this checklist is empty", "Add `phone"),
    "a checklist that forbids nothing": (f"{TABLES}checklists.yaml", "[When help comes]", "[]", "danger_now", "`never` of this checklist is empty", "Add `never"),
    "a checklist without source": (f"{TABLES}checklists.yaml", ', source: "Own rule"', "", "danger_now", "`source` is missing", "Add"),
    "a saved answer without text": (f"{TABLES}saved_replies.yaml", ", text: We have noted it.", "", "noted", "`text` is missing", "Add"),
    "a saved answer that says too much": (f"{TABLES}saved_replies.yaml", "We have noted it.", "We have noted your case.", "noted", "the word `case`", "everyday words"),
    "a saved answer with a number": (f"{TABLES}saved_replies.yaml", "We have noted it.", "Call 1280.", "noted", "may be a short code", "directory.yaml only"),
    "a term that raises nothing": (LEXICON, "raises: [imminent_danger], alone", "alone", "Help Me", "raises nothing", "Name at least one"),
    "a term of too many words": (LEXICON, '"Help Me!", raises: [imminent_danger], alone: true', "help me now please, raises: [imminent_danger]", "help me now", "More than 3 Latin words", "alone"),
    "a veto of something else": (LEXICON, "[កំពុងវាយបាល់]", "[បាល់]", "[បាល់]", "does not hold the text", "longer wording"),
    "a term twice, typed with spaces": (LEXICON, '"Help Me!"', '"កំពុង វាយ"', "alone", "reads the same", "Delete one"),
    "a term of signs only": (LEXICON, '"Help Me!"', '"!?"', "!?", "no letter", "Write a word"),
    "a term twice, typed otherwise": (LEXICON, '"Help Me!"', '"កំពុង\u200bវាយ"', "alone", "reads the same", "Delete one"),
    "a calendar of a country without holidays": (f"{TABLES}calendar.yaml", "id: KH", "id: XX", "XX", "No holidays of `XX`", "Did you mean|Use one of"),
    "a calendar of no country": (f"{TABLES}calendar.yaml", "- id: KH\n- id: host\n", "[]\n", "[]", "is empty", "- id: KH"),
    "a command that is none": (COMMANDS, "id: stop", "id: stopp", "stopp", "`stopp` is no id", "Did you mean `stop`?"),
    "a command without forms": (COMMANDS, "- {id: back, forms: [back]}\n", "", "id: hide", "`back` has no forms", "- {id: back"),
    "a command twice": (COMMANDS, "{id: back, forms: [back]}", "{id: skip, forms: [x1]}", "forms: [skip]", "second time", "Join"),
    "a form of two commands": (COMMANDS, "[skip]", "[skip, BACK]", "BACK", "`back` already means back", "Delete it"),
    "a form that is off": (COMMANDS, "[skip]", "[off]", "off", "`off` is not read as text", 'Quote it: "off"'),
    "phrases without the word": (PHRASES, "phrases:", "phrase:", "phrase", "no `phrase`", "Did you mean `phrases`?"),
    "a phrase that is a number": (PHRASES, "Hide", "0123", "0123", "`0123` is not read as text", 'Quote it: "0123"'),
    "a phrase with a bad id": (PHRASES, "button_hide", "button-hide", "button-hide", "is no id", "Use a letter"),
    "an article of another name": (MONEY, "article: money", "article: cash", "article", "not the file's name", "the same"),
    "an article without source": (MONEY, 'sources: ["A bank\'s own page, read 2026-11-01"]\n', "", "article", "no source", "Add `sources"),
    "an article never reviewed": (MONEY, 'reviewed: "2026-11-20"\n', "", "article", "`reviewed` is missing", "Add `reviewed"),
    "a date without quotes": (MONEY, '"2026-11-20"', "2026-11-20", "reviewed", "is not read as text", 'Quote it: "2026-11-20"'),
    "a day that never was": (MONEY, "2026-11-20", "2026-02-30", "reviewed", "is no date", "year, month and day"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "at", "what", "mend"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_row_is_refused(tree: Tree, file: str, old: str, new: str, at: str, what: str, mend: str) -> None:
    """The fault is told with its file and line, what is wrong, and what to write instead."""
    faults = tree.check(file, old, new)

    where = f"{file}:{tree.line(file, at)}: "
    found = [fault for fault in faults if fault.startswith(where) and what in fault]
    assert found, "\n".join(faults)
    assert any(part in found[0] for part in mend.split("|")), found


CONTACT = """\
- id: hotline
  country: TH
  name: A hotline
  number: "+66 2 123 4567"
  status: published
  source: "An invented page, 2026-11-01"
  checked_on: "2026-11-02"
  checked_by: [Dara, Sophea]
"""

CONTACT_FAULTS = {
    "a number without quotes": ('"+66 2 123 4567"', "+6621234567", "`+6621234567` is not read as text", 'Quote it: "+6621234567"'),
    "a number that lost its zero": ('"+66 2 123 4567"', "021234567", "`021234567` is not read as text", 'Quote it: "021234567"'),
    "a number without country code": ('"+66 2 123 4567"', '"02 123 4567"', "no phone number", "with + and the country code"),
    "a number with too few digits": ("+66 2 123 4567", "+66 2 123", "cannot be dialled", "digit by digit"),
    "a number damaged by a spreadsheet": ("+66 2 123 4567", "+8.55E+10", "no phone number|cannot be dialled", "country code|digit"),
    "a number of another country": ("+66 2 123 4567", "+855 23 720 555", "another country's code", "Correct the number"),
    "a number in Khmer digits": ("+66 2 123 4567", "១១៩", "no phone number", "short code"),
    "a country that is not listed": ("country: TH", "country: MY", "`MY` is no country", "Did you mean|Use one of"),
    "no source": ('  source: "An invented page, 2026-11-01"\n', "", "`source` is missing", "Add `source: ...`"),
    "a status that is none": ("status: published", "status: called", "`called` is no status", "dialled"),
    "dialled by one": ("published", 'dialled\n  checked_by: [Dara]\n#', "two people", "checked_by"),
    "emergency by yes": ("status: published", "status: published\n  emergency: yes", "neither true nor false", "Write true"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "what", "mend"), CONTACT_FAULTS.values(), ids=CONTACT_FAULTS)
def test_a_faulty_contact_is_refused(tree: Tree, old: str, new: str, what: str, mend: str) -> None:
    """No number reaches people that is not text, dialable, of its country, sourced and checked as its status says."""
    row = CONTACT.replace("  checked_by: [Dara, Sophea]\n", "") if "Dara" in new else CONTACT
    tree.write(DIRECTORY, row)

    faults = tree.check(DIRECTORY, old, new)

    found = [
        fault for fault in faults if fault.startswith(DIRECTORY) and any(part in fault for part in what.split("|"))
    ]
    assert found, "\n".join(faults)
    assert any(part in found[0] for part in mend.split("|")), found


def test_dialled_needs_its_day(tree: Tree) -> None:
    """`dialled` without the day it was done is refused."""
    tree.write(DIRECTORY, CONTACT.replace("published", "dialled").replace('  checked_on: "2026-11-02"\n', ""))

    assert f'{DIRECTORY}:5: `dialled` needs the day. Add `checked_on: "2026-11-22"`.' in tree.check(
        DIRECTORY, "Dara", "Chan"
    )


def test_a_number_is_listed_once(tree: Tree) -> None:
    """The same number under two names would be checked twice and mended once."""
    tree.write(DIRECTORY, CONTACT + CONTACT)

    assert f"{DIRECTORY}:12: `hotline` has the same number. Join the two rows." in tree.check(
        DIRECTORY, CONTACT + CONTACT, CONTACT + CONTACT.replace("id: hotline", "id: hotline2")
    )


@pytest.mark.parametrize("number", ['"+66 2 123 4567"', '"191"', '"1300"'])
def test_a_contact_that_is_right_loads(tree: Tree, number: str) -> None:
    """International numbers and the short codes of a country are kept as they were written."""
    tree.write(DIRECTORY, CONTACT.replace('"+66 2 123 4567"', number))
    tree.translate()

    (contact,) = tree.load().directory
    assert contact.number == number.strip('"')
    assert contact.checked_on == date(2026, 11, 2)
    assert contact.checked_by == ("Dara", "Sophea")
