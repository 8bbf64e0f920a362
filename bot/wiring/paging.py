"""Build what calls somebody outside Telegram."""

from collections.abc import Awaitable, Callable

from bot.console.paging import AddressCall, CommandCall
from bot.service.messaging import Clock
from bot.service.paging import Pager
from bot.service.storing import DeskStore
from bot.settings import ROOT, Settings, bare_environment


def pager_of(
    settings: Settings, desk: DeskStore, *, clock: Clock, alarm: Callable[[str], Awaitable[None]]
) -> Pager | None:
    """Build the pager, if it was set whom to call; a command gets none of our settings."""
    call: CommandCall | AddressCall
    if settings.pager_command is not None:
        call = CommandCall(settings.pager_command, bare_environment(), folder=str(ROOT))
    elif settings.pager_url is not None:
        call = AddressCall(settings.pager_url.get_secret_value())
    else:
        return None
    return Pager(desk=desk, call=call, clock=clock, alarm=alarm)
