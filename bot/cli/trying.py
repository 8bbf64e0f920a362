"""`./helpline try`: the whole helpline against a Telegram of one's own, on one page, with nothing to set up.

The bot runs as a process of its own, exactly as in earnest, so that the page can kill it and start it again.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app
from bot.cli.demonstrating import PIN, Demonstration
from bot.cli.reaching import reach
from bot.cli.setting_up import set_up_keys
from bot.core.errors import OperatorError
from bot.sandbox import Person, Sandbox
from bot.sandbox.box import populate
from bot.sandbox.hooks import Hooks, Saved
from bot.settings import ROOT, Settings, bare_environment
from bot.vault.keyring import PasswordKeyring
from bot.vault.passphrases import LEAST_COST, new_passphrase
from bot.vault.recovery import new_recovery

PORT = 8809
"""Where the page is if that is free; else any free port."""
COMMAND_SECONDS = 30
START_SECONDS = 20


class Bot:
    """The bot's process, and the commands beside it."""

    def __init__(self, environment: Mapping[str, str], *, page: str) -> None:
        """Run with this environment, and nothing of `.env` or of the caller's settings; `page` frames the console."""
        self._environment = {**bare_environment(), **environment}
        self._framer = page.rpartition(":")[2]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Say whether it runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; does nothing while it runs."""
        if not self.running:
            options = ("--trial", "--framer", self._framer, "--no-dotenv")
            command = (sys.executable, "-m", "bot.cli", "run", *options)
            self._process = await asyncio.create_subprocess_exec(*command, env=self._environment, cwd=ROOT)

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Let it end in order."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
            await self._process.wait()

    async def command(self, *arguments: str) -> bytes:
        """Run a command beside it; gives what it printed. Raises OperatorError with what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", *arguments, "--no-dotenv"),
            env=self._environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, said = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
        if process.returncode:
            raise OperatorError(said.decode(errors="replace").strip() or "The command failed.")
        return out


class Commands:
    """The commands that the page may run."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        """Keep a saved file in `folder` only as long as it takes to hand it over."""
        self._bot = bot
        self._folder = folder

    async def __call__(self, name: str, *, number: str | None, item: int | None) -> str | Saved:
        """Run `cases`, `case` or `save`."""
        passphrase = ("--passphrase-file", str(self._folder / "passphrase"))
        if name == "cases":
            return (await self._bot.command("cases")).decode()
        if name == "case" and number is not None:
            return (await self._bot.command("case", number, *passphrase)).decode()
        if name == "save" and number is not None and item is not None:
            return await self._save(number, item, passphrase)
        raise OperatorError("Give a number.")

    async def _save(self, number: str, item: int, passphrase: tuple[str, str]) -> Saved:
        target = self._folder / "saved"
        try:
            said = await self._bot.command("case", number, "--save", str(item), str(target), *passphrase)
            content = await asyncio.to_thread(target.read_bytes)
        finally:
            target.unlink(missing_ok=True)
        name, _, mime = said.decode().strip().splitlines()[-1].partition("\t")
        return Saved(name=name, mime=mime, content=content)


class _Late:
    """Hooks that the sandbox wants before the bot can be described: its address is known only once it is open."""

    def __init__(self) -> None:
        self.bot: Bot | None = None
        self.commands: Commands | None = None
        self.demonstration: Demonstration | None = None

    async def console(self) -> tuple[str, str]:
        """Give the console's address and a cookie that lets a browser in."""
        if self.demonstration is None:
            raise OperatorError("The helpline is still starting.")
        await self._until_open(self.demonstration.address)
        return await self.demonstration()

    async def _until_open(self, address: str) -> None:
        """Wait until the console listens: the bot may have been started a moment ago."""
        host, _, port = address.removeprefix("http://").rpartition(":")
        async with asyncio.timeout(START_SECONDS):
            while self.running:
                with contextlib.suppress(ConnectionError):
                    _, writer = await asyncio.open_connection(host, int(port))
                    writer.close()
                    return
                await asyncio.sleep(0.05)
        raise OperatorError("The bot's process is stopped.")

    @property
    def running(self) -> bool:
        return self.bot is not None and self.bot.running

    async def kill(self) -> None:
        if self.bot is not None:
            await self.bot.kill()

    async def start(self) -> None:
        if self.bot is not None:
            await self.bot.start()

    async def __call__(self, name: str, *, number: str | None, item: int | None) -> str | Saved:
        if self.commands is None:
            raise OperatorError("The helpline is still starting.")
        return await self.commands(name, number=number, item=item)


@app.command("try")
def try_it(*, port: Annotated[int, typer.Option(help="Where the page is; 0 picks a free port.")] = PORT) -> None:
    """Try the whole helpline on one page; nothing leaves this machine."""
    with tempfile.TemporaryDirectory(prefix="helpline-try-") as folder, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play(Path(folder), port))


async def _play(folder: Path, port: int) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    late = _Late()
    async with await _open_sandbox(late, port) as box:
        group = populate(box)
        settings = Settings.model_validate(
            {
                "bot_token": box.token,
                "bot_api": box.root,
                "operators_chat": group.id,
                "data": folder / "data",
                "keys": folder / "keys",
                "console": f"127.0.0.1:{_free_port()}",
            }
        )
        await _prepare(settings, folder, {one.id: one.name for one in _operators(box)})
        late.bot = Bot(_environment(settings, token=box.token), page=box.root)
        late.commands = Commands(late.bot, folder)
        await late.bot.start()
        try:
            await _until_polled(box, late.bot, stop)
            late.demonstration = await _demonstrate(settings, next(one.id for one in _operators(box)))
            typer.echo(f"\n  The helpline is running, against a sandbox. Open   {box.root}\n  Ctrl-C ends it.")
            typer.echo(f"  The operator at the console goes on after a pause with the PIN {PIN}.\n")
            await stop.wait()
        finally:
            await late.bot.stop()


async def _open_sandbox(late: _Late, port: int) -> Sandbox:
    hooks = Hooks(process=late, command=late, console=late.console)
    return Sandbox(hooks=hooks, port=port if await _is_free(port) else 0)


async def _is_free(port: int) -> bool:
    try:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port)
    except OSError:
        return False
    server.close()
    await server.wait_closed()
    return True


def _operators(box: Sandbox) -> Sequence[Person]:
    return [one for one in box.people.values() if one.role == "operator"]


def _free_port() -> int:
    """Find a port that the bot keeps when the page ends it and starts it again."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def _demonstrate(settings: Settings, operator: int) -> Demonstration:
    """Log the first operator in at the console, before the first case: what is sealed from now on opens there."""
    host, port = settings.console
    demonstration = Demonstration(f"http://{host}:{port}", operator=operator)
    async with reach(settings) as helpline:
        await demonstration.enrol((await helpline.answer({"do": "invite", "id": operator}))["token"])
    return demonstration


async def _until_polled(box: Sandbox, bot: Bot, stop: asyncio.Event) -> None:
    """Wait until the bot asks for updates, so that the first /start is answered at once."""
    while not box.polled and not stop.is_set():
        if not bot.running:
            raise OperatorError("The helpline's process ended at once; what it said stands above.")
        await asyncio.sleep(0.05)


def _environment(settings: Settings, *, token: str) -> dict[str, str]:
    return {
        "HELPLINE_BOT_TOKEN": token,
        "HELPLINE_BOT_API": settings.bot_api,
        "HELPLINE_OPERATORS_CHAT": str(settings.operators_chat),
        "HELPLINE_DATA": str(settings.data),
        "HELPLINE_KEYS": str(settings.keys),
        "HELPLINE_CONSOLE": "{}:{}".format(*settings.console),
    }


async def _prepare(settings: Settings, folder: Path, operators: Mapping[int, str]) -> None:
    """Make keys and list operators, as `init` and `operators add` would; the cheapest key stretching, for a trial."""
    passphrase = new_passphrase()
    (folder / "passphrase").write_text(passphrase, encoding="utf-8")
    await set_up_keys(settings, passphrase, new_recovery(), keyring=PasswordKeyring(LEAST_COST))
    async with reach(settings) as helpline:
        for number, name in operators.items():
            await helpline.answer({"do": "add_operator", "id": number, "name": name})
