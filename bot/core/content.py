"""Everything that is content and not code, as values: flows, tables, words, articles. `bot.content` loads it."""

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from functools import cached_property
from hashlib import sha256
from typing import Literal

from pydantic import ConfigDict, Field

from bot.core.flow import Ask, Flow, Menu, SignOff, Step, Words
from bot.core.lexicon import Lexicon, Term
from bot.core.values import LANGUAGES, Language, Urgency, Value

CommandId = Literal[
    "hide",
    "stop",
    "danger",
    "back",
    "skip",
    "done",
    "language",
    "km",
    "en",
    "person",
    "help",
    "start",
    "stands",
    "delete",
    "remove",
]


class NoNumber(Value):
    """Why a country is offered without an emergency number, and on which day somebody recorded that."""

    why: str
    day: date


class Country(Value):
    """A country choice; `zones` is empty for "at sea" and "I do not know", `iso` None for them too.

    `no_number`: why it is offered without an emergency number, as somebody recorded, and on which day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str
    words: Words
    iso: str | None = None
    zones: tuple[tzinfo, ...] = ()
    aliases: tuple[str, ...] = ()
    no_number: NoNumber | None = None


class Fact(Value):
    """What is happening, in the first person; its own flow, and the indicators it raises."""

    id: str
    words: Words
    flow: str
    need: str | None = None
    raises: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Indicator(Value):
    """A row of the indicator table. `label` is the reason shown on a card; `weight` orders reasons, heaviest first."""

    id: str
    label: Words
    weight: int = Field(ge=0, le=100)
    ilo: tuple[int, ...] = ()
    delphi: str | None = None
    source: str
    verified: bool = False


class UrgencyRule(Value):
    """If all of `all` and, where given, any of `any` are raised, the case is at least `urgency`."""

    id: str
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    urgency: Urgency
    source: str

    def matches(self, raised: frozenset[str]) -> bool:
        """Say whether these indicators are enough for the rule; a rule that names none is never matched."""
        every, some = self._wanted
        return bool(every or some) and every <= raised and (not some or not some.isdisjoint(raised))

    @cached_property
    def _wanted(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(self.all), frozenset(self.any)


class Command(Value):
    """The typed forms, in every language, of a command that is legal at every wait."""

    id: CommandId
    forms: tuple[str, ...]


class Article(Value):
    """A guidance article for the phone: a title, three lines that are enough, all of it, sources and review date."""

    id: str
    title: Words
    short: Words
    body: Words
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...]
    reviewed: date


class Holiday(Value):
    """A public holiday of a country (ISO code), named and dated in each language that has it."""

    day: date
    country: str
    names: Mapping[Language, str]
    days: Mapping[Language, str]


class Contact(Value):
    """A row of the directory; shown to people only as the rules of the directory allow."""

    id: str
    country: str
    name: Words
    number: str
    status: Literal["dialled", "published", "reported", "wrong"]
    emergency: bool = False
    source: str
    checked_on: date | None = None
    checked_by: tuple[str, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Say whether anybody may be shown the number: dialled, or a country's own emergency number once published."""
        return self.status == "dialled" or (self.emergency and self.status == "published")


class Outcome(Value):
    """What came of a case; `failed`: it did not work out, and this is the coded reason."""

    id: str
    words: Words
    failed: bool = False
    source: str


class Organisation(Value):
    """An organisation that a request may be passed on to, once its person agreed."""

    id: str
    words: Words
    source: str


class Milestone(Value):
    """A step of the way home."""

    id: str
    words: Words
    source: str


class Checklist(Value):
    """What operators do once the P1 rule of this id matched: whom to phone, in order, and what never to promise."""

    id: str
    title: Words
    phone: tuple[Words, ...]
    never: tuple[Words, ...]
    source: str


class SavedReply(Value):
    """An answer an operator can choose: neutral, and nothing of what the person told is in it."""

    id: str
    label: Words
    text: Words


class Content(Value):
    """One release's whole content, checked. `words` is the Khmer of each (context, English); English is itself.

    `phrases` are sentences of the program that belong to no flow, `console` those of its pages, by key; `coded` are
    labels by table and id: urgencies, outcomes and urgency reasons; `dangers` are the reasons for which an operator may
    write against the contact rule. `sign_offs` are the kinds of those phrases that a human has to sign off, by key.
    `spoken` are said instead of others where nothing is written: by `flow.step`, `flow.step.choice`, `phrases.key`,
    `console.key`. `calendar` names the countries whose holidays the innocent screen lists.
    """

    flows: Mapping[str, Flow]
    phrases: Mapping[str, Words]
    spoken: Mapping[str, Words] = Field(default_factory=dict)
    sign_offs: Mapping[str, SignOff] = Field(default_factory=dict)
    console: Mapping[str, Words] = Field(default_factory=dict)
    countries: Mapping[str, Country]
    facts: Mapping[str, Fact]
    indicators: Mapping[str, Indicator]
    rules: tuple[UrgencyRule, ...]
    lexicon: tuple[Term, ...]
    commands: tuple[Command, ...]
    articles: Mapping[str, Article]
    outcomes: Mapping[str, Outcome]
    urgency_reasons: Mapping[str, Words]
    dangers: Mapping[str, Words] = Field(default_factory=dict)
    keep_reasons: Mapping[str, Words]
    milestones: Mapping[str, Milestone]
    organisations: Mapping[str, Organisation]
    purposes: Mapping[str, Words]
    checklists: Mapping[str, Checklist]
    saved_replies: Mapping[str, SavedReply]
    directory: tuple[Contact, ...] = ()
    calendar: tuple[str, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    words: Mapping[tuple[str, str], str]

    def text(self, words: Words, language: Language) -> str:
        """Give a sentence in a language, placeholders still in it. Loading proved that Khmer is complete."""
        return words.english if language == "en" else self.words[words.context, words.english]

    @cached_property
    def aloud(self) -> "Content":
        """Give the content for somebody who calls or comes, in which the spoken sentences stand."""
        flows = {flow.id: flow.model_copy(update={"steps": self._spoken_steps(flow)}) for flow in self.flows.values()}
        return self.model_copy(
            update={
                "flows": flows,
                "phrases": {key: self.spoken.get(f"phrases.{key}", words) for key, words in self.phrases.items()},
                "console": {key: self.spoken.get(f"console.{key}", words) for key, words in self.console.items()},
            }
        )

    def _spoken_steps(self, flow: Flow) -> tuple[Step, ...]:
        return tuple(self._spoken_step(f"{flow.id}.{step.id}", step) for step in flow.steps)

    def _spoken_step(self, name: str, step: Step) -> Step:
        changed: dict[str, object] = {"text": self.spoken[name]} if name in self.spoken else {}
        if isinstance(step, Ask | Menu):
            said = [(one, self.spoken.get(f"{name}.{one.id}", one.words)) for one in step.choices]
            changed["choices"] = tuple(one.model_copy(update={"words": words}) for one, words in said)
        return step.model_copy(update=changed)

    @cached_property
    def finder(self) -> Lexicon:
        """Give the lexicon, arranged for finding."""
        return Lexicon(self.lexicon)

    @cached_property
    def command_forms(self) -> Mapping[str, CommandId]:
        """Give the command of each typed form; loading proved that no form means two."""
        return {form: command.id for command in self.commands for form in command.forms}

    def version_of(self, words: Iterable[Words]) -> str:
        """Name a wording in all languages: eight hex digits that change with any word of it."""
        texts = "\n".join(self.text(one, language) for one in words for language in LANGUAGES)
        return sha256(texts.encode()).hexdigest()[:8]

    def zones(self, country: str | None) -> tuple[tzinfo, ...]:
        """Give the time zones of a country choice; none if it is unknown or has none."""
        row = self.countries.get(country or "")
        return row.zones if row else ()
