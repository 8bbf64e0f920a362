"""No secret shows when an object is printed, and the part the bot is wired with reaches nothing that opens."""

import ast
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.utils import random

from bot import vault
from bot.core.errors import OperatorError
from bot.service.vaulting import Recipient
from bot.vault.formats import pair_of
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import CaseOpener
from bot.vault.passphrases import LEAST_COST, new_passphrase
from bot.vault.recovery import new_recovery
from bot.vault.sealing import CaseSealer
from bot.vault.server_key import ServerCipher

SECRET = random(32)
ROOM = Path(vault.__file__).parent
WIRED = ["sealing", "server_key", "key_files", "provisional", "formats"]
OPENING = {"opening", "keyring", "recovery", "passphrases"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: pair_of(SECRET),
        lambda: CaseOpener(SECRET),
        lambda: CaseOpener(SECRET).stream(case="c", record="f"),
        lambda: ServerCipher(SECRET),
        lambda: CaseSealer().new_case([Recipient("organisation", pair_of(SECRET).public_key)]),
        lambda: CaseSealer().file(pair_of(SECRET).public_key, case="c", record="f"),
    ],
)
def test_a_printed_object_shows_no_secret(make: Callable[[], object]) -> None:
    """A log line or a traceback that prints one of our objects gives nothing away."""
    shown = f"{make()!r} {make()!s}"

    assert not any(form in shown for form in (repr(SECRET), repr(SECRET)[2:-1], SECRET.hex(), str(list(SECRET))))


def test_printed_keys_show_neither_words_nor_wrapped_secret() -> None:
    """Recovery words and the wrapped key are left out where the public key is shown."""
    recovery, key = new_recovery(), PasswordKeyring(LEAST_COST).make("organisation", "correct horse battery staple")

    assert repr(recovery) == f"Recovery(public_key={recovery.public_key!r})"
    assert repr(key) == f"WrappedKey(public_key={key.public_key!r})"


def test_a_traceback_shows_no_passphrase() -> None:
    """The whole chain of a refused passphrase can be logged."""
    keyring, wrong = PasswordKeyring(LEAST_COST), new_passphrase()
    key = keyring.make("organisation", new_passphrase())

    with pytest.raises(OperatorError) as refused:
        keyring.unlock("organisation", key, wrong)

    assert wrong not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("module", WIRED)
def test_what_the_bot_is_wired_with_cannot_open(module: str) -> None:
    """Sealing and the server key import nothing that opens a case, an organisation key or a recovery key."""
    tree = ast.parse((ROOM / f"{module}.py").read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not {name.rsplit(".", 1)[-1] for name in imported if name.startswith("bot.vault.")} & OPENING


def test_only_commands_that_were_given_a_secret_import_what_opens() -> None:
    """The running bot and all it is built of import nothing that opens a case; who may is written here, one by one."""
    bot = ROOM.parent
    others = [path for path in bot.rglob("*.py") if path.parent != ROOM]
    opening = {f"bot.vault.{name}" for name in OPENING - {"passphrases"}}
    found = {
        path.relative_to(bot).with_suffix("").as_posix()
        for path in others
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in opening
    }

    commands = {"cli/setting_up", "cli/cases", "cli/keys", "cli/restoring", "cli/trying"}
    assert found == commands | {"wiring/console"}  # the console is given one with each request of who is logged in


def test_what_serves_people_loads_nothing_that_opens() -> None:
    """Not even by a detour: of all that a person's message passes through nothing has a module that opens a case."""
    path = "bot.tg.receive, bot.tg.webhook, bot.service.inbox, bot.service.outbox, bot.service.attachments"
    vault = ", ".join(f"bot.vault.{name}" for name in WIRED)
    look = f"import sys, {path}, {vault}; print([one for one in sys.modules if one.startswith('bot.vault.')])"
    shown = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOM.parents[1]
    )
    loaded = {name.rsplit(".", 1)[1] for name in ast.literal_eval(shown.stdout)}

    assert "sealing" in loaded
    assert loaded & OPENING == set()


def test_the_room_speaks_only_pynacl_and_words() -> None:
    """No second crypto library, no network, no other room comes in."""
    allowed = {"nacl", "hashlib", "mnemonic", "bot", "json", "os", "stat", "threading", "unicodedata"}
    allowed |= {"zxcvbn", "collections", "contextlib", "dataclasses", "pathlib"}
    trees = [ast.parse(path.read_text("utf-8")) for path in ROOM.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in plain | named} <= allowed
    assert {".".join(name.split(".")[:2]) for name in named if name.startswith("bot.")} <= {
        "bot.core",
        "bot.service",
        "bot.vault",
    }
