"""What humans must have signed off before people are served: sentences, their recordings, and emergency numbers.

Which sentences these are is said in flows/ (`sign_off`). A sign-off counts for the very words it was given for.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date
from hashlib import sha256

from bot.core.content import Content
from bot.core.flow import Ask, Menu, Say, SignOff, Step, Submit, Words
from bot.core.values import Value

NAME = ".name"
"""What the context of a question's short title ends with."""
LABEL = "button_"
"""What the keys of phrases that are labels of buttons begin with; they are not spoken."""


class Sentence(Value):
    """A sentence that waits for a native reader, in both languages."""

    kind: SignOff
    context: str
    english: str
    khmer: str


class Approval(Value):
    """A native reader's word that a sentence says in Khmer what it says in English: digests of both, who, and when."""

    context: str
    english: str
    khmer: str
    reader: str
    on: date


class Recording(Value):
    """A recording that is wanted: what is spoken in one go, and its file's name, another one for other words."""

    kind: SignOff
    context: str
    spoken: str

    @property
    def file(self) -> str:
        """Give the name of its file."""
        return f"{self.context}-{digest(self.spoken)}.ogg"


class Missing(Value):
    """What still waits for a human. `changed` are sentences approved before their English or their Khmer was changed.

    `countries` are ids of those offered without a number or a reason for that.
    """

    unapproved: tuple[Sentence, ...] = ()
    changed: tuple[Sentence, ...] = ()
    unrecorded: tuple[Recording, ...] = ()
    countries: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything does."""
        return bool(self.unapproved or self.changed or self.unrecorded or self.countries)


def missing(content: Content, *, approvals: Iterable[Approval], recorded: Set[str]) -> Missing:
    """Find what still waits for a human; `recorded` are the names of the recordings there are."""
    approved = {(one.context, one.english, one.khmer) for one in approvals}
    halves = {(context, half) for context, *both in approved for half in both}
    waiting = [one for one in sentences(content) if _place(one) not in approved]
    changed = [one for one in waiting if any((one.context, half) in halves for half in _place(one)[1:])]
    return Missing(
        unapproved=tuple(one for one in waiting if one not in changed),
        changed=tuple(changed),
        unrecorded=tuple(one for one in recordings(content) if one.file not in recorded),
        countries=tuple(_without_number(content)),
    )


def digest(text: str) -> str:
    """Give what stands for a text where the text itself is too long: another one for any other text."""
    return sha256(text.encode()).hexdigest()[:12]


def _place(sentence: Sentence) -> tuple[str, str, str]:
    """Give by what an approval of a sentence is found: its context, and digests of both its texts."""
    return sentence.context, digest(sentence.english), digest(sentence.khmer)


def sentences(content: Content) -> tuple[Sentence, ...]:
    """Give all sentences that wait for a native reader."""
    kinds = _kinds(content)
    return tuple(
        Sentence(kind=kinds[context], context=context, english=english, khmer=khmer)
        for (context, english), khmer in content.words.items()
        if context in kinds
    )


def _kinds(content: Content) -> Mapping[str, SignOff]:
    """Give the kind of each context that has one: a flow's title, a step and its short title, a phrase."""
    kinds: dict[str, SignOff] = {f"phrases.{key}": kind for key, kind in content.sign_offs.items()}
    for flow in content.flows.values():
        if flow.sign_off is not None:
            kinds[flow.id] = flow.sign_off
        for step in flow.steps:
            if (kind := step.sign_off or flow.sign_off) is not None:
                kinds |= dict.fromkeys((f"{flow.id}.{step.id}", f"{flow.id}.{step.id}{NAME}"), kind)
    return kinds


def recordings(content: Content) -> tuple[Recording, ...]:
    """Give all recordings that are wanted: each screen with its choices, and each phrase into which nothing is put."""
    return (*_screens(content), *_phrases(content))


def _screens(content: Content) -> Iterator[Recording]:
    for flow in content.flows.values():
        for step in flow.steps:
            kind, spoken = step.sign_off or flow.sign_off, _spoken(step)
            if kind is not None and spoken and not flow.by_hand:  # those an operator reads aloud
                text = "\n".join(content.text(words, "km") for words in spoken)
                yield Recording(kind=kind, context=f"{flow.id}.{step.id}", spoken=text)


def _spoken(step: Step) -> tuple[Words, ...]:
    match step:
        case Say() | Submit():
            return (step.text,) if step.text is not None else ()
        case Ask() | Menu():
            return (step.text, *(choice.words for choice in step.choices))
        case _:
            return ()


def _phrases(content: Content) -> Iterator[Recording]:
    for key, kind in content.sign_offs.items():
        text = content.text(content.phrases[key], "km")
        if "{" not in text and not key.startswith(LABEL):
            yield Recording(kind=kind, context=f"phrases.{key}", spoken=text)


def _without_number(content: Content) -> Iterator[str]:
    """List countries (not "at sea") without an emergency number that is shown, or a recorded reason for it."""
    shown = {contact.country for contact in content.directory if contact.emergency and contact.is_shown}
    for country in content.countries.values():
        if country.iso is not None and country.id not in shown and country.no_number is None:
            yield country.id
