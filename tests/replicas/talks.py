"""People who talk to several processes at once, and what each of them sees: nothing lost, nothing out of turn.

A message may come twice when a process dies between sending it and writing that down; it never comes before its turn.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.core.content import Content
from bot.core.values import LANGUAGES
from bot.sandbox import Person, Sandbox
from bot.sandbox.chats import Chat
from tests.bench.crowd import SHOWS, _goes_on, do
from tests.bench.people import Act, masked
from tests.whole.visitors import Visitor

PATIENCE = 120.0


@dataclass
class Progress:
    """How far a chat has come: screens seen in their turn, again, and out of turn; `story` tells all of it.

    `emergencies`: how often it was told that nothing can be kept now, which is no screen.
    """

    wanted: list[str]
    seen: int = 0
    again: int = 0
    wrong: int = 0
    emergencies: int = 0
    chat: Chat | None = None
    story: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Say whether all was seen, and nothing before its turn."""
        return self.wrong == 0 and self.seen == len(self.wanted)

    @property
    def is_astray(self) -> bool:
        """Say whether the last message in the chat is not the last screen."""
        assert self.chat is not None
        last = next((masked(one.text) for one in self.chat.newest() if one.from_bot), "")
        return last != self.wanted[-1]

    def show(self, screen: str, how: str, *, emergency: str) -> None:
        """Take note of a screen; `how`: when, and by which call."""
        if screen == emergency:
            self.emergencies += 1
            what = "emergency"
        elif self.seen < len(self.wanted) and screen == self.wanted[self.seen]:
            self.seen += 1
            what = "in turn"
        elif screen in self.wanted[: self.seen]:
            self.again += 1
            what = "again"
        else:
            self.wrong += 1
            what = "OUT OF TURN"
        self.story.append(f"{how}: {what} ({self.seen} of {len(self.wanted)}): {screen[:60]!r}")


@dataclass
class Watched:
    """The screens of every chat, in the order in which they were shown."""

    box: Sandbox
    emergency: str = ""
    chats: dict[int | None, Progress] = field(default_factory=lambda: defaultdict(lambda: Progress([])))
    read: int = 0
    open: list[int] = field(default_factory=list)

    def expect(self, person: Person, acts: list[Act]) -> None:
        """Say what a person must see."""
        self.chats[person.id] = Progress([screen for act in acts for screen in act.screens], chat=person.chat)

    def has(self, chat: int, wanted: int) -> bool:
        """Say whether so many screens were seen in their turn."""
        self.look()
        return self.chats[chat].seen >= wanted

    def look(self) -> None:
        """Read the calls that were answered meanwhile; those of other chats may end in any order."""
        calls = self.box.calls
        self.open += range(self.read, len(calls))
        self.read = len(calls)
        ended = [at for at in self.open if calls[at].outcome]
        self.open = [at for at in self.open if not calls[at].outcome]
        for call in map(calls.__getitem__, ended):
            if call.done and call.method in SHOWS and call.chat_id in self.chats:
                how = f"{call.at:%H:%M:%S.%f} {call.method} {call.message_id}"
                self.chats[call.chat_id].show(masked(call.text("text")), how, emergency=self.emergency)


def emergency(content: Content) -> str:
    """Give what people are told when nothing can be kept."""
    words = content.phrases["static_emergency"]
    return "\n\n".join(content.text(words, one) for one in LANGUAGES)


def walk(content: Content, seed: int, now: datetime) -> list[Act]:
    """Give all that somebody does who goes through "I need help" to the end: one case comes of it."""
    return Visitor(content, seed, now).walk()


async def talk(person: Person, acts: list[Act], *, seen: Watched) -> float:
    """Do all acts, waiting for the screen a press needs; gives the longest wait in seconds."""
    seen.expect(person, acts)
    due, longest = 0, 0.0
    for number, act in enumerate(acts):
        began = time.perf_counter()
        await _press(person, act.data) if act.kind == "presses" else await do(person, act)
        due += len(act.screens)
        if number + 1 < len(acts) and _goes_on(act, acts[number + 1]):
            continue
        await person.until(partial(seen.has, person.id, due), timeout=PATIENCE)
        longest = max(longest, time.perf_counter() - began)
    return longest


async def _press(person: Person, data: str) -> None:
    """Press the newest such button; a screen that came twice may lie below it, or have taken its place."""
    bearing = (
        one for one in person.chat.newest() if any(data == button.get("callback_data") for button in one.buttons())
    )
    message = next(bearing, None)
    await (person.forges(data) if message is None else person.presses(data, message=message))
