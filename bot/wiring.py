"""Builds the object graph: the only place that knows every room. `run` is the real thing; commands use its parts."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.content.apart import Reading
from bot.core.content import Content
from bot.core.errors import HelplineError, MachineError, OperatorError
from bot.core.render import both
from bot.service.attachments import Fetcher
from bot.service.closing import Closer
from bot.service.delivery import Delivery
from bot.service.deskwork import Deskwork
from bot.service.emergency import Emergency
from bot.service.folding import Folding
from bot.service.household import Alarms, Household, Seats
from bot.service.inbox import Decider
from bot.service.messaging import Clock
from bot.service.office import Office
from bot.service.orders import Summaries
from bot.service.outbox import Sender
from bot.service.pacing import Pace
from bot.service.presence import Presence
from bot.service.receiving import Receiver
from bot.service.timers import Timers
from bot.settings import ROOT, Settings
from bot.store.folder import LockedError, risky_filesystem
from bot.store.opening import Store, database_path, open_store
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.receive import Poller
from bot.tg.request import AiohttpRequest
from bot.tg.translate import translate
from bot.vault.key_files import KeyFolder
from bot.vault.organisation import ORGANISATION
from bot.vault.provisional import create_provisional, provisional_recipient
from bot.vault.sealing import CaseSealer, check_recipient
from bot.vault.server_key import SERVER_KEY, ServerCipher, create_server_key, load_server_key

KEY_CHECK = "key_check"
BOT_ID = "bot_id"
PRUNE_AFTER = timedelta(days=8)
"""Telegram repeats an update for a day; its ids start anew after a week."""
log = structlog.get_logger()


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant."""
        return datetime.now(UTC)

    async def until(self, moment: datetime) -> None:
        """Wait until an instant has come."""
        await asyncio.sleep(max((moment - self.now()).total_seconds(), 0.0))


class Shelf:
    """The content of this release; read anew when a year begins, for its holidays, and kept if that fails."""

    def __init__(self, clock: Clock) -> None:
        """Begin to read it; the first call waits for it."""
        self._clock = clock
        today = clock.now().date()
        self._year = today.year
        self._first = Reading(ROOT, today=today)
        self._next: Reading | None = None
        self._content: Content | None = None

    def __call__(self) -> Content:
        """Give the content; the first time this raises AuthorError or MachineError if it cannot be read."""
        content = self._content or self._first.result()
        today = self._clock.now().date()
        if today.year != self._year:
            self._year, self._next = today.year, Reading(ROOT, today=today)
        if self._next is not None and self._next.done:
            content, self._next = self._renewed(self._next, content), None
        self._content = content
        return content

    def _renewed(self, reading: Reading, known: Content) -> Content:
        """Give what was read for the new year; until then, and if it fails, what is known holds its holidays too."""
        try:
            return reading.result()
        except HelplineError as error:
            log.error("content.not_renewed", faults=len(str(error).splitlines()))
            return known


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


async def ensure_same_bot(token: str, store: Store) -> None:
    """Refuse the token of another bot: the chats of this store are not its chats. Raises OperatorError."""
    bot = token.partition(":")[0]
    kept = await store.desk.get(BOT_ID)
    if kept is not None and kept != bot:
        raise OperatorError(
            f"HELPLINE_BOT_TOKEN is of bot {bot}, and this store belongs to bot {kept}, which alone can write to its "
            "people: put that bot's token back, or give the other bot empty HELPLINE_DATA and HELPLINE_KEYS."
        )
    if kept is None:
        await store.desk.put(BOT_ID, bot)


@dataclass(frozen=True, slots=True)
class Helpline:
    """The running helpline."""

    store: Store
    closer: Closer
    receiver: Receiver
    decider: Decider
    sender: Sender
    timers: Timers
    fetcher: Fetcher
    summaries: Summaries
    office: Office
    household: Household
    alarm: Alarms
    poller: Poller
    clock: Clock

    async def run(self) -> None:
        """Run every part until cancelled; the sender ends last, so that calls in flight are written down."""
        parts = (
            self.poller.run(),
            self.decider.run(),
            self.sender.run(),
            self.timers.run(),
            self.fetcher.run(),
            self.summaries.run(),
            self._prune(),
        )
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)

    async def _prune(self) -> None:
        """Forget old inbox keys and what was sent long ago, once a day."""
        while True:
            before = self.clock.now() - PRUNE_AFTER
            try:
                await self.store.inbox.prune(before)
                await self.store.outbox.prune(before)
            except MachineError as error:
                log.error("prune.machine_sick", error=str(error))
            await self.clock.until(self.clock.now() + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Means:
    """What a helpline is built with beside its settings and store; sends and polls have connections of their own."""

    clock: Clock
    content: Callable[[], Content]
    cipher: ServerCipher
    trial: bool
    api: Api
    polls: Api


@asynccontextmanager
async def build(
    settings: Settings,
    store: Store,
    *,
    clock: Clock | None = None,
    trial: bool = False,
    content: Callable[[], Content] | None = None,
) -> AsyncIterator[Helpline]:
    """Build the helpline on an open store; nothing runs yet. Raises OperatorError or AuthorError if it is not fit."""
    clock = clock or RealClock()
    content = content or Shelf(clock)
    cipher, _ = await open_cipher(settings, store)
    provisional = await ensure_recipient(settings, store)
    token = settings.required_token()
    await ensure_same_bot(token, store)
    async with AiohttpRequest() as sending, AiohttpRequest(connections=2) as polling:
        api = Api(sending, root=settings.bot_api, token=token)
        polls = Api(polling, root=settings.bot_api, token=token)
        means = _Means(clock=clock, content=content, cipher=cipher, trial=trial, api=api, polls=polls)
        helpline = _Builder(settings, store, means=means).helpline()
        for code in _standing_alarms(settings, provisional=provisional):
            await helpline.alarm(code)
        yield helpline


def _standing_alarms(settings: Settings, *, provisional: bool) -> Sequence[str]:
    codes = ("provisional_key",) if provisional else ()
    return (*codes, "no_group") if settings.operators_chat is None else codes


class _Builder:
    """Make the parts that share the same ports."""

    def __init__(self, settings: Settings, store: Store, *, means: _Means) -> None:
        self.settings = settings
        self.store = store
        self.means = means
        self.closer = Closer(means.cipher)
        self.sealer = CaseSealer()
        self.messenger = TelegramMessenger(means.api)
        self.lease = secrets.token_hex(8)
        seats = Seats(settings.operators_chat, settings.escalation_chat, means.trial)
        self.household = Household(desk=store.desk, clock=means.clock, seats=seats)
        self.alarm = Alarms(desk=store.desk, clock=means.clock, tell=self._tell)
        self.receiver = Receiver(
            content=means.content,
            closer=self.closer,
            inbox=store.inbox,
            desk=store.desk,
            translate=translate,
            clock=means.clock,
        )

    async def _tell(self, code: str) -> None:
        await self.receiver.order(f"alarm:{code}", f"{self.means.clock.now():%Y-%m-%dT%H}")

    def sender(self) -> Sender:
        means, store = self.means, self.store
        delivery = Delivery(
            closer=self.closer,
            messenger=self.messenger,
            lanes=store.lanes,
            desk=store.desk,
            clock=means.clock,
            hide_label=both(means.content(), means.content().phrases["button_hide"]),
        )
        pace = Pace(self.settings.send_rate)
        folding = Folding(
            content=means.content, desk=store.desk, messenger=self.messenger, clock=means.clock, pace=pace
        )
        return Sender(
            content=means.content,
            closer=self.closer,
            outbox=store.outbox,
            lanes=store.lanes,
            folding=folding,
            delivery=delivery,
            messenger=self.messenger,
            receiver=self.receiver,
            clock=means.clock,
            pace=pace,
            alarm=self.alarm,
            token=self.lease,
        )

    def fetcher(self) -> Fetcher:
        return Fetcher(
            closer=self.closer,
            sealer=self.sealer,
            desk=self.store.desk,
            blobs=self.store.blobs,
            messenger=self.messenger,
            clock=self.means.clock,
            alarm=self.alarm,
        )

    def decider(self, sender: Sender) -> Decider:
        return Decider(
            content=self.means.content,
            closer=self.closer,
            sealer=self.sealer,
            inbox=self.store.inbox,
            deskwork=Deskwork(desk=self.store.desk, closer=self.closer),
            translate=translate,
            clock=self.means.clock,
            household=self.household,
            hand=sender.hand,
            alarm=self.alarm,
            token=self.lease,
            unlimited=self.settings.send_rate == 0,
        )

    def poller(self) -> Poller:
        presence = Presence(desk=self.store.desk, receiver=self.receiver, alarm=self.alarm, steady=time.monotonic)
        return Poller(
            self.means.polls,
            receive=self.receiver.updates,
            on_conflict=lambda: self.alarm("second_poller"),
            on_revoked=lambda: self.alarm("token_revoked"),
            on_answer=lambda at, more: presence.answered(at, more=more),
            clock=self.means.clock,
        )

    def helpline(self) -> Helpline:
        """Put the parts together."""
        desk, clock = self.store.desk, self.means.clock
        sender, fetcher = self.sender(), self.fetcher()
        decider = self.decider(sender)
        self.receiver.on_arrival = decider.wake
        self.receiver.on_sick = Emergency(content=self.means.content, messenger=self.messenger, clock=clock).tell
        decider.on_files = fetcher.wake
        return Helpline(
            store=self.store,
            closer=self.closer,
            receiver=self.receiver,
            decider=decider,
            sender=sender,
            timers=Timers(desk=desk, receiver=self.receiver, clock=clock),
            fetcher=fetcher,
            summaries=Summaries(receiver=self.receiver, clock=clock),
            office=Office(desk=desk, receiver=self.receiver, changed=self.household.forget),
            household=self.household,
            alarm=self.alarm,
            poller=self.poller(),
            clock=clock,
        )


def examine(settings: Settings) -> list[tuple[bool, str]]:
    """Say of the group, the keys and the database whether they are fit to serve people; changes nothing."""
    lines = [
        (settings.bot_token is not None, "bot token"),
        (settings.operators_chat is not None, "operators' group (HELPLINE_OPERATORS_CHAT)"),
    ]
    if not database_path(settings.database).exists():
        return [*lines, (False, "database: none yet; `./helpline init` makes it")]
    return [*lines, *asyncio.run(_examine_store(settings))]


async def _examine_store(settings: Settings) -> list[tuple[bool, str]]:
    try:
        store = await open_store(settings.database, settings.data)
    except LockedError:
        return [(True, "database: in use by a running helpline")]
    except HelplineError as error:
        return [(False, f"database: {error}")]
    try:
        kept = await store.desk.get(KEY_CHECK)
        load_server_key(KeyFolder(settings.keys), key_check=kept)
        recipients = {one.id for one in await store.desk.recipients()}
        operators = await store.desk.operators()
    except HelplineError as error:
        return [(False, f"keys: {error}")]
    finally:
        await store.close()
    return [
        (True, "database and server key"),
        (ORGANISATION in recipients, "organisation's key (`./helpline init`)"),
        (bool(operators), "operators (`./helpline operators add ID NAME`)"),
        (risky_filesystem(settings.data) is None, risky_filesystem(settings.data) or "file system of the data folder"),
    ]
