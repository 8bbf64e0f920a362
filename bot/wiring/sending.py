"""Builds what sends, clears away, and tells people of an emergency: all of them write into the same chats."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.core.content import Content
from bot.core.render import both
from bot.service.clearing import Clearer
from bot.service.closing import Closer
from bot.service.delivery import Delivery
from bot.service.emergency import Emergency
from bot.service.folding import Folding
from bot.service.messaging import Clock, Messenger
from bot.service.outbox import Sender
from bot.service.pacing import Pace
from bot.service.permission import Permission
from bot.service.receiving import Receiver
from bot.store.opening import Store


@dataclass(frozen=True, slots=True)
class Sending:
    """What writes into chats."""

    sender: Sender
    clearer: Clearer
    emergency: Emergency


def sending_of(
    store: Store,
    *,
    content: Callable[[], Content],
    closer: Closer,
    messenger: Messenger,
    receiver: Receiver,
    clock: Clock,
    alarm: Callable[[str], Awaitable[None]],
    token: str,
    rate: float,
) -> Sending:
    """Build it; `token` is the lease of this process, `rate` messages a second (0: no limit)."""
    outbox, lanes = store.outbox, store.lanes
    hide_label = both(content(), content().phrases["button_hide"])
    delivery = Delivery(
        closer=closer, messenger=messenger, lanes=lanes, desk=store.desk, clock=clock, hide_label=hide_label
    )
    pace = Pace(rate, None if store.peers is None else outbox.draw)
    sender = Sender(
        permission=Permission(content=content, closer=closer, lanes=lanes, clock=clock, token=token),
        outbox=outbox,
        folding=Folding(content=content, desk=store.desk, messenger=messenger, clock=clock, pace=pace),
        delivery=delivery,
        messenger=messenger,
        receiver=receiver,
        clock=clock,
        pace=pace,
        alarm=alarm,
        token=token,
        lease=store.database.lease,
        alone=store.peers is None,
    )
    clearer = Clearer(
        closer=closer, outbox=outbox, lanes=lanes, messenger=messenger, forget=delivery.forget, clock=clock
    )
    emergency = Emergency(
        content=content, messenger=messenger, closer=closer, outbox=outbox, clock=clock, pace=sender.pace
    )
    return Sending(sender, clearer, emergency)
