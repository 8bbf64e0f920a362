"""How often one may try to log in: five times, then after a wait that doubles with each further failure."""

from datetime import datetime, timedelta

FREE = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
"""Not longer: whoever tries another's name must not keep them out for a shift."""
FORGOTTEN = timedelta(days=1)


def may_try(failed: int, last: datetime | None, now: datetime) -> bool:
    """Say whether a password is looked at at all, after so many failures in a row, the last of them then."""
    if failed < FREE or last is None:
        return True
    waits = min(FIRST_WAIT * (1 << min(failed - FREE, 10)), LONGEST_WAIT)
    return now - last >= waits
