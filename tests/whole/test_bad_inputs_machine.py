"""Bad inputs 118 to 130: settings, keys, disks and clocks that are wrong are refused, told, or borne."""

import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from typer.testing import CliRunner

from bot.cli import serving  # noqa: F401 - it registers its command
from bot.cli.app import app
from bot.core.content import Content
from bot.core.errors import HelplineError, MachineError, OperatorError
from bot.settings import PREFIX, Settings, load
from bot.store import folder as folders
from bot.store.folder import LockedError
from bot.store.opening import database_path, open_store
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import SERVER_KEY, create_server_key, load_server_key
from bot.wiring import ensure_same_bot, open_cipher
from tests.whole.bad_inputs import CANARY, Row, Rows, name_of
from tests.whole.house import House, Keys

TOKEN = "123456789:AAHnot-a-real_token-of-anybody-at-all00"


@dataclass(frozen=True)
class Machine:
    """A folder of its own, and what a test may do to the process."""

    folder: Path
    patch: pytest.MonkeyPatch
    log: pytest.LogCaptureFixture
    house: House

    @property
    def data(self) -> Path:
        """Give the data folder."""
        return self.folder / "store"

    @property
    def url(self) -> str:
        """Give the database's address."""
        return f"sqlite:///{self.data}/helpline.db"

    @property
    def keys(self) -> KeyFolder:
        """Give the folder of keys."""
        return KeyFolder(self.folder / "secret")

    def settings(self, **values: str) -> Settings:
        """Read settings from the environment alone; the prefix is added."""
        with self.patch.context() as patch:
            for name in [one for one in os.environ if one.upper().startswith(PREFIX)]:
                patch.delenv(name)
            for name, value in values.items():
                patch.setenv(PREFIX + name, value)
            return load(self.folder / "no such file")

    def refuses(self, said: str, **values: str) -> None:
        """Ask for settings that must be refused by name, without repeating a secret."""
        with refused(said) as told:
            self.settings(**values)
        assert TOKEN not in str(told[0])

    async def store(self) -> None:
        """Open the store and close it."""
        await (await open_store(self.url, self.data)).close()


@contextmanager
def refused(*said: str) -> Iterator[list[HelplineError]]:
    """Expect a refusal that says all of this."""
    told: list[HelplineError] = []
    with pytest.raises(OperatorError) as caught:
        yield told
    told.append(caught.value)
    assert all(part in str(caught.value) for part in said), str(caught.value)


MachineAct = Callable[[Machine], Awaitable[None]]
TABLE: Rows[MachineAct] = Rows()


@TABLE.row(118, "a token that is none, or another bot's")
async def bad_token(machine: Machine) -> None:
    """Missing, blank, quoted, with spaces or cut: told by name, and nothing starts."""
    for value in ("", "   ", f'"{TOKEN}"', f" {TOKEN}", TOKEN[9:], f"{TOKEN} {TOKEN}"):
        machine.refuses("HELPLINE_BOT_TOKEN", BOT_TOKEN=value)
    with refused("HELPLINE_BOT_TOKEN is not set"):
        machine.settings().required_token()
    store = await open_store(machine.url, machine.data)
    try:
        await ensure_same_bot(TOKEN, store)
        await ensure_same_bot(TOKEN, store)
        with refused("belongs to bot"):
            await ensure_same_bot(f"9{TOKEN}", store)
    finally:
        await store.close()


@TABLE.row(119, "half a webhook")
async def half_webhook(machine: Machine) -> None:
    """Without a long secret or https it is refused, and `run` does not start."""
    url, secret = "https://helpline.example.org", "s" * 40
    machine.refuses("belong together", PUBLIC_URL=url)
    machine.refuses("not an https address", PUBLIC_URL="http://helpline.example.org", WEBHOOK_SECRET=secret)
    machine.refuses("32 to 256", PUBLIC_URL=url, WEBHOOK_SECRET="short")
    for name, value in (("BOT_TOKEN", TOKEN), ("PUBLIC_URL", url)):
        machine.patch.setenv(PREFIX + name, value)
    done = CliRunner().invoke(app, ["run", "--no-dotenv"])
    assert done.exit_code == 1
    assert "belong together" in str(done.exception)


@TABLE.row(120, "keys and database open to others")
async def open_files(machine: Machine) -> None:
    """Both are refused with the mode that is wrong."""
    await machine.store()
    database_path(machine.url).chmod(0o644)
    with refused("open to others", "chmod 600"):
        await machine.store()
    create_server_key(machine.keys)
    (machine.keys.path / SERVER_KEY).chmod(0o640)
    with refused("chmod"):
        load_server_key(machine.keys, key_check=None)


@TABLE.row(121, "a server key that is changed, missing or short")
async def wrong_key(machine: Machine) -> None:
    """It is noticed before anything is written, and never made anew."""
    settings = machine.settings(DATA=str(machine.data), KEYS=str(machine.keys.path))
    store = await open_store(machine.url, machine.data)
    try:
        await open_cipher(settings, store)
        key = machine.keys.path / SERVER_KEY
        good = key.read_bytes()
        for content in (os.urandom(len(good)), good[:-1], bytes(len(good)), b""):
            key.write_bytes(content)
            with refused("key"):
                await open_cipher(settings, store)
            assert key.read_bytes() == content
        key.unlink()
        with refused("missing"):
            await open_cipher(settings, store)
        assert not key.exists()
    finally:
        await store.close()


@TABLE.row(122, "a database of a newer release")
async def newer(machine: Machine) -> None:
    """It is refused and left as it is."""
    await machine.store()
    with closing(sqlite3.connect(database_path(machine.url))) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    with refused("newer release", "9999"):
        await machine.store()


@TABLE.row(123, "two instances")
async def two_instances(machine: Machine) -> None:
    """The second is refused by name of the lock; the first goes on."""
    store = await open_store(machine.url, machine.data)
    try:
        with pytest.raises(LockedError, match="is locked"):
            await machine.store()
        await store.desk.put("a", "b")
    finally:
        await store.close()


@TABLE.row(124, "disks that forget, share or take nothing")
async def bad_disks(machine: Machine) -> None:
    """Memory and network disks are told by `check`; a place that cannot be written is refused."""
    for kind in ("tmpfs", "nfs4"):
        mounts = machine.folder / "mounts"
        mounts.write_text(f"server:/x {machine.folder} {kind} rw 0 0\n")
        machine.patch.setattr(folders, "MOUNTS", mounts)
        assert kind in (folders.risky_filesystem(machine.data) or "")
    machine.data.write_bytes(b"")
    with refused("cannot be written", "HELPLINE_DATA"):
        await machine.store()


@TABLE.row(125, "no time zone, and no such one", differs="zones come from the table of countries; TZ is not read")
async def time_zone(machine: Machine) -> None:
    """The hours of a person are those of their country, whatever the machine's zone is said to be."""
    machine.patch.setenv("TZ", "Nowhere/25:00")
    await _talks(machine.house)
    house = machine.house
    assert "12:" in house.card((await house.cases())[0]["number"]).text


async def _talks(house: House) -> None:
    """Start the helpline and let Sokha, in Thailand, be carded and answered."""
    await house.start()
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH", "skip", "skip")
    await house.after(sokha.says(f"{CANARY} they hit me"))
    assert house.step(sokha) == "danger.place"


@TABLE.row(126, "a group that is none", waits="a `check` that asks Telegram whether the bot is in it")
async def bad_group(machine: Machine) -> None:
    """A private chat's id, a name or a half number is refused."""
    for value in ("1234567890", "@operators", "-1_000", "0", "-12.0"):
        machine.refuses("HELPLINE_OPERATORS_CHAT", OPERATORS_CHAT=value)


@TABLE.row(127, "no way to Telegram at the start", waits="a machine with IPv6 only: cannot be had in a test")
async def no_network(machine: Machine) -> None:
    """The helpline starts, tries again, and answers once there is a way; a proxy of the environment is not used."""
    house = machine.house
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        machine.patch.setenv(name, "http://127.0.0.1:9")
    await house.start()
    sokha = house.person()
    house.box.faults.switch(down=True)
    await house.restart(clean=False)
    await sokha.says("/start")
    house.box.faults.switch(down=False)
    await house.passes(seconds=61)
    assert house.step(sokha) == "start.menu"


@TABLE.row(128, "an SQLite whose WAL can be damaged", differs="no warning: there is one writing connection, always")
async def one_writer(machine: Machine) -> None:
    """Only one connection writes and checkpoints, the others cannot; nothing is mapped into memory."""
    store = await open_store(machine.url, machine.data)
    try:
        with pytest.raises(MachineError):
            await store.database.read(lambda one: one.execute(text("INSERT INTO facts VALUES ('a', 'b')")))
        assert await store.database.read(_pragma, "query_only") == 1
        assert await store.database.read(_pragma, "mmap_size") == 0
        assert await store.database.write(_pragma, "mmap_size") == 0
    finally:
        await store.close()


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.execute(text(f"PRAGMA {name}")).scalar_one())


TABLE.waits(129, "a clock before the day of the release", "a warning: no release knows its own day yet")


@TABLE.row(
    130,
    "debugging switched on in earnest",
    differs="no banner: there is no debug mode of our own",
    tested=("console/test_site.py::test_a_fault_is_told_by_its_name_alone",),
)
async def debugging(machine: Machine) -> None:
    """A setting for it is refused; with every library told to log all, no word and no token is logged."""
    machine.refuses("HELPLINE_DEBUG is not a setting", DEBUG="1")
    machine.patch.setenv("DEBUG", "1")
    machine.log.set_level(logging.DEBUG)
    await _talks(machine.house)
    assert CANARY not in machine.log.text
    assert machine.house.box.token not in machine.log.text


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_a_machine_that_is_not_fit_is_told_or_borne(
    row: Row[MachineAct],
    tmp_path: Path,
    content: Content,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The row's own promise holds."""
    assert row.act is not None
    house = House(tmp_path / "house", content, keys)
    house.folder.mkdir()
    try:
        await row.act(Machine(tmp_path, monkeypatch, caplog, house))
    finally:
        await house.close()
