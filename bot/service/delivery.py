"""Carry one outbox row to the messenger: what each kind of row means as calls, and what must be remembered of it."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.events import Attachment
from bot.core.render import Button, Message
from bot.core.roles import may
from bot.service.closing import Closer
from bot.service.house import PRIVATE
from bot.service.messaging import Clock, Messenger, SendFailed
from bot.service.rows import CardPlace, Kept, OutboxRow, Settled
from bot.service.storing import MOVED, OURS, DeskStore, LaneReader

DELETABLE = timedelta(hours=48)
"""Telegram deletes nothing older."""
NEIGHBOURS = 8
"""Among so many ids below a message that arrived one is looked for whose own answer was lost."""
LIVE_CACHE = 20_000
CARD_CACHE = 1_000


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a row led to: the message now lying in the chat, ledger entries that are gone, and a card's place.

    `old_gone`: the earlier live screen was deleted; `old`: it could not be deleted now, and has to go still.
    `left`: something else that had to go can never be deleted. `uncarded`: it is about a case that has no card there.
    `foreign`: the bot was in a group that is not ours, and left it.
    """

    message: int | None = None
    live: bool = False
    gone: tuple[int, ...] = ()
    old_gone: bool = False
    old: int | None = None
    card: CardPlace | None = None
    left: bool = False
    uncarded: bool = False
    foreign: bool = False


class Delivery:
    """Know how each kind of row is carried out."""

    def __init__(
        self, *, closer: Closer, messenger: Messenger, lanes: LaneReader, desk: DeskStore, clock: Clock, hide_label: str
    ) -> None:
        """Use these ports; `hide_label` is the words of the hide button under an operator's reply."""
        self._closer = closer
        self._messenger = messenger
        self._lanes = lanes
        self._desk = desk
        self._clock = clock
        self._hide = ((Button(text=hide_label, data="!hide"),),)
        self._live: OrderedDict[str, int | None] = OrderedDict()
        self._cards: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._moves: dict[int, int] = {}
        self._doubted: set[str] = set()

    async def chat_of(self, row: OutboxRow) -> int:
        """Give the chat a row goes to, following a group that moved."""
        chat = self._written_for(row)
        if chat > 0:
            return chat
        if chat not in self._moves:
            self._moves[chat] = int(await self._desk.get(f"{MOVED}{chat}") or chat)
        return self._moves[chat]

    async def moved(self, row: OutboxRow, to: int) -> None:
        """Remember where a group moved to; the setting wins again once it changes."""
        chat = self._written_for(row)
        self._moves[chat] = to
        await self._desk.put(f"{OURS}{to}", "yes")
        await self._desk.put(f"{MOVED}{chat}", str(to))

    def _written_for(self, row: OutboxRow) -> int:
        return self._closer.open_chat(row.lane, row.chat) if row.clear is None else row.clear[0]

    def body(self, row: OutboxRow) -> Mapping[str, object]:
        """Give what a row says, as it is remembered since the commit, or opened."""
        return self._closer.open_body(f"outbox|{row.key}", row.body) if row.clear is None else row.clear[1]

    async def is_expected(self, row: OutboxRow) -> bool:
        """Say whether whoever a row is for may still have it: in an operator's private chat only who is listed now."""
        if not row.lane.startswith(PRIVATE):
            return True
        listed = {f"{PRIVATE}{one.id}": one for one in await self._desk.operators()}
        operator = listed.get(row.lane)
        return operator is not None and (row.kind != "card" or (operator.started and may(operator.role, "act")))

    async def carry(self, row: OutboxRow, chat: int, *, until: datetime | None = None) -> Delivered:
        """Carry a row out; raises SendFailed. `until`: then it may be somebody else's, None if there is nobody."""
        body = self.body(row)
        match row.kind:
            case "screen":
                return await self._screen(row, chat, body, until=until)
            case "reply":
                return await self._reply(chat, body)
            case "notice":
                return Delivered(await self._messenger.send(chat, _message(body)))
            case "note":
                return await self._note(chat, body)
            case "wipe":
                return await self._wipe(row, chat)
            case "delete":
                ids = body["ids"]
                left = await self._messenger.delete(chat, [int(one) for one in ids] if isinstance(ids, list) else [])
                return Delivered(left=bool(left))
            case "card":
                message = await self._messenger.send(chat, _message(body))
                self._keep_card(row.case or "", chat, message)
                return Delivered(card=CardPlace(row.case or "", chat, message, str(body["token"])))
            case "card_buttons":
                return await self._buttons(row, chat, body)
            case "card_reply":
                return await self._below_card(row, chat, body)

    async def remove(self, stray: Kept) -> bool:
        """Delete what arrived too late; False if it cannot be deleted, or became the live screen. Raises SendFailed."""
        lane, live = await self._lanes.lane(stray.lane), await self._lanes.live(stray.lane)
        if lane.chat is None or (live is not None and live.message == stray.message):
            return False
        message = self._closer.open_message_id(stray.lane, stray.message)
        return not await self._messenger.delete(self._closer.open_chat(stray.lane, lane.chat), [message])

    def settled(self, row: OutboxRow, delivered: Delivered, token: str) -> Settled:
        """Say what is to be written down of a delivered row."""
        kept = None
        if delivered.message is not None:
            closed = self._closer.message_id(row.lane, delivered.message)
            kept = Kept(row.lane, closed, self._clock.now(), live=delivered.live)
            if delivered.live:
                self._remember(row.lane, delivered.message)
        return Settled(
            row.id,
            token,
            "sent",
            kept=kept,
            unkept=delivered.gone,
            old_gone=delivered.old_gone,
            card=delivered.card,
        )

    def forget(self, lane: str) -> None:
        """Read the live screen anew next time: another process may send the next one."""
        self._live.pop(lane, None)

    def _remember(self, lane: str, message: int | None) -> None:
        self._live[lane] = message
        self._live.move_to_end(lane)
        if len(self._live) > LIVE_CACHE:
            self._live.popitem(last=False)

    # ── to people ────────────────────────────────────────────────────────────────────────────────────────────

    async def _screen(
        self, row: OutboxRow, chat: int, body: Mapping[str, object], *, until: datetime | None
    ) -> Delivered:
        """Edit the pressed message into the next screen if it is the live one; an edit that fails becomes a send.

        Below any other may lie what a dead process showed and nobody knows of: the newest is always the present one.
        """
        message, pressed = _message(body), body.get("edit")
        old = await self._live_message(row.lane)
        # A process may be halted anywhere. Another showed what follows meanwhile, and an edit cannot be taken back.
        if until is not None and self._clock.now() >= until:
            raise SendFailed("unsent")
        if pressed == old and old is not None and await self._edited(chat, old, message):
            return Delivered()
        new = await self._messenger.send(chat, message)
        if isinstance(pressed, int) and pressed != old:
            with suppress(SendFailed):
                await self._messenger.delete(chat, [pressed])
        return await self._without_old(chat, old, new=new)

    async def _edited(self, chat: int, old: int, message: Message) -> bool:
        """Edit a message; False if it is not there any more, or cannot be edited."""
        try:
            await self._messenger.edit(chat, old, message)
        except SendFailed as failed:
            if failed.failure not in ("nothing", "malformed", "gone"):
                raise
            return failed.failure == "nothing" and not failed.missing
        return True

    async def _live_message(self, lane: str) -> int | None:
        if lane not in self._live:
            live = await self._lanes.live(lane)
            self._remember(lane, self._closer.open_message_id(lane, live.message) if live else None)
        return self._live[lane]

    async def _without_old(self, chat: int, old: int | None, *, new: int) -> Delivered:
        """Delete the old screen, if there is one; one too old for that stays in the ledger, and hide will tell."""
        if old is None:
            return Delivered(new, live=True)
        try:
            gone = not await self._messenger.delete(chat, [old])
        except SendFailed:
            return Delivered(new, live=True, old=old)
        return Delivered(new, live=True, old_gone=gone)

    async def clear(self, row: OutboxRow, chat: int, old: int) -> None:
        """Delete an old screen that could not be deleted before, unless it became the live one again."""
        if self._live.get(row.lane) != old:
            await self._messenger.delete(chat, [old])

    def doubt(self, lane: str) -> None:
        """Note that something may lie in a chat of which nobody knows: the answer to a send was lost."""
        self._doubted.add(lane)

    def guesses(self, lane: str, below: int) -> Sequence[int]:
        """Give the ids just below a message that arrived if one of them may be unknown, and doubt the chat no more."""
        if lane not in self._doubted:
            return ()
        self._doubted.discard(lane)
        return range(max(below - NEIGHBOURS, 1), below)

    async def uncover(self, lane: str, chat: int, guess: int) -> None:
        """Delete a message that nobody knows, if there is one of this id. Raises SendFailed.

        The id is guessed, so it is deleted only after an edit proved it to be the bot's own in this very chat: an edit
        names the chat, while Telegram deletes by the id alone, and some other server might not look first.
        """
        ledger = await self._lanes.ledger_of(lane)
        known = {self._closer.open_message_id(lane, one.message) for one in ledger}
        if guess not in known and await self._is_ours(chat, guess):
            await self._messenger.delete(chat, [guess])

    async def _is_ours(self, chat: int, guess: int) -> bool:
        try:
            await self._messenger.edit_buttons(chat, guess, ())
        except SendFailed as failed:
            if failed.failure != "nothing":
                raise
            return not failed.missing
        return True

    async def _reply(self, chat: int, body: Mapping[str, object]) -> Delivered:
        text, attached = str(body.get("text") or ""), body.get("attachment")
        if attached:
            attachment = Attachment.model_validate(attached)
            return Delivered(await self._messenger.send_file(chat, attachment, text, self._hide))
        return Delivered(await self._messenger.send(chat, Message(text=text, rows=self._hide)))

    async def _wipe(self, row: OutboxRow, chat: int) -> Delivered:
        """Delete everything that may be deleted; what is too old stays in the ledger to be told.

        What was kept after the chat was hidden is not touched: it is the innocent screen, or what came after it. What
        was kept later than now came before: the clock went back since.
        """
        now, until = self._clock.now(), row.made or row.due
        ledger = await self._lanes.ledger_of(row.lane)
        kept = [one for one in ledger if (one.at <= until or one.at > now) and now - one.at < DELETABLE]
        ids = {one.id: self._closer.open_message_id(row.lane, one.message) for one in kept}
        left = await self._messenger.delete(chat, list(dict.fromkeys(ids.values()))) if ids else ()
        if self._live.get(row.lane) in ids.values():
            self._remember(row.lane, None)
        return Delivered(gone=tuple(one for one, message in ids.items() if message not in left))

    def _keep_card(self, case: str, chat: int, message: int) -> None:
        """Remember a card until its place is surely written down."""
        self._cards[case, chat] = message
        if len(self._cards) > CARD_CACHE:
            self._cards.popitem(last=False)

    # ── to operators ─────────────────────────────────────────────────────────────────────────────────────────

    async def _note(self, chat: int, body: Mapping[str, object]) -> Delivered:
        if not body.get("leave"):
            await self._messenger.send(chat, _message(body))
            return Delivered()
        is_foreign = await self._desk.get(f"{OURS}{chat}") is None
        if is_foreign:
            await self._messenger.leave(chat)
        return Delivered(foreign=is_foreign)

    async def _buttons(self, row: OutboxRow, chat: int, body: Mapping[str, object]) -> Delivered:
        """Edit one card, its buttons or (to empty it) its text, or the buttons of all the cards of a case.

        A card that is gone is no failure, nor is one in a group that has moved: it stays behind there.
        """
        rows = _rows(body.get("rows"))
        pressed = body.get("message")
        if isinstance(pressed, int) and "text" in body:
            await self._messenger.edit(chat, pressed, Message(text=str(body["text"])))
            return Delivered()
        if isinstance(pressed, int):
            await self._messenger.edit_buttons(chat, pressed, rows)
            return Delivered()
        for place in await self._desk.cards(row.case or ""):
            try:
                await self._messenger.edit_buttons(place.chat, place.message, _with_token(rows, place.token))
            except SendFailed as failed:
                if failed.failure not in ("nothing", "gone", "blocked", "malformed", "moved"):
                    raise
        return Delivered()

    async def _below_card(self, row: OutboxRow, chat: int, body: Mapping[str, object]) -> Delivered:
        card = self._cards.get((row.case or "", chat))
        if card is None:
            places = await self._desk.cards(row.case or "")
            card = next((place.message for place in places if place.chat == chat), None)
        await self._messenger.send(chat, _message(body), reply_to=card)
        return Delivered(uncarded=card is None)


def _message(body: Mapping[str, object]) -> Message:
    return Message.model_validate(body["message"])


def _rows(value: object) -> tuple[tuple[Button, ...], ...]:
    return Message.model_validate({"text": "", "rows": value}).rows


def _with_token(rows: tuple[tuple[Button, ...], ...], token: str) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        tuple(Button(text=button.text, data=button.data.replace("{token}", token)) for button in row) for row in rows
    )
