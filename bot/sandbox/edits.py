"""Methods that change or remove what is already in a chat, and answers to presses."""

from bot.sandbox.access import check_deletable, editable, writable
from bot.sandbox.calls import Call
from bot.sandbox.chats import Message
from bot.sandbox.markup import markup
from bot.sandbox.refusals import bad
from bot.sandbox.sends import caption_content, text_content
from bot.sandbox.wire import Wire, units
from bot.sandbox.world import World

ANSWER_LIFE = 150  # seconds a press may be answered for: as long as its update would have waited
TOAST_LIMIT = 200

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(world: World, call: Call) -> Wire:
    """Replace a text and its buttons; without buttons the old ones go."""
    content = text_content(call, too_long="MESSAGE_TOO_LONG")
    message = _own(world, call)
    if "text" not in message.content:
        raise bad("there is no text in the message to edit")
    return _rewritten(world, call, message=message, content=content)


def edit_message_caption(world: World, call: Call) -> Wire:
    """Replace a caption and the buttons."""
    message = _own(world, call)
    if "text" in message.content or "location" in message.content:
        raise bad("there is no caption in the message to edit")
    kept = {key: value for key, value in message.content.items() if not key.startswith("caption")}
    return _rewritten(world, call, message=message, content=kept | caption_content(call))


def edit_message_reply_markup(world: World, call: Call) -> Wire:
    """Replace only the buttons."""
    message = _own(world, call)
    return _rewritten(world, call, message=message, content=message.content)


def delete_message(world: World, call: Call) -> bool:
    """Delete one message."""
    if not call.text("chat_id"):
        raise bad("chat identifier is not specified")
    if not call.number("message_id"):
        raise bad("message identifier is not specified")
    chat = editable(world, call.chat())
    message = chat.find(call.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    check_deletable(chat, [message], now=world.now)
    world.delete(chat, [message])
    call.message_id = message.id
    return True


def delete_messages(world: World, call: Call) -> bool:
    """Delete up to a hundred messages, all or none; those that are not there are skipped."""
    message_ids = call.message_ids()
    chat = editable(world, call.chat())
    messages = [message for message_id in message_ids if (message := chat.find(message_id))]
    check_deletable(chat, messages, now=world.now)
    world.delete(chat, messages)
    return True


def answer_callback_query(world: World, call: Call) -> bool:
    """Answer a press, perhaps with a toast."""
    press = world.presses.get(call.text("callback_query_id"))
    if press is None or world.now - press.at > ANSWER_LIFE:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = call.text("text")
    if units(text) > TOAST_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    call.chat_id = press.chat.id
    world.toast(press, text, alert=call.flag("show_alert"))
    return True


def _own(world: World, call: Call) -> Message:
    if not call.text("chat_id") and not call.number("message_id"):
        raise bad("message identifier is not specified")
    message = writable(world, call.chat()).find(call.number("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not message.from_bot or message.replaces_keyboard or message.service or "forward_origin" in message.content:
        raise bad("message can't be edited")
    return message


def _rewritten(world: World, call: Call, *, message: Message, content: Wire) -> Wire:
    rows = markup(call.json("reply_markup", "reply keyboard markup")).rows
    if content == message.content and rows == message.rows:
        raise bad(_SAME)
    world.rewrite(message, content, rows)
    call.message_id = message.id
    return message.wire()
