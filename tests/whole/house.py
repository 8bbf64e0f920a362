"""The whole helpline in one process: the sandbox's Telegram over HTTP, a real store on disk, and the real parts."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection
from sqlalchemy import text as sql

from bot.core.content import Content
from bot.core.flow import Choice, Words
from bot.core.values import LANGUAGES
from bot.sandbox import Group, Person, Sandbox
from bot.sandbox.chats import Chat, Message
from bot.sandbox.world import Press
from bot.service.delivery import DELETABLE
from bot.service.requests import unpack
from bot.service.rows import Operator
from bot.service.unlocking import WrappedKey
from bot.service.vaulting import ORGANISATION, RECOVERY, Recipient
from bot.settings import Settings
from bot.store.opening import Store, database_path, open_store
from bot.vault.keyring import PasswordKeyring
from bot.vault.opening import CaseOpener
from bot.vault.passphrases import LEAST_COST
from bot.vault.recovery import Recovery, new_recovery
from bot.wiring import Helpline, build

PASSPHRASE = "five invented words of a test"
KEYRING = PasswordKeyring(LEAST_COST)
NOON = datetime(2026, 3, 2, 5, 0, 5, tzinfo=UTC)
"""A Monday, noon in Cambodia and in Thailand."""
PATIENCE = 10.0
A_MOMENT = 0.002
Started = TypeVar("Started", bound="House")


class Clock:
    """A clock that goes like any other, and can be put forward; whoever waits for an instant then wakes.

    As on a machine, setting it wakes nobody: who waits, waits for as many seconds as it had to when it began.
    """

    def __init__(self, *, begun: float | None = None, ahead: timedelta = timedelta()) -> None:
        """Begin at noon; or go as the clock of another process that began at this second of the machine's clock."""
        self.ahead = ahead
        self.begun = time.monotonic() if begun is None else begun
        self._set = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Give the time."""
        return NOON + self._set + self._passed()

    def __call__(self) -> datetime:
        """Give the time, as the sandbox asks for it."""
        return self.now()

    def _passed(self) -> timedelta:
        return self.ahead + timedelta(seconds=time.monotonic() - self.begun)

    def put_forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.ahead += by
        self._moved.set()
        self._moved = asyncio.Event()

    def jump(self, by: timedelta) -> None:
        """Set it to another time, while no time passes."""
        self._set += by

    async def until(self, moment: datetime) -> None:
        """Wait until an instant has come."""
        end = self._passed() + (moment - self.now())
        while (left := (end - self._passed()).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()


@dataclass(frozen=True)
class Item:
    """One opened record of a case; `file` are the opened bytes of what was fetched."""

    id: str
    body: Mapping[str, Any]
    opened: bool
    described: Mapping[str, Any] | None
    file: bytes | None


@dataclass(frozen=True)
class Opened:
    """A case as `./helpline case` opens it."""

    case: Mapping[str, Any]
    items: Sequence[Item]

    def kinds(self) -> list[str]:
        """Give the kinds of its records in order."""
        return [str(item.body["kind"]) for item in self.items]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """Give the records of a kind."""
        return [item.body for item in self.items if item.body["kind"] == kind]

    def texts(self) -> list[str]:
        """Give all words it holds."""
        return [str(item.body["text"]) for item in self.items if item.body.get("text")]


@dataclass(frozen=True)
class Keys:
    """What the tests seal to: made once, at the least cost."""

    organisation: WrappedKey
    recovery: Recovery
    empty: Path


async def make_keys(folder: Path) -> Keys:
    """Make the keys, and in a folder the file of a store that was never used."""
    url = f"sqlite:///{folder}/helpline.db"
    await (await open_store(url, folder)).close()
    return Keys(KEYRING.make(ORGANISATION, PASSPHRASE), new_recovery(), database_path(url))


class House:
    """The helpline with its sandbox, its people, and everything a test does with them."""

    def __init__(self, folder: Path, content: Content, keys: Keys, *, rate: float = 0.0, **settings: Any) -> None:
        """Describe it, with settings beside the usual ones; `start` opens it."""
        self.folder = folder
        self.content = content
        self.keys = keys
        self.rate = rate
        self.more = settings
        self.clock = Clock()
        self.box = Sandbox(clock=self.clock)
        self.settings: Settings
        self.store: Store
        self.helpline: Helpline
        self.group: Group
        self.dara: Person
        self.bopha: Person
        self.escalation: Group
        self._running: asyncio.Task[None] | None = None
        self._open = AsyncExitStack()

    # ── opening and closing ──────────────────────────────────────────────────────────────────────────────────

    async def start(self, *, kind: Literal["group", "supergroup"] = "supergroup") -> None:
        """Open the sandbox, make the keys, list two operators who have pressed start, and let the helpline run."""
        await self.box.__aenter__()
        self.dara, self.bopha = (self.box.add_person(name, role="operator") for name in ("Dara", "Bopha"))
        self.group = self.box.add_group("Operators", [self.dara, self.bopha], kind=kind)
        self.escalation = self.box.add_group("Escalation", [self.bopha])
        self.settings = self._settings()
        (self.folder / "data").mkdir(mode=0o700)
        shutil.copy(self.keys.empty, database_path(self.settings.database))
        await self.open(new=True)
        for operator in (self.dara, self.bopha):
            await operator.says("/start operator")
        await self.settled()
        self.box.calls.clear()

    def _settings(self) -> Settings:
        return Settings.model_validate(
            {
                "bot_token": self.box.token,
                "bot_api": self.box.root,
                "operators_chat": self.group.id,
                "escalation_chat": self.escalation.id,
                "data": self.folder / "data",
                "keys": self.folder / "keys",
                "send_rate": self.rate,
                **self.more,
            }
        )

    async def open(self, *, new: bool = False) -> None:
        """Open store and helpline, as `run` does."""
        self.store = await open_store(self.settings.database, self.settings.data)
        self._open.push_async_callback(self.store.close)
        if new:
            await self._make_known()
        built = build(self.settings, self.store, clock=self.clock, content=lambda: self.content, cost=LEAST_COST)
        self.helpline = await self._open.enter_async_context(built)
        unclean = await self.store.begin_run()
        self._running = asyncio.create_task(self.helpline.run(unclean=unclean))

    async def _make_known(self) -> None:
        key, desk = self.keys.organisation, self.store.desk
        await desk.put_recipient(Recipient(ORGANISATION, key.public_key), wrapped=key.wrapped)
        await desk.put_recipient(Recipient(RECOVERY, self.keys.recovery.public_key))
        for operator in (self.dara, self.bopha):
            await desk.put_operator(Operator(operator.id, operator.name))

    async def stop(self, *, clean: bool = True) -> None:
        """Stop the helpline; not `clean`: as if its process had died."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None
            if clean:
                await self.store.end_run()
        await self._open.aclose()
        self._open = AsyncExitStack()

    def unpaced(self) -> None:
        """Lift the pace of sending, so that a test of the other limits need not wait for it."""
        self.helpline.sender.pace.rate = 0

    def paced(self) -> None:
        """Bring the pace back."""
        self.helpline.sender.pace.rate = self.rate

    async def restart(self, *, clean: bool = True) -> None:
        """Stop and open again on the same folders."""
        await self.stop(clean=clean)
        await self.open()

    async def close(self) -> None:
        """Close everything; raises what a part of the helpline died of."""
        try:
            await self.stop()
        finally:
            await self.box.__aexit__(None, None, None)

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────

    async def settled(self) -> None:
        """Wait until everything that happened was decided, and everything that may go was sent."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self._is_quiet():  # noqa: ASYNC110 - no event tells that all parts are at rest
                    await asyncio.sleep(A_MOMENT)
        except TimeoutError:
            raise TimeoutError(f"the helpline did not come to rest: {await self._unrest()}") from None
        if self._running is not None and self._running.done():
            self._running.result()

    async def until_quiet(self, patience: float = 600.0) -> None:
        """Wait as `settled` does, for as long as a flood takes."""
        async with asyncio.timeout(patience):
            while not await self._is_quiet():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)

    async def _is_quiet(self) -> bool:
        return not any((await self._unrest()).values())

    async def _unrest(self) -> dict[str, object]:
        """Tell what is still to be done, by name; in the order in which one thing leads to the next."""
        store, sender = self.store, self.helpline.sender
        if self.box.pending or sender.is_busy:
            return {"pending": self.box.pending, "sender": sender.is_busy}
        now = self.clock.now()
        timer = await store.desk.next_timer()
        if waiting := [*await store.inbox.waiting(), *([] if timer is None or timer > now else [timer])]:
            return {"inbox": waiting}
        out = await self.count("SELECT count(*) FROM outbox WHERE state = 'leased'")
        due, _ = await store.outbox.next_due()
        fetches = await store.desk.due_fetches(now, 1)
        ready = due is not None and due <= now
        pages = await store.desk.due_pages(now, 1)
        return {"outbox": out or ready, "fetches": len(fetches), "pages": len(pages), "sender": sender.is_busy}

    async def after(self, *acts: Awaitable[object]) -> None:
        """Let these happen one after the other, and wait until everything has come to rest after each."""
        for act in acts:
            await act
            await self.settled()

    async def count(self, query: str) -> int:
        """Count what a query of the database counts."""

        def counted(connection: Connection) -> int:
            return int(connection.execute(sql(query)).scalar_one() or 0)

        return await self.store.database.read(counted)

    async def passes(self, **by: float) -> None:
        """Let time pass (arguments of a timedelta), and wait until what came due was done."""
        self.clock.put_forward(timedelta(**by))
        self.helpline.sender.wake()
        self.helpline.fetcher.wake()
        if self.helpline.pager is not None:
            self.helpline.pager.wake()
        await self.settled()
        await self.until(self._is_cleared)

    async def _is_cleared(self) -> bool:
        """Say whether nothing lies in a chat that should have been taken away by now."""
        now = self.clock.now()
        return self._running is None or not await self.store.outbox.clearable(now, since=now - DELETABLE, limit=1)

    async def together(self, *acts: Awaitable[object]) -> None:
        """Let these happen while Telegram cannot be reached, so that they arrive at once; wait until all is at rest."""
        self.box.faults.switch(down=True)
        for act in acts:
            await act
        self.box.faults.switch(down=False)
        await self.passes(seconds=61)

    async def until(self, happened: Callable[[], Awaitable[object]]) -> None:
        """Wait until something is true that only the store can tell."""
        async with asyncio.timeout(PATIENCE):
            while not await happened():  # noqa: ASYNC110 - the store tells nobody of a change
                await asyncio.sleep(A_MOMENT)

    async def eventually(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened in the sandbox, and then until everything has come to rest."""
        await self.box.until(lambda: happened() or None)
        await self.settled()

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────

    def person(self, name: str = "Sokha", language: str | None = "en", **more: Any) -> Person:
        """Add somebody whose phone is in this language."""
        return self.box.add_person(name, language_code=language, **more)

    async def asks_for_help(self, person: Person, *choices: str) -> None:
        """Go from /start into the questions of "I need help", as far as these choices lead."""
        await self.after(person.says("/start"))
        for choice in ("help", *choices):
            await self.chooses(person, choice)

    async def in_danger(self, person: Person) -> Mapping[str, Any]:
        """Press start and danger; gives the case that began."""
        known = {case["number"] for case in await self.cases()}
        await self.after(person.says("/start"))
        await self.chooses(person, "danger")
        return next(case for case in await self.cases() if case["number"] not in known)

    async def chooses(self, person: Person, choice: str) -> None:
        """Press the button of a choice, or a standard one, on the person's screen."""
        await self.after(self.presses(person, choice))

    async def presses(self, person: Person, choice: str) -> Press:
        """Press without waiting for what follows."""
        screen = self.screen(person)
        return await person.presses(self._data(screen, choice), message=screen)

    def screen(self, person: Person) -> Message:
        """Give the screen a person sees: the newest message of the bot with buttons, or without."""
        screen = person.screen()
        assert screen is not None, "there is no screen"
        return screen

    def step(self, person: Person) -> str:
        """Name the step a person is at, by the buttons of the screen; "" on the innocent one."""
        names = [str(button["callback_data"]).split(":")[1] for button in self.screen(person).buttons() if _rev(button)]
        return names[0] if names else ""

    def _data(self, screen: Message, choice: str) -> str:
        buttons = {str(button["callback_data"]): str(button["text"]) for button in screen.buttons()}
        if f"!{choice}" in buttons:
            return f"!{choice}"
        labels = self._labels(screen, choice)
        found = [data for data, text in buttons.items() if _plain(text) in labels or data.endswith(f":{choice}")]
        assert found, (choice, screen.labels)
        return found[0]

    def _labels(self, screen: Message, choice: str) -> set[str]:
        """Give the labels a choice may have on this screen."""
        step = next((str(button["callback_data"]).split(":")[1] for button in screen.buttons() if _rev(button)), "")
        one = next((one for one in self._choices(step) if one.id == choice), None)
        if one is None:
            return set()
        texts = [self.content.text(one.words, language) for language in LANGUAGES]
        return {*texts, " · ".join(texts)}

    def _choices(self, step: str) -> Sequence[Choice]:
        flow, _, name = step.partition(".")
        steps = self.content.flows[flow].steps if flow in self.content.flows else ()
        return next((getattr(one, "choices", ()) for one in steps if one.id == name), ())

    def says(self, key: str, language: str = "en", **params: str) -> str:
        """Give a sentence of the program."""
        return self.text(self.content.phrases[key], language, **params)

    def text(self, words: Words, language: str = "en", **params: str) -> str:
        """Give a sentence of the content in a language."""
        text = self.content.text(words, "km" if language == "km" else "en")
        for name, value in params.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def shows(self, person: Person, key: str, language: str = "en", **params: str) -> bool:
        """Say whether the person's screen holds this sentence of the program."""
        return self.says(key, language, **params) in self.screen(person).text

    def is_innocent(self, person: Person) -> bool:
        """Say whether the chat holds one message, the innocent one, with nothing below it but its pictures."""
        messages = person.messages()
        titles = [self.says("holidays_title", language) for language in LANGUAGES]
        shown = [data for message in messages for data in _data(message)]
        is_calendar = len(messages) == 1 and messages[0].text.startswith(tuple(titles))
        return is_calendar and all(":hidden.holidays:" in data for data in shown)

    # ── operators ────────────────────────────────────────────────────────────────────────────────────────────

    def cards(self, chat: "Group | Chat | None" = None) -> list[Message]:
        """Give the cards in the group, or in another chat of operators, oldest first."""
        place = self.group.chat if chat is None else chat.chat if isinstance(chat, Group) else chat
        how = (self.says("reply_how"), self.content.aloud.phrases["reply_how"].english)
        return [one for one in list(place.newest())[::-1] if one.from_bot and any(each in one.text for each in how)]

    def card(self, number: str) -> Message:
        """Give the newest card of a case in the group."""
        return next(card for card in reversed(self.cards()) if number in card.text)

    def below(self, number: str) -> list[str]:
        """Give the first words of what was written below a case's card, oldest first."""
        card = self.card(number)
        return [one.text.splitlines()[1] for one in self.group.messages() if one.from_bot and one.reply_to == card.id]

    async def desk(self, operator: Person, act: str, number: str) -> Press:
        """Let an operator press a button of a case's card in the group: t, b, u, u.P1, r, r.helped ..."""
        card = self.card(number)
        return await operator.presses(ending(card, act), message=card, chat=self.group)

    async def replies(self, operator: Person, number: str, text: str, *, confirm: str = "y") -> Press:
        """Let an operator answer a card and press send (y) or cancel (n) under the question that follows."""
        await self.after(operator.says(text, chat=self.group, reply_to=self.card(number)))
        question = self.questions()[-1]
        press = await operator.presses(ending(question, confirm), message=question, chat=self.group)
        await self.settled()
        return press

    def questions(self) -> list[Message]:
        """Give the messages in the group that ask whether a reply shall be sent."""
        return [one for one in self.group.messages() if any(data.startswith("r:") for data in _data(one))]

    async def cases(self) -> list[Mapping[str, Any]]:
        """Give the queue, as `./helpline cases --json` does."""
        rows: list[Mapping[str, Any]] = (await self.helpline.office.answer({"do": "cases"}))["cases"]
        return rows

    async def opened(self, number: str) -> Opened:
        """Open a case with the organisation's key, as `./helpline case` does."""
        dossier = await self.helpline.office.answer({"do": "case", "number": number})
        secret = KEYRING.unlock(ORGANISATION, self.keys.organisation, PASSPHRASE)
        opener = KEYRING.open_case(unpack(dossier["wraps"][ORGANISATION]), secret)
        case = dossier["case"]
        return Opened(case, [await self._item(opener, case["id"], row) for row in dossier["records"]])

    async def _item(self, opener: CaseOpener, case: str, row: Mapping[str, Any]) -> Item:
        def opened(sealed: str, kind: str) -> Mapping[str, Any]:
            return opener.record(unpack(sealed), case=case, record=row["id"], kind=kind)

        described = opened(row["described"], "file") if row["described"] else None
        file = None
        if row["blob"]:
            pieces = [piece async for piece in self.store.blobs.read(row["blob"])]
            file = b"".join(opener.file(pieces, case=case, record=row["id"]))
        return Item(row["id"], opened(row["sealed"], "record"), row["opened"], described, file)

    async def heard(self, number: str, record: str) -> None:
        """Note that a record was opened, as `./helpline case --save` does."""
        await self.helpline.office.answer({"do": "opened", "number": number, "record": record})
        await self.settled()

    async def only_case(self) -> Opened:
        """Open the only case there is."""
        (case,) = await self.cases()
        return await self.opened(str(case["number"]))


@asynccontextmanager
async def started(house: Started) -> AsyncIterator[Started]:
    """Start a house, and close it whatever happens; raises what a part of the helpline died of."""
    try:
        await house.start()
        yield house
    finally:
        await house.close()


def alarmed(house: House, code: str) -> bool:
    """Say whether the operators' group was told of an alarm, by its code and in words."""
    told = [message.text for message in house.group.messages() if house.says("alarm", name=code) in message.text]
    return bool(told) and all(house.says(f"alarm_{code}", language) in told[-1] for language in LANGUAGES)


def _data(message: Message) -> list[str]:
    return [str(button["callback_data"]) for button in message.buttons()]


def ending(message: Message, act: str) -> str:
    """Give the data of the button that does this."""
    return next(data for data in _data(message) if data.endswith(f":{act}"))


def _rev(button: Mapping[str, Any]) -> bool:
    return str(button.get("callback_data")).split(":")[0].isdecimal()


def _plain(label: str) -> str:
    """Give a button's words without its number and tick."""
    number, _, words = label.partition("  ")
    return (words if number.isdecimal() else label).removeprefix("✓ ")
