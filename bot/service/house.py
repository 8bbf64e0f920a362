"""The organisation as whoever writes to its operators must know it: where they sit, who they are, who is on duty."""

from dataclasses import dataclass

from bot.core.duty import NOBODY, Watch
from bot.service.rows import Operator
from bot.service.vaulting import Recipient

GROUP = "group"
"""The lane of the operators' group."""
PRIVATE = "operator:"
"""The lane of a listed operator's private chat, before their id."""
SUPERGROUPS = -1_000_000_000_000
"""The ids of supergroups and channels lie below this, those of basic groups above (Telegram's Bot API)."""
SUPERVISOR = "supervisor"
"""The role of those who are called when nobody on duty has seen an urgent case."""
To = tuple[str, int]
"""Where a row goes: its lane and its chat id."""


@dataclass(frozen=True, slots=True)
class House:
    """Where its operators sit, who they are, and to whom cases are sealed.

    `watch` sees only those who pressed start.
    """

    operators_chat: int | None
    escalation_chat: int | None
    recipients: tuple[Recipient, ...]
    operators: tuple[Operator, ...]
    trial: bool = False
    watch: Watch = NOBODY
    has_pager: bool = False

    def seat(self, chat: int) -> To:
        """Give the lane and id of a chat of operators: the group, the escalation chat, a listed operator's own."""
        if chat == self.operators_chat:
            return GROUP, chat
        return (f"{PRIVATE}{chat}" if chat in self.names else f"chat:{chat}"), chat

    def is_ours(self, chat: int) -> bool:
        """Say whether a group is the operators' or the escalation chat."""
        return chat in (self.operators_chat, self.escalation_chat)

    def may_become(self, chat: int) -> bool:
        """Say whether a group may be what one of ours has just become: Telegram makes basic groups supergroups."""
        ours = [one for one in (self.operators_chat, self.escalation_chat) if one is not None]
        return chat < SUPERGROUPS and any(SUPERGROUPS < one < 0 for one in ours)

    @property
    def names(self) -> dict[int, str]:
        """Give the operators' names by their ids."""
        return {operator.id: operator.name for operator in self.operators}

    @property
    def group(self) -> To | None:
        """Give the operators' group; None if no group is set (an alarm says so)."""
        return (GROUP, self.operators_chat) if self.operators_chat is not None else None
