"""Checks that every name in the content names something: flows, questions, choices, indicators."""

from collections.abc import Iterable, Mapping
from typing import get_args

from bot.content.draft import Draft, nearest
from bot.content.paths import FACTS
from bot.core.content import Content
from bot.core.flow import Ask, Condition, Flow, Go, Menu, Test

TESTS: tuple[str, ...] = get_args(Test)


class References:
    """Checks the names of one content."""

    def __init__(self, content: Content, draft: Draft) -> None:
        self._content = content
        self._draft = draft
        self._choices = choices_by_question(content)

    def check(self) -> None:
        """Note every name that names nothing."""
        content = self._content
        for flow in content.flows.values():
            self._known(flow.raises, content.indicators, "indicator", flow.id)
            self._check_flow(flow)
        for fact in content.facts.values():
            self._known((fact.flow,), content.flows, "flow", "facts", fact.id)
            self._known(fact.raises, content.indicators, "indicator", "facts", fact.id)
        for rule in content.rules:
            self._known((*rule.all, *rule.any), content.indicators, "indicator", "urgency", rule.id)
        self._check_checklists()
        for name in content.spoken:
            self._known((name,), self._sentences(), "sentence", "spoken", name)
        for term in content.lexicon:
            self._known(term.raises, content.indicators, "indicator", "lexicon", term.text)

    def _sentences(self) -> set[str]:
        """Give the names of all sentences that something else can be said for."""
        content = self._content
        steps = [(f"{flow.id}.{step.id}", step) for flow in content.flows.values() for step in flow.steps]
        named = {name for name, step in steps if not isinstance(step, Go)}
        choices = {f"{name}.{one.id}" for name, step in steps if isinstance(step, Ask | Menu) for one in step.choices}
        texts = {f"phrases.{key}" for key in content.phrases} | {f"console.{key}" for key in content.console}
        return named | choices | texts

    def _check_checklists(self) -> None:
        """Require one checklist for each rule that makes a request P1, and none for anything else."""
        rules = {rule.id for rule in self._content.rules if rule.urgency == "P1"}
        for ident in self._content.checklists:
            self._known((ident,), rules, "P1 rule", "checklists", ident)
        for ident in sorted(rules - self._content.checklists.keys()):
            what = f"The P1 rule `{ident}` has no checklist"
            self._draft.fault(self._draft.spot("urgency", ident), what, f"Add `- id: {ident}` to checklists.yaml")

    def _known(self, names: Iterable[str], known: Iterable[str], what: str, *where: str) -> None:
        for name in names:
            if name and name not in known:
                self._draft.fault(self._draft.spot(*where), f"There is no {what} `{name[:40]}`", nearest(name, known))

    def _check_flow(self, flow: Flow) -> None:
        seen: set[str] = set()
        for step in flow.steps:
            where = flow.id, step.id
            if step.id in seen:
                what = f"The id `{step.id}` is taken by an earlier step of this flow"
                self._draft.fault(self._draft.spot(*where), what, "Choose another")
            seen.add(step.id)
            self._check_condition(step.when, *where)
            if isinstance(step, Go) and step.flow != FACTS:
                self._known((step.flow,), self._content.flows, "flow", *where)
            if isinstance(step, Ask | Menu):
                self._check_choices(step, *where)
            if isinstance(step, Ask):
                for choice, names in step.raises.items():
                    self._known((choice,), self._ids(step), "choice", *where)
                    self._known(names, self._content.indicators, "indicator", *where)

    def _ids(self, step: Ask | Menu) -> tuple[str, ...]:
        return tuple(choice.id for choice in step.choices)

    def _check_choices(self, step: Ask | Menu, *where: str) -> None:
        ids = self._ids(step)
        for field in (step.offer, step.go, step.then):
            self._known(field, ids, "choice", *where)
        self._known(step.go.values(), self._content.flows, "flow", *where)
        for condition in step.offer.values():
            self._check_condition(condition, *where)
        for ident in ids:
            self._check_choice(step, ident, *where)

    def _check_choice(self, step: Ask | Menu, ident: str, *where: str) -> None:
        spot = self._draft.spot(*where, ident)
        if ident in TESTS:
            self._draft.fault(spot, f"`{ident}` already has a meaning in `when`", "Choose another id")
        if ident in step.go and ident in step.then:
            self._draft.fault(spot, f"The choice `{ident}` has both `go` and `then`", "Delete one")
        if isinstance(step, Menu) and not step.articles and ident not in {*step.go, *step.then}:
            self._draft.fault(spot, f"The choice `{ident}` leads nowhere", "Add it to `go` or `then`, or delete it")

    def _check_condition(self, condition: Condition, *where: str) -> None:
        for question, test in condition.items():
            self._known((question,), self._choices, "question", *where)
            if question not in self._choices:
                continue
            if test == "has_zones" and question != "country":
                what = f"`has_zones` is no test of `{question}`"
                self._draft.fault(self._draft.spot(*where), what, "Only `country` has time zones")
            elif test not in TESTS:
                wanted = (test,) if isinstance(test, str) else test
                self._known(wanted, self._choices[question], f"answer of `{question}`", *where)


def choices_by_question(content: Content) -> Mapping[str, tuple[str, ...]]:
    """Give the choice ids of every question; none for a question without choices."""
    return {
        step.id: tuple(choice.id for choice in step.choices)
        for flow in content.flows.values()
        for step in flow.steps
        if isinstance(step, Ask)
    }
