"""Build what the operators' pages are made with: in the running helpline only here is there what opens cases."""

from collections.abc import Callable

from bot.console.apart import Apart
from bot.console.speaking import Speaker
from bot.console.static_files import StaticFiles
from bot.console.visits import Means
from bot.core.content import Content
from bot.service.auditing import Audit
from bot.service.bell import Bell
from bot.service.casebook import Casebook
from bot.service.closing import Closer
from bot.service.deciding import Decisions
from bot.service.enrolling import Invites
from bot.service.entering import Gate
from bot.service.frontdesk import FrontDesk
from bot.service.household import Household
from bot.service.messaging import Clock
from bot.service.office import Office
from bot.service.receiving import Receiver
from bot.service.shifts import Shifts
from bot.service.stretching import Stretcher
from bot.service.vaulting import Sealer
from bot.store.opening import Store
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import KdfCost
from bot.vault.server_key import ServerCipher


def console_of(
    store: Store,
    *,
    office: Office,
    cipher: ServerCipher,
    sealer: Sealer,
    receiver: Receiver,
    household: Household,
    content: Callable[[], Content],
    clock: Clock,
    cost: KdfCost,
    decided: Bell,
) -> Means:
    """Build it; `decided` rings after each commit, `cost` is that of a guess at a new password."""
    audit = Audit(store=store.console, cipher=cipher, clock=clock)
    keyring = PasswordKeyring(cost)
    invites = Invites(desk=store.desk, cipher=cipher, clock=clock, changed=household.forget)
    closer = Closer(cipher)
    decisions = Decisions(console=store.console, receiver=receiver, decided=decided)
    casebook = Casebook(
        desk=store.desk,
        console=store.console,
        lanes=store.lanes,
        blobs=store.blobs,
        closer=closer,
        keyring=keyring,
        sealer=sealer,
        receiver=receiver,
        audit=audit,
        clock=clock,
        content=content,
        decisions=decisions,
    )
    files = StaticFiles()
    gate, shifts = _doors(store, keyring, invites, cipher=cipher, audit=audit, clock=clock)
    return Means(
        gate=gate,
        shifts=shifts,
        casebook=casebook,
        frontdesk=_frontdesk(store, decisions, closer=closer, audit=audit, clock=clock),
        office=office,
        audit=audit,
        store=store.console,
        desk=store.desk,
        clock=clock,
        speaker=Speaker(content=content, now=clock.now, files=files),
        cases=Bell(),
        files=files,
        apart=Apart(),
    )


def _frontdesk(store: Store, decisions: Decisions, *, closer: Closer, audit: Audit, clock: Clock) -> FrontDesk:
    return FrontDesk(desk=store.desk, lanes=store.lanes, closer=closer, decisions=decisions, audit=audit, clock=clock)


def _doors(
    store: Store, keyring: PasswordKeyring, invites: Invites, *, cipher: ServerCipher, audit: Audit, clock: Clock
) -> tuple[Gate, Shifts]:
    stretched = Stretcher()
    shifts = Shifts(
        store=store.console,
        desk=store.desk,
        keyring=keyring,
        cipher=cipher,
        audit=audit,
        clock=clock,
        stretched=stretched,
    )
    gate = Gate(
        store=store.console,
        desk=store.desk,
        keyring=keyring,
        inviting=invites,
        cipher=cipher,
        audit=audit,
        clock=clock,
        shifts=shifts,
        stretched=stretched,
    )
    return gate, shifts
