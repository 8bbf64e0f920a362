"""Methods that put a message into a chat."""

from bot.sandbox.access import readable, writable
from bot.sandbox.calls import Call
from bot.sandbox.chats import Chat, Message
from bot.sandbox.files import UPLOAD_LIMIT, StoredFile, content_of
from bot.sandbox.formatting import CAPTION_LIMIT, TEXT_LIMIT, Formatted, formatted, is_nothing, spotted
from bot.sandbox.markup import markup
from bot.sandbox.refusals import RefusedError, bad
from bot.sandbox.wire import Wire, units
from bot.sandbox.world import World

_ACTIONS = frozenset(
    {"typing", "choose_sticker", "find_location", "upload_photo", "upload_document"}
    | {f"{act}_{kind}" for act in ("record", "upload") for kind in ("video", "voice", "audio", "video_note")}
)


def send_message(world: World, call: Call) -> Wire:
    """Send a text."""
    content = text_content(call, too_long="message is too long")
    return _posted(world, call, chat=writable(world, call.chat()), content=content).wire()


def send_file(world: World, call: Call) -> Wire:
    """Send a voice note, photo, document, video or audio: an upload, or a file the bot already knows."""
    kind = call.method.removeprefix("send")
    kind = "video_note" if kind == "videonote" else kind
    chat = writable(world, call.chat())
    duration = call.number("duration") if "duration" in call.params else None
    content = content_of(_file(world, call, kind), duration=duration)
    return _posted(world, call, chat=chat, content=content | caption_content(call)).wire()


def send_location(world: World, call: Call) -> Wire:
    """Send a point on the map."""
    try:
        point = {name: float(call.text(name)) for name in ("latitude", "longitude")}
    except ValueError:
        raise bad("latitude is empty" if not call.text("latitude") else "longitude is empty") from None
    return _posted(world, call, chat=writable(world, call.chat()), content={"location": point}).wire()


def copy_message(world: World, call: Call) -> Wire:
    """Send what another message holds, without saying whose it was; gives only the new id."""
    source = _source(world, call, "message to copy not found")
    if source.service:
        raise bad("message can't be copied")
    chat = writable(world, call.chat())
    content = dict(source.content)
    if "caption" in call.params and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_content(call)
    return {"message_id": _posted(world, call, chat=chat, content=content).id}


def forward_message(world: World, call: Call) -> Wire:
    """Send another message on, with its sender; a protected one cannot be."""
    source = _source(world, call, "message to forward not found")
    chat = writable(world, call.chat())
    if source.protected:
        raise bad("message has protected content and can't be forwarded")
    if source.service:
        raise bad("message can't be forwarded")
    origin = {"type": "user", "date": source.date, "sender_user": source.sender.wire()}
    return _posted(world, call, chat=chat, content=source.content | {"forward_origin": origin}).wire()


def send_chat_action(world: World, call: Call) -> bool:
    """Show that the bot is busy."""
    if call.text("action").lower() not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat = writable(world, call.chat())
    world.changes.tell("typing", lambda: {"chat": chat.id}, chat_id=chat.id)
    return True


def text_content(call: Call, *, too_long: str) -> Wire:
    """Read and judge the text of a call.

    Raises: RefusedError.
    """
    raw = call.text("text")
    if not raw:
        raise bad("message text is empty")
    read = _read(call, raw, "entities")
    if is_nothing(read.text):
        raise bad("text must be non-empty")
    if units(read.text) > TEXT_LIMIT:
        raise bad(too_long)
    return {"text": read.text} | ({"entities": read.entities} if read.entities else {})


def caption_content(call: Call) -> Wire:
    """Read and judge the caption of a call; nothing if there is none.

    Raises: RefusedError.
    """
    read = _read(call, call.text("caption"), "caption_entities")
    if units(read.text) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    if is_nothing(read.text):
        return {}
    return {"caption": read.text} | ({"caption_entities": read.entities} if read.entities else {})


def _read(call: Call, raw: str, entities: str) -> Formatted:
    given = call.json(entities, entities)
    ready = [entity for entity in given if isinstance(entity, dict)] if isinstance(given, list) else []
    read = formatted(raw, call.text("parse_mode"), ready)
    return read if read.entities else Formatted(read.text, spotted(read.text))


def _posted(world: World, call: Call, *, chat: Chat, content: Wire) -> Message:
    under = markup(call.json("reply_markup", "reply keyboard markup"))
    message = world.post(
        chat,
        world.bot,
        content,
        reply_to=_answered(call, chat),
        rows=under.rows,
        replaces_keyboard=under.replaces_keyboard,
        protected=call.flag("protect_content"),
    )
    call.message_id = message.id
    return message


def _answered(call: Call, chat: Chat) -> int | None:
    given = call.json("reply_parameters", "reply parameters")
    if given is None or given == {}:
        wanted: object = call.number("reply_to_message_id")
        lenient = call.flag("allow_sending_without_reply")
    elif isinstance(given, dict):
        wanted, lenient = given.get("message_id"), bool(given.get("allow_sending_without_reply"))
    else:
        raise bad("object expected as reply parameters")
    if not wanted:
        return None
    found = chat.find(wanted) if isinstance(wanted, int) else None
    if found is None and not lenient:
        raise bad("message to be replied not found")
    return None if found is None else found.id


def _file(world: World, call: Call, kind: str) -> StoredFile:
    given = call.text(kind)
    upload = call.uploads.get(given.removeprefix("attach://") if given.startswith("attach://") else kind)
    if upload is not None:
        if not upload.content:
            raise bad("file must be non-empty")
        if len(upload.content) > UPLOAD_LIMIT:
            raise RefusedError(413, "Request Entity Too Large")
        return world.files.add(upload.content, kind=kind, name=upload.name, mime=upload.mime)
    if not given:
        raise bad(f"there is no {kind.replace('_', ' ')} in the request")
    if given.startswith(("http://", "https://")):
        # The sandbox opens no address: it must never reach out into a network.
        raise bad("failed to get HTTP URL content")
    known = world.files.find(given)
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad(f"can't use file of type {_type(known.kind)} as {_type(kind)}")
    return known


def _type(kind: str) -> str:
    return {"voice": "VoiceNote", "video_note": "VideoNote"}.get(kind, kind.capitalize())


def _source(world: World, call: Call, missing: str) -> Message:
    if not call.text("from_chat_id"):
        raise bad('parameter "from_chat_id" is required')
    found = readable(world, call.chat("from_chat_id")).find(call.number("message_id"))
    if found is None:
        raise bad(missing)
    return found
