"""Settings: what is good is read, what is bad is refused by name, and no secret is ever repeated."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.core.errors import OperatorError
from bot.settings import NAMES, PREFIX, ROOT, Settings, load

TOKEN = "123456789:AAHnot-a-real_token-of-anybody-at-all00"
REMOTE = "postgresql://me:p%40ss@db:5432/helpline"
SECRET = "s3cret_" * 5


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the developer's own settings out of the way."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def dotenv(tmp_path: Path) -> Callable[..., Path]:
    """Write a .env of the given lines."""

    def write(*lines: str) -> Path:
        path = tmp_path / ".env"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **values: str) -> Settings:
    """Load settings from the environment alone; the prefix is added."""
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)
    return load(tmp_path / "no such file")


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    """Without a single variable the settings load, with the documented defaults."""
    settings = load(tmp_path / "no such file")

    assert settings.data == ROOT / "data"
    assert settings.keys == ROOT / "keys"
    assert settings.database == f"sqlite:///{ROOT / 'data' / 'helpline.db'}"
    assert settings.console == ("127.0.0.1", 8808)
    assert settings.bot_api == "https://api.telegram.org"
    assert settings.send_rate == 30
    assert not settings.is_webhook


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("OPERATORS_CHAT", "-1001234567890", "operators_chat", -1001234567890),
        ("ESCALATION_CHAT", "-5", "escalation_chat", -5),
        ("BOT_API", "http://127.0.0.1:8081/", "bot_api", "http://127.0.0.1:8081"),
        ("DATA", "elsewhere", "data", ROOT / "elsewhere"),
        ("DATA", "/var/lib/helpline", "data", Path("/var/lib/helpline")),
        ("DATA", "/var/lib/helpline", "database", "sqlite:////var/lib/helpline/helpline.db"),
        ("DATABASE", "sqlite:///of/mine.db", "database", f"sqlite:///{ROOT}/of/mine.db"),
        ("DATABASE", "sqlite:////var/mine.db", "database", "sqlite:////var/mine.db"),
        ("BOT_API", "http://bot-api:8081", "bot_api", "http://bot-api:8081"),
        ("BOT_API", "http://10.0.0.7:8081", "bot_api", "http://10.0.0.7:8081"),
        ("DATABASE", f"{REMOTE}?sslmode=verify-full", "database", f"{REMOTE}?sslmode=verify-full"),
        ("DATABASE", f"{REMOTE}?lease=9&sslmode=disable", "database", f"{REMOTE}?lease=9&sslmode=disable"),
        ("DATABASE", "postgresql://me@127.0.0.1/helpline", "database", "postgresql://me@127.0.0.1/helpline"),
        (
            "DATABASE",
            "postgresql://me@/helpline?host=/run/postgresql",
            "database",
            "postgresql://me@/helpline?host=/run/postgresql",
        ),
        ("CONSOLE", "192.0.2.1:0", "console", ("192.0.2.1", 0)),
        ("CONSOLE", "[::1]:65535", "console", ("::1", 65535)),
        ("SEND_RATE", "0", "send_rate", 0),
        ("SEND_RATE", "2.5", "send_rate", 2.5),
    ],
)
def test_good_values_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, field: str, expected: object
) -> None:
    """Each good value arrives as the type and the absolute path that the program works with."""
    settings = read(monkeypatch, tmp_path, **{name: value})

    assert getattr(settings, field) == expected


@pytest.mark.parametrize(
    ("name", "value", "because"),
    [
        ("BOT_TOKEN", "", "is blank"),
        ("BOT_TOKEN", "   ", "is blank"),
        ("BOT_TOKEN", f" {TOKEN}", "has spaces around it"),
        ("BOT_TOKEN", f"{TOKEN}\r", "has spaces around it"),
        ("BOT_TOKEN", f'"{TOKEN}"', "has quotes around it"),
        ("BOT_TOKEN", f"'{TOKEN}'", "has quotes around it"),
        ("BOT_TOKEN", "AAHnot-a-real_token", "is not a bot token"),
        ("BOT_TOKEN", f"{TOKEN} {TOKEN}", "is not a bot token"),
        ("BOT_TOKEN", "១២៣:abc", "is not a bot token"),
        ("BOT_API", "api.telegram.org", "is not the root"),
        ("BOT_API", "ftp://api.telegram.org", "is not the root"),
        ("BOT_API", "https://api.telegram.org/?a=1", "is not the root"),
        ("BOT_API", "https://a:99999", "is not the root"),
        ("OPERATORS_CHAT", "@operators", "is '@operators'"),
        ("OPERATORS_CHAT", "1234567890", "is '1234567890'"),
        ("OPERATORS_CHAT", "-1_000", "is '-1_000'"),
        ("OPERATORS_CHAT", "-12.0", "is '-12.0'"),
        ("ESCALATION_CHAT", "0", "is '0'"),
        ("ESCALATION_CHAT", "", "is blank"),
        ("ESCALATION_CHAT", "-" + "9" * 17, "numeric id"),
        ("DATA", "", "is blank"),
        ("DATA", "~/helpline", "write the whole path"),
        ("KEYS", "data/keys", "inside HELPLINE_DATA"),
        ("KEYS", "other/../data", "inside HELPLINE_DATA"),
        ("DATABASE", "helpline.db", "is no database"),
        ("DATABASE", "mysql://db/helpline", "is no database"),
        ("DATABASE", "postgresql+asyncpg://db/helpline", "is no database"),
        ("DATABASE", "postgresql://db", "is no database"),
        ("DATABASE", "postgresql://me@/helpline", "is no database"),
        ("DATABASE", "postgresql://db:port/helpline", "is no database"),
        ("DATABASE", REMOTE, "does not ask for TLS"),
        ("DATABASE", f"{REMOTE}?sslmode=prefer", "does not ask for TLS"),
        ("DATABASE", f"{REMOTE}?xsslmode=disable", "does not ask for TLS"),
        ("BOT_API", "http://api.telegram.org", "past others"),
        ("BOT_API", "http://8.8.8.8:8081", "past others"),
        ("DATABASE", "sqlite://", "names no file"),
        ("DATABASE", "sqlite:///", "names no file"),
        ("DATABASE", "sqlite:///:memory:", "names no file"),
        ("DATABASE", "sqlite://helpline.db", "names no file"),
        ("CONSOLE", "8808", "host:port"),
        ("CONSOLE", ":8808", "host:port"),
        ("CONSOLE", "localhost", "host:port"),
        ("CONSOLE", "localhost:65536", "host:port"),
        ("CONSOLE", "localhost:-1", "host:port"),
        ("CONSOLE", "http://localhost:8808", "host:port"),
        ("HEARTBEAT", "http://watcher.example.org", "is not an https address"),
        ("HEARTBEAT", "watcher.example.org", "is not an https address"),
        ("HEARTBEAT", "", "is blank"),
        ("SEND_RATE", "-1", "is '-1'"),
        ("SEND_RATE", "nan", "is 'nan'"),
        ("SEND_RATE", "1e3", "is '1e3'"),
        ("SEND_RATE", "1001", "is '1001'"),
        ("SEND_RATE", "many", "is 'many'"),
    ],
)
def test_bad_values_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, because: str
) -> None:
    """Each bad value is refused with the variable's name and what is wrong with it."""
    with pytest.raises(OperatorError, match=f"  {PREFIX}{name} .*{re.escape(because)}"):
        read(monkeypatch, tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("url", "secret", "because"),
    [
        ("http://helpline.example.org", SECRET, "PUBLIC_URL is not an https address"),
        ("helpline.example.org", SECRET, "PUBLIC_URL is not an https address"),
        ("https://", SECRET, "PUBLIC_URL is not an https address"),
        ("https://helpline.example.org", None, "belong together"),
        (None, SECRET, "belong together"),
        ("https://helpline.example.org", "s" * 31, "WEBHOOK_SECRET is not 32 to 256"),
        ("https://helpline.example.org", "s" * 257, "WEBHOOK_SECRET is not 32 to 256"),
        ("https://helpline.example.org", "s" * 40 + "!", "WEBHOOK_SECRET is not 32 to 256"),
    ],
)
def test_half_a_webhook_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str | None, secret: str | None, because: str
) -> None:
    """A webhook needs an https address and a long secret, both or neither."""
    given = {"PUBLIC_URL": url, "WEBHOOK_SECRET": secret}

    with pytest.raises(OperatorError, match=because):
        read(monkeypatch, tmp_path, **{name: value for name, value in given.items() if value is not None})


def test_a_bot_api_of_ones_own_may_call_without_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Telegram calls https only; a server of one's own stands in one's own network."""
    given = {"BOT_API": "http://127.0.0.1:8081", "PUBLIC_URL": "http://127.0.0.1:8808/hook", "WEBHOOK_SECRET": SECRET}

    assert read(monkeypatch, tmp_path, **given).public_url == "http://127.0.0.1:8808/hook"


def test_the_heartbeat_is_taken_whole_and_shown_to_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A watcher's address may carry a key, also after a question mark."""
    settings = read(monkeypatch, tmp_path, HEARTBEAT=f"https://watcher.example.org/{SECRET}?up=1&key={TOKEN}")

    assert settings.heartbeat is not None
    assert settings.heartbeat.get_secret_value().endswith(f"/{SECRET}?up=1&key={TOKEN}")
    assert SECRET not in repr(settings) and TOKEN not in repr(settings)


def test_a_pager_is_taken_whole_and_shown_to_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A command is words, not a line for a shell; a service's address may carry a key."""
    command = read(monkeypatch, tmp_path, PAGER_COMMAND=f"bin/call --key {SECRET} 'to us; now'")
    assert command.pager_command == (str(ROOT / "bin/call"), "--key", SECRET, "to us; now")
    monkeypatch.delenv(PREFIX + "PAGER_COMMAND")
    address = read(monkeypatch, tmp_path, PAGER_URL=f"https://pager.example.org/x?key={SECRET}")

    assert address.pager_url is not None and address.pager_url.get_secret_value().endswith(SECRET)
    assert command.has_pager and address.has_pager
    assert SECRET not in repr((command, address))


def test_who_listens_on_this_machine_may_be_called_without_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody can listen on the way; anywhere else it is refused."""
    assert read(monkeypatch, tmp_path, PAGER_URL="http://127.0.0.1:9000/call").has_pager
    with pytest.raises(OperatorError, match="PAGER_URL is not an https address"):
        read(monkeypatch, tmp_path, PAGER_URL="http://192.168.1.7:9000/call")


def test_one_pager_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of two, nobody would know which one was heard."""
    with pytest.raises(OperatorError, match="both set"):
        read(monkeypatch, tmp_path, PAGER_URL="https://pager.example.org", PAGER_COMMAND="call")


def test_a_command_with_an_open_quotation_mark_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would be run with other words than were meant."""
    with pytest.raises(OperatorError, match="no partner"):
        read(monkeypatch, tmp_path, PAGER_COMMAND="call 'us")


def test_a_whole_webhook_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Address and secret together switch from polling to the webhook."""
    settings = read(monkeypatch, tmp_path, PUBLIC_URL="https://helpline.example.org/hook/", WEBHOOK_SECRET=SECRET)

    assert settings.is_webhook
    assert settings.public_url == "https://helpline.example.org/hook"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("HELPLINE_BOT_TOKN", "HELPLINE_BOT_TOKEN"),
        ("HELPLINE_TOKEN", "HELPLINE_BOT_TOKEN"),
        ("HELPLINE_OPERATOR_CHAT", "HELPLINE_OPERATORS_CHAT"),
        ("HELPLINE_SENDRATE", "HELPLINE_SEND_RATE"),
        ("HELPLINE__DATA", "HELPLINE_DATA"),
        ("helpline_data", "HELPLINE_DATA"),
        ("HELPINE_BOT_TOKEN", "HELPLINE_BOT_TOKEN"),
    ],
)
def test_a_misspelt_name_is_refused_with_a_hint(
    monkeypatch: pytest.MonkeyPatch, dotenv: Callable[..., Path], name: str, meant: str
) -> None:
    """A name that is nearly ours is refused, in .env and in the environment, even with nothing in it."""
    hint = f"  {name} is not a setting: did you mean {meant}?"

    with pytest.raises(OperatorError, match=re.escape(hint)):
        load(dotenv(f"{name}="))
    monkeypatch.setenv(name, "x")
    with pytest.raises(OperatorError, match=re.escape(hint)):
        load(dotenv(""))


def test_names_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, dotenv: Callable[..., Path]) -> None:
    """Variables of other programs, in .env too, are none of our business."""
    monkeypatch.setenv("HELPDESK_DATA", "x")

    assert load(dotenv("COMPOSE_PROJECT_NAME=x", "HELP=1")) == load(dotenv(""))


def test_every_fault_is_listed_at_once(monkeypatch: pytest.MonkeyPatch, dotenv: Callable[..., Path]) -> None:
    """Whoever mends the settings sees all that is wrong in one go."""
    monkeypatch.setenv("HELPLINE_SEND_RATE", "-1")
    path = dotenv("HELPLINE_BOT_TOKEN=", "HELPLINE_CONSOLE=here", "HELPLINE_KEY=k", "HELPLINE_DATA", "a b=c")

    with pytest.raises(OperatorError) as refusal:
        load(path)

    for part in ("BOT_TOKEN is blank", "CONSOLE is", "KEYS?", "SEND_RATE is", "line 4", "line 5"):
        assert part in str(refusal.value)


@pytest.mark.parametrize("name", NAMES)
def test_no_refusal_repeats_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """A token in the wrong line or spoilt by a space is refused without being shown."""
    for value in (f"{TOKEN} ", f"{SECRET}!", f'"{TOKEN}"', f"x {TOKEN}", f"postgresql://u:{SECRET}@db:x/y"):
        monkeypatch.setenv(name, value)
        try:
            load(tmp_path / "no such file")
        except OperatorError as refusal:
            assert TOKEN not in str(refusal)
            assert SECRET not in str(refusal)
            assert refusal.__cause__ is None
            assert refusal.__context__ is None


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, dotenv: Callable[..., Path]) -> None:
    """What a service manager sets is stronger than what lies in the folder."""
    monkeypatch.setenv("HELPLINE_SEND_RATE", "5")

    settings = load(dotenv("# ours", "", "export HELPLINE_SEND_RATE=9", "HELPLINE_CONSOLE='[::1]:1' # here"))

    assert (settings.send_rate, settings.console) == (5, ("::1", 1))


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"\xff\xfeH\x00", "cannot be read as text"),
        (b'HELPLINE_BOT_TOKEN="1:a', "HELPLINE_BOT_TOKEN cannot be read"),
        (b"HELPLINE_DATA: here", "line 1 is not NAME=VALUE"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes, because: str) -> None:
    """A .env that only half arrives is never taken for one that says nothing."""
    path = tmp_path / ".env"
    path.write_bytes(content)

    with pytest.raises(OperatorError, match=because):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """A .env saved by a Windows editor is read like any other."""
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfHELPLINE_SEND_RATE=7\r\n")

    assert load(path).send_rate == 7


def test_the_token_is_asked_for_only_where_it_is_needed(tmp_path: Path) -> None:
    """Commands that do not talk to Telegram run without a token; those that do say what to do."""
    settings = load(tmp_path / "no such file")

    with pytest.raises(OperatorError, match="HELPLINE_BOT_TOKEN is not set"):
        settings.required_token()
    assert Settings(bot_token=SecretStr(TOKEN)).required_token() == TOKEN


def test_settings_show_no_secret_and_do_not_change() -> None:
    """A settings object may be printed by mistake and gives nothing away; nobody can alter it."""
    settings = Settings(
        bot_token=SecretStr(TOKEN),
        public_url="https://a.example",
        webhook_secret=SecretStr(SECRET),
        database=f"postgresql://u:{SECRET}@db/x?sslmode=require",
    )

    assert TOKEN not in repr(settings)
    assert SECRET not in repr(settings)
    with pytest.raises(ValidationError):
        settings.send_rate = 1  # type: ignore[misc]  # the very thing that must not work


def test_settings_made_directly_ignore_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial run with settings of its own can not pick up the real bot's."""
    monkeypatch.setenv("HELPLINE_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("HELPLINE_TYPO", "x")

    assert Settings().bot_token is None


def test_the_example_names_every_setting_once() -> None:
    """.env.example and the settings list the same names, each introduced by a comment."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^#?(HELPLINE_\w+)=", example, re.MULTILINE)) == sorted(NAMES)
    assert len(re.findall(r"^# [^\n]+\n#?HELPLINE_\w+=", example, re.MULTILINE)) == len(NAMES)


def test_the_example_is_ready_once_the_token_is_filled_in(dotenv: Callable[..., Path]) -> None:
    """Copying .env.example and giving the token is all that a newcomer has to do."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    settings = load(dotenv(example.replace("HELPLINE_BOT_TOKEN=", f"HELPLINE_BOT_TOKEN={TOKEN}")))

    assert settings.model_copy(update={"bot_token": None}) == load(dotenv(""))
