"""What a flow is: a list of steps read from top to bottom, written in flows/*.yaml (ARCHITECTURE, Flow language).

English is the msgid; a text's context is `flow.step`. Every choice has an id that is stored and a label
that is shown; the id never depends on the label.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field

from bot.core.values import Value

Test = Literal["answered", "unanswered", "has_zones"]
Condition = Mapping[str, str | tuple[str, ...]]
"""Question id to what must hold of its answer: a choice id, any of several ids, or a Test. All must hold.

A question that was skipped, or answered in words or media, has no coded answer: it is equal to nothing.
`answered` is true for any answer, words and media too; `has_zones` only for a country whose table row has time zones.
"""

AnswerKind = Literal["choice", "many", "text", "number", "place", "phone", "media"]
Act = Literal["hide", "discard", "keep", "home", "finish", "change", "resume"]
"""What a choice does besides being stored.

hide     one neutral line, then the chat is hidden (ARCHITECTURE, Hide)
discard  what was written is not kept: an unflagged draft is shredded; a flagged case is marked
keep     the flow is over; what was written stays
home     the start menu
finish   close the intake and tell what happens next
change   list the answered questions
resume   take up the flow that was left
"""


SignOff = Literal["danger", "hide", "contact", "notice", "consent"]
"""The kinds of sentences that a native reader approves, and that are recorded, before people are served.

danger: what somebody in danger reads.   hide: hiding, and what is seen then.   contact: when we may write.
notice: who reads what is sent here.     consent: keeping, deleting and passing on.
"""
SIGN_OFFS: tuple[SignOff, ...] = get_args(SignOff)


class Words(Value):
    """A sentence of the content: its English (the msgid) and its gettext context."""

    context: str
    english: str


class Line(Value):
    """A sentence and its placeholders' values: numbers and names of the content, never a person's words."""

    words: Words
    params: Mapping[str, str] = Field(default_factory=dict)


class Choice(Value):
    """One answer a person may choose; `aliases` are further typed forms in any language."""

    id: str
    words: Words
    aliases: tuple[str, ...] = ()


class Number(Value):
    """The inclusive bounds of a number answer."""

    min: int = 0
    max: int = 1_000_000


class StepBase(Value):
    """What every step has: an id unique in its flow, and when it applies (always, if empty).

    `sign_off`: its sentences are of this kind, and wait for a human; None: they are of the flow's kind, if it has one.
    """

    id: str
    when: Condition = Field(default_factory=dict)
    sign_off: SignOff | None = None


class Say(StepBase):
    """A text put above the next screen; it does not wait."""

    type: Literal["say"] = "say"
    text: Words


class Ask(StepBase):
    """A question; its id means the same in every flow, so it is asked once.

    `name` is its short title in "change something" and in the record. `offer` limits single choices to a condition;
    `raises` maps a choice id to indicator ids; `then` maps a choice id to an Act; `go` to a flow taken up at once.
    """

    type: Literal["ask"] = "ask"
    text: Words
    name: Words
    kind: AnswerKind
    choices: tuple[Choice, ...] = ()
    number: Number = Number()
    columns: Literal[1, 2, 3] = 1
    offer: Mapping[str, Condition] = Field(default_factory=dict)
    raises: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    then: Mapping[str, Act] = Field(default_factory=dict)
    go: Mapping[str, str] = Field(default_factory=dict)


class Menu(StepBase):
    """A screen whose choices lead on and are not stored: to a flow (`go`), an Act (`then`) or an article (`articles`).

    `bilingual` shows both languages at once and adds the language row; `brief` leaves out back, skip and person.
    """

    type: Literal["menu"] = "menu"
    text: Words
    choices: tuple[Choice, ...]
    columns: Literal[1, 2, 3] = 1
    offer: Mapping[str, Condition] = Field(default_factory=dict)
    go: Mapping[str, str] = Field(default_factory=dict)
    then: Mapping[str, Act] = Field(default_factory=dict)
    articles: bool = False
    bilingual: bool = False


class Go(StepBase):
    """Take up another flow and come back after it; `$facts` is every chosen fact's own flow, once, in table order."""

    type: Literal["go"] = "go"
    flow: str


class Submit(StepBase):
    """End the intake: the case is put before people, and the person is told what happens next.

    `text` replaces the usual closing words (and the request number) when given.
    """

    type: Literal["submit"] = "submit"
    text: Words | None = None


Step = Annotated[Say | Ask | Menu | Go | Submit, Field(discriminator="type")]


class Flow(Value):
    """A conversation: `raises` are indicators raised on entering it; `need` is the need it serves, if one.

    `sign_off` is the kind of all its sentences that wait for a human, but for those of steps that name another.
    `by_hand`: taken up only where an operator takes down what a caller or a visitor says; others pass by it.
    """

    id: str
    title: Words
    need: str | None = None
    sign_off: SignOff | None = None
    raises: tuple[str, ...] = ()
    by_hand: bool = False
    steps: tuple[Step, ...]

    def find(self, step: str) -> int | None:
        """Give the position of a step, or None if this release has no such step."""
        return self._places.get(step)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {one.id: place for place, one in reversed([*enumerate(self.steps)])}
