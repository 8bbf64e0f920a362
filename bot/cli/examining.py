"""What there is to say of an installation: its group, keys, database, backups, disk and alarms; it changes nothing."""

import asyncio
import shutil
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import HelplineError
from bot.service.nights import LOW_DISK, OLD, instant
from bot.service.office import health
from bot.service.rows import Operator
from bot.service.vaulting import ORGANISATION, operator_recipient
from bot.settings import Settings
from bot.store.command_socket import ask
from bot.store.folder import LockedError, free_bytes, risky_filesystem
from bot.store.opening import database_path, is_postgres, open_store, socket_path
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import load_server_key
from bot.wiring import KEY_CHECK

Finding = tuple[bool, str]


def examine(settings: Settings) -> list[Finding]:
    """Say of the group, the keys and the database whether they are fit to serve people; changes nothing."""
    lines: list[Finding] = [
        (settings.bot_token is not None, "bot token"),
        (settings.operators_chat is not None, "operators' group (HELPLINE_OPERATORS_CHAT)"),
    ]
    if not is_postgres(settings.database) and not database_path(settings.database).exists():
        return [*lines, (False, "database: none yet; `./helpline init` makes it")]
    return [*lines, *asyncio.run(_examine_store(settings))]


async def _examine_store(settings: Settings) -> list[Finding]:
    try:
        store = await open_store(settings.database, settings.data)
    except LockedError:
        return await _examine_running(settings)
    except HelplineError as error:
        return [(False, f"database: {error}")]
    try:
        kept = await store.desk.get(KEY_CHECK)
        load_server_key(KeyFolder(settings.keys), key_check=kept)
        recipients = {one.id for one in await store.desk.recipients()}
        operators = await store.desk.operators()
        told = await health(store.desk, datetime.now(UTC))
    except HelplineError as error:
        return [(False, f"keys: {error}")]
    finally:
        await store.close()
    return [
        (True, "database and server key"),
        (ORGANISATION in recipients, "organisation's key (`./helpline init`)"),
        (bool(operators), "operators (`./helpline operators add ID NAME`)"),
        (True, _own_keys_line(operators, recipients)),
        (risky_filesystem(settings.data) is None, risky_filesystem(settings.data) or "file system of the data folder"),
        *health_lines(settings, told, datetime.now(UTC)),
    ]


def _own_keys_line(operators: Sequence[Operator], recipients: Container[str]) -> str:
    """Say how many of those who open cases have keys of their own: without one they depend on the passphrase."""
    team = [one for one in operators if one.role != "admin"]
    own = sum(operator_recipient(one.id) in recipients for one in team)
    return f"keys: {own} of {len(team)} operators have one of their own (`./helpline operators invite ID`)"


async def _examine_running(settings: Settings) -> list[Finding]:
    """Ask a running helpline, which alone may read its database."""
    lines: list[Finding] = [(True, "database: in use by a running helpline")]
    try:
        told = await ask(socket_path(settings.database), {"do": "health"})
    except HelplineError as error:
        return [*lines, (False, f"running helpline: {error}")]
    return [*lines, *health_lines(settings, told, datetime.now(UTC))]


def health_lines(settings: Settings, told: Mapping[str, Any], now: datetime) -> list[Finding]:
    """Say whom a P1 would wake, how old the last backup and its last test are, how full the disk is; and alarms."""
    lines = [*waking_lines(settings, told)]
    lines += [_backup_line(instant(told["made"]), instant(told["tested"]), now), _disk_line(settings)]
    alarms = [f"alarm {code}, last raised {at[:16].replace('T', ' ')} UTC" for code, at in told["alarms"]]
    return lines + [(False, line) for line in alarms]


def waking_lines(settings: Settings, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Say who is woken by an urgent case, privately and outside Telegram; it is unfit if that is nobody."""
    started, listed = int(told["started"]), int(told["listed"])
    whom = f"{listed} on the roster" if listed else f"all {started}, because the roster lists nobody"
    private = f"operators who pressed start: {started}; an urgent case goes privately to {whom}"
    none = "an urgent case would wake nobody: no operator has pressed start, and no pager is set (HELPLINE_PAGER_...)"
    if started:
        yield True, private
    elif settings.has_pager:
        yield False, "no operator has pressed start: an urgent case wakes somebody only after 5 minutes, by the pager"
    else:
        yield False, none
    if settings.pager_command is not None and shutil.which(settings.pager_command[0]) is None:
        yield False, f"HELPLINE_PAGER_COMMAND: {settings.pager_command[0]} is not there, or may not be run"
    elif started and not settings.has_pager:
        yield True, "pager: none (HELPLINE_PAGER_COMMAND or HELPLINE_PAGER_URL); with Telegram down nobody is woken"


def _backup_line(made: datetime | None, tested: datetime | None, now: datetime) -> Finding:
    if made is None:
        return True, "backup: none yet; `run` makes one each night, `./helpline backup` makes one now"
    test = f"last tested {tested:%Y-%m-%d}" if tested else "never tested"
    hours = int((now - made).total_seconds() // 3600)
    return now - made <= OLD, f"backup: the last one is {hours} hours old, {test}"


def _disk_line(settings: Settings) -> Finding:
    free = free_bytes(settings.data)
    return free >= LOW_DISK, f"disk: {free / 1024**3:.1f} GiB free where the data lies"
