"""Whether the bot may read, write or delete in a chat, and how Telegram refuses."""

from collections.abc import Iterable

from bot.sandbox.chats import PRESENT, Chat, Message
from bot.sandbox.refusals import bad, forbidden, migrated
from bot.sandbox.world import World

REVOKE_LIFE = 48 * 3600  # seconds; source: Bot API, deleteMessage


def readable(world: World, chat_id: int) -> Chat:
    """Find a chat the bot can see.

    Raises: RefusedError.
    """
    chat = world.chats.get(chat_id)
    if chat is None or (chat.user is not None and not chat.user.started and not chat.messages):
        raise bad("chat not found")
    if not chat.is_private and chat.bot not in PRESENT:
        place = f"the {chat.type} chat"
        raise forbidden(f"bot was kicked from {place}" if chat.bot == "kicked" else f"bot is not a member of {place}")
    return chat


def editable(world: World, chat_id: int) -> Chat:
    """Find a chat in which the bot can still change or delete what is there.

    Raises: RefusedError, also for a group that migrated or an account that is gone.
    """
    chat = readable(world, chat_id)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    if chat.user is not None and chat.user.gone:
        raise forbidden("user is deactivated")
    return chat


def writable(world: World, chat_id: int) -> Chat:
    """Find a chat the bot can send to.

    Raises: RefusedError, also when the person blocked the bot or never started it.
    """
    known = world.chats.get(chat_id)
    if known is not None and known.user is not None and not known.user.started:
        raise forbidden("bot can't initiate conversation with a user")
    chat = editable(world, chat_id)
    if chat.user is not None and chat.user.blocked:
        raise forbidden("bot was blocked by the user")
    return chat


def check_deletable(chat: Chat, messages: Iterable[Message], *, now: int) -> None:
    """Refuse unless the bot may delete every one of these messages.

    In a private chat both sides' messages, elsewhere its own and, with the right, those of others; none after 48 h.
    Raises: RefusedError.
    """
    for message in messages:
        is_old = now - message.date > REVOKE_LIFE
        if chat.is_private:
            allowed, why = not is_old, "message can't be deleted for everyone"
        else:
            has_right = chat.bot == "administrator" and chat.bot_may_delete
            owns = message.from_bot and not message.service
            allowed, why = (has_right or owns) and not is_old, "message can't be deleted"
        if not allowed:
            raise bad(why)
