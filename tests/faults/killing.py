"""A crowd that talks to `./helpline run` while it is killed again and again: nothing lost, no case doubled, in order.

People and what they must be shown are those of the benchmark. Repeats are counted, and held against what may cause
them: answers of Telegram that were lost, and at each kill the screens that had been shown already while the database
did not know it yet (their call was still in flight, or its result not committed).
"""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.core.content import Content
from bot.core.effects import PostCard, Screen, Seal, Shred
from bot.core.render import render
from bot.sandbox import Group, Person, Sandbox, populate
from bot.sandbox.calls import Call
from bot.sandbox.chats import Chat, Message
from bot.sandbox.world import Press
from bot.service.closing import Closer
from bot.vault.key_files import KeyFolder
from bot.vault.server_key import load_server_key
from tests.bench.crowd import SHOWS, Seen, converse, wanted
from tests.bench.people import Act, Walker, language, masked
from tests.faults.following import Followed
from tests.whole.process import Process

AT_ONCE = 60
"""So many people talk at the same time; whoever comes to an end makes room for the next."""
STARTS = 0.2
"""The share of kills that hit a process which is only starting."""
START_SECONDS, RUN_SECONDS = 1.5, 0.4
"""The longest a process is left alone: while it starts, and once it runs and people got as far as it is due."""
DRAINED_SECONDS = 0.05
PATIENCE = 60.0
TROUBLE = {"lost": 0.01, "errors": 0.005, "delay_ms": 20}
"""What Telegram does meanwhile: shares of all calls, and how long each takes."""
CASES = "SELECT lane, state, urgency, (SELECT count(*) FROM records WHERE case_id = cases.id) FROM cases ORDER BY seq"

Case = tuple[str, str, int]
"""State, urgency, and how many sealed records it holds."""


class Caller(Walker):
    """Somebody whose screens are told apart also by their buttons, which bear the conversation's revision."""

    def shown(self, screen: Screen) -> str:
        """Give the words of a screen, and what its buttons carry."""
        message = render(self.content, screen, self.session.conversation.speaks, trial=True)
        return _sight(message.text, [button.data for row in message.rows for button in row])


def _sight(text: str, buttons: Sequence[str]) -> str:
    return "\n".join([masked(text), *buttons])


def _seen(call: Call) -> str:
    markup = call.json("reply_markup", "reply markup")
    rows = markup["inline_keyboard"] if isinstance(markup, dict) else []
    return _sight(call.text("text"), [button["callback_data"] for row in rows for button in row])


class Thumb(Person):
    """Somebody who presses what they saw a moment ago, even if an earlier screen came once more meanwhile."""

    async def presses(
        self, button: str | int, *, message: Message | None = None, chat: Group | Chat | None = None
    ) -> Press:
        """Press a button by its data."""
        return await self.forges(str(button), message=message)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in the crowd: what they do, what they are shown, the cases and how many cards that must make."""

    person: Person
    acts: Sequence[Act]
    followed: Followed
    cases: Sequence[Case]
    cards: int


@dataclass
class Watch(Seen):
    """What was shown so far, chat by chat, followed screen by screen; `reached` counts the wanted screens shown.

    `lives` are the places among the sandbox's calls where a new process began; `open` those of calls still unanswered,
    `last` the newest call that showed something in each chat.
    """

    guests: dict[int, Guest] = field(default_factory=dict)
    lives: list[int] = field(default_factory=list)
    reached: int = 0
    open: list[int] = field(default_factory=list)
    last: dict[int, Call] = field(default_factory=dict)

    def has(self, chat: int, wanted: int) -> bool:
        """Say whether so many of the wanted screens were shown; repeats do not count."""
        self.look()
        return self.guests[chat].followed.reached >= wanted

    def look(self) -> None:
        """Follow what happened since the last look; calls of chats end in any order. Raises OutOfTurnError."""
        calls = self.box.calls
        self.open += range(self.read, len(calls))
        self.read = len(calls)
        ended = [at for at in self.open if calls[at].outcome]
        self.open = [at for at in self.open if not calls[at].outcome]
        for at in ended:
            self._follow(calls[at], life=sum(begun <= at for begun in self.lives))

    def _follow(self, call: Call, *, life: int) -> None:
        if not call.done or call.method not in SHOWS or call.chat_id not in self.guests:
            return
        before, self.last[call.chat_id] = self.last.get(call.chat_id), call
        followed = self.guests[call.chat_id].followed
        self.reached -= followed.reached
        followed.take(_seen(call), life=life, lost=before is not None and before.outcome != "ok")
        self.reached += followed.reached

    @property
    def lost(self) -> int:
        """Count the screens whose answer was lost after they had been shown."""
        calls = (call for call in self.box.calls if call.done and call.method in SHOWS and call.chat_id in self.guests)
        return sum(call.outcome != "ok" for call in calls)

    @property
    def in_flight(self) -> int:
        """Count the screens whose answer is not out yet."""
        return sum(self.box.calls[at].method in SHOWS for at in self.open)


@dataclass(frozen=True, slots=True)
class Killed:
    """One kill: how many calls that show something were in flight, and how many screens may be shown again for it."""

    starting: bool
    in_flight: int
    unknown: int


@dataclass
class Outcome:
    """What became of a crowd under kills; lists are of people, by their place in the crowd."""

    people: int
    kills: Sequence[Killed]
    seconds: float
    lost_answers: int
    repeated: int
    undecided: int
    aside: int
    unfetched: int
    missing: list[int]
    cases_wrong: list[int]
    cards: Counter[str]
    cards_due: int

    @property
    def bound(self) -> int:
        """Give how many repeats are excused."""
        return self.lost_answers + sum(kill.unknown for kill in self.kills)

    def told(self) -> str:
        """Tell it in a few lines."""
        flying = sum(kill.in_flight for kill in self.kills)
        starting = sum(kill.starting for kill in self.kills)
        return (
            f"{len(self.kills)} kills over {self.people} conversations in {self.seconds:.0f} s "
            f"({starting} at a start)\n"
            f"  lost: {len(self.missing)} conversations, {self.undecided} updates undecided, {self.aside} set aside, "
            f"{self.unfetched} files; cases wrong or doubled: {len(self.cases_wrong)} people; "
            f"cards: {len(self.cards)} of {self.cards_due}\n"
            f"  repeated screens: {self.repeated} <= {self.bound} = {self.lost_answers} lost answers + "
            f"{self.bound - self.lost_answers} shown and not written down at a kill (calls in flight then: {flying})\n"
            f"  cards repeated: {sum(self.cards.values()) - len(self.cards)}"
        )


@dataclass
class Siege:
    """One crowd, one helpline, and who kills it."""

    box: Sandbox
    process: Process
    watch: Watch
    dice: random.Random
    kills: list[Killed] = field(default_factory=list)
    _lanes: dict[int, str] = field(default_factory=dict)

    async def kill_often(self, times: int) -> None:
        """Kill it so often, spread over all that the crowd does; the last start is left alone."""
        screens = sum(len(guest.followed.wanted) for guest in self.watch.guests.values())
        for number in range(times):
            await self._kill_once(due=number * screens // times)
            self.watch.lives.append(len(self.box.calls))
        await self.process.start()

    async def _kill_once(self, *, due: int) -> None:
        starting = self.dice.random() < STARTS
        if starting:
            await self.process.begin()
            await asyncio.sleep(self.dice.uniform(0, START_SECONDS))
        else:
            await self.process.start()
            await self.box.until(lambda: self._got_to(due), timeout=PATIENCE)
            await asyncio.sleep(self.dice.uniform(0, RUN_SECONDS))
        self.watch.look()
        flying = self.watch.in_flight
        await self.process.kill()
        await asyncio.sleep(DRAINED_SECONDS)  # what it wrote to its sockets is still read, and happens
        self.watch.look()
        self.kills.append(Killed(starting, flying, self._unknown()))

    def _got_to(self, due: int) -> bool:
        self.watch.look()
        return self.watch.reached >= due

    def _unknown(self) -> int:
        """Count the screens that were shown, and are to be sent as far as the database knows."""
        shown = {self._lane(guest.person): guest.followed.reached for guest in self.watch.guests.values()}
        place: Counter[str] = Counter()
        unknown = 0
        for lane, state in self.rows("SELECT lane, state FROM outbox WHERE kind = 'screen' ORDER BY id"):
            place[lane] += 1
            unknown += state == "leased" and place[lane] <= shown.get(lane, 0)
        return unknown

    def _lane(self, person: Person) -> str:
        if not self._lanes:
            closer = Closer(load_server_key(KeyFolder(self.process.keys), key_check=None))
            self._lanes = {chat: closer.lane(chat) for chat in self.watch.guests}
        return self._lanes[person.id]

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """Read the database as any other program could."""
        with closing(sqlite3.connect(f"file:{self.process.data}/helpline.db?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def lanes(self) -> dict[str, list[Case]]:
        """Give the cases in the database, oldest first, by their person's lane."""
        found: dict[str, list[Case]] = {}
        for lane, state, urgency, records in self.rows(CASES):
            found.setdefault(lane, []).append((state, urgency, int(records)))
        return found

    def wrong_cases(self) -> list[int]:
        """List the people whose cases are not those that the core decides."""
        found = self.lanes()
        guests = enumerate(self.watch.guests.values())
        return [at for at, guest in guests if found.get(self._lane(guest.person), []) != list(guest.cases)]

    def count(self, query: str) -> int:
        """Count what a query counts."""
        return int(self.rows(query)[0][0])


async def besiege(content: Content, folder: Path, *, people: int, acts: int, kills: int, seed: int = 0) -> Outcome:
    """Let a crowd talk while the helpline is killed so often; everything must be as if it had never been."""
    began = time.perf_counter()
    async with Sandbox(seed=seed) as box:
        group = populate(box)
        process = Process(box, group, folder)
        watch = Watch(box, guests={guest.person.id: guest for guest in _guests(box, content, people, acts)})
        siege = Siege(box, process, watch, random.Random(seed))
        try:
            await process.start()
            await process.kill()
            watch.lives.append(len(box.calls))
            box.faults.switch(**TROUBLE)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_talk(watch))
                tasks.create_task(siege.kill_often(kills))
            box.faults.switch(lost=0.0, errors=0.0, delay_ms=0)
            await process.settled()
        finally:
            await process.kill()
        watch.look()
        return _outcome(siege, group, time.perf_counter() - began)


def _guests(box: Sandbox, content: Content, people: int, acts: int) -> list[Guest]:
    now, guests = datetime.now(UTC), []
    for seed in range(people):
        walker = Caller(content, seed, now)
        does = list(walker.acts(acts))
        added = box.add_person("Sokha", language_code=language(seed))
        cards = len({effect.case for effect in walker.effects if isinstance(effect, PostCard)})
        person, followed = Thumb(box.world, added.user), Followed(wanted(does))
        guests.append(Guest(person, does, followed, _cases(walker), cards))
    return guests


def _cases(walker: Walker) -> list[Case]:
    """Give the cases that a person's acts lead to."""
    shredded = {effect.case for effect in walker.effects if isinstance(effect, Shred)}
    records = Counter(effect.case for effect in walker.effects if isinstance(effect, Seal))
    return [(case.state, case.urgency, records[case.id]) for case in walker.session.cases if case.id not in shredded]


async def _talk(watch: Watch) -> None:
    """Let everybody talk, some at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(guest: Guest) -> None:
        async with free:
            await converse(guest.person, guest.acts, seen=watch)

    async with asyncio.TaskGroup() as group:
        for guest in watch.guests.values():
            group.create_task(one(guest))


def _outcome(siege: Siege, group: Group, seconds: float) -> Outcome:
    guests = list(siege.watch.guests.values())
    followed = [guest.followed for guest in guests]
    texts = [message.text for message in group.messages() if message.rows]
    numbers = [number for (number,) in siege.rows("SELECT number FROM cases")]
    return Outcome(
        people=len(guests),
        kills=siege.kills,
        seconds=seconds,
        lost_answers=siege.watch.lost,
        repeated=sum(one.repeated for one in followed),
        undecided=siege.count("SELECT count(*) FROM inbox WHERE state = 'waiting'"),
        aside=siege.count("SELECT count(*) FROM inbox WHERE state = 'aside'"),
        unfetched=siege.count("SELECT count(*) FROM records WHERE media AND blob IS NULL"),
        missing=[at for at, one in enumerate(followed) if one.reached < len(one.wanted)],
        cases_wrong=siege.wrong_cases(),
        cards=Counter(number for number in numbers for text in texts if number in text),
        cards_due=sum(guest.cards for guest in guests),
    )
