"""Build the object graph of `run`."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette

from bot.console.calling import Caller
from bot.console.routes import console as pages
from bot.console.site import site
from bot.content.shelf import Shelf
from bot.core.content import Content
from bot.service.attachments import Fetcher
from bot.service.backing_up import Backups
from bot.service.bell import Bell
from bot.service.closing import Closer
from bot.service.deskwork import Deskwork
from bot.service.gathering import Gathering
from bot.service.heartbeat import Heartbeat
from bot.service.household import Alarms, Household, Seats
from bot.service.inbox import Decider
from bot.service.messaging import Clock
from bot.service.nights import Nights
from bot.service.orders import Summaries
from bot.service.outbox import Sender
from bot.service.presence import Presence
from bot.service.receiving import Receiver
from bot.service.retention import Retention
from bot.service.room import Room
from bot.service.timers import Timers
from bot.service.vitals import Counts, Vitals
from bot.settings import ROOT, Settings
from bot.store.folder import free_bytes
from bot.store.opening import Store, is_postgres
from bot.store.peers import Peers
from bot.tg.api import Api
from bot.tg.messenger import TelegramMessenger
from bot.tg.receive import Poller
from bot.tg.request import AiohttpRequest
from bot.tg.translate import translate
from bot.tg.webhook import Webhook
from bot.tg.webhook_watch import WebhookWatch
from bot.vault.passphrases import DEFAULT_COST, KdfCost
from bot.vault.sealing import CaseSealer
from bot.vault.server_key import ServerCipher
from bot.wiring.backing_up import backups_of
from bot.wiring.clock import RealClock
from bot.wiring.console import console_of
from bot.wiring.desk import office_of
from bot.wiring.helpline import Helpline, Source
from bot.wiring.keys import bot_of, ensure_recipient, ensure_same_bot, open_cipher
from bot.wiring.paging import pager_of
from bot.wiring.sending import Sending, sending_of


@dataclass(frozen=True, slots=True)
class _Means:
    """What a helpline is built with beside its settings and store; sends and polls have connections of their own."""

    clock: Clock
    content: Callable[[], Content]
    cipher: ServerCipher
    trial: bool
    api: Api
    polls: Api
    cost: KdfCost
    framer: int | None


@asynccontextmanager
async def build(
    settings: Settings,
    store: Store,
    *,
    clock: Clock | None = None,
    trial: bool = False,
    content: Callable[[], Content] | None = None,
    cost: KdfCost = DEFAULT_COST,
    framer: int | None = None,
) -> AsyncIterator[Helpline]:
    """Build the helpline on an open store; nothing runs yet. Raises OperatorError or AuthorError if it is not fit.

    `cost` is what a guess at a new password costs; `framer` the port of a page here that may frame the console.
    """
    clock = clock or RealClock()
    content = content or Shelf(ROOT, clock)
    token = settings.required_token()
    async with store.starting():
        cipher, _ = await open_cipher(settings, store)
        provisional = await ensure_recipient(settings, store)
        await ensure_same_bot(token, store)
    async with AiohttpRequest() as sending, AiohttpRequest(connections=2) as polling:
        api = Api(sending, root=settings.bot_api, token=token)
        polls = Api(polling, root=settings.bot_api, token=token)
        means = _Means(
            clock=clock,
            content=content,
            cipher=cipher,
            trial=trial,
            api=api,
            polls=polls,
            cost=cost,
            framer=framer,
        )
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
        self.decided = Bell()
        seats = Seats(settings.operators_chat, settings.escalation_chat, means.trial, settings.has_pager)
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
        self.office = office_of(
            store,
            cipher=means.cipher,
            receiver=self.receiver,
            clock=means.clock,
            changed=self.household.forget,
            erasing=(self.retention(), self.decided),
        )
        self.console = console_of(
            store,
            office=self.office,
            cipher=means.cipher,
            sealer=self.sealer,
            receiver=self.receiver,
            household=self.household,
            content=means.content,
            clock=means.clock,
            cost=means.cost,
            decided=self.decided,
        )

    async def _tell(self, code: str) -> None:
        await self.receiver.order(f"alarm:{code}", f"{self.means.clock.now():%Y-%m-%dT%H}")

    def _free(self) -> int:
        return free_bytes(self.settings.data)

    def sending(self) -> Sending:
        return sending_of(
            self.store,
            content=self.means.content,
            closer=self.closer,
            messenger=self.messenger,
            receiver=self.receiver,
            clock=self.means.clock,
            alarm=self.alarm,
            token=self.lease,
            rate=self.settings.send_rate,
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
            deskwork=Deskwork(
                desk=self.store.desk, closer=self.closer, free=self._free, recorded=self.console.audit.end
            ),
            translate=translate,
            clock=self.means.clock,
            household=self.household,
            hand=sender.hand,
            alarm=self.alarm,
            token=self.lease,
            unlimited=self.settings.send_rate == 0,
        )

    def _join(self, peers: Peers, decider: Decider, sender: Sender) -> None:
        """Tell other processes what may concern them, and hear what they tell."""

        def arrived() -> None:
            decider.wake()
            peers.hint("inbox")

        def changed() -> None:
            peers.hint("house")

        def moved() -> None:
            self.console.cases.ring()
            peers.hint("cases")

        self.receiver.on_arrival = arrived
        self.household.on_change = changed
        decider.on_cases = moved
        heard = {
            "inbox": decider.wake,
            "outbox": sender.wake,
            "house": self.household.read_anew,
            "cases": self.console.cases.ring,
        }
        peers.on_hint = lambda what: heard.get(what, decider.wake)()

    async def _second_poller(self) -> None:
        """Alarm people, unless the other poller is another process of ours, which took this one's place."""
        if self.store.peers is None or await self.store.peers.is_poller():
            await self.alarm("second_poller")

    def source(self) -> Source:
        settings, clock, polls = self.settings, self.means.clock, self.means.polls
        on_conflict = self._second_poller
        on_revoked = partial(self.alarm, "token_revoked")
        presence = Presence(desk=self.store.desk, receiver=self.receiver, alarm=self.alarm, steady=time.monotonic)
        if settings.public_url is None or settings.webhook_secret is None:
            return Poller(
                polls,
                receive=self.receiver.updates,
                on_answer=lambda at, more: presence.answered(at, more=more),
                on_conflict=on_conflict,
                on_revoked=on_revoked,
                clock=clock,
            )
        secret = settings.webhook_secret.get_secret_value()
        gathering = Gathering(self.receiver.updates)

        async def keep(update: dict[str, object]) -> None:
            at = clock.now()
            await gathering.add(update)
            await presence.answered(at, more=True)

        return WebhookWatch(
            polls,
            Webhook(secret, keep=keep, clock=clock),
            url=settings.public_url,
            secret=secret,
            on_conflict=on_conflict,
            on_revoked=on_revoked,
            on_answer=lambda at: presence.answered(at, more=False),
            clock=clock,
        )

    def vitals(self, source: Source, decider: Decider) -> Vitals:
        def counts() -> Counts:
            calls = self.means.api.calls + self.means.polls.calls
            return Counts(self.receiver.received, decider.decided, calls, self.alarm.raised)

        return Vitals(
            gauges=self.store.gauges, clock=self.means.clock, last_answer=lambda: source.last_answer, counts=counts
        )

    def heartbeat(self, vitals: Vitals) -> Heartbeat | None:
        address = self.settings.heartbeat
        if address is None:
            return None
        return Heartbeat(vitals, call=Caller(address.get_secret_value()), clock=self.means.clock)

    def backups(self) -> Backups | None:
        """Make backups of a file; PostgreSQL has tools of its own."""
        return None if is_postgres(self.settings.database) else backups_of(self.settings, self.means.clock)

    def nights(self, backups: Backups | None) -> Nights | None:
        if backups is None:
            return None
        desk, clock = self.store.desk, self.means.clock
        return Nights(backups=backups, desk=desk, alarm=self.alarm, clock=clock, free=self._free)

    def retention(self) -> Retention:
        return Retention(
            desk=self.store.desk,
            closer=self.closer,
            content=self.means.content,
            household=self.household,
            alarm=self.alarm,
            clock=self.means.clock,
        )

    def room(self) -> Room:
        return Room(
            household=self.household,
            messenger=self.messenger,
            alarm=self.alarm,
            clock=self.means.clock,
            bot=bot_of(self.settings.required_token()),
        )

    def site(self, vitals: Vitals, source: Source) -> Starlette:
        """Put together what is served on the console's address."""
        routes = source.routes() if isinstance(source, WebhookWatch) else ()
        return site(vitals, more=[*routes, pages(self.console)], framer=self.means.framer)

    def helpline(self) -> Helpline:
        """Put the parts together."""
        desk, clock = self.store.desk, self.means.clock
        sending, fetcher = self.sending(), self.fetcher()
        sender, emergency = sending.sender, sending.emergency
        decider = self.decider(sender)
        self.receiver.on_arrival = decider.wake
        decider.on_commit, decider.on_cases = self.decided.ring, self.console.cases.ring
        if self.store.peers is not None:
            self._join(self.store.peers, decider, sender)
        self.receiver.on_sick, self.receiver.before = emergency.tell, emergency.write_down
        decider.on_files = fetcher.wake
        decider.record = lambda who, act, case: self.console.audit.note(who, act, case=case)
        decider.on_release = sender.expect
        pager = pager_of(self.settings, self.store.desk, clock=clock, alarm=self.alarm)
        if pager is not None:
            decider.on_pages = pager.wake
        source = self.source()
        vitals = self.vitals(source, decider)
        return Helpline(
            store=self.store,
            closer=self.closer,
            receiver=self.receiver,
            decider=decider,
            sender=sender,
            timers=Timers(desk=desk, receiver=self.receiver, clock=clock),
            fetcher=fetcher,
            clearer=sending.clearer,
            pager=pager,
            summaries=Summaries(receiver=self.receiver, desk=desk, clock=clock),
            backups=(backups := self.backups()),
            nights=self.nights(backups),
            retention=self.retention(),
            room=self.room(),
            office=self.office,
            household=self.household,
            alarm=self.alarm,
            source=source,
            vitals=vitals,
            heartbeat=self.heartbeat(vitals),
            audit=self.console.audit,
            shifts=self.console.shifts,
            cases=self.console.cases,
            site=self.site(vitals, source),
            clock=clock,
        )
