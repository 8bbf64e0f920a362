"""Destroying: of cases and of chats, so that nothing is left of them in the file, its journal or the folder of files.

Deleted rows are overwritten (`secure_delete`), and the journal that still holds them is emptied after the commit.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import BindParameter, Connection, bindparam, delete, null, select, update

from bot.core.errors import MachineError
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.schema import cases, conversations, inbox, is_aside, is_unsettled, ledger, outbox, records, timers

_ids: BindParameter[str] = bindparam("ids", expanding=True)
_lanes: BindParameter[str] = bindparam("lanes", expanding=True)
# Timers and rows are found through the lane, for which they have an index.
_lanes_of_cases = select(cases.c.lane).where(cases.c.id.in_(_ids))
_orphans = select(records.c.blob).where(records.c.case_id.in_(_ids), records.c.blob.is_not(None))
_shred_rows = (
    update(outbox)
    .where(is_unsettled, outbox.c.lane.in_(_lanes_of_cases), outbox.c.case_id.in_(_ids))
    .values(state="cancelled", body=null(), chat=null(), case_id=null())
)
_shred_timers = delete(timers).where(timers.c.lane.in_(_lanes_of_cases), timers.c.case_id.in_(_ids))
# Wraps, records, fetches and cards go with their case.
_shred_cases = delete(cases).where(cases.c.id.in_(_ids))

_is_silent = conversations.c.updated_at <= bindparam("silent", type_=conversations.c.updated_at.type)
_without_case = ~select(cases.c.id).where(cases.c.lane == conversations.c.lane).exists()
_forget = (
    delete(conversations)
    .where(conversations.c.lane.in_(_lanes), _is_silent, _without_case)
    .returning(conversations.c.lane)
)
_of_lanes = (
    delete(ledger).where(ledger.c.lane.in_(_lanes)),
    delete(timers).where(timers.c.lane.in_(_lanes)),
    delete(outbox).where(is_unsettled, outbox.c.lane.in_(_lanes)),
    delete(inbox).where(is_aside, inbox.c.lane.in_(_lanes)),
)
silent_lanes = select(conversations.c.lane).where(_is_silent, _without_case).limit(bindparam("limit"))
"""Chats that were silent since `silent` and have no case."""
log = structlog.get_logger()


def shred(connection: Connection, ids: Sequence[str]) -> Sequence[str]:
    """Destroy cases; gives their files, which are to be deleted after the commit."""
    if not ids:
        return ()
    asked = {"ids": ids}
    orphans = connection.scalars(_orphans, asked).all()
    for statement in (_shred_rows, _shred_timers, _shred_cases):
        connection.execute(statement, asked)
    return [blob for blob in orphans if blob is not None]


def forget_lanes(connection: Connection, lanes: Sequence[str], silent: datetime) -> int:
    """Forget chats that have no case and were silent since an instant; gives how many."""
    if not lanes:
        return 0
    gone = list(connection.scalars(_forget, {"lanes": lanes, "silent": silent}))
    for statement in _of_lanes if gone else ():
        connection.execute(statement, {"lanes": gone})
    return len(gone)


async def clear_away(database: Database, blobs: BlobFolder, orphans: Sequence[str]) -> None:
    """Delete the files of shredded cases and empty the WAL of their keys.

    What they belonged to is gone already, so a disk that fails now must not undo that in the caller's eyes: the next
    start sweeps files without a record, and closing empties the WAL.
    """
    try:
        await blobs.delete(orphans)
        await database.scrub()
    except MachineError as error:
        log.warning("store.shredding_unfinished", files=len(orphans), error=str(error))
