"""Builds flows from flows/*.yaml: every field checked by itself; what refers to other files is checked later."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from bot.content.draft import Draft, Spot, nearest
from bot.content.fields import ID, Fields, as_text, as_texts, read_sign_off, rows
from bot.content.strict_yaml import Items, Node, Scalar, Table
from bot.core.content import Article, Country, Fact
from bot.core.flow import (
    Act,
    AnswerKind,
    Ask,
    Choice,
    Condition,
    Flow,
    Go,
    Menu,
    Number,
    Say,
    SignOff,
    Step,
    Submit,
    Words,
)

Shared = Mapping[str, tuple[Choice, ...]]
"""The tables a flow may take its choices from, by the name it writes: `$countries`, `$facts`, `$articles`."""

KINDS: tuple[AnswerKind, ...] = get_args(AnswerKind)
ACTS: tuple[Act, ...] = get_args(Act)
COLUMNS: tuple[Literal[1, 2, 3], ...] = (1, 2, 3)


def shared_choices(
    *, countries: Mapping[str, Country], facts: Mapping[str, Fact], articles: Mapping[str, Article]
) -> Shared:
    """Make the shared tables into choices, in table order."""
    return {
        "$countries": tuple(_choice(row.id, row.words, row.aliases) for row in countries.values()),
        "$facts": tuple(_choice(row.id, row.words, row.aliases) for row in facts.values()),
        "$articles": tuple(_choice(row.id, row.title, row.aliases) for row in articles.values()),
    }


def _choice(ident: str, words: Words, aliases: tuple[str, ...]) -> Choice:
    return Choice(id=ident, words=words, aliases=aliases)


def build_flow(node: Node, name: str, shared: Shared, draft: Draft) -> Flow | None:
    """Build the flow of one file; `name` is the file's name and must be the flow's id."""
    if not isinstance(node, Table):
        draft.fault(node.spot, "This file is not a flow", f"Begin it with `flow: {name}`")
        return None
    fields = Fields(node, "flow", draft)
    if fields.ident("flow") != name:
        fields.fault("flow", f"The flow's id is not the file's name, `{name}`", "Make them the same")
    draft.mark(fields.place("flow"), name)
    title = fields.words("title", name)
    need = fields.optional_ident("need")
    steps, sign_off = _steps(fields, name, shared), read_sign_off(fields)
    flow = Flow(
        id=name,
        title=title,
        need=need,
        sign_off=sign_off,
        raises=fields.texts("raises"),
        by_hand=fields.flag("by_hand"),
        steps=steps,
    )
    fields.close()
    return flow


def _steps(fields: Fields, flow: str, shared: Shared) -> tuple[Step, ...]:
    node, draft = fields.node("steps"), fields.draft
    steps = [
        _StepReader(each, flow=flow, place=place, shared=shared).step()
        for place, each in enumerate(rows(node, "step", draft), start=1)
    ]
    if not steps and not (isinstance(node, Items) and node.nodes):
        draft.fault(fields.place("steps"), "This flow has no steps", "Add `steps:` with at least one")
    return tuple(step for step in steps if step is not None)


class _StepReader:
    """Reads one step: its fields decide what it is."""

    def __init__(self, fields: Fields, *, flow: str, place: int, shared: Shared) -> None:
        self._fields = fields
        self._draft = fields.draft
        self._flow = flow
        self._place = place
        self._shared = shared
        self._id = ""
        self._sign_off: SignOff | None = None

    def step(self) -> Step | None:
        """Read the step; None if it cannot be told what it is, which is noted."""
        make = self._maker()
        if make is None:
            return None
        self._sign_off = read_sign_off(self._fields)
        step = make()
        self._fields.close()
        return step

    def _maker(self) -> Callable[[], Step] | None:
        fields = self._fields
        makers: dict[str, Callable[[], Step]] = {
            "say": self._say,
            "ask": self._ask,
            "menu": self._menu,
            "submit": self._submit,
            "go": self._go,
        }
        written = [name for name in makers if name in fields]
        if len(written) > 1 and "go" in written:
            written.remove("go")
        if len(written) == 1:
            self._name(written[0])
            return makers[written[0]]
        what = "`, `".join(written)
        self._draft.fault(
            fields.spot,
            f"This step is `{what}` at once" if written else "This step does nothing",
            "Give it exactly one of say, ask, menu, go, submit",
        )
        return None

    def _name(self, kind: str) -> None:
        fields = self._fields
        if "id" in fields or kind in ("ask", "menu"):
            self._id = fields.ident("id") or f"{kind}{self._place}"
        else:
            fields.optional("id")
            self._id = f"{kind}{self._place}"
        self._draft.mark(fields.spot, self._flow, self._id)

    @property
    def _context(self) -> str:
        return f"{self._flow}.{self._id}"

    def _say(self) -> Say:
        return Say(
            id=self._id, when=self._when(), sign_off=self._sign_off, text=self._fields.words("say", self._context)
        )

    def _go(self) -> Go:
        return Go(id=self._id, when=self._when(), sign_off=self._sign_off, flow=self._fields.text("go"))

    def _submit(self) -> Submit:
        node = self._fields.node("submit")
        plain = isinstance(node, Table) and not node.rows
        text = None if plain else self._fields.words("submit", self._context)
        return Submit(id=self._id, when=self._when(), sign_off=self._sign_off, text=text)

    def _menu(self) -> Menu:
        fields = self._fields
        articles, choices = self._choices("choice")
        return Menu(
            id=self._id,
            when=self._when(),
            sign_off=self._sign_off,
            text=fields.words("menu", self._context),
            choices=choices,
            columns=self._columns(),
            offer=self._offer(),
            go=self._texts_by_choice("go"),
            then=self._acts(),
            articles=articles == "$articles",
            bilingual=fields.flag("bilingual"),
        )

    def _ask(self) -> Ask:
        fields = self._fields
        kind = self._kind()
        table, choices = self._choices(kind) if kind in ("choice", "many") else ("", ())
        if table == "$articles":
            fields.fault(kind, "`$articles` is for menus", "Write `menu:` instead of `ask:`")
        return Ask(
            id=self._id,
            when=self._when(),
            sign_off=self._sign_off,
            text=fields.words("ask", self._context),
            name=fields.words("name", f"{self._context}.name"),
            kind=kind,
            choices=choices,
            number=self._number(kind),
            columns=self._columns(),
            offer=self._offer(),
            raises=self._raises(),
            then=self._acts(),
            go=self._texts_by_choice("go"),
        )

    def _kind(self) -> AnswerKind:
        written = [kind for kind in KINDS if kind in self._fields]
        if len(written) == 1:
            kind = written[0]
            node = self._fields.node(kind)
            if kind not in ("choice", "many", "number") and not (isinstance(node, Table) and not node.rows):
                self._fields.fault(kind, f"`{kind}` takes nothing", f"Write `{kind}: {{}}`")
            return kind
        for kind in written:
            self._fields.node(kind)
        what = "has more than one kind of answer" if written else "has no kind of answer"
        self._draft.fault(self._fields.spot, f"This question {what}", "Give it one of " + ", ".join(KINDS))
        return "text"

    def _number(self, kind: AnswerKind) -> Number:
        node = self._fields.node("number") if kind == "number" else None
        if not isinstance(node, Table):
            if node is not None:
                self._fields.fault("number", "`number` is not a table", "Write `number: {min: 0, max: 100}`")
            return Number()
        bounds = Fields(node, "number", self._draft)
        low = bounds.whole("min", low=0, high=1_000_000, default=0)
        high = bounds.whole("max", low=0, high=1_000_000, default=1_000_000)
        bounds.close()
        if low > high:
            self._fields.fault("number", "`min` is above `max`", "Swap them")
        return Number(min=low, max=high)

    def _columns(self) -> Literal[1, 2, 3]:
        columns = self._fields.whole("columns", low=1, high=3, default=1)
        return COLUMNS[columns - 1]

    def _choices(self, name: str) -> tuple[str, tuple[Choice, ...]]:
        node = self._fields.node(name)
        if isinstance(node, Scalar):
            return self._shared_table(name, node)
        table = self._fields.table(name)
        if not table.rows:
            self._draft.fault(self._fields.place(name), "There is nothing to choose", "Write `choice: {id: Label}`")
        return "", tuple(self._one_choice(table, ident) for ident in table.rows)

    def _shared_table(self, name: str, node: Scalar) -> tuple[str, tuple[Choice, ...]]:
        table = as_text(node, name, self._draft)
        if table and table not in self._shared:
            self._fields.fault(name, f"There is no table `{table[:40]}`", nearest(table, self._shared))
        for choice in self._shared.get(table, ()):
            self._draft.mark(node.spot, self._flow, self._id, choice.id)
        return table, self._shared.get(table, ())

    def _one_choice(self, table: Table, ident: str) -> Choice:
        spot, node = table.keys[ident], table.rows[ident]
        self._draft.mark(spot, self._flow, self._id, ident)
        if not ID.fullmatch(ident):
            self._draft.fault(spot, f"`{ident[:40]}` is no id", "Use a letter, then letters, digits and _")
        if isinstance(node, Table):
            fields = Fields(node, "choice", self._draft)
            choice = _choice(ident, fields.words("label", self._context), fields.texts("aliases"))
            fields.close()
            return choice
        label = as_text(node, ident, self._draft)
        return _choice(ident, self._words(label, spot), ())

    def _words(self, label: str, spot: Spot) -> Words:
        return self._draft.words(self._context, label, spot) if label else Words(context=self._context, english="")

    def _when(self) -> Condition:
        return self._condition(self._fields.table("when"))

    def _condition(self, table: Table) -> Condition:
        return {question: self._test(node, question) for question, node in table.rows.items()}

    def _test(self, node: Node, question: str) -> str | tuple[str, ...]:
        if isinstance(node, Items):
            return as_texts(node, question, self._draft)
        return as_text(node, question, self._draft)

    def _offer(self) -> Mapping[str, Condition]:
        return {
            choice: self._condition(self._inner(node, choice))
            for choice, node in self._fields.table("offer").rows.items()
        }

    def _inner(self, node: Node, name: str) -> Table:
        if isinstance(node, Table):
            return node
        self._draft.fault(node.spot, f"`{name}` is not a table", f"Write `{name}: {{question: answer}}`")
        return Table(node.spot, {}, {})

    def _raises(self) -> Mapping[str, tuple[str, ...]]:
        table = self._fields.table("raises")
        return {choice: as_texts(node, choice, self._draft) for choice, node in table.rows.items()}

    def _texts_by_choice(self, name: str) -> Mapping[str, str]:
        table = self._fields.table(name)
        return {choice: as_text(node, choice, self._draft) for choice, node in table.rows.items()}

    def _acts(self) -> Mapping[str, Act]:
        acts: dict[str, Act] = {}
        for choice, node in self._fields.table("then").rows.items():
            text = as_text(node, choice, self._draft)
            found = next((act for act in ACTS if act == text), None)
            if found:
                acts[choice] = found
            elif text:
                self._draft.fault(node.spot, f"`{text[:40]}` is no act", nearest(text, ACTS))
        return acts
