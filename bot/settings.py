"""The settings of one installation: the only place that reads the environment and `.env`.

Settings are read once and passed on as plain values. The environment wins over `.env`. Whatever is wrong is said at
once, all of it, by name, and never with the value of a secret. A name that is nearly one of ours is refused: a setting
that silently does nothing is worse than a start that fails.
"""

import difflib
import os
import re
import shlex
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.core.errors import OperatorError

ROOT = Path(__file__).resolve().parent.parent
"""The folder of `./helpline`. Relative paths start here, so that it may be called from anywhere."""

PREFIX = "HELPLINE_"
TELEGRAM = "https://api.telegram.org"

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_GROUP = re.compile(r"-[1-9][0-9]{0,15}")  # Telegram promises at most 52 significant bits
_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")  # Telegram's alphabet and upper bound; the lower one is ours
_RATE = re.compile(r"[0-9]+(\.[0-9]+)?")
_HERE = {"localhost", "127.0.0.1", "::1"}
_SAYS_TLS = re.compile(r"(^|&)sslmode=(require|verify-ca|verify-full|disable)(&|$)")
_HIGHEST_RATE = 1000  # what Telegram sells at most
_LONGEST_SHOWN = 30  # a bot token and a webhook secret are longer
_NEAR = 0.85  # likeness from which a foreign name is a slip of ours; HELPDESK_URL is far below


def _split(address: str, *schemes: str) -> SplitResult | None:
    """Take an address apart; None if it is none, has another scheme, or carries a user, a query or a fragment."""
    try:
        url = urlsplit(address)
        _ = url.port  # raises if it is no port
    except ValueError:
        return None
    is_plain = not (url.username or url.query or url.fragment or re.search(r"\s", address))
    return url if is_plain and url.hostname and url.scheme in schemes else None


def _shown(value: object) -> str:
    """Repeat a value in a message, unless it is so long that it may be a secret in the wrong line."""
    return repr(value) if len(str(value)) <= _LONGEST_SHOWN else "something long"


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("is not a bot token: copy the whole of it from @BotFather, digits, colon and letters")
    return value


def _api_root(value: str) -> str:
    url = _split(value, "https", "http")
    if url is None:
        raise ValueError("is not the root of a Bot API server: write an address such as https://api.telegram.org")
    if url.scheme == "http" and not _is_near(url.hostname or ""):
        raise ValueError("would carry the token and all that people write past others: write https://")
    return value.rstrip("/")


def _is_near(host: str) -> bool:
    """Say whether a host is of one's own network: a private address, or a name that only such a network knows."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".lan"))


def _group(value: object) -> int:
    if not _GROUP.fullmatch(str(value)):
        raise ValueError(f"is {_shown(value)}: give the group's numeric id, which is negative, such as -1001234567890")
    return int(str(value))


def _folder(value: Path) -> Path:
    if value.parts[:1] and value.parts[0].startswith("~"):
        raise ValueError(f"is '{value}': write the whole path, ~ means nothing here")
    return ROOT / value


def _database(value: str) -> str:
    scheme, _, rest = value.partition("://")
    if scheme == "sqlite":
        file = rest.removeprefix("/")
        if file == rest or file in {"", ":memory:"} or "?" in file:
            raise ValueError("names no file: write sqlite:///FILE, with four slashes if FILE begins at the root")
        return f"sqlite:///{ROOT / file}"
    # A password may stand in the address, so neither the check nor the message shows it.
    # A server on this machine is named by the folder of its socket: postgresql://USER@/NAME?host=/run/postgresql
    place, _, query = re.sub(r"//[^/@]*@", "//", value).partition("?")
    if place.startswith("postgresql:///") and re.search(r"(^|&)host=/", query):
        place = place.replace(":///", "://localhost/", 1)
    host = _split(place, "postgresql")
    if host is None or not host.path.strip("/"):
        raise ValueError("is no database we know: write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    if host.hostname not in _HERE and not _SAYS_TLS.search(query):
        # libpq would fall back to plain text without a word.
        raise ValueError(
            "is on another machine and does not ask for TLS: add ?sslmode=verify-full to it "
            "(or ?sslmode=disable, if nobody else can listen on the way)"
        )
    return value


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    url = _split(f"tcp://{value}", "tcp")
    if url is None or url.port is None or url.path:
        raise ValueError(f"is {_shown(value)}: write host:port with a port from 0 to 65535, such as 127.0.0.1:8808")
    return url.hostname, url.port


def _public_url(value: str, info: ValidationInfo) -> str:
    # A Bot API server of one's own may call over plain HTTP, within one's own network.
    schemes = ("https",) if info.data.get("bot_api") == TELEGRAM else ("https", "http")
    if _split(value, *schemes) is None:
        raise ValueError("is not an https address, and Telegram calls no other: write https://, a host and a path")
    return value.rstrip("/")


def _heartbeat(value: SecretStr) -> SecretStr:
    # What comes after the ? is a part of many watchers' addresses, and the whole may be as good as a password.
    if _split(value.get_secret_value().partition("?")[0], "https") is None:
        raise ValueError("is not an https address: copy the whole of it from whoever watches")
    return value


def _pager_url(value: SecretStr) -> SecretStr:
    # What listens on this very machine needs no TLS; elsewhere the number of a case would be read on the way.
    url = _split(value.get_secret_value().partition("?")[0], "https", "http")
    if url is None or (url.scheme == "http" and url.hostname not in _HERE):
        raise ValueError("is not an https address: copy the whole of it from whoever calls your people")
    return value


def _command(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        program, *rest = shlex.split(value)
    except ValueError:
        raise ValueError("cannot be taken apart into words: does a quotation mark have no partner?") from None
    # A shell is not asked, so what only a shell knows would be passed on as it stands.
    return (str(ROOT / program) if "/" in program else program, *rest)


def _secret(value: SecretStr) -> SecretStr:
    if not _SECRET.fullmatch(value.get_secret_value()):
        raise ValueError("is not 32 to 256 of the characters A-Z a-z 0-9 _ -: make another")
    return value


def _rate(value: object) -> float:
    if not _RATE.fullmatch(str(value)) or float(str(value)) > _HIGHEST_RATE:
        raise ValueError(f"is {_shown(value)}: give a number from 0 (no limit) to {_HIGHEST_RATE}")
    return float(str(value))


def _backups_in_data(given: dict[str, Any]) -> Path:
    return Path(given["data"] / "backups")


def _database_in_data(given: dict[str, Any]) -> str:
    return f"sqlite:///{given['data'] / 'helpline.db'}"


class Settings(BaseModel):
    """What differs from one installation to the next. Made directly, it looks at its arguments and nothing else.

    Paths are absolute. `console` is host and port; port 0 means any free one. `send_rate` is sends and edits a second
    over all chats; 0 lifts every limit. `pager_command` is a program and its arguments. None means that a setting was
    not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    bot_token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    bot_api: Annotated[str, AfterValidator(_api_root)] = TELEGRAM
    operators_chat: Annotated[int, BeforeValidator(_group)] | None = None
    escalation_chat: Annotated[int, BeforeValidator(_group)] | None = None
    data: Annotated[Path, AfterValidator(_folder)] = Path("data")
    keys: Annotated[Path, AfterValidator(_folder)] = Path("keys")
    database: Annotated[str, AfterValidator(_database)] = Field(default_factory=_database_in_data, repr=False)
    backups: Annotated[Path, AfterValidator(_folder)] = Field(default_factory=_backups_in_data)
    console: Annotated[tuple[str, int], NoDecode, BeforeValidator(_address)] = ("127.0.0.1", 8808)
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    webhook_secret: Annotated[SecretStr, AfterValidator(_secret)] | None = None
    send_rate: Annotated[float, BeforeValidator(_rate)] = 30.0
    heartbeat: Annotated[SecretStr, AfterValidator(_heartbeat)] | None = None
    pager_command: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_command)] | None = Field(None, repr=False)
    pager_url: Annotated[SecretStr, AfterValidator(_pager_url)] | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _is_written_plainly(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, str):
            if not value.strip():
                raise ValueError("is blank: give it a value, or take the line out")
            if value != value.strip():
                raise ValueError("has spaces around it: take them away")
            if (value[0] in "\"'" or value[-1] in "\"'") and info.field_name != "pager_command":
                raise ValueError("has quotes around it: take them away")
        return value

    @field_validator("keys")
    @classmethod
    def _keys_are_not_with_the_data(cls, keys: Path, info: ValidationInfo) -> Path:
        data = info.data.get("data")
        if data is not None and keys.resolve().is_relative_to(data.resolve()):
            # A backup or a stolen copy of the data would bring its own key.
            raise ValueError(f"is '{keys}', inside {PREFIX}DATA: choose a folder outside it")
        return keys

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_has_both(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "public_url" in info.data and (secret is None) != (info.data["public_url"] is None):
            raise ValueError(f"and {PREFIX}PUBLIC_URL belong together: set both for a webhook, neither for polling")
        return secret

    @field_validator("pager_url")
    @classmethod
    def _one_pager_is_enough(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None and info.data.get("pager_command") is not None:
            raise ValueError(f"and {PREFIX}PAGER_COMMAND are both set: one of them calls somebody, take out the other")
        return url

    @property
    def has_pager(self) -> bool:
        """Whether somebody can be called outside Telegram."""
        return self.pager_command is not None or self.pager_url is not None

    @property
    def is_webhook(self) -> bool:
        """Whether Telegram calls us; otherwise we ask it."""
        return self.public_url is not None

    def required_token(self) -> str:
        """Give the bot's token to who cannot do without it. Raises OperatorError if it was not set."""
        if self.bot_token is None:
            raise OperatorError(
                f"{PREFIX}BOT_TOKEN is not set: put the token from @BotFather into .env, or look around without one: "
                "./helpline try"
            )
        return self.bot_token.get_secret_value()


NAMES = tuple(PREFIX + field.upper() for field in Settings.model_fields)
"""Every variable that is read, in the order of the fields."""


class _Environment(BaseSettings, Settings):
    """The same, read from the environment and from `.env`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file_encoding="utf-8-sig", extra="ignore", frozen=True, validate_default=True
    )


def bare_environment() -> dict[str, str]:
    """Give the environment without our settings, for a process that is given settings of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def load(dotenv: Path = ROOT / ".env") -> Settings:
    """Read the settings from the environment and from a file that need not exist.

    Raises OperatorError naming every setting that is wrong or misspelt, and how to mend it.
    """
    written, faults = _written(dotenv)
    faults += [fault for name in sorted({*written, *os.environ}) for fault in _misspelt(name)]
    try:
        settings = _Environment(_env_file=dotenv)
    except ValidationError as error:
        faults += _wrong(error)
    else:
        faults += _unread(written, settings)
        if not faults:
            return settings
    # Raised out here, so that no traceback carries what was given.
    raise OperatorError("\n".join(["The settings (environment and .env) cannot be used:", *faults]))


def _written(dotenv: Path) -> tuple[list[str], list[str]]:
    """Give the names that stand in the file, and a fault for each line that is neither NAME=VALUE nor a comment."""
    try:
        lines = dotenv.read_text(encoding="utf-8-sig").splitlines() if dotenv.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{dotenv} cannot be read as text ({type(error).__name__}): mend or remove it") from None
    names, faults = [], []
    for number, line in enumerate(lines, start=1):
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip().isidentifier():
            names.append(name.strip())
        elif name and not name.startswith("#"):
            faults.append(f"  {dotenv.name} line {number} is not NAME=VALUE: mend it or put # before it")
    return names, faults


def _misspelt(name: str) -> Iterator[str]:
    near = difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=0.6)
    is_slip = bool(difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=_NEAR))
    if name not in NAMES and (name.upper().startswith("HELPLINE") or is_slip):
        hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(NAMES)}"
        yield f"  {name} is not a setting: {hint}"


def _unread(written: list[str], settings: Settings) -> Iterator[str]:
    for name in written:
        if name in NAMES and name.removeprefix(PREFIX).lower() not in settings.model_fields_set:
            yield f"  {name} cannot be read: does a quotation mark in its line have no partner?"


def _wrong(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        # The database's default needs the data folder; if that is wrong, one fault is enough.
        if each["type"] != "default_factory_not_called":
            reason = each.get("ctx", {}).get("error", each["msg"])
            yield f"  {PREFIX}{str(each['loc'][0]).upper()} {reason}"
