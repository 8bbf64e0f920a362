"""The messenger that services send through: plain text, no previews, protected from being forwarded or saved.

Text is never given a parse mode: whatever is in it stays text.
"""

from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from telegram.error import BadRequest, TelegramError

from bot.core.events import Attachment
from bot.core.render import Button, Message
from bot.core.values import MediaKind
from bot.service.messaging import SendFailed, Standing
from bot.tg.api import Api
from bot.tg.errors import UNDELETABLE, PerhapsSentError, failed, says
from bot.tg.fields import is_present

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
"""Telegram's limits, in UTF-16 code units."""
DELETED_AT_ONCE = 100
_PLAIN: Mapping[str, object] = {"link_preview_options": {"is_disabled": True}}

Rows = Sequence[Sequence[Button]]

_METHODS: Mapping[MediaKind, tuple[tuple[str, str], ...]] = {
    "voice": (("sendVoice", "voice"), ("sendAudio", "audio")),
    "photo": (("sendPhoto", "photo"),),
    "video": (("sendVideo", "video"), ("sendVideoNote", "video_note"), ("sendAnimation", "animation")),
    "document": (("sendDocument", "document"),),
}
"""How a file may be sent on: its id fits only the method of the kind it came as, which our kinds do not tell apart."""


class TelegramMessenger:
    """Send through the Bot API. Every method raises SendFailed and nothing else."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def send(self, chat: int, message: Message, *, reply_to: int | None = None) -> int:
        """Send text with buttons; gives the message id. An answer to a message that is gone is sent all the same."""
        _check_length(message.text, TEXT_UNITS)
        parameters = {"chat_id": chat, "text": message.text, "protect_content": True, **_PLAIN, **_markup(message.rows)}
        if reply_to is not None:
            parameters["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        return _message_id(await self._call("sendMessage", parameters))

    async def send_file(self, chat: int, attachment: Attachment, caption: str, rows: Rows) -> int:
        """Pass on a file by its own reference, or upload a voice; gives the message id."""
        _check_length(caption, CAPTION_UNITS)
        if attachment.content is not None:
            told = {"chat_id": chat, "caption": caption, **_markup(rows)}
            return await self._upload(attachment, b64decode(attachment.content), told)
        last: BadRequest | None = None
        for method, field in _METHODS[attachment.kind]:
            if method == "sendVideoNote" and caption:
                continue  # it cannot carry words, and they must not be lost
            parameters = {"chat_id": chat, field: attachment.file, "caption": caption, "protect_content": True}
            try:
                return _message_id(await self._api.call(method, parameters | _markup(rows)))
            except BadRequest as error:
                last = error
                if not says(error, "can't use file of type"):
                    break
            except TelegramError as error:
                raise failed(error) from error
        raise failed(last) if last else SendFailed("malformed")

    async def _upload(self, voice: Attachment, content: bytes, told: Mapping[str, object]) -> int:
        """Send a voice that was made here."""
        file = ("voice.ogg", content, voice.mime or "audio/ogg")
        parameters = {**told, "duration": voice.duration or 0, "protect_content": True}
        try:
            return _message_id(await self._api.call("sendVoice", parameters, files={"voice": file}))
        except TelegramError as error:
            raise failed(error) from error

    async def edit(self, chat: int, message_id: int, message: Message) -> None:
        """Replace a message's text and buttons."""
        _check_length(message.text, TEXT_UNITS)
        parameters = {"chat_id": chat, "message_id": message_id, "text": message.text, **_PLAIN}
        await self._call("editMessageText", parameters | _markup(message.rows))

    async def edit_buttons(self, chat: int, message_id: int, rows: Rows) -> None:
        """Replace a message's buttons only."""
        parameters: dict[str, object] = {"chat_id": chat, "message_id": message_id}
        await self._call("editMessageReplyMarkup", parameters | _markup(rows))

    async def delete(self, chat: int, message_ids: Sequence[int]) -> tuple[int, ...]:
        """Delete messages; those already gone count as deleted. Gives those too old to be deleted."""
        left: list[int] = []
        for start in range(0, len(message_ids), DELETED_AT_ONCE):
            some = message_ids[start : start + DELETED_AT_ONCE]
            try:
                await self._api.call("deleteMessages", {"chat_id": chat, "message_ids": list(some)})
            except BadRequest:
                left += [one for one in some if not await self._deleted(chat, one)]
            except TelegramError as error:
                raise failed(error) from error
        return tuple(left)

    async def answer(self, callback: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press; one too old to answer is not an error."""
        try:
            await self._call("answerCallbackQuery", {"callback_query_id": callback, "text": text, "show_alert": alert})
        except SendFailed as error:
            if error.failure != "nothing":
                raise

    async def download(self, file: str) -> AsyncGenerator[bytes, None]:
        """Stream a file in chunks of 64 KiB; close it when leaving it early.

        Over 20 MB it is malformed; not there for now is busy: the same reference may serve later.
        """
        try:
            path = _file_path(await self._api.call("getFile", {"file_id": file}))
            async with aclosing(self._api.file(path)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except PerhapsSentError as error:
            raise SendFailed("busy") from error  # fetching has no effect that could be doubled
        except TelegramError as error:
            raise failed(error) from error

    async def leave(self, chat: int) -> None:
        """Leave a chat that is not ours."""
        await self._call("leaveChat", {"chat_id": chat})

    async def standing(self, chat: int, person: int) -> Standing:
        """Tell what somebody, or the bot itself, is in a group."""
        member = await self._call("getChatMember", {"chat_id": chat, "user_id": person})
        if not isinstance(member, dict):
            raise SendFailed("unknown")
        may_delete = member.get("status") == "creator" or member.get("can_delete_messages") is True
        return Standing(present=is_present(member), may_delete=may_delete)

    async def name(self) -> tuple[int, str]:
        """Give the bot's id and username."""
        match await self._call("getMe"):
            case {"id": int(number), "username": str(name)}:
                return number, name
        raise SendFailed("unknown")

    async def _call(self, method: str, parameters: Mapping[str, object] | None = None) -> object:
        try:
            return await self._api.call(method, parameters)
        except TelegramError as error:
            raise failed(error) from error

    async def _deleted(self, chat: int, message_id: int) -> bool:
        """Delete one message; False if it cannot be deleted."""
        try:
            await self._api.call("deleteMessage", {"chat_id": chat, "message_id": message_id})
        except TelegramError as error:
            if says(error, *UNDELETABLE):
                return False
            if (problem := failed(error)).failure != "nothing":
                raise problem from error
        return True


def _markup(rows: Rows) -> dict[str, object]:
    """Write buttons; without any, an edit takes the old ones away."""
    if not rows:
        return {}
    keyboard = [[{"text": button.text, "callback_data": button.data} for button in row] for row in rows]
    return {"reply_markup": {"inline_keyboard": keyboard}}


def _check_length(text: str, most: int) -> None:
    if len(text) > most // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 > most:
        raise SendFailed("malformed")


def _message_id(result: object) -> int:
    match result:
        case {"message_id": int(number)}:
            return number
    raise SendFailed("unknown")  # it was taken, and nobody knows as what


def _file_path(result: object) -> str:
    match result:
        case {"file_path": str(path)}:
            return path
    raise PerhapsSentError("Telegram named no path for a file")
