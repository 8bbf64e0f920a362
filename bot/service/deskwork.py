"""What operators do in Telegram: presses on cards, answers to cards, pressing start. Roles are checked at the act.

By numeric id: membership of the group alone is not enough. A press that only turns a card's page changes no case;
everything else becomes an event in the lane of the case's person.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.core.events import CardWanted, Event, Replied, Started
from bot.core.render import Message, both
from bot.core.roles import may
from bot.core.state import Case, Session
from bot.service.clerk import Clerk
from bot.service.closing import Closer
from bot.service.house import SUPERVISOR, House
from bot.service.jobs import Answer, Job
from bot.service.messaging import (
    GroupMoved,
    GroupPressed,
    GroupWrote,
    Incoming,
    Joined,
    MemberChanged,
    PersonCame,
)
from bot.service.orders import summary
from bot.service.pressing import on_card
from bot.service.replying import Act, confirm, from_console, take_over
from bot.service.rows import Operator
from bot.service.storing import MOVED, OURS, DeskStore

START_LINK = "operator"
"""The payload of the start link that `operators add` prints."""
UNREACHABLE = "group_unreachable"
"""The alarm that the group itself will not hear."""
BEFORE_LEAVING = timedelta(minutes=1)
"""For so long a supergroup may still turn out to be what one of ours has become: that is told in another message."""


class Deskwork:
    """Turn operators' updates into events and rows."""

    def __init__(
        self, *, desk: DeskStore, closer: Closer, free: Callable[[], int], recorded: Callable[[], Awaitable[str]]
    ) -> None:
        """Use these ports; `free` tells the free bytes of the disk, `recorded` the end of the record of acts."""
        self._desk = desk
        self._closer = closer
        self._free = free
        self._recorded = recorded

    def private(self, clerk: Clerk, job: Job, incoming: PersonCame) -> bool:
        """Take an operator's start in their private chat. True if it was one: it is not a person's message then."""
        if incoming.event != Started(payload=START_LINK):
            return False
        operator = _listed(clerk, incoming.person)
        if operator is None:
            return False
        clerk.changes.operators.append(Operator(operator.id, operator.name, operator.role, started=True))
        text = both(clerk.content, clerk.content.phrases["operator_welcome"], {"name": operator.name})
        clerk.note(job, Message(text=text), chat=incoming.chat)
        return True

    async def event(
        self, clerk: Clerk, job: Job, incoming: Incoming, *, case_id: str | None, session: Session
    ) -> Event | None:
        """Read an operator's update; None if it changes no case (what there is to do is already with the clerk)."""
        case = next((one for one in session.cases if one.id == case_id), None)
        if isinstance(incoming, GroupPressed | GroupWrote) and not _is_among_us(clerk, job, incoming):
            return None
        match incoming:
            case GroupPressed():
                return await self._pressed(clerk, job, incoming, case=case, session=session)
            case GroupWrote() | PersonCame():
                return self._wrote(clerk, job, incoming, case=case, session=session)
            case GroupMoved():
                _moved(clerk, incoming)
            case Joined():
                _joined(clerk, job, incoming)
            case MemberChanged():
                _member(clerk, job, incoming)
        return None

    def written(self, clerk: Clerk, job: Job, event: Replied, *, session: Session) -> Event | None:
        """Take over a reply that was made at the console; None if there is nobody, or no case, to write to."""
        if event.row:
            return event
        return from_console(clerk, job, event, session=session)

    async def order(self, clerk: Clerk, job: Job, order: str) -> None:
        """Tell the group what was ordered: the summary, or an alarm by its code."""
        what, _, code = order.partition(":")
        if what == "summary":
            recorded = await self._recorded()
            text = await summary(clerk.content, self._desk, now=job.now, free=self._free(), recorded=recorded)
        else:
            phrases = clerk.content.phrases
            name, meaning = phrases["alarm"], phrases[f"alarm_{code}"]
            text = f"⚠ {both(clerk.content, name, {'name': code})}\n{both(clerk.content, meaning)}"
        for chat in _told(clerk, code):
            clerk.note(job, Message(text=text), chat=chat)

    async def _pressed(
        self, clerk: Clerk, job: Job, incoming: GroupPressed, *, case: Case | None, session: Session
    ) -> Event | None:
        job.callback, job.desk_chat = incoming.callback, incoming.chat
        operator = _listed(clerk, incoming.person)
        event: Event | None = None
        if operator is None:
            _refuse(clerk, job, anonymous=incoming.anonymous)
        elif case is None:
            clerk.tell(job, both(clerk.content, clerk.content.phrases["closed"]))
        elif incoming.data.startswith("l:"):
            event = await self._asked(clerk, job, incoming, case)
        elif incoming.data.startswith("r:"):
            act = Act(clerk, job, incoming, case, operator, session)
            event = await confirm(act, desk=self._desk, closer=self._closer)
        else:
            event = on_card(Act(clerk, job, incoming, case, operator, session))
        if event is None and job.callback is not None:
            clerk.answers.append(Answer(job.callback))
        return event

    async def _asked(self, clerk: Clerk, job: Job, incoming: GroupPressed, case: Case) -> Event | None:
        """Bring the card of a case in the list, unless it is there or somebody has taken the case meanwhile."""
        if case.state != "new":
            name = clerk.house.names.get(case.assignee or 0, "?")
            clerk.tell(job, both(clerk.content, clerk.content.phrases["already_taken"], {"name": name}))
            return None
        if any(place.chat == incoming.chat for place in await self._desk.cards(case.id)):
            return None
        return CardWanted(case=case.id, asked=True)

    def _wrote(
        self, clerk: Clerk, job: Job, incoming: GroupWrote | PersonCame, *, case: Case | None, session: Session
    ) -> Event | None:
        """Take an answer to a card; anything else said in a group is not ours to read."""
        if case is None or (isinstance(incoming, GroupWrote) and incoming.edited):
            return None
        job.desk_chat = incoming.chat
        operator = _listed(clerk, incoming.person)
        if operator is None:
            _refuse(clerk, job, anonymous=isinstance(incoming, GroupWrote) and incoming.anonymous)
            return None
        return take_over(clerk, job, incoming, case=case, session=session, by=operator)


def _listed(clerk: Clerk, person: int) -> Operator | None:
    """Find who may act on cases: an admin looks after people and settings, and is as good as not listed here."""
    return next((one for one in clerk.house.operators if one.id == person and may(one.role, "act")), None)


def _is_among_us(clerk: Clerk, job: Job, incoming: GroupPressed | GroupWrote) -> bool:
    """Hear only what is done in groups of ours; who acts in the operators' one and is not listed is to be known of.

    An old group is none of ours once it moved: nothing there can be trusted to be shown to the same people.
    """
    house = clerk.house
    if incoming.chat > 0:
        return True
    if not house.is_ours(incoming.chat):
        _leave(clerk, job, incoming.chat)
        return False
    if incoming.chat == house.operators_chat and incoming.person not in house.names and not incoming.anonymous:
        clerk.alarms.append("stranger_in_group")
    return True


def _joined(clerk: Clerk, job: Job, incoming: Joined) -> None:
    """Leave groups that are not ours; nothing is said there."""
    if incoming.present and not clerk.house.is_ours(incoming.chat):
        _leave(clerk, job, incoming.chat)


def _leave(clerk: Clerk, job: Job, chat: int) -> None:
    """Leave a group, without a word; what may be one of ours that just moved, not at once."""
    to, due = clerk.house.seat(chat), job.now + BEFORE_LEAVING
    if clerk.house.may_become(chat):
        clerk.put(job, "note", {"leave": True}, to=to, state="ready", due=due)
    else:
        clerk.put(job, "note", {"leave": True}, to=to)


def _member(clerk: Clerk, job: Job, incoming: MemberChanged) -> None:
    """Trust an operator less who is not in the group any more, and know of strangers who came.

    Whoever left is written to privately no more, is not on duty, and is logged out; they are still listed, so a human
    has to say whether they stay. If they do, they press start and log in again.
    """
    house = clerk.house
    if incoming.chat != house.operators_chat:
        return
    operator = next((one for one in house.operators if one.id == incoming.person), None)
    if operator is None and incoming.present:
        clerk.alarms.append("stranger_in_group")
    elif operator is not None and not incoming.present:
        clerk.changes.operators.append(replace(operator, started=False))
        clerk.changes.logouts.append(operator.id)
        clerk.alarms.append("operator_left")
        left = both(clerk.content, clerk.content.phrases["operator_left"], {"name": operator.name})
        for chat in (incoming.chat, *_supervisors(house, but=operator.id)):
            clerk.note(job, Message(text=left), chat=chat)


def _supervisors(house: House, *, but: int) -> list[int]:
    return [one.id for one in house.operators if one.role == SUPERVISOR and one.started and one.id != but]


def _moved(clerk: Clerk, incoming: GroupMoved) -> None:
    """Follow a group of ours to its new id, also for what comes later in this very batch."""
    house = clerk.house
    if not house.is_ours(incoming.chat):
        return
    clerk.alarms.append("group_moved")
    clerk.changes.facts |= {f"{MOVED}{incoming.chat}": str(incoming.to), f"{OURS}{incoming.to}": "yes"}
    if incoming.chat == house.operators_chat:
        clerk.house = replace(house, operators_chat=incoming.to)
    else:
        clerk.house = replace(house, escalation_chat=incoming.to)


def _told(clerk: Clerk, code: str) -> list[int]:
    """Give the chats that an order is told in: the group; if it cannot be reached, the other ways there are too."""
    house = clerk.house
    if house.operators_chat is not None and code != UNREACHABLE:
        return [house.operators_chat]
    others = [operator.id for operator in house.operators if operator.started]
    return [chat for chat in (house.operators_chat, house.escalation_chat, *others) if chat is not None]


def _refuse(clerk: Clerk, job: Job, *, anonymous: bool) -> None:
    key = "anonymous_refused" if anonymous else "not_listed"
    clerk.tell(job, both(clerk.content, clerk.content.phrases[key]))
