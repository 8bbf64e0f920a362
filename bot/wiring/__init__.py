"""Builds the object graph: the only place that knows every room. `run` is the real thing; commands use its parts."""

from bot.wiring.backing_up import backups_of, upgrade_backup
from bot.wiring.building import build
from bot.wiring.clock import RealClock
from bot.wiring.desk import office_of
from bot.wiring.helpline import Helpline
from bot.wiring.keys import BOT_ID, KEY_CHECK, ensure_recipient, ensure_same_bot, open_cipher

__all__ = [
    "BOT_ID",
    "KEY_CHECK",
    "Helpline",
    "RealClock",
    "backups_of",
    "build",
    "ensure_recipient",
    "ensure_same_bot",
    "office_of",
    "open_cipher",
    "upgrade_backup",
]
