"""Operators answer people: an answer to a card is taken over, confirmed, then goes as the contact rule allows."""

from dataclasses import dataclass

from bot.core import contact
from bot.core.effects import Seal
from bot.core.events import Attachment, Event, Replied, Said, Sent
from bot.core.render import Message, both
from bot.core.state import Case, Session
from bot.core.values import to_minute
from bot.service import cards
from bot.service.clerk import Clerk
from bot.service.closing import Closer
from bot.service.jobs import Job
from bot.service.messaging import GroupPressed, GroupWrote, PersonCame
from bot.service.rows import Operator
from bot.service.storing import DeskStore
from bot.service.wishes import LONGEST_REPLY

LONGEST_CAPTION = 900
"""Below Telegram's 1,024, with room for what stands around it."""
REPLY_KINDS = ("voice", "photo", "document")


@dataclass(frozen=True, slots=True)
class Act:
    """An operator's press on something of a case."""

    clerk: Clerk
    job: Job
    incoming: GroupPressed
    case: Case
    operator: Operator
    session: Session

    def toast(self, key: str) -> None:
        """Answer the press with a sentence."""
        self.clerk.tell(self.job, both(self.clerk.content, self.clerk.content.phrases[key]))

    def remove_pressed(self) -> None:
        """Remove the message whose button was pressed."""
        if self.incoming.message is not None:
            to = self.clerk.house.seat(self.incoming.chat)
            self.clerk.put(self.job, "delete", {"ids": [self.incoming.message]}, to=to, priority=3)


def take_over(clerk: Clerk, job: Job, incoming: GroupWrote | PersonCame, *, case: Case, session: Session) -> None:
    """Take over an answer to a card: it waits to be confirmed, and is removed from where it was written."""
    text, attachment = _words(incoming)
    to = clerk.house.seat(incoming.chat)
    if incoming.message is not None:
        clerk.put(job, "delete", {"ids": [incoming.message]}, to=to, priority=3)
    if not _fits(text, attachment):
        refused = both(clerk.content, clerk.content.phrases["reply_refused"])
        clerk.note(job, Message(text=refused), chat=incoming.chat)
        return
    ask_to_send(clerk, job, case=case, session=session, chat=incoming.chat, text=text, attachment=attachment)


def ask_to_send(
    clerk: Clerk,
    job: Job,
    *,
    case: Case,
    session: Session,
    chat: int,
    text: str,
    attachment: Attachment | None = None,
    shown: str = "",
) -> None:
    """Let an answer wait until it is confirmed in the operators' `chat`; `shown` is put below the question."""
    if job.person is None or case.id in session.conversation.left:
        # Restored without the server key: the case is kept, to whom it belongs is not known. Or they left this phone.
        lost = both(clerk.content, clerk.content.phrases["delivery_failed"], {"number": case.number})
        clerk.note(job, Message(text=lost), chat=chat)
        return
    body = {"text": text, "attachment": attachment.model_dump() if attachment else None}
    key = clerk.put(job, "reply", body, to=job.person, priority=2, state="asked", case=case.id)
    due = contact.allowance(clerk.content, session.conversation, case, job.now).due
    phrase = "reply_ready_answer" if due == job.now else "reply_ready_held"
    question = both(clerk.content, clerk.content.phrases[phrase], {"number": case.number})
    rows = cards.confirm_rows(clerk.content, key)
    clerk.note(job, Message(text=f"{question}\n{shown}".rstrip(), rows=rows), chat=chat)


def from_console(clerk: Clerk, job: Job, event: Replied, *, session: Session) -> Replied | None:
    """Write and keep a reply that was confirmed where it was written; None if the case is over or the person unknown.

    What cannot be passed on is refused before it gets here; here it is not trusted.
    """
    text = event.text or ""
    is_theirs = any(case.id == event.case for case in session.cases) and event.case not in session.conversation.left
    if job.person is None or not is_theirs or not _fits(text, None):
        return None
    body = {"text": text, "attachment": None}
    key = clerk.put(job, "reply", body, to=job.person, priority=2, state="asked", case=event.case)
    sealed = {"kind": "reply", "operator": event.operator, "text": text, "at": to_minute(job.now).isoformat()}
    clerk.seal(job, Seal(case=event.case, body=sealed), heard=True)
    return event.model_copy(update={"row": key, "text": None})


async def confirm(act: Act, *, desk: DeskStore, closer: Closer) -> Event | None:
    """Take "send" or "cancel" under a reply, once; the confirmation itself is removed."""
    key, _, answer = act.incoming.data[2:].rpartition(":")
    changes = act.clerk.changes
    row = await desk.reply(key)
    if row is None or row.state != "asked" or any(key == settled for settled, *_ in changes.deliver):
        act.toast("expired_button")
        return None
    act.remove_pressed()
    if act.case.id in act.session.conversation.left:
        changes.deliver.append((key, "undeliverable", False, act.job.now))
        act.toast("reply_undelivered")
        return None
    if answer != "y":
        changes.deliver.append((key, "cancelled", False, act.job.now))
        act.toast("reply_cancelled")
        return None
    _seal(act, closer.open_body(f"outbox|{key}", row.body))
    return Replied(case=act.case.id, operator=act.operator.id, name=act.operator.name, row=key)


def _seal(act: Act, body: dict[str, object]) -> None:
    """Keep what was answered in the case too; a file stays a file of the case."""
    sealed = {"kind": "reply", "operator": act.operator.id, "text": body.get("text") or ""}
    attached = body.get("attachment")
    attachment = Attachment.model_validate(attached) if attached else None
    act.clerk.seal(act.job, Seal(case=act.case.id, body=sealed, attachment=attachment), heard=True)


def _words(incoming: GroupWrote | PersonCame) -> tuple[str, Attachment | None]:
    if isinstance(incoming, GroupWrote):
        return incoming.text or incoming.caption, incoming.attachment
    match incoming.event:
        case Said(text=text):
            return text, None
        case Sent(attachment=attachment, caption=caption):
            return caption, attachment
        case _:
            return "", None


def _fits(text: str, attachment: Attachment | None) -> bool:
    """Say whether a reply can be passed on: words of a sensible length, or an allowed kind of file."""
    if attachment is not None:
        return attachment.kind in REPLY_KINDS and len(text) <= LONGEST_CAPTION
    return len(text.strip()) > 0 and len(text) <= LONGEST_REPLY
