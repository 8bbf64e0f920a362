"""A small helpline of its own for each test: content that is right, to be spoilt in one place."""

import re
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from bot.content.loading import load
from bot.content.words import update_catalogues
from bot.core.content import Content
from bot.core.errors import AuthorError

TODAY = date(2026, 11, 22)
KM = "locales/km/LC_MESSAGES/messages.po"
EN = "locales/en/LC_MESSAGES/messages.po"

FILES: Mapping[str, str] = {
    "flows/start.yaml": """\
flow: start
title: First page
steps:
  - id: menu
    menu: Who reads this.
    choice: {danger: Danger now, help: I need help, guidance: To read, before: I wrote before}
    go: {danger: danger, help: help, guidance: guidance, before: wrote_before}
    bilingual: true
    sign_off: notice
""",
    "flows/help.yaml": """\
flow: help
title: I need help
steps:
  - id: safe
    ask: Can you write safely now?
    name: Safe to write
    choice:
      "yes": "Yes"
      "no": {label: "No", aliases: [nope]}
    columns: 2
    then: {"no": hide}
    sign_off: hide
  - id: keep
    ask: May we keep it?
    name: Keeping it
    choice: {"yes": Keep it, "no": Do not keep it}
    then: {"no": discard}
    sign_off: consent
  - id: country
    ask: Which country are you in?
    name: Country
    choice: $countries
  - id: facts
    ask: What is happening?
    name: What is happening
    many: $facts
  - go: $facts
  - id: reach
    go: contact
  - submit: {}
""",
    "flows/unpaid.yaml": """\
flow: unpaid
title: I was not paid
need: unpaid_wages
steps:
  - id: months
    ask: How many months?
    name: Months
    number: {min: 0, max: 240}
  - id: passport
    ask: Who keeps your passport?
    name: Passport
    choice:
      me: I keep it
      boss: My boss
    raises: {boss: [documents_withheld]}
  - when: {passport: boss, months: unanswered}
    say: It belongs to you.
""",
    "flows/contact.yaml": """\
flow: contact
title: How to reach you
sign_off: contact
steps:
  - id: contact
    ask: How can we reach you?
    name: How to reach you
    choice: {when_i_write: When I write, hours: Some hours, any_time: Any time, never: Never, not_mine: Not mine}
    offer: {hours: {country: has_zones}}
  - id: hours
    when: {contact: hours}
    ask: At which hours?
    name: Safe hours
    many: {morning: Morning 06–10, noon: Noon 11–14, evening: Evening 17–20, night: Night 20–23}
""",
    "flows/call_back.yaml": """\
flow: call_back
title: How to call back
by_hand: true
steps:
  - id: callback
    ask: Which number?
    name: Number
    phone: {}
""",
    "flows/danger.yaml": """\
flow: danger
title: Danger now
raises: [imminent_danger]
sign_off: danger
steps:
  - id: place
    ask: Where are you?
    name: Place
    place: {}
  - go: contact
  - submit: Thank you.
""",
    "flows/guidance.yaml": """\
flow: guidance
title: To read
steps:
  - {id: articles, menu: What to read?, choice: $articles}
""",
    "flows/wrote_before.yaml": """\
flow: wrote_before
title: I wrote before
steps:
  - {id: news, ask: What is new?, name: News, text: {}}
  - submit: Thank you. This is the same for everyone.
""",
    "flows/phone.yaml": """\
flow: phone
title: The phone
steps:
  - id: picture
    ask: Which picture?
    name: Picture
    choice: {rice: Rice, rain: Rain, moon: Moon, fish: Fish}
  - {id: done, menu: It is set., choice: {start: First}, then: {start: home}}
""",
    "flows/stop.yaml": """\
flow: stop
title: Stop
steps:
  - id: menu
    menu: Keep or delete?
    choice: {keep: Keep, delete: Delete}
    then: {keep: keep, delete: discard}
    sign_off: consent
""",
    "flows/end.yaml": """\
flow: end
title: Next
steps:
  - id: menu
    menu: You can add something.
    choice: {change: Change, home: First page}
    then: {change: change, home: home}
""",
    "flows/phrases.yaml": """\
phrases:
  trial: This is a trial.
  closing: Your number is {number}. We look within {minutes} minutes.
  button_hide: Hide
sign_off: {danger: [closing]}
""",
    "flows/console.yaml": """\
console:
  queue: Cases
""",
    "flows/guidance/money.yaml": """\
article: money
title: Sending money home
short: |-
  Ask first.
  Compare.
  Keep the receipt.
body: |-
  Ask what it costs before you send.
  Keep the paper they give you.
aliases: [remittance]
sources: ["A bank's own page, read 2026-11-01"]
reviewed: "2026-11-20"
""",
    "flows/tables/countries.yaml": """\
- {id: TH, label: Thailand, iso: TH, zones: [Asia/Bangkok], aliases: [ไทย, siam]}
- {id: sea, label: At sea}
- {id: unknown, label: I do not know}
""",
    "flows/tables/facts.yaml": """\
- {id: unpaid, label: They do not pay me, flow: unpaid, need: unpaid_wages, raises: [wages_withheld]}
""",
    "flows/tables/indicators.yaml": """\
- {id: imminent_danger, label: Danger now, weight: 100, source: "Own rule", verified: false}
- {id: documents_withheld, label: Papers kept, weight: 60, ilo: [7], delphi: D5, source: "ILO, 7", verified: true}
- {id: wages_withheld, label: Wages kept, weight: 45, ilo: [8], source: "ILO, 8"}
""",
    "flows/tables/urgency.yaml": """\
- {id: danger_now, all: [imminent_danger], urgency: P1, source: "Own rule"}
- {id: kept, all: [wages_withheld], any: [documents_withheld], urgency: P2, source: "Own rule"}
""",
    "flows/tables/lexicon.yaml": """\
- {text: កំពុងវាយ, raises: [imminent_danger], vetoes: [កំពុងវាយបាល់]}
- {text: "Help Me!", raises: [imminent_danger], alone: true}
""",
    "flows/tables/commands.yaml": """\
- {id: hide, forms: ["/hide", "/x", លាក់]}
- {id: stop, forms: [stop]}
- {id: danger, forms: [danger]}
- {id: back, forms: [back]}
- {id: remove, forms: [remove]}
- {id: skip, forms: [skip]}
- {id: language, forms: [language]}
- {id: person, forms: [person]}
- {id: done, forms: [done]}
- {id: km, forms: [khmer]}
- {id: en, forms: [english]}
- {id: help, forms: [help]}
- {id: start, forms: ["/start"]}
- {id: stands, forms: ["/request"]}
- {id: delete, forms: [delete it all]}
""",
    "flows/tables/outcomes.yaml": '- {id: helped, label: Helped, source: "Own code"}\n',
    "flows/tables/milestones.yaml": '- {id: located, label: Located, source: "Own code"}\n',
    "flows/tables/saved_replies.yaml": "- {id: noted, label: Noted, text: We have noted it.}\n",
    "flows/tables/checklists.yaml": """\
- {id: danger_now, label: In danger, phone: [A doctor, Somebody near], never: [When help comes], source: "Own rule"}
""",
    "flows/tables/organisations.yaml": '- {id: helpers, label: Helpers, source: "Own page"}\n',
    "flows/tables/purposes.yaml": "- {id: home, label: to help you come home}\n",
    "flows/tables/kept.yaml": "- {id: danger, label: Danger}\n",
    "flows/tables/reasons.yaml": "- {id: new_facts, label: New facts}\n",
    "flows/tables/dangers.yaml": "- {id: hurt_now, label: Hurt now}\n",
    "flows/tables/directory.yaml": "[]\n",
    "flows/tables/calendar.yaml": "- id: KH\n- id: host\n",
}

_LETTERS = "កខគងចជញដណតថទនបផពមយរលវសហអ"


class Tree:
    """A content folder: spoil a file, then see which faults are found."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for file, text in FILES.items():
            self.write(file, text)
        self.translate()

    def write(self, file: str, text: str | bytes) -> None:
        """Write one file."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, file: str) -> str:
        """Read one file."""
        return (self.root / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        """Put `new` in the place of `old`, which must be there once."""
        text = self.read(file)
        assert text.count(old) == 1, (file, old)
        self.write(file, text.replace(old, new))

    def line(self, file: str, part: str) -> int:
        """Give the line of a file that holds a part, from 1."""
        return next(number for number, line in enumerate(self.read(file).split("\n"), start=1) if part in line)

    def translate(self) -> None:
        """Give every new sentence an invented Khmer, different for each, with as many short lines."""
        update_catalogues(self.root)
        path = self.root / KM
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale="km")
        for number, message in enumerate(catalogue):
            if message.id and not message.string:
                marks = re.findall(r"\{\w+\}", str(message.id))
                line = " ".join([_LETTERS[number % 24] + _LETTERS[number // 24] + "ា", *marks])
                message.string = "\n".join([line] * len(str(message.id).splitlines()))
        buffer = BytesIO()
        write_po(buffer, catalogue, width=0)
        path.write_bytes(buffer.getvalue())

    def load(self) -> Content:
        """Load the content as it is."""
        return load(self.root, today=TODAY)

    def faults(self) -> list[str]:
        """Give the faults that loading finds, one line each."""
        try:
            self.load()
        except AuthorError as error:
            return str(error).split("\n")
        return []

    def check(self, file: str, old: str, new: str) -> list[str]:
        """Spoil one file, translate what is new if it can be read, and give the faults."""
        self.replace(file, old, new)
        try:
            self.translate()
        except AuthorError:
            return self.faults()
        return self.faults()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Give a small content tree that is right."""
    return Tree(tmp_path)
