"""Reads the files of flows/ into content, without its words: which file holds what, and what must be there."""

from collections.abc import Mapping
from pathlib import Path

from bot.content.article_files import build_articles
from bot.content.desk_tables import (
    build_checklists,
    build_milestones,
    build_organisations,
    build_outcomes,
    build_saved_replies,
)
from bot.content.directory_file import build_directory
from bot.content.draft import Draft, Spot, nearest
from bot.content.fields import ID, SIGN_OFF
from bot.content.flow_files import build_flow, shared_choices
from bot.content.public_holidays import build_calendar
from bot.content.strict_yaml import MOST_BYTES, Node, read_yaml
from bot.content.table_files import (
    build_commands,
    build_countries,
    build_facts,
    build_indicators,
    build_labels,
    build_lexicon,
    build_phrases,
    build_rules,
    build_sign_offs,
    build_spoken,
)
from bot.core.content import Content
from bot.core.flow import Flow

TABLES = (
    "countries",
    "facts",
    "indicators",
    "urgency",
    "lexicon",
    "commands",
    "outcomes",
    "reasons",
    "dangers",
    "kept",
    "organisations",
    "purposes",
    "milestones",
    "checklists",
    "saved_replies",
    "directory",
    "calendar",
)
PHRASES, CONSOLE, SPOKEN = "phrases", "console", "spoken"


def read_content(root: Path, draft: Draft) -> Content:
    """Read flows, tables, phrases and articles; faults are noted in the draft, and words are left for later."""
    tables = _tables(root, draft)
    countries = build_countries(tables["countries"], draft)
    facts = build_facts(tables["facts"], draft)
    articles = build_articles(_folder(root, "flows/guidance", draft), draft)
    nodes = _folder(root, "flows", draft)
    phrases = build_phrases(_required(nodes, "flows", PHRASES, draft), PHRASES, draft, beside=SIGN_OFF)
    console = build_phrases(_required(nodes, "flows", CONSOLE, draft), CONSOLE, draft)
    shared = shared_choices(countries=countries, facts=facts, articles=articles)
    told = {name: node for name, node in nodes.items() if name not in (PHRASES, CONSOLE, SPOKEN)}
    flows = {name: build_flow(node, name, shared, draft) for name, node in told.items()}
    return Content(
        flows=_found(flows),
        phrases=phrases,
        sign_offs=build_sign_offs(nodes.get(PHRASES), phrases, draft),
        console=console,
        spoken=build_spoken(nodes.get(SPOKEN), draft),
        countries=countries,
        facts=facts,
        indicators=build_indicators(tables["indicators"], draft),
        rules=build_rules(tables["urgency"], draft),
        lexicon=build_lexicon(tables["lexicon"], draft),
        commands=build_commands(tables["commands"], draft),
        articles=articles,
        outcomes=build_outcomes(tables["outcomes"], draft),
        urgency_reasons=build_labels(tables["reasons"], "reasons", draft),
        dangers=build_labels(tables["dangers"], "dangers", draft),
        keep_reasons=build_labels(tables["kept"], "kept", draft),
        milestones=build_milestones(tables["milestones"], draft),
        organisations=build_organisations(tables["organisations"], draft),
        purposes=build_labels(tables["purposes"], "purposes", draft),
        checklists=build_checklists(tables["checklists"], draft),
        saved_replies=build_saved_replies(tables["saved_replies"], draft),
        calendar=build_calendar(tables["calendar"], draft),
        directory=build_directory(tables["directory"], countries, draft),
        words={},
    )


def _found(flows: Mapping[str, Flow | None]) -> Mapping[str, Flow]:
    return {name: flow for name, flow in flows.items() if flow is not None}


def _tables(root: Path, draft: Draft) -> Mapping[str, Node | None]:
    nodes = _folder(root, "flows/tables", draft)
    for name in nodes.keys() - set(TABLES):
        spot = Spot(f"flows/tables/{name}.yaml", 1)
        draft.fault(spot, f"There is no table `{name}`", nearest(name, TABLES))
    return {name: _required(nodes, "flows/tables", name, draft) for name in TABLES}


def _required(nodes: Mapping[str, Node], folder: str, name: str, draft: Draft) -> Node | None:
    if name not in nodes and not draft.has_faults(f"{folder}/{name}.yaml"):
        draft.fault(Spot(f"{folder}/{name}.yaml", 1), "The file is not there", "Add it, with [] if it has no rows yet")
    return nodes.get(name)


def _folder(root: Path, folder: str, draft: Draft) -> Mapping[str, Node]:
    """Read every .yaml file of a folder by name; those that cannot be read are noted and left out."""
    nodes = {}
    for path in sorted((root / folder).glob("*.y*ml")):
        file = f"{folder}/{path.name}"
        if path.suffix != ".yaml" or not ID.fullmatch(path.stem) or not path.is_file():
            draft.fault(Spot(file, 1), "The file's name is not read", "Name it with letters, digits, _ and .yaml")
            continue
        with path.open("rb") as stream:
            node = read_yaml(file, stream.read(MOST_BYTES + 1), draft)
        if node is not None:
            nodes[path.stem] = node
    return nodes
