"""What a store must have before anybody is served: its key, somebody to seal to, and its own bot."""

from bot.core.errors import OperatorError
from bot.settings import Settings
from bot.store.opening import Store
from bot.vault.key_files import KeyFolder
from bot.vault.provisional import create_provisional, provisional_recipient
from bot.vault.sealing import check_recipient
from bot.vault.server_key import SERVER_KEY, ServerCipher, create_server_key, load_server_key

KEY_CHECK = "key_check"
BOT_ID = "bot_id"


async def open_cipher(settings: Settings, store: Store) -> tuple[ServerCipher, bool]:
    """Give the server key, and whether it was made just now: only ever for a store that has kept nothing yet.

    Intake is never refused for want of a key: with no keys and an empty store both the server key and a provisional
    recipient are made. A store whose key is missing or another is refused. Raises OperatorError.
    """
    folder = KeyFolder(settings.keys)
    kept = await store.desk.get(KEY_CHECK)
    made = kept is None and not folder.holds(SERVER_KEY)
    cipher = create_server_key(folder) if made else load_server_key(folder, key_check=kept)
    if kept is None:
        await store.desk.put(KEY_CHECK, cipher.key_check())
    return cipher, made


async def ensure_recipient(settings: Settings, store: Store) -> bool:
    """Make the provisional recipient if there is nobody to seal to; True while it is the only one (an alarm)."""
    folder = KeyFolder(settings.keys)
    recipients = await store.desk.recipients()
    if not recipients:
        provisional = provisional_recipient(folder) or create_provisional(folder)
        await store.desk.put_recipient(provisional)
        recipients = [provisional]
    for recipient in recipients:
        check_recipient(recipient)
    return {recipient.id for recipient in recipients} == {"provisional"}


def bot_of(token: str) -> int:
    """Give the id of the bot that a token is of."""
    return int(token.partition(":")[0])


async def ensure_same_bot(token: str, store: Store) -> None:
    """Refuse the token of another bot: the chats of this store are not its chats. Raises OperatorError."""
    bot = str(bot_of(token))
    kept = await store.desk.get(BOT_ID)
    if kept is not None and kept != bot:
        raise OperatorError(
            f"HELPLINE_BOT_TOKEN is of bot {bot}, and this store belongs to bot {kept}, which alone can write to its "
            "people: put that bot's token back, or give the other bot empty HELPLINE_DATA and HELPLINE_KEYS."
        )
    if kept is None:
        await store.desk.put(BOT_ID, bot)
