"""Build what answers commands: in the running helpline, and in a command that found none running."""

from collections.abc import Callable

from bot.service.auditing import Audit
from bot.service.bell import Bell
from bot.service.deciding import Decisions
from bot.service.enrolling import Invites
from bot.service.erasing import Eraser
from bot.service.locksmith import Locksmith
from bot.service.messaging import Clock
from bot.service.office import Office
from bot.service.receiving import Receiver
from bot.service.retention import Retention
from bot.service.vaulting import Cipher
from bot.store.opening import Store


def office_of(
    store: Store,
    *,
    cipher: Cipher,
    receiver: Receiver,
    clock: Clock,
    changed: Callable[[], None],
    erasing: tuple[Retention, Bell] | None = None,
) -> Office:
    """Build the office; `changed` makes the running helpline look at operators and recipients anew.

    `erasing` is what destroys cases, and rings after each commit: only the running helpline has it.
    """
    invites = Invites(desk=store.desk, cipher=cipher, clock=clock, changed=changed)
    locksmith = Locksmith(desk=store.desk, console=store.console, invites=invites, changed=changed)
    audit = Audit(store=store.console, cipher=cipher, clock=clock)
    acts = dict(locksmith.acts)
    if erasing is not None:
        retention, decided = erasing
        acts |= Eraser(
            desk=store.desk,
            retention=retention,
            decisions=Decisions(console=store.console, receiver=receiver, decided=decided),
            audit=audit,
            clock=clock,
        ).acts
    return Office(desk=store.desk, receiver=receiver, clock=clock, changed=changed, more=acts, audit=audit)
