"""What one batch writes, collected row by row: records, messages and what is known of them. Nothing is sent here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.core.content import Content
from bot.core.effects import (
    PutOnRecord,
    Seal,
)
from bot.core.flow import Line
from bot.core.render import Message, both
from bot.core.sending import RowKind
from bot.service.closing import Closer
from bot.service.house import House, To
from bot.service.jobs import Answer, Job
from bot.service.minting import new_id
from bot.service.rows import HIDES, Changes, Fetch, Kept, OutboxRow, Record, RowState
from bot.service.vaulting import Sealer


@dataclass
class Collected:
    """The changes of one batch, and the verbs that add to them."""

    content: Content
    closer: Closer
    sealer: Sealer
    house: House
    token: str
    changes: Changes = field(default_factory=Changes)
    keys: dict[str, bytes] = field(default_factory=dict)
    chats: dict[To, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    hidden: dict[str, Job] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    on_record: list[PutOnRecord] = field(default_factory=list)

    def seal(self, job: Job, effect: Seal, *, heard: bool = False) -> None:
        """Seal a record; its file, if any, is fetched later. `heard`: no human has to open it."""
        record = new_id()
        body = dict(effect.body)
        attachment = effect.attachment
        if attachment is not None:
            body["file"] = attachment.model_dump(exclude={"file", "content"})
            source = self.closer.body(f"fetches|{record}", attachment.model_dump())
            self.changes.fetches.append(Fetch(record, effect.case, source, job.now))
            self.keep(job, record=record)
        sealed = self.sealer.record(self.keys[effect.case], body, case=effect.case, record=record, kind="record")
        media = attachment is not None and not heard
        self.changes.records.append(Record(record, effect.case, sealed, job.now, media=media))

    def shred(self, case: str) -> None:
        """Destroy a case, also one that began in this very batch."""
        changes = self.changes
        if any(new.case.id == case for new in changes.new_cases):
            changes.new_cases = [new for new in changes.new_cases if new.case.id != case]
            changes.records = [record for record in changes.records if record.case != case]
            changes.fetches = [fetch for fetch in changes.fetches if fetch.case != case]
            changes.timers = [timer for timer in changes.timers if timer.case != case]
            return
        changes.cases.pop(case, None)
        changes.records = [record for record in changes.records if record.case != case]
        changes.fetches = [fetch for fetch in changes.fetches if fetch.case != case]
        changes.shred.append(case)

    def keep_message(self, job: Job, message: int, at: datetime, *, overtaken: bool) -> None:
        """Remember the id and the time of a message the person sent, so that hide can remove it.

        One that hide has overtaken is removed now: the chat was emptied before it was known.
        """
        if overtaken:
            self.put(job, "delete", {"ids": [message]}, to=job.person, priority=HIDES)
            return
        job.kept = len(self.changes.ledger)
        self.changes.ledger.append(Kept(job.lane, self.closer.message_id(job.lane, message), at, mine=False))

    def keep(self, job: Job, **fields: Any) -> None:
        """Note more of the message that the person sent just now, if there is one."""
        if job.kept is not None:
            self.changes.ledger[job.kept] = replace(self.changes.ledger[job.kept], **fields)

    def tell(self, job: Job, text: str) -> None:
        """Tell the operator who acted: in answer to their press, else in the chat where they acted."""
        if job.callback is not None:
            self.answers.append(Answer(job.callback, text[:200]))
            job.callback = None
        elif job.desk_chat is not None:
            self.note(job, Message(text=text), chat=job.desk_chat)

    def note(self, job: Job, message: Message, *, chat: int) -> None:
        """Write a line into a chat of operators."""
        self.put(job, "note", {"message": message}, to=self.house.seat(chat), priority=3)

    def line(self, line: Line) -> str:
        """Give a line in both languages, for operators."""
        return both(self.content, line.words, line.params)

    def put(
        self,
        job: Job,
        kind: RowKind,
        body: Mapping[str, object],
        *,
        to: To | None,
        priority: int = 5,
        state: RowState = "leased",
        initiative: bool = False,
        case: str | None = None,
        due: datetime | None = None,
    ) -> str:
        """Add a row to the outbox, leased to this process's own sender; gives its key. Nowhere to go: no row."""
        key = f"{job.row}:{job.made}"
        job.made += 1
        if to is None:
            return key
        lane, chat = to
        self.changes.outbox.append(
            OutboxRow(
                key=key,
                lane=lane,
                chat=self.chat(lane, chat),
                kind=kind,
                body=self.closer.body(f"outbox|{key}", body),
                due=due or job.now,
                priority=priority,
                state=state,
                initiative=initiative,
                case=case,
                lease=self.token if state == "leased" else None,
                clear=(chat, body),
            )
        )
        return key

    def chat(self, lane: str, chat: int) -> bytes:
        """Close the id of a lane's chat, once for all the rows of a batch."""
        if (lane, chat) not in self.chats:
            self.chats[lane, chat] = self.closer.chat(lane, chat)
        return self.chats[lane, chat]
