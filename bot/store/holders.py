"""Who may hold a case's secret: of an open case the whole team, of a closed one its last assignee and the supervisors.

Organisation and recovery hold every case; an admin holds none.
"""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Connection, Text, bindparam, cast, delete, exists, literal, select

from bot.service.holding import next_key
from bot.service.vaulting import OPERATOR, operator_recipient
from bot.store.schema import cases, is_closed, operators, recipients, sessions, wraps

_ids: BindParameter[str] = bindparam("ids", expanding=True)
_key_of_operator = literal(OPERATOR) + cast(operators.c.id, Text)
_is_assigned = exists().where(
    cases.c.id == wraps.c.case_id, wraps.c.recipient == literal(OPERATOR) + cast(cases.c.assignee, Text)
)
_narrow = delete(wraps).where(
    wraps.c.case_id.in_(_ids),
    wraps.c.recipient.in_(select(_key_of_operator).where(operators.c.role != "supervisor")),
    ~_is_assigned,
)
_one = wraps.c.recipient == bindparam("holder")
_leave_closed = delete(wraps).where(_one, wraps.c.case_id.in_(select(cases.c.id).where(is_closed)), ~_is_assigned)
_leave_all = delete(wraps).where(wraps.c.recipient.in_(_ids))
_forget = delete(recipients).where(recipients.c.id.in_(_ids))
_log_out = delete(sessions).where(sessions.c.operator.in_(bindparam("numbers", expanding=True)))

is_admins = recipients.c.id.in_(select(_key_of_operator).where(operators.c.role == "admin"))
"""Whether a recipient's key is an admin's, to which nothing is sealed."""


def narrow(connection: Connection, closed: Sequence[str]) -> None:
    """Take from everybody who need not open them any more what was sealed to them of cases that were closed."""
    if closed:
        connection.execute(_narrow, {"ids": closed})


def leave(connection: Connection, operator: int, *, role: str) -> None:
    """Take from an operator what somebody of this role may not open."""
    holder = operator_recipient(operator)
    if role == "admin":
        connection.execute(_leave_all, {"ids": [holder, next_key(holder)]})
        connection.execute(_forget, {"ids": [next_key(holder)]})
    elif role != "supervisor":
        connection.execute(_leave_closed, {"holder": holder})


def forget(connection: Connection, recipient: str) -> None:
    """Forget a recipient, its next key, and all that was sealed to either.

    The key goes first: on PostgreSQL that waits for whoever is sealing a case to it, whose wrap then goes as well.
    """
    both = [recipient, next_key(recipient)]
    connection.execute(_forget, {"ids": both})
    connection.execute(_leave_all, {"ids": both})


def log_out(connection: Connection, numbers: Sequence[int]) -> None:
    """End all sessions of operators at the console; in these lie their unlocked secrets, each closed by a cookie."""
    if numbers:
        connection.execute(_log_out, {"numbers": numbers})
