"""Builds the tables of flows/tables/*.yaml, and phrases, console and spoken.yaml; references are checked later."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers import SUPPORTED_REGIONS

from bot.content.draft import Draft, nearest
from bot.content.fields import ID, SIGN_OFF, Fields, as_text, as_texts, read_date, rows
from bot.content.strict_yaml import Node, Table
from bot.core.content import Command, Country, Fact, Indicator, NoNumber, UrgencyRule
from bot.core.flow import SIGN_OFFS, SignOff, Words
from bot.core.khmer import fold
from bot.core.lexicon import MOST_WORDS, Term
from bot.core.values import URGENCIES, Urgency

_GAP = re.compile("(?<=[\u1780-\u17ff]) (?=[\u1780-\u17ff])")
COMMANDS: tuple[str, ...] = get_args(Command.model_fields["id"].annotation)


def named_rows(node: Node | None, table: str, what: str, draft: Draft) -> Iterator[tuple[str, Fields]]:
    """Give each row of a table with its id; a row without one, or with one that is taken, is noted and left out."""
    seen: dict[str, int] = {}
    for fields in rows(node, what, draft):
        ident = fields.ident("id")
        if ident in seen:
            fields.fault("id", f"The id `{ident}` is taken (line {seen[ident]})", "Choose another, or delete a row")
        elif ident:
            seen[ident] = fields.spot.line
            draft.mark(fields.spot, table, ident)
            yield ident, fields


def build_phrases(node: Node | None, name: str, draft: Draft, *, beside: str = "") -> Mapping[str, Words]:
    """Build sentences that belong to no flow, from the file of this name; `beside` them may stand another field."""
    if not isinstance(node, Table):
        if node is not None:
            draft.fault(node.spot, "This file is not a table", f"Begin it with `{name}:`")
        return {}
    fields = Fields(node, f"{name} file", draft)
    table = fields.table(name)
    if beside:
        fields.node(beside)
    fields.close()
    phrases = {}
    for key, value in table.rows.items():
        text = as_text(value, key, draft)
        if not ID.fullmatch(key):
            draft.fault(table.keys[key], f"`{key[:40]}` is no id", "Use a letter, then letters, digits and _")
        if text:
            draft.mark(table.keys[key], name, key)
            phrases[key] = draft.words(f"{name}.{key}", text, table.keys[key])
    return phrases


def build_spoken(node: Node | None, draft: Draft) -> Mapping[str, Words]:
    """Build the sentences that are said instead of written ones, by the name of what they stand for.

    A sentence has the context of the one it stands for; of a choice that is its question.
    """
    if not isinstance(node, Table):
        return {}
    fields = Fields(node, "spoken file", draft)
    table = fields.table("spoken")
    fields.close()
    spoken = {}
    for key, value in table.rows.items():
        if text := as_text(value, key, draft):
            draft.mark(table.keys[key], "spoken", key)
            spoken[key] = draft.words(".".join(key.split(".")[:2]), text, table.keys[key])
    return spoken


def build_sign_offs(node: Node | None, phrases: Iterable[str], draft: Draft) -> Mapping[str, SignOff]:
    """Build which phrases wait for a human, and as what: lists of their keys beside the phrases, by kind."""
    kinds: dict[str, SignOff] = {}
    table = Fields(node, "phrases file", draft).table(SIGN_OFF) if isinstance(node, Table) else None
    for name, value in table.rows.items() if table is not None else ():
        kind = next((one for one in SIGN_OFFS if one == name), None)
        if kind is None:
            draft.fault(value.spot, f"`{name[:40]}` is no kind of sentence", nearest(name, SIGN_OFFS))
            continue
        for key in as_texts(value, name, draft):
            if key not in phrases:
                draft.fault(value.spot, f"There is no phrase `{key[:40]}`", nearest(key, phrases))
            elif kinds.setdefault(key, kind) != kind:
                draft.fault(value.spot, f"`{key}` is of two kinds", "Delete it from one of them")
    return kinds


def build_countries(node: Node | None, draft: Draft) -> Mapping[str, Country]:
    """Build the countries, in the order shown."""
    countries = {}
    for ident, fields in named_rows(node, "countries", "country", draft):
        countries[ident] = Country(
            id=ident,
            words=fields.words("label", "tables.countries"),
            iso=_iso(fields),
            zones=tuple(_zones(fields)),
            aliases=fields.texts("aliases"),
            no_number=_no_number(fields),
        )
        fields.close()
    return countries


def _no_number(fields: Fields) -> NoNumber | None:
    if "no_number" not in fields:
        return None
    inner = Fields(fields.table("no_number"), "reason", fields.draft)
    why, day = inner.text("why"), read_date(inner, "day")
    inner.close()
    return NoNumber(why=why, day=day) if why and day else None


def _iso(fields: Fields) -> str | None:
    iso = fields.optional("iso")
    if iso and iso not in SUPPORTED_REGIONS:
        fields.fault("iso", f"`{iso[:40]}` is no country code", "Use the two capital letters of ISO 3166")
        return None
    return iso


def _zones(fields: Fields) -> Iterator[tzinfo]:
    for name in fields.texts("zones"):
        try:
            yield ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            fields.fault("zones", f"`{name[:40]}` is no time zone", "Use a name such as Asia/Bangkok")


def build_facts(node: Node | None, draft: Draft) -> Mapping[str, Fact]:
    """Build the facts, in the order shown."""
    facts = {}
    for ident, fields in named_rows(node, "facts", "fact", draft):
        facts[ident] = Fact(
            id=ident,
            words=fields.words("label", "tables.facts"),
            flow=fields.ident("flow"),
            need=fields.optional_ident("need"),
            raises=fields.texts("raises"),
            aliases=fields.texts("aliases"),
        )
        fields.close()
    return facts


def build_indicators(node: Node | None, draft: Draft) -> Mapping[str, Indicator]:
    """Build the indicators; each has a source."""
    indicators = {}
    for ident, fields in named_rows(node, "indicators", "indicator", draft):
        indicators[ident] = Indicator(
            id=ident,
            label=fields.words("label", "tables.indicators"),
            weight=_weight(fields),
            ilo=fields.wholes("ilo", low=1, high=11),
            delphi=fields.optional("delphi"),
            source=fields.text("source"),
            verified=fields.flag("verified"),
        )
        fields.close()
    return indicators


def _weight(fields: Fields) -> int:
    if "weight" not in fields:
        fields.fault("id", "`weight` is missing from this indicator", "Add `weight:`, from 0 to 100")
    return fields.whole("weight", low=0, high=100, default=0)


def build_rules(node: Node | None, draft: Draft) -> tuple[UrgencyRule, ...]:
    """Build the urgency rules; each has a source."""
    rules = []
    for ident, fields in named_rows(node, "urgency", "urgency rule", draft):
        urgency = _urgency(fields)
        every, either = fields.texts("all"), fields.texts("any")
        if not every and not either:
            fields.fault("id", f"The rule `{ident}` has neither `all` nor `any`", "Name the indicators it needs")
        source = fields.text("source")
        fields.close()
        rules.append(UrgencyRule(id=ident, all=every, any=either, urgency=urgency, source=source))
    return tuple(rules)


def _urgency(fields: Fields) -> Urgency:
    text = fields.one_of("urgency", URGENCIES)
    return next((one for one in URGENCIES if one == text), "P4")


def build_lexicon(node: Node | None, draft: Draft) -> tuple[Term, ...]:
    """Build the lexicon, its texts folded so that they meet folded messages."""
    terms: dict[str, Term] = {}
    for fields in rows(node, "term", draft):
        term = _term(fields)
        fields.close()
        draft.mark(fields.spot, "lexicon", term.text)
        if _joined(term.text) in terms:
            fields.fault("text", "Another row has this text, or one that reads the same", "Delete one")
        terms.setdefault(_joined(term.text), term)
    return tuple(term for text, term in terms.items() if text)


def _term(fields: Fields) -> Term:
    text = _folded(fields.text("text"), fields, "text")
    raises, alone = fields.texts("raises"), fields.flag("alone")
    vetoes = tuple(_folded(veto, fields, "vetoes") for veto in fields.texts("vetoes"))
    if not raises:
        fields.fault("raises", "This term raises nothing", "Name at least one indicator")
    if text.isascii() and len(text.split()) > MOST_WORDS and not alone:
        fields.fault("text", f"More than {MOST_WORDS} Latin words are never found", "Shorten it, or make it `alone`")
    if any(_joined(text) not in _joined(veto) for veto in vetoes if veto):
        fields.fault("vetoes", "A veto does not hold the text, so it never applies", "Write the longer wording")
    return Term(text=text, raises=raises, vetoes=vetoes, alone=alone)


def _joined(text: str) -> str:
    """Leave out spaces where those of a message are passed over: between Khmer letters (see core.lexicon)."""
    return _GAP.sub("", text)


def _folded(text: str, fields: Fields, name: str) -> str:
    folded = fold(text).strip()
    if text and not folded:
        fields.fault(name, f"`{name}` has no letter that can be matched", "Write a word")
    return folded


def build_commands(node: Node | None, draft: Draft) -> tuple[Command, ...]:
    """Build the commands that are legal at every wait, their typed forms folded as messages are."""
    forms: dict[str, tuple[str, ...]] = {}
    taken: dict[str, str] = {}
    for fields in rows(node, "command", draft):
        ident = fields.one_of("id", COMMANDS)
        written = tuple(_folded(form, fields, "forms") for form in fields.texts("forms"))
        if ident in forms:
            fields.fault("id", f"The command `{ident}` is here a second time", "Join the two rows")
        for form in written:
            if taken.setdefault(form, ident) != ident:
                fields.fault("forms", f"`{form}` already means {taken[form]}", "Delete it from one of the two")
        fields.close()
        forms[ident] = tuple(dict.fromkeys(written))
    for ident in COMMANDS:
        if node is not None and not forms.get(ident):
            draft.fault(node.spot, f"The command `{ident}` has no forms", f"Add `- {{id: {ident}, forms: [...]}}`")
    return tuple(Command.model_validate({"id": ident, "forms": forms[ident]}) for ident in COMMANDS if ident in forms)


def build_labels(node: Node | None, table: str, draft: Draft) -> Mapping[str, Words]:
    """Build a table of ids and labels."""
    labels = {}
    for ident, fields in named_rows(node, table, "row", draft):
        labels[ident] = fields.words("label", f"tables.{table}")
        fields.close()
    return labels
