"""Methods that ask about the bot, chats and files, or settle what people see of the bot."""

from bot.sandbox.access import editable, readable
from bot.sandbox.calls import Call
from bot.sandbox.chats import PRESENT, Chat, User, member_wire
from bot.sandbox.refusals import bad
from bot.sandbox.wire import Wire
from bot.sandbox.world import World

_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}
_PERMISSIONS = dict.fromkeys(
    (
        "can_send_messages",
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
        "can_send_polls",
        "can_send_other_messages",
        "can_add_web_page_previews",
    ),
    True,
)
_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
# What setMyX stores and getMyX gives back, and what the latter gives before.
_PROFILE: dict[str, tuple[str, object]] = {
    "name": ("name", ""),
    "description": ("description", ""),
    "shortdescription": ("short_description", ""),
}


def get_me(world: World, call: Call) -> Wire:
    """Describe the bot."""
    return world.bot.wire() | _ABILITIES


def get_file(world: World, call: Call) -> Wire:
    """Give the path a file can be fetched from."""
    if not call.text("file_id"):
        raise bad("file_id not specified")
    return world.files.link(call.text("file_id"))


def get_chat(world: World, call: Call) -> Wire:
    """Describe a chat in full."""
    chat = readable(world, call.chat())
    full = chat.wire() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}
    return full if chat.is_private else full | {"permissions": _PERMISSIONS}


def get_chat_member(world: World, call: Call) -> Wire:
    """Describe someone's place in a chat."""
    chat = readable(world, call.chat())
    user = world.users.get(call.number("user_id"))
    if call.number("user_id") <= 0:
        raise bad("invalid user_id specified")
    if user is None:
        raise bad("user not found")
    return _member(world, chat, user)


def get_chat_administrators(world: World, call: Call) -> list[Wire]:
    """List who runs a group; bots other than this one do not exist here."""
    chat = readable(world, call.chat())
    if chat.is_private:
        raise bad("there are no administrators in the private chat")
    users = [world.users[user_id] for user_id in [world.bot.id, *chat.members]]
    members = [_member(world, chat, user) for user in users]
    return [member for member in members if member["status"] in ("creator", "administrator")]


def get_chat_member_count(world: World, call: Call) -> int:
    """Count who is in a chat, the bot included."""
    chat = readable(world, call.chat())
    return 2 if chat.is_private else 1 + sum(standing in PRESENT for standing in chat.members.values())


def leave_chat(world: World, call: Call) -> bool:
    """Leave a group."""
    chat = editable(world, call.chat())
    if chat.is_private:
        raise bad("chat member status can't be changed in private chats")
    world.set_bot(chat, "left", by=world.bot)
    return True


def set_commands(world: World, call: Call) -> bool:
    """Keep the list of commands; scope and language are not told apart."""
    commands = call.json("commands", "commands")
    if not isinstance(commands, list):
        raise bad('parameter "commands" is required' if commands is None else "expected an Array of BotCommand")
    world.profile["commands"] = commands
    return True


def get_commands(world: World, call: Call) -> object:
    """Give the list of commands."""
    return world.profile.get("commands", [])


def set_profile(world: World, call: Call) -> bool:
    """Keep the bot's name or one of its descriptions."""
    field, _ = _PROFILE[call.method.removeprefix("setmy")]
    world.profile[field] = call.text(field)
    return True


def get_profile(world: World, call: Call) -> Wire:
    """Give the bot's name or one of its descriptions."""
    field, empty = _PROFILE[call.method.removeprefix("getmy")]
    return {field: world.profile.get(field, world.bot.name if field == "name" else empty)}


def nod(world: World, call: Call) -> bool:
    """Say yes to what changes nothing in the sandbox."""
    return True


def _member(world: World, chat: Chat, user: User) -> Wire:
    if user.is_bot:
        return member_wire(user, "member" if chat.is_private else chat.bot, may_delete=chat.bot_may_delete)
    if chat.is_private:
        return member_wire(user, "member" if user is chat.user else "left")
    return member_wire(user, chat.members.get(user.id, "left"))
