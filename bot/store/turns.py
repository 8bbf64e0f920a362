"""The pace that several processes keep together: a bucket of tokens in one row, drawn from by the server's clock."""

import json

from sqlalchemy import Connection, bindparam, select, text

from bot.service.pacing import Bucket
from bot.store.conflicts import insert_new, put
from bot.store.schema import facts

PACE = "pace:"
"""The fact that holds a bucket is named so, and by what it is for."""
_briefly = text("SET LOCAL idle_in_transaction_session_timeout = 1000")
"""Every send of every process waits for the row: a process that is halted with it in hand loses it after a second."""
_held = select(facts.c.value).where(facts.c.key == bindparam("key")).with_for_update()
_now = text("SELECT extract(epoch FROM clock_timestamp())")


def draw(connection: Connection, key: str, *, burst: float, rate: float, most: float) -> float:
    """Take a token; gives the seconds until it may be used. Of whoever would wait longer than `most` none is taken."""
    name = {"key": PACE + key}
    connection.execute(_briefly)
    held = connection.scalars(_held, name).first()
    if held is None:
        connection.execute(insert_new(connection, facts), {**name, "value": "{}"}).close()
        held = connection.scalars(_held, name).one()
    bucket = Bucket(burst, rate, **json.loads(held))
    wait = bucket.wait(float(connection.scalars(_now).one()))
    if wait <= most:
        bucket.take()
        kept = json.dumps({"tokens": bucket.tokens, "at": bucket.at})
        connection.execute(put(connection, facts), {**name, "value": kept})
    return wait
