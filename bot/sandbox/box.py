"""The sandbox as a whole: a local Telegram to start, fill with people and wait on."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

from bot.sandbox.botapi import BotApi
from bot.sandbox.calls import Call
from bot.sandbox.chats import Role, Standing, User
from bot.sandbox.control import Control
from bot.sandbox.faults import Faults
from bot.sandbox.guard import guard
from bot.sandbox.hooks import Hooks
from bot.sandbox.multipart import BODY_LIMIT
from bot.sandbox.pages import PAGE, Pages
from bot.sandbox.people import PATIENCE, Found, Group, Person, until
from bot.sandbox.updates import MESSAGE_LIFE
from bot.sandbox.webhook import Webhook
from bot.sandbox.wire import Clock, Wire
from bot.sandbox.world import World

TOKEN = "4242424242:sandbox-sandbox-sandbox-sandbox-abc"  # noqa: S105  # it opens nothing but this sandbox
HOST = "127.0.0.1"


def real_clock() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


class Sandbox:
    """A local Telegram with one bot, open while in `async with`.

    Everything is in memory and kept until it closes, but files: of those the newest 200 MB.
    `clock` dates everything and ends updates, deletions and presses; waiting is always in real time.
    The same `seed` gives the same ids and the same faults. `port` 0 picks a free one.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        clock: Clock = real_clock,
        seed: int = 0,
        hooks: Hooks | None = None,
        port: int = 0,
        page: Path = PAGE,
    ) -> None:
        bot = User(int(token.partition(":")[0]), "ប្រតិទិន Calendar", is_bot=True, username="calendar_sandbox_bot")
        self.token = token
        self.world = World(bot=bot, clock=clock, chance=_chance(seed))
        self.faults = Faults(chance=_chance(seed + 1))
        self.people: dict[int, Person] = {}
        self.groups: list[Group] = []
        self._webhook = Webhook(
            self.world.updates,
            perform=self._perform,
            chance=_chance(seed + 2),
            now=lambda: clock().timestamp(),
        )
        self._bot_api = BotApi(self.world, token=token, faults=self.faults, webhook=self._webhook)
        self._control = Control(
            self.world,
            faults=self.faults,
            hooks=hooks or Hooks(),
            people=self.people,
            groups=self.groups,
            add_person=lambda name, role, language: self.add_person(name, role=role, language_code=language),
        )
        self.faults.on_switch = self._switched
        self._runner: web.AppRunner | None = None
        self._port = port
        self._page = page

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[guard])
        app.add_routes(
            [*self._bot_api.routes(), *self._control.routes(), *Pages(self.world, folder=self._page).routes()]
        )
        # A long poll and a page's feed would hold a polite shutdown up: both are told, and get a moment.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.closing.set()
        self._bot_api.closing.set()
        self.world.changes.ring()
        self.world.updates.end_poll()
        await self._webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def root(self) -> str:
        """Give the address of the Bot API and of the page, without a slash at the end."""
        return f"http://{HOST}:{self._port}"

    @property
    def calls(self) -> list[Call]:
        """Give every call the bot made, oldest first: the ground truth. It only grows; clear it when it matters."""
        return self._bot_api.calls

    @property
    def pending(self) -> int:
        """Count the updates that were not confirmed yet."""
        return len(self.world.updates)

    @property
    def polled(self) -> bool:
        """Say whether the bot waits in a long poll."""
        return self.world.updates.polled

    @property
    def webhook(self) -> Webhook:
        """Give the webhook: set its `second` low to make tests short."""
        return self._webhook

    def add_person(
        self, name: str, *, language_code: str | None = "km", id: int | None = None, role: Role = "worker"
    ) -> Person:
        """Add someone who has not written to the bot yet."""
        person = Person(self.world, self.world.add_user(name, role=role, language_code=language_code, user_id=id))
        self.people[person.id] = person
        return person

    def add_group(
        self,
        title: str,
        members: Iterable[Person] | Mapping[Person, Standing],
        *,
        kind: Literal["group", "supergroup"] = "supergroup",
        bot: Standing = "administrator",
    ) -> Group:
        """Add a group the bot is in already, by default with the right to delete; nobody is told."""
        places: dict[int, Standing] = {}
        for person in members:
            places[person.id] = members[person] if isinstance(members, Mapping) else "member"
        group = Group(self.world, self.world.add_group(title, kind=kind, members=places, bot=bot))
        self.groups.append(group)
        return group

    def inject(self, update: Wire) -> int:
        """Queue an update as it is, whatever it holds; without an update_id it gets the next. Gives the queue's id."""
        kind = next((name for name in update if name != "update_id"), "")
        return self.world.updates.put(kind, update, lane="injected", expires=self.world.now + MESSAGE_LIFE)

    def jump(self, to: int | None = None) -> None:
        """Let update ids go on somewhere else, at random if not given."""
        self.world.updates.jump(to)

    async def until(self, predicate: Callable[[], Found | None], *, timeout: float = PATIENCE) -> Found:  # noqa: ASYNC109  # how long a test is patient
        """Wait until the predicate gives something true, looking again at every change.

        Raises: TimeoutError.
        """
        return await until(self.world, predicate, timeout=timeout)

    def _switched(self) -> None:
        switches = self.faults.switches.wire()
        self.world.changes.tell("switches", lambda: {"switches": switches})
        if self.faults.switches.down:
            self.world.updates.end_poll()

    def _perform(self, call: Call) -> object:
        return self._bot_api.perform(call)

    def tell_process(self) -> None:
        """Tell the page that the bot's process was started or has ended."""
        self._control.tell_process()


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # dice that must fall the same way again, guarding nothing


def populate(box: Sandbox) -> Group:
    """Add the people `try` begins with, and give the operators' group."""
    box.add_person("Sokha", language_code="km")
    box.add_person("Mary", language_code="en")
    box.add_person("Srey", language_code="km", role="sister")
    operators = [box.add_person(name, language_code="km", role="operator") for name in ("Dara", "Bopha")]
    return box.add_group("Operators", operators)


async def serve(box: Sandbox, *, ready: Callable[[Sandbox], None] = lambda box: None) -> None:
    """Keep a sandbox open until cancelled; `ready` is called once it answers."""
    async with box:
        ready(box)
        await asyncio.Event().wait()
