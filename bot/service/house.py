"""The organisation as whoever writes to its operators must know it: where they sit, who they are, who is on duty."""

from dataclasses import dataclass

from bot.core.duty import NOBODY, Watch
from bot.service.rows import Operator
from bot.service.vaulting import Recipient

GROUP = "group"
"""The lane of the operators' group; an operator's private chat is `operator:ID`."""
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
        """Give the lane and id of a chat of operators: the group, the escalation chat or an operator's own."""
        if chat == self.operators_chat:
            return GROUP, chat
        return (f"operator:{chat}" if chat > 0 else f"chat:{chat}"), chat

    @property
    def names(self) -> dict[int, str]:
        """Give the operators' names by their ids."""
        return {operator.id: operator.name for operator in self.operators}

    @property
    def group(self) -> To | None:
        """Give the operators' group; None if no group is set (an alarm says so)."""
        return (GROUP, self.operators_chat) if self.operators_chat is not None else None
