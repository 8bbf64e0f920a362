"""Text as Telegram takes it: formatting tags become entities, edges are trimmed, emptiness and length are judged.

Markdown is refused: nothing here sends it, and half a parser would lie about what people see.
"""

import re
from dataclasses import dataclass

from bot.sandbox.refusals import bad
from bot.sandbox.wire import Wire, units

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_PIECE = re.compile(r"<(?P<close>/?)(?P<name>[^\s>]*)(?P<rest>[^>]*)>|<|&(?P<entity>#?\w+);")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_COMMAND = re.compile(r"(?<!\S)/\w{1,64}(?:@\w+)?")
_LINK = re.compile(r"https?://\S+")
# What Telegram counts as nothing: spaces, zero-width and direction marks, the braille blank.
_NOTHING = re.compile(r"[\s\u00a0\u180e\u2000-\u200f\u2028-\u202f\u205f\u2060\u2800\u3000\ufeff]*")


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text and its entities; offsets and lengths in UTF-16 units."""

    text: str
    entities: list[Wire]


def is_nothing(text: str) -> bool:
    """Say whether Telegram would call this text empty."""
    return _NOTHING.fullmatch(text) is not None


def formatted(text: str, mode: str, entities: list[Wire] | None = None) -> Formatted:
    """Read a text as sent with `parse_mode` (any case; "" for none) or with ready entities.

    Raises: RefusedError for broken or unsupported formatting.
    """
    match mode.lower():
        case "" | "none":
            return _trimmed(text, entities or [])
        case "html":
            return _trimmed(*_from_html(text))
        case _:
            raise bad("unsupported parse_mode")


def spotted(text: str) -> list[Wire]:
    """Find the entities Telegram adds by itself to what people write: commands and links."""
    if "/" not in text:
        return []
    found = [(match, "bot_command") for match in _COMMAND.finditer(text)]
    found += [(match, "url") for match in _LINK.finditer(text)]
    return [
        {"type": kind, "offset": units(text[: match.start()]), "length": units(match.group())}
        for match, kind in sorted(found, key=lambda pair: pair[0].start())
    ]


def _trimmed(text: str, entities: list[Wire]) -> Formatted:
    kept = text.strip()
    cut = units(text) - units(text.lstrip())
    if not cut:
        return Formatted(kept, entities)
    moved = [entity | {"offset": max(0, int(entity["offset"]) - cut)} for entity in entities]
    return Formatted(kept, moved)


def _from_html(text: str) -> tuple[str, list[Wire]]:
    clear: list[str] = []
    entities: list[Wire] = []
    nested: list[tuple[str, str, int]] = []
    offset = last = 0
    for piece in _PIECE.finditer(text):
        plain = text[last : piece.start()]
        if name := piece["entity"]:
            plain += _character(name, piece.group())
        elif piece["close"] is None:
            raise bad(f"can't parse entities: Unclosed start tag at byte offset {_at(text, piece)}")
        clear.append(plain)
        offset += units(plain)
        last = piece.end()
        if piece["close"]:
            entities += _closed(text, piece, nested=nested, offset=offset)
        elif piece["entity"] is None:
            nested.append(_opened(text, piece, offset))
    if nested:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{nested[-1][0]}\"")
    clear.append(text[last:])
    return "".join(clear), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _at(text: str, piece: re.Match[str]) -> int:
    return len(text[: piece.start()].encode(errors="surrogatepass"))


def _character(name: str, raw: str) -> str:
    if name.startswith("#"):
        digits, base = (name[2:], 16) if name[1:2] in ("x", "X") else (name[1:], 10)
        try:
            return chr(int(digits, base))
        except (ValueError, OverflowError):
            return raw
    return _CHARACTERS.get(name, raw)


def _opened(text: str, piece: re.Match[str], offset: int) -> tuple[str, str, int]:
    name = piece["name"].lower()
    if name not in _TAGS:
        raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {_at(text, piece)}')
    if name == "span" and "tg-spoiler" not in piece["rest"]:
        at = _at(text, piece)
        raise bad(f'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset {at}')
    return name, piece["rest"], offset


def _closed(text: str, piece: re.Match[str], *, nested: list[tuple[str, str, int]], offset: int) -> list[Wire]:
    if not nested:
        raise bad(f"can't parse entities: Unexpected end tag at byte offset {_at(text, piece)}")
    name, rest, start = nested.pop()
    if piece["name"].lower() not in ("", name):
        at = _at(text, piece)
        found = piece["name"].lower()
        raise bad(
            f'can\'t parse entities: Unmatched end tag at byte offset {at}, expected "</{name}>", found "</{found}>"'
        )
    if offset == start:
        return []
    entity: Wire = {"type": _TAGS[name], "offset": start, "length": offset - start}
    if name == "a":
        href = _HREF.search(rest)
        if href is None:
            return []
        entity["url"] = next(group for group in href.groups() if group is not None)
    return [entity]
