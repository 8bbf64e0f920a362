"""The helpline as a process, and people who are in danger: what a sick machine must not lose."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.sandbox import Person, Sandbox, populate
from bot.sandbox.chats import Message
from tests.whole.process import Process

PEOPLE = 20


class Town:
    """The helpline as a process, and people who press danger, which makes a case each."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box = box
        self.group = populate(box)
        self.process = Process(box, self.group, folder)
        self.people = [box.add_person(f"Person {number}", language_code="en") for number in range(PEOPLE)]

    @property
    def database(self) -> Path:
        """Give the database's file."""
        return self.process.data / "helpline.db"

    async def all_ask(self, *, words: str = "they hit me") -> None:
        """Let everybody write what makes a case."""
        for person in self.people:
            await person.says(words)

    def answered(self) -> int:
        """Count the people who were shown a screen with buttons."""
        return sum(any(message.rows for message in _from_bot(person)) for person in self.people)

    def count(self, query: str) -> int:
        """Count in the database what a query counts."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            return int(database.execute(query).fetchone()[0])

    async def all_kept(self) -> None:
        """Wait until everybody has an answer and one case, and nothing was set aside."""
        await self.process.until(lambda: self.answered() == PEOPLE)
        await self.process.settled()
        assert self.count("SELECT count(*) FROM cases") == PEOPLE
        assert self.count("SELECT count(DISTINCT lane) FROM cases") == PEOPLE
        assert self.count("SELECT count(*) FROM inbox WHERE state = 'aside'") == 0


def _from_bot(person: Person) -> list[Message]:
    return [message for message in person.messages() if message.from_bot]
