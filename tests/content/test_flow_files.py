"""Flow files: every field is what it should be, or is refused with file, line and remedy."""

# ruff: noqa: E501  - each fault is one row of a table

import pytest

from tests.content.conftest import Tree

HELP, UNPAID, CONTACT = "flows/help.yaml", "flows/unpaid.yaml", "flows/contact.yaml"

FAULTS = {
    # name: (file, what is there, what is put in its place, the line is that of, what, remedy)
    "misspelt field of a step": (UNPAID, "    ask: How many", "    aks: How many", "- id: months", "does nothing", "say, ask"),
    "misspelt optional field": (UNPAID, "    raises:", "    rises:", "rises", "no `rises`", "Did you mean `raises`?"),
    "misspelt field of a flow": (UNPAID, "need:", "needs:", "needs", "A flow has no `needs`", "Did you mean `need`?"),
    "unknown field": (HELP, "    columns: 2", "    colour: red", "colour", "no `colour`", "Use one of|Did you mean"),
    "another name than the file": (UNPAID, "flow: unpaid", "flow: paid", "flow: paid", "not the file's name", "the same"),
    "an id with a space": (UNPAID, "- id: months", "- id: how many", "how many", "`how many` is no id", "Use a letter"),
    "an id in Khmer": (UNPAID, "- id: months", "- id: ខែ", "ខែ", "is no id", "Use a letter"),
    "a choice id with a sign": (UNPAID, "me: I keep it", "m-e: I keep it", "m-e", "`m-e` is no id", "Use a letter"),
    "no title": (UNPAID, "title: I was not paid\n", "", "flow: unpaid", "`title` is missing", "Add `title"),
    "a title that is a number": (UNPAID, "I was not paid", "0123", "0123", "`0123` is not read as text", 'Quote it: "0123"'),
    "a label that is yes": (HELP, '"yes": "Yes"', '"yes": Yes', '"yes": Yes', "`Yes` is not read as text", 'Quote it: "Yes"'),
    "a label that is a time": (UNPAID, "me: I keep it", "me: 10:30", "10:30", "is not read as text", 'Quote it: "10:30"'),
    "a label that is nothing": (UNPAID, "me: I keep it", "me:", "      me:", "`me` is empty", "Write a text"),
    "a label that is a list": (UNPAID, "me: I keep it", "me: [a]", "me: [a]", "`me` is a list", "Write a text"),
    "a choice id that is no": (HELP, '"no": {label', "no: {label", "no: {label", "`no` is not text", 'Quote it: "no"'),
    "a choice twice": (UNPAID, "boss: My boss\n", "me: My boss\n", "me: My boss", "a second time", "Delete one"),
    "no steps": (CONTACT, "steps:", "stops:", "flow: contact", "no steps", "Add `steps:`"),
    "an empty list of steps": ("flows/stop.yaml", "steps:", "steps: []\nrest:", "steps", "no steps", "at least one"),
    "a step that is a text": (UNPAID, "  - when:", "  - hello\n  - when:", "hello", "is not a table", "Write `- {id"),
    "two things at once": (UNPAID, "    say: It", "    menu: It\n    say: It", "when: {passport", "`say`, `menu` at once|`say`", "exactly one"),
    "a question without an id": (CONTACT, "- id: hours\n    when", "- when", "- when", "`id` is missing", "Add `id: ...`"),
    "a question without a name": (UNPAID, "    name: Months\n", "", "- id: months", "`name` is missing", "Add `name: ...`"),
    "a question without a kind": (UNPAID, "    number: {min: 0, max: 240}\n", "", "- id: months", "no kind of answer", "choice, many"),
    "a question of two kinds": (UNPAID, "    number:", "    text: {}\n    number:", "- id: months", "more than one kind", "one of"),
    "a kind with something in it": (UNPAID, "number: {min: 0, max: 240}", "text: {min: 0}", "text:", "takes nothing", "`text: {}`"),
    "bounds in quotes": (UNPAID, "min: 0", 'min: "0"', "min:", "not a whole number", "without quotes"),
    "bounds upside down": (UNPAID, "min: 0, max: 240", "min: 9, max: 2", "min: 9", "above", "Swap"),
    "bounds that are a number": (UNPAID, "{min: 0, max: 240}", "240", "number: 240", "not a table", "{min: 0, max: 100}"),
    "a misspelt bound": (UNPAID, "min: 0", "mni: 0", "mni", "no `mni`", "Did you mean `min`?"),
    "octal bounds": (UNPAID, "max: 240", "max: 0240", "max:", "not a whole number", "Write one"),
    "four columns": (HELP, "columns: 2", "columns: 4", "columns", "from 1 to 3", "Write one"),
    "no choices": (HELP, "choice: $countries", "choice: {}", "choice: {}", "nothing to choose", "choice: {id: Label}"),
    "an unknown table": (HELP, "$countries", "$contries", "$contries", "no table `$contries`", "`$countries`"),
    "articles in a question": (HELP, "choice: $countries", "choice: $articles", "$articles", "for menus", "menu:"),
    "an unknown act": (HELP, 'then: {"no": hide}', 'then: {"no": hid}', "hid}", "`hid` is no act", "Did you mean `hide`?"),
    "an act that is no": (HELP, 'then: {"no": hide}', 'then: {"no": no}', "no}", "`no` is not read as text", "Quote it"),
    "code as condition": (UNPAID, "when: {passport: boss, months: unanswered}", "when: __import__('os')", "when:", "not a table", "key: value"),
    "a template as condition": (UNPAID, "when: {passport: boss, months: unanswered}", "when: {{7*7}}", "when:", "A key is", "single word"),
    "a condition that is true": (UNPAID, "passport: boss, months", "passport: true, months", "when:", "`true` is not read as text", "Quote it"),
    "an offer that is a text": (CONTACT, "{hours: {country: has_zones}}", "{hours: country}", "offer", "not a table", "question: answer"),
    "a menu that is bilingual by yes": ("flows/start.yaml", "bilingual: true", "bilingual: yes", "bilingual", "neither true nor false", "Write true"),
    "a long form without label": (HELP, "{label: \"No\", aliases", "{text: \"No\", aliases", '{text', "`label` is missing", "Add `label: ...`"),
    "an alias that is a number": (HELP, "aliases: [nope]", "aliases: [012]", "012", "`012` is not read as text", 'Quote it: "012"'),
    "an alias twice": (HELP, "aliases: [nope]", "aliases: [nope, nope]", "nope, nope", "`nope` twice", "Delete one"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "at", "what", "mend"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_flow_is_refused(tree: Tree, file: str, old: str, new: str, at: str, what: str, mend: str) -> None:
    """The fault is told with its file and line, what is wrong, and what to write instead."""
    faults = tree.check(file, old, new)

    where = f"{file}:{tree.line(file, at)}: "
    assert [
        fault
        for fault in faults
        if fault.startswith(where)
        and any(part in fault for part in what.split("|"))
        and any(part in fault for part in mend.split("|"))
    ], "\n".join(faults)


@pytest.mark.parametrize("name", ["Unpaid Wages.yaml", "unpaid.yml", "ខែ.yaml"])
def test_a_file_that_would_not_be_read_is_named(tree: Tree, name: str) -> None:
    """A flow under a name that is not read would be missing without a word."""
    tree.write(f"flows/{name}", "flow: x\n")

    assert f"flows/{name}:1: The file's name is not read. Name it with letters, digits, _ and .yaml." in tree.faults()


def test_an_unknown_table_is_named(tree: Tree) -> None:
    """A misspelt table would be missing without a word."""
    tree.write("flows/tables/lexicn.yaml", "[]")

    assert "flows/tables/lexicn.yaml:1: There is no table `lexicn`. Did you mean `lexicon`?" in tree.faults()


@pytest.mark.parametrize(
    ("file", "what"), [("flows/end.yaml", "not a flow"), ("flows/guidance/money.yaml", "not an article")]
)
def test_a_list_is_no_flow_and_no_article(tree: Tree, file: str, what: str) -> None:
    """A file of the wrong shape is refused with how it begins."""
    tree.write(file, "- x\n")

    assert [
        fault
        for fault in tree.faults()
        if fault.startswith(f"{file}:1: ") and what in fault and "Begin it with" in fault
    ]
