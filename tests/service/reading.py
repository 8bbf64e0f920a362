"""A case whose records are opened without keys: what a conversation sealed, as an opener would give it back."""

import json
from datetime import datetime

from bot.core.effects import Decision, Seal
from bot.core.events import Event
from bot.core.values import Language
from bot.service.casefile import Item, read_case
from bot.service.entries import CaseFile
from tests.core.talking import Talk, shipped_content


class Sealed(Talk):
    """A conversation that keeps what is sealed of it."""

    def __init__(self) -> None:
        """Begin with nobody known."""
        super().__init__(shipped_content())
        self.items: list[Item] = []

    def take(self, event: Event, *, seconds: float = 3) -> Decision:
        """Let something happen, and keep its records."""
        decision = super().take(event, seconds=seconds)
        self.items += [_item(effect, f"r{len(self.items) + at}", self.now) for at, effect in enumerate(self.of(Seal))]
        return decision

    def read(self, language: Language = "en") -> CaseFile:
        """Read what was sealed."""
        return read_case(self.content, self.items, language)


def _item(effect: Seal, record: str, at: datetime) -> Item:
    body = json.loads(json.dumps(dict(effect.body)))
    if effect.attachment is not None:
        body["file"] = effect.attachment.model_dump(exclude={"file"})
    return Item(record, body, at, effect.attachment is not None, opened=False, blob=None, file=None)
