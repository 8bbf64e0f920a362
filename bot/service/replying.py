"""Operators answer people: an answer to a card is taken over, confirmed, then goes as the contact rule allows."""

from dataclasses import dataclass

from bot.core import contact, proving
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
OVERRIDE = "override"
"""The part of a reply's body that tells why it goes against the contact rule."""
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

    def turn_page(self, rows: cards.Rows) -> None:
        """Show other buttons on the very message that was pressed."""
        to, body = self.clerk.house.seat(self.incoming.chat), {"rows": rows, "message": self.incoming.message}
        self.clerk.put(self.job, "card_buttons", body, to=to, priority=3)

    def remove_pressed(self) -> None:
        """Remove the message whose button was pressed."""
        if self.incoming.message is not None:
            to = self.clerk.house.seat(self.incoming.chat)
            self.clerk.put(self.job, "delete", {"ids": [self.incoming.message]}, to=to, priority=3)


def take_over(
    clerk: Clerk, job: Job, incoming: GroupWrote | PersonCame, *, case: Case, session: Session, by: Operator
) -> Replied | None:
    """Take over an answer to a card: it waits to be confirmed, and is removed from where it was written.

    What is to be told to somebody who calls or comes is kept for that at once: it is given back.
    """
    text, attachment = _words(incoming)
    to = clerk.house.seat(incoming.chat)
    if incoming.message is not None:
        clerk.put(job, "delete", {"ids": [incoming.message]}, to=to, priority=3)
    if not _fits(text, attachment) or (session.conversation.by_hand and attachment is not None):
        refused = both(clerk.content, clerk.content.phrases["reply_refused"])
        clerk.note(job, Message(text=refused), chat=incoming.chat)
        return None
    if session.conversation.by_hand:
        return Replied(case=case.id, operator=by.id, name=by.name, text=text)
    ask_to_send(clerk, job, case=case, session=session, chat=incoming.chat, text=text, attachment=attachment)
    return None


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
    needs_word = proving.is_needed(session.conversation, job.now)
    may_go = contact.allowance(clerk.content, session.conversation, case, job.now).due == job.now
    goes_now = may_go and not needs_word
    phrase = "reply_ready_answer" if goes_now else "reply_ready_word" if needs_word else "reply_ready_held"
    question = both(clerk.content, clerk.content.phrases[phrase], {"number": case.number})
    override = not goes_now and contact.may_override(session.conversation, case)
    rows = cards.confirm_rows(clerk.content, key, override=override)
    clerk.note(job, Message(text=f"{question}\n{shown}".rstrip(), rows=rows), chat=chat)


def from_console(clerk: Clerk, job: Job, event: Replied, *, session: Session) -> Replied | None:
    """Take over and keep a reply that was confirmed where it was made; None if the case is over or the person unknown.

    What cannot be passed on is refused before it gets here; here it is not trusted. Nothing goes to who has no chat.
    """
    text, attachment, by_hand = event.text or "", event.attachment, session.conversation.by_hand
    is_theirs = any(case.id == event.case for case in session.cases) and event.case not in session.conversation.left
    is_reachable = attachment is None if by_hand else job.person is not None
    if not is_theirs or not is_reachable or not _fits(text, attachment):
        return None
    body = {"text": text, "attachment": attachment.model_dump() if attachment else None, OVERRIDE: event.override}
    key = clerk.put(job, "reply", body, to=job.person, priority=2, state="asked", case=event.case)
    sealed = {"kind": "reply", "operator": event.operator, "text": text, "at": to_minute(job.now).isoformat()}
    sealed |= {OVERRIDE: event.override} if event.override else {}
    clerk.seal(job, Seal(case=event.case, body=sealed, attachment=attachment), heard=True)
    return event.model_copy(update={"row": key, "text": None, "attachment": None})


async def confirm(act: Act, *, desk: DeskStore, closer: Closer) -> Event | None:
    """Take "send" or "cancel" under a reply, once; the confirmation itself is removed."""
    key, _, answer = act.incoming.data[2:].rpartition(":")
    changes = act.clerk.changes
    row = await desk.reply(key)
    if row is None or row.state != "asked" or any(key == settled for settled, *_ in changes.deliver):
        act.toast("expired_button")
        return None
    if answer == "d":
        act.turn_page(cards.danger_rows(act.clerk.content, key))
        return None
    act.remove_pressed()
    if act.case.id in act.session.conversation.left:
        changes.deliver.append((key, "undeliverable", False, act.job.now))
        act.toast("reply_undelivered")
        return None
    override = answer.removeprefix("d.") if answer.startswith("d.") else None
    if answer != "y" and override not in act.clerk.content.dangers:
        changes.deliver.append((key, "cancelled", False, act.job.now))
        act.toast("reply_cancelled")
        return None
    body = closer.open_body(f"outbox|{key}", row.body)
    if override is not None:  # what was written down cannot be changed: it is written once more
        changes.deliver.append((key, "cancelled", False, act.job.now))
        body = {**body, OVERRIDE: override}
        key = act.clerk.put(act.job, "reply", body, to=act.job.person, priority=2, state="asked", case=act.case.id)
    _seal(act, body)
    return Replied(case=act.case.id, operator=act.operator.id, name=act.operator.name, row=key, override=override)


def _seal(act: Act, body: dict[str, object]) -> None:
    """Keep what was answered in the case too; a file stays a file of the case."""
    sealed = {"kind": "reply", "operator": act.operator.id, "text": body.get("text") or ""}
    sealed |= {OVERRIDE: body[OVERRIDE]} if OVERRIDE in body else {}
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
