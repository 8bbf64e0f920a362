"""Telegram misbehaving on request: by switch, by chance (seeded), for one chat, or for the next call only.

The control API, the page and its feed are never touched by any of it.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from bot.sandbox.calls import Call
from bot.sandbox.refusals import NotPossibleError, RefusedError, forbidden, too_many
from bot.sandbox.wire import Wire


class Fault(StrEnum):
    """What happens to a call. Only the last three let it have its effect."""

    DOWN = "down"  # the connection closes; for as long as the switch is on
    RESET = "reset"  # the connection closes, once
    ERROR = "error"  # 502 with a page of HTML
    SILENCE = "silence"  # no answer ever; the connection stays open until the caller gives up
    REFUSED = "refused"  # an error answer of Telegram's own: 429, 403, 401
    LOST = "lost"  # it happens, and the connection closes without the answer
    MUTE = "mute"  # it happens, and no answer ever comes
    TRUNCATED = "truncated"  # it happens, and half of the answer arrives


HAPPENS = frozenset({Fault.LOST, Fault.MUTE, Fault.TRUNCATED})


@dataclass(frozen=True, slots=True)
class Switches:
    """What is switched on. Shares are 0 to 1 of all calls, drawn apart; `too_many` answers every send with 429.

    `delay_ms`: how long each call takes, up to `delay_more_ms` longer: half of it on the way there, before the effect,
    half on the way back, each drawn for itself. `throttled`: share of sends answered 429, wait one second.
    """

    down: bool = False
    delay_ms: int = 0
    delay_more_ms: int = 0
    too_many: int | None = None
    errors: float = 0.0
    lost: float = 0.0
    resets: float = 0.0
    truncated: float = 0.0
    throttled: float = 0.0

    def wire(self) -> Wire:
        """Write the switches for the page."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Played:
    """The fault drawn for a call; `refusal` where the fault is an answer of Telegram's own."""

    fault: Fault
    refusal: RefusedError | None = None


@dataclass(slots=True)
class _Plan:
    played: Played
    method: str | None
    chat_id: int | None
    left: int

    def fits(self, call: Call) -> bool:
        method_fits = self.method is None or self.method == call.method
        return method_fits and (self.chat_id is None or self.chat_id == call.chat_id)


class Faults:
    """Decide for each call whether something goes wrong with it."""

    def __init__(self, *, chance: random.Random) -> None:
        self._chance = chance
        self._plans: list[_Plan] = []
        self._chats: dict[int, RefusedError] = {}
        self.switches = Switches()
        self.revoked = False  # the token was revoked: every call is refused with 401
        self.on_switch: Callable[[], None] = lambda: None

    def switch(self, **settings: object) -> Switches:
        """Change the named switches.

        Raises: NotPossibleError if a name or a value is not one of theirs.
        """
        for name, value in settings.items():
            _check(name, value)
        self.switches = replace(self.switches, **settings)  # type: ignore[arg-type]  # each was just checked
        self.on_switch()
        return self.switches

    def plan(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int = 1,
        refusal: RefusedError | None = None,
    ) -> None:
        """Let the next `times` calls that fit (any, unless told) meet this fault; REFUSED needs a refusal."""
        if (fault is Fault.REFUSED) != (refusal is not None):
            raise ValueError(f"{fault} {'needs a refusal' if refusal is None else 'takes no refusal'}")
        method = None if method is None else method.lower()
        self._plans.append(_Plan(Played(fault, refusal), method, chat, times))

    def forbid(self, chat: int, description: str = "bot was blocked by the user") -> None:
        """Answer every send to this chat with 403, until `allow`."""
        self._chats[chat] = forbidden(description)

    def throttle(self, chat: int, retry_after: int) -> None:
        """Answer every send to this chat with 429, until `allow`."""
        self._chats[chat] = too_many(retry_after)

    def allow(self, chat: int) -> None:
        """End what `forbid` or `throttle` began."""
        self._chats.pop(chat, None)

    def draw(self, call: Call) -> Played | None:
        """Choose what happens to this call; None lets it pass."""
        if self.switches.down:
            return Played(Fault.DOWN)
        if self.revoked:
            return Played(Fault.REFUSED, RefusedError(401, "Unauthorized"))
        if played := self._planned(call):
            return played
        if is_send(call.method):
            if call.chat_id in self._chats:
                return Played(Fault.REFUSED, self._chats[call.chat_id])
            if self.switches.too_many is not None:
                return Played(Fault.REFUSED, too_many(self.switches.too_many))
        return self._by_chance(call)

    def leg(self) -> float:
        """Draw how long a call is on its way, there or back, in seconds.

        A long poll is no exception, and that is how it is at Telegram: its way there passes while nobody waits for it,
        so what comes while it is open is with the bot after one leg, the way back. What comes after that waits until
        the next poll is there: the answer's way back and the next request's way there, a whole call. Nothing shortens
        this, because a poll confirms what the one before it brought, and Telegram answers only one at a time.
        """
        switches = self.switches
        more = self._chance.random() * switches.delay_more_ms if switches.delay_more_ms else 0.0
        return (switches.delay_ms + more) / 2000

    def _planned(self, call: Call) -> Played | None:
        for plan in self._plans:
            if plan.fits(call):
                plan.left -= 1
                if plan.left <= 0:
                    self._plans.remove(plan)
                return plan.played
        return None

    def _by_chance(self, call: Call) -> Played | None:
        switches = self.switches
        shares: Iterable[tuple[float, Fault]] = (
            (switches.errors, Fault.ERROR),
            (switches.lost, Fault.LOST),
            (switches.resets, Fault.RESET),
            (switches.truncated, Fault.TRUNCATED),
            (switches.throttled if is_send(call.method) else 0.0, Fault.REFUSED),
        )
        for share, fault in shares:
            if share and self._chance.random() < share:
                return Played(fault, too_many(1) if fault is Fault.REFUSED else None)
        return None


def is_send(method: str) -> bool:
    """Say whether a method counts as a send where Telegram limits sends: new messages and edits."""
    return method.startswith(("send", "copy", "forward", "edit"))


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "down": lambda value: isinstance(value, bool),
    **dict.fromkeys(("delay_ms", "delay_more_ms"), lambda value: _is_whole(value, 0, 60_000)),
    "too_many": lambda value: value is None or _is_whole(value, 1, 86_400),
    **dict.fromkeys(("errors", "lost", "resets", "truncated", "throttled"), _is_share),
}


def _check(name: str, value: object) -> None:
    check = _CHECKS.get(name)
    if check is None:
        raise NotPossibleError(f"there is no switch {name!r}; there are {', '.join(_CHECKS)}")
    if not check(value):
        raise NotPossibleError(f"switch {name!r} cannot be set to {value!r}")
