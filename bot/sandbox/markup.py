"""Reply markup: what Telegram accepts under a message, and the words with which it refuses the rest."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.sandbox.refusals import bad
from bot.sandbox.wire import Wire

DATA_LIMIT = 64  # bytes of UTF-8
BUTTON_LIMIT = 100  # buttons under one message

_KINDS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)


@dataclass(frozen=True, slots=True)
class Markup:
    """What came with a message: inline rows (None: none), or a keyboard that replaces the person's own."""

    rows: list[list[Wire]] | None = None
    replaces_keyboard: bool = False


def markup(value: object) -> Markup:
    """Judge a decoded `reply_markup`; None means there was none.

    Raises: RefusedError.
    """
    if value is None:
        return Markup()
    if not isinstance(value, dict):
        raise bad("object expected as reply markup")
    if value.get("keyboard"):
        return Markup(replaces_keyboard=True)
    rows = value.get("inline_keyboard")
    if rows is None:
        return Markup(replaces_keyboard=bool(value.get("remove_keyboard") or value.get("force_reply")))
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    kept = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, kept)) > BUTTON_LIMIT:
        raise bad("reply markup is too long")
    return Markup(rows=kept or None)


def _button(value: object) -> Wire:
    if not isinstance(value, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(value.get("text"), str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    kind = next((kind for kind in _KINDS if value.get(kind) not in (None, "")), None)
    # An empty query is a legal button that only puts the bot's name into the person's input line.
    kind = kind or next((kind for kind in _KINDS if kind.startswith("switch_") and kind in value), None)
    if kind is None:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not value["text"]:
        raise bad("inline keyboard button text must be non-empty")
    if kind == "callback_data" and len(str(value[kind]).encode(errors="surrogatepass")) > DATA_LIMIT:
        raise bad("BUTTON_DATA_INVALID")
    if kind == "url":
        _check_link(str(value[kind]))
    return {"text": value["text"], kind: value[kind]}


def _check_link(link: str) -> None:
    if link.lower().startswith(("tg:", "ton:")):
        return
    try:
        parts = urlsplit(link if "://" in link else f"http://{link}")
        good = parts.scheme in ("http", "https") and ("." in (parts.hostname or "") or ":" in (parts.hostname or ""))
    except ValueError:
        good = False
    if not good:
        raise bad(f"inline keyboard button URL '{link}' is invalid: Wrong HTTP URL")
