"""Content as a whole: every name names something, every way leads somewhere, everything fits a small phone."""

# ruff: noqa: E501  - each fault is one row of a table

import pytest

from bot.content.checks import missing_stories
from tests.content.conftest import KM, Tree

HELP, UNPAID, CONTACT, START = "flows/help.yaml", "flows/unpaid.yaml", "flows/contact.yaml", "flows/start.yaml"
DANGER, END, STOP = "flows/danger.yaml", "flows/end.yaml", "flows/stop.yaml"
FACTS, URGENCY, LEXICON = "flows/tables/facts.yaml", "flows/tables/urgency.yaml", "flows/tables/lexicon.yaml"
COUNTRIES = "flows/tables/countries.yaml"

FAULTS = {
    # name: (file, what is there, what is put in its place, the line is that of, what, remedy)
    #
    # names
    "go to no flow": (HELP, "go: contact", "go: contcat", "id: reach", "no flow `contcat`", "Did you mean `contact`?"),
    "a menu to no flow": (START, "help: help,", "help: helpp,", "id: menu", "no flow `helpp`", "Did you mean `help`?"),
    "go of no choice": (START, "{danger: danger,", "{danger: danger, exit: stop,", "id: menu", "no choice `exit`", "Use one of"),
    "an act of no choice": (HELP, 'then: {"no": hide}', "then: {none: hide}", "id: safe", "no choice `none`", "Use one of|Did you mean"),
    "an indicator of no choice": (UNPAID, "raises: {boss:", "raises: {bos:", "id: passport", "no choice `bos`", "Did you mean `boss`?"),
    "no such indicator in a flow": (DANGER, "[imminent_danger]", "[imminent_dangr]", "flow: danger", "no indicator", "Did you mean"),
    "no such indicator of a choice": (UNPAID, "[documents_withheld]", "[papers]", "id: passport", "no indicator `papers`", "Use one of"),
    "no such indicator of a fact": (FACTS, "[wages_withheld]", "[wages]", "unpaid", "no indicator `wages`", "wages_withheld"),
    "no such indicator of a rule": (URGENCY, "any: [documents_withheld]", "any: [documents]", "kept", "no indicator `documents`", "documents_withheld"),
    "no such indicator of a term": (LEXICON, "raises: [imminent_danger], alone", "raises: [danger], alone", "Help Me", "no indicator `danger`", "imminent_danger"),
    "a fact's flow": (FACTS, "flow: unpaid", "flow: unpayed", "unpaid", "no flow `unpayed`", "Did you mean `unpaid`?"),
    "a condition on no question": (UNPAID, "{passport: boss,", "{pasport: boss,", "- when", "no question `pasport`", "Did you mean `passport`?"),
    "a condition on a menu": (UNPAID, "{passport: boss,", "{menu: danger,", "- when", "no question `menu`", "Use one of"),
    "a condition on no answer": (UNPAID, "{passport: boss,", "{passport: bos,", "- when", "no answer of `passport` `bos`", "Did you mean `boss`?"),
    "a condition on several, one wrong": (UNPAID, "{passport: boss,", "{passport: [me, him],", "- when", "`him`", "Use one of"),
    "zones of another question": (UNPAID, "{passport: boss,", "{passport: has_zones,", "- when", "`has_zones` is no test", "Only `country`"),
    "an offer of no choice": (CONTACT, "offer: {hours:", "offer: {hour:", "id: contact", "no choice `hour`", "Did you mean `hours`?"),
    "a step twice": (UNPAID, "- id: passport", "- id: months  # again", "# again", "`months` is taken", "Choose another"),
    "a choice named like a test": (UNPAID, "me: I keep it", "answered: I keep it", "answered:", "a meaning in `when`", "Choose another id"),
    "a choice that leads nowhere": (END, "{change: change, home: home}", "{change: change}", "home: First", "leads nowhere", "`go` or `then`"),
    "a choice that leads two ways": (STOP, "then: {keep: keep,", "go: {keep: help}\n    then: {keep: keep,", "choice:", "both", "Delete one"),
    #
    # ways
    "a flow nobody reaches": (START, ", guidance: guidance, before: wrote_before}", ", guidance: guidance, before: lost}", "id: menu", "no flow `lost`", "Use one of"),
    "steps after the end": (HELP, "  - submit: {}", "  - submit: {}\n  - say: One more thing.", "One more", "Nobody reaches `help.say8`", "give that step a `when`"),
    "steps after a menu": (END, "then: {change: change, home: home}", "then: {change: change, home: home}\n  - say: More.", "More.", "Nobody reaches", "Delete the steps"),
    "a way without end": (HELP, "  - submit: {}", "  - say: Thank you.", "flow: help", "ends without `submit` or `menu`", "Add `- submit: {}`"),
    "an end only sometimes": (HELP, "  - submit: {}", "  - {when: {country: TH}, submit: {}}", "flow: help", "ends without", "without `when`"),
    "a circle": (UNPAID, "  - when:", "  - go: unpaid\n  - when:", "go: unpaid", "from `unpaid` back to `unpaid`", "Take out"),
    "a wide circle": (CONTACT, "  - id: hours\n", "  - go: danger\n  - id: hours\n", "go: danger", "back to `contact`", "Take out"),
    "a circle through the facts": (UNPAID, "  - when:", "  - go: help\n  - when:", "go: help", "back to `unpaid`", "Take out"),
    #
    # what the program takes for granted
    "a start without its menu": (START, "- id: menu", "- id: first", "id: first", "begin with a menu `menu`", "first step"),
    "an end that begins with a question": (END, "  - id: menu\n", "  - {id: q, ask: Well?, name: Well, text: {}}\n  - id: menu\n", "id: q", "begin with a menu", "first step"),
    "a country from elsewhere": (HELP, "choice: $countries", "choice: {TH: Thailand}", "id: country", "reads `country` otherwise", "`choice: $countries`"),
    "facts as one choice": (HELP, "many: $facts", "choice: $facts", "id: facts", "reads `facts` otherwise", "`many: $facts`"),
    "no question for the facts": (HELP, "  - id: facts\n    ask: What is happening?\n    name: What is happening\n    many: $facts\n", "", "go: $facts", "without a question", "Add the question"),
    "another contact rule": (CONTACT, "any_time: Any time, ", "", "id: contact", "reads `contact` otherwise", "any_time, hours"),
    "hours without a zone": (CONTACT, "    offer: {hours: {country: has_zones}}\n", "", "id: contact", "without knowing the country", "Add `offer"),
    "keeping without discarding": (HELP, '    then: {"no": discard}\n', "", "id: keep", "does nothing", "discard"),
    "one question, two meanings": ("flows/wrote_before.yaml", "{id: news,", "{id: months,", "id: months", "other answers than in `unpaid`", "Give it another id"),
    #
    # room
    "an id too long": (UNPAID, "- id: months", "- id: months_that_you_have_not_been_paid_for", "id: months_", "longer than 40", "Shorten the id"),
    "a label too long": (UNPAID, "me: I keep it", "me: I keep it with me all the time, always", "me: I keep", "letters; 30 fit", "Shorten"),
    "a label too long for two": (HELP, '"yes": "Yes"', '"yes": "Yes, I am quite safe"', '"yes"', "letters; 14 fit", "Shorten"),
    "a label too long for both languages": (START, "guidance: To read", "guidance: Something that you can read", "guidance: Some", "letters; 24 fit", "Shorten"),
    "columns for both languages": (START, "bilingual: true", "bilingual: true\n    columns: 2", "id: menu", "no room for columns", "Delete `columns:`"),
    "a name too long": (UNPAID, "name: Months", "name: How many months you have waited", "id: months", "letters; 30 fit", "Shorten"),
    "a label of two lines": (UNPAID, "me: I keep it", 'me: "I keep\\nit"', "I keep\\nit", "line break", "Delete it"),
    "a screen too long": (UNPAID, "ask: How many months?", "ask: How many months? " + "Think. " * 100, "id: months", "716 characters", "Shorten it"),
    "a screen too long with what is said": (UNPAID, "  - id: months", "  - say: " + "Well. " * 60 + "\n  - say: " + "Now. " * 80 + "\n  - id: months", "id: months", "characters on one screen", "question in between"),
    "a short version too long": ("flows/guidance/money.yaml", "  Compare.\n", "  Compare.\n  And compare.\n", "article: money", "`short` has 4 lines in `en`, not 3", "three lines"),
    "an article too long": ("flows/guidance/money.yaml", "Keep the paper", "Keep the paper " * 220, "article: money", "characters on one screen in `en`, at most 3000", "Shorten"),
    #
    # typing
    "two labels that read the same": (UNPAID, "boss: My boss", "boss: i keep it!", "boss:", "`boss` reads the same as `me`", "Reword"),
    "a label that is a command": (UNPAID, "boss: My boss", "boss: Stop", "boss:", "means the command stop", "Reword"),
    "a label that is a number": (UNPAID, "boss: My boss", 'boss: "1"', "boss:", "choice of that number", "Add a word"),
    "two countries of one name": (COUNTRIES, "id: sea, label: At sea", "id: sea, label: Siam", "id: sea", "`sea` reads the same as `TH`", "Reword"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "at", "what", "mend"), FAULTS.values(), ids=FAULTS)
def test_faulty_content_is_refused(tree: Tree, file: str, old: str, new: str, at: str, what: str, mend: str) -> None:
    """The fault is told with its file and line, what is wrong, and how to mend it."""
    faults = tree.check(file, old, new)

    where = f"{file}:{tree.line(file, at)}: "
    assert [
        fault
        for fault in faults
        if fault.startswith(where) and what in fault and any(part in fault for part in mend.split("|"))
    ], "\n".join(faults)


@pytest.mark.parametrize("name", ["start", "help", "danger", "contact", "guidance", "wrote_before", "stop", "end"])
def test_a_flow_the_program_takes_up_must_be_there(tree: Tree, name: str) -> None:
    """The program goes to these flows by name."""
    (tree.root / f"flows/{name}.yaml").unlink()

    assert f"flows/{name}.yaml:1: The flow `{name}` is missing. Add it." in tree.faults()


def test_a_flow_nobody_reaches_is_named(tree: Tree) -> None:
    """A flow that no menu and no step leads to would never be seen."""
    tree.write("flows/lost.yaml", "flow: lost\ntitle: Lost\nsteps:\n  - submit: {}\n")
    tree.translate()

    assert tree.faults() == [
        "flows/lost.yaml:1: Nothing leads to the flow `lost`. Lead a menu or a `go` to it, or delete it."
    ]


def test_a_label_may_be_the_command_it_does(tree: Tree) -> None:
    """A choice that leads home may read as the command that does."""
    assert tree.check("flows/tables/commands.yaml", 'forms: ["/start"]', 'forms: ["/start", first page]') == []


def test_every_p1_rule_has_a_checklist(tree: Tree) -> None:
    """Who gets an urgent card must be able to ask what to do; a rule without its list is refused."""
    (fault,) = tree.check(URGENCY, "urgency: P2", "urgency: P1")

    assert fault.endswith("The P1 rule `kept` has no checklist. Add `- id: kept` to checklists.yaml.")
    assert fault.startswith("flows/tables/urgency.yaml:2")


def test_danger_must_be_urgent_by_itself(tree: Tree) -> None:
    """The danger press puts a card before operators; a table that lowers it is refused."""
    faults = tree.check(URGENCY, "urgency: P1", "urgency: P3")

    assert faults == [
        "flows/danger.yaml:1: Entering `danger` does not make a request P1. "
        "Give it `raises:` that flows/tables/urgency.yaml makes P1.",
        "flows/tables/checklists.yaml:1: There is no P1 rule `danger_now`. There is none yet.",
    ]


@pytest.mark.parametrize("name", ["change", "hidden"])
def test_the_programs_own_screens_are_no_flows(tree: Tree, name: str) -> None:
    """A flow of that name would take over a screen of the program."""
    tree.write(f"flows/{name}.yaml", f"flow: {name}\ntitle: Mine\nsteps:\n  - submit: {{}}\n")
    tree.translate()

    assert any("a name of the program's own" in fault for fault in tree.faults())


def test_ten_facts_are_too_many(tree: Tree) -> None:
    """Nine facts fit one screen and one digit each."""
    row = "- {{id: f{0}, label: Fact {1}, flow: unpaid}}\n"
    tree.write(FACTS, "".join(row.format(number, "abcdefghij"[number]) for number in range(10)))
    tree.translate()

    assert f"{FACTS}:10: There are more than 9 facts. Join or delete some." in tree.faults()


@pytest.mark.parametrize(("columns", "room"), [("1", 18), ("2", 8), ("3", 5)])
def test_a_khmer_label_fits_its_column(tree: Tree, columns: str, room: int) -> None:
    """Room is counted in clusters, as a reader sees them: one more than fits is refused, what fits is not."""
    tree.replace(HELP, "columns: 2", f"columns: {columns}")
    label = 'msgid "Yes"\nmsgstr '
    head, _, tail = tree.read(KM).partition(label)

    for count, wrong in ((room, False), (room + 1, True)):
        tree.write(KM, f'{head}{label}"{"ខ្ញុំ" * count}"{tail[tail.index(chr(10)) :]}')
        assert any(f"has {count} clusters; {room} fit" in fault for fault in tree.faults()) == wrong


def test_exclusive_sentences_are_not_added_up(tree: Tree) -> None:
    """Of sentences said only sometimes, the longest counts: they are not all said at once."""
    says = "".join(f"  - {{when: {{country: {one}}}, say: {one} {'word ' * 100}}}\n" for one in ("TH", "sea"))

    assert tree.check(UNPAID, "steps:\n", "steps:\n" + says) == []


def test_an_optional_end_may_be_followed(tree: Tree) -> None:
    """A step with a condition can be passed by, so what follows it is reached."""
    assert tree.check(HELP, "  - submit: {}", "  - {when: {country: TH}, submit: {}}\n  - submit: {}") == []


def test_a_flow_that_always_ends_ends_its_caller(tree: Tree) -> None:
    """What follows a `go` to a flow that never comes back is reached by nobody."""
    faults = tree.check(HELP, "  - submit: {}", "  - id: over\n    go: danger\n  - submit: {}")

    assert any("Nobody reaches `help.submit8`: `over` always ends the flow" in fault for fault in faults), faults


def test_the_flow_of_a_fact_comes_back(tree: Tree) -> None:
    """Several facts may be chosen; a flow that ends the conversation would cut off the others and the contact rule."""
    faults = tree.check(UNPAID, "    say: It belongs to you.", "    say: It belongs to you.\n  - submit: {}")

    assert faults == [
        "flows/unpaid.yaml:1: `unpaid` ends the conversation, so its fact skips what follows `go5`. "
        "Take out its last `submit` or `menu`: the caller has one."
    ]


def test_screens_without_a_story_are_listed(tree: Tree) -> None:
    """Every question and menu is shown by some story; those that are not are named."""
    content = tree.load()
    screens = missing_stories(content, set())

    assert {"start.menu", "help.safe", "unpaid.months", "end.menu"} <= set(screens)
    assert "unpaid.say3" not in screens
    assert missing_stories(content, set(screens) - {"help.safe"}) == ("help.safe",)
