"""Stories as files, tests/stories/*.yaml: one story each, read as strictly as flows, written by `chat --story`."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from bot.content.draft import Draft, Spot, nearest
from bot.content.strict_yaml import Items, Node, Scalar, Table, read_yaml, shown
from bot.sandbox.story import HAPPENINGS, Story, Turn

_FLAGS = {"true": True, "false": False}


def load_stories(folder: Path) -> list[Story]:
    """Load every story of a folder in the order of file names; a story is named like its file.

    Raises: AuthorError, one line for each fault: file, line, what is wrong and how to mend it.
    """
    draft = Draft()
    found = [_load(path, draft) for path in sorted(folder.glob("*.y*ml"))]
    draft.refuse()
    return [story for story in found if story is not None]


def story_yaml(story: Story) -> str:
    """Write a story as its file: one line a turn, defaults left out."""
    data = story.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=10_000)


def _load(path: Path, draft: Draft) -> Story | None:
    file = "/".join(path.parts[-3:])
    if path.suffix != ".yaml":
        draft.fault(Spot(file, 1), "The file's name is not read", "End it in .yaml")
        return None
    node = read_yaml(file, path.read_bytes(), draft)
    if node is None:
        return None
    data = _plain(node, draft)
    if draft.has_faults(file):
        return None
    try:
        story = Story.model_validate(data)
    except ValidationError as error:
        _note(error, node, draft)
        return None
    _check(story, path.stem, node, draft)
    return story


def _plain(node: Node, draft: Draft) -> object:
    match node:
        case Table(rows=rows):
            return {key: _plain(value, draft) for key, value in rows.items()}
        case Items(nodes=nodes):
            return [_plain(each, draft) for each in nodes]
        case Scalar(kind="text", text=text):
            return text
        case Scalar(kind="whole", text=text):
            return int(text)
        case Scalar(kind="flag", text=text) if text in _FLAGS:
            return _FLAGS[text]
        case Scalar(kind="empty", text="null"):
            return None
    draft.fault(node.spot, f"{shown(node)} is not read as text", f'Quote it: "{node.text[:40]}"')
    return None


def _note(error: ValidationError, node: Node, draft: Draft) -> None:
    """Note what pydantic found, at the line where it stands."""
    for each in error.errors(include_url=False, include_input=False):
        *parents, last = each["loc"] or ("story",)
        spot = _spot(node, each["loc"])
        if each["type"] == "extra_forbidden":
            known = Turn.model_fields if parents else Story.model_fields
            draft.fault(spot, f"There is no `{str(last)[:40]}` here", nearest(str(last), known))
        elif each["type"] == "missing":
            draft.fault(spot, f"`{last}` is missing", "Add it")
        else:
            name = next((part for part in reversed(each["loc"]) if part in Turn.model_fields), last)
            draft.fault(spot, f"`{name}`: {each['msg']}", "The keys of a turn are told in bot/sandbox/story.py")


def _spot(node: Node, names: Sequence[int | str]) -> Spot:
    """Give the line of what a path of keys and positions leads to, or of the last part of it that is there."""
    spot = node.spot
    for name in names:
        match node:
            case Table() if name in node.rows:
                spot, node = node.keys[str(name)], node.rows[str(name)]
            case Items() if isinstance(name, int):
                node = node.nodes[name]
                spot = node.spot
            case _:
                break
    return spot


def _check(story: Story, stem: str, node: Node, draft: Draft) -> None:
    if story.story != stem:
        draft.fault(
            _spot(node, ["story"]), f"The story `{story.story[:40]}` has another name than its file", f"{stem}?"
        )
    for at, turn in enumerate(story.turns):
        happens = sorted(turn.model_fields_set.intersection(HAPPENINGS))
        if len(happens) != 1:
            what = f"This turn has {len(happens)} things that happen" + (f": {', '.join(happens)}" if happens else "")
            draft.fault(_spot(node, ["turns", at]), what, "Give it exactly one of " + ", ".join(HAPPENINGS))
