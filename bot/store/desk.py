"""What the desk, the timers, the downloads and the command line read and write outside batches."""

from bot.service.storing import DeskStore
from bot.store.blobs import BlobFolder
from bot.store.database import Database
from bot.store.desk_cases import DeskCases
from bot.store.desk_errands import DeskErrands
from bot.store.desk_facts import DeskFacts
from bot.store.desk_forgetting import DeskForgetting
from bot.store.desk_keys import DeskKeys
from bot.store.desk_people import DeskPeople


class SqlDesk(DeskPeople, DeskKeys, DeskForgetting, DeskCases, DeskErrands, DeskFacts, DeskStore):
    """The desk on SQL: people, keys, cases, errands and facts."""

    def __init__(self, database: Database, blobs: BlobFolder) -> None:
        self._database = database
        self._blobs = blobs
