"""When each message of a chat is taken away by itself, and the file that has to be fetched before."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
_DAY = 23 * 3600 * 1000


def upgrade() -> None:
    """Add the columns; what lies in chats already goes within a day of when it came."""
    op.add_column("ledger", sa.Column("due", sa.BigInteger))
    op.add_column("ledger", sa.Column("record", sa.Text))
    ledger = sa.table("ledger", sa.column("at", sa.BigInteger), sa.column("due", sa.BigInteger))
    op.execute(ledger.update().values(due=ledger.c.at + _DAY))
    op.create_index("ix_ledger_due", "ledger", ["due"])
