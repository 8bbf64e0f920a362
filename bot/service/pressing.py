"""Presses on a card: an act on its case, another page of its buttons, an answer to send, or advice for who pressed."""

from datetime import timedelta

from bot.core.events import Desk, Event, HandedOver, Postponed
from bot.core.render import Message
from bot.core.values import LANGUAGES, URGENCIES
from bot.service import cards
from bot.service.advice import advice
from bot.service.replying import Act, ask_to_send

TAKES_OVER = "supervisor"
"""The role that may take a case from somebody."""
_AT_ONCE = {"t": "take", "b": "give_back", "k": "keep"}


def on_card(act: Act) -> Event | None:
    """Read a press on a card; None if it changes no case. What is forged or old shows a page of buttons."""
    content = act.clerk.content
    name, _, rest = _action(act).partition(".")
    match name:
        case "t" | "b" | "k":
            return _desk(act, _AT_ONCE[name])
        case "o":
            return _take_over(act)
        case "u" if rest:
            return _urgency(act, rest)
        case "r" if rest in content.outcomes:
            return _desk(act, "resolve", outcome=rest)
        case "h" if rest:
            return _hand_over(act, rest)
        case "d" if rest in (str(hours) for hours in cards.REMIND_HOURS):
            return _remind(act, int(rest))
        case "s" if rest in content.saved_replies:
            _answer(act, rest)
        case "w":
            _advise(act)
        case _:
            _turn_page(act, _page(act, name))
    return None


def _token(act: Act) -> str:
    return (*act.incoming.data.split(":", 2), "")[1]


def _action(act: Act) -> str:
    return (*act.incoming.data.split(":", 2), "", "")[2]


def _desk(act: Act, what: str, **fields: str) -> Event:
    who = {"case": act.case.id, "operator": act.operator.id, "name": act.operator.name}
    return Desk.model_validate({**who, "act": what, **fields})


def _take_over(act: Act) -> Event | None:
    if act.operator.role != TAKES_OVER:
        act.toast("supervisors_only")
        return None
    return _desk(act, "take_over")


def _urgency(act: Act, rest: str) -> Event | None:
    """Read another urgency and its reason; without the reason, its page is shown."""
    urgency, _, reason = rest.partition(".")
    if urgency in URGENCIES and reason in act.clerk.content.urgency_reasons:
        return _desk(act, "urgency", urgency=urgency, reason=reason)
    content, token = act.clerk.content, _token(act)
    known = urgency in URGENCIES
    _turn_page(act, cards.reason_rows(content, token, urgency) if known else cards.urgency_rows(content, token))
    return None


def _hand_over(act: Act, to: str) -> Event | None:
    """Hand over to a colleague who is still listed; the note that goes with it is the console's."""
    for colleague in act.clerk.house.operators:
        if str(colleague.id) == to:
            who = {"case": act.case.id, "operator": act.operator.id, "name": act.operator.name}
            return HandedOver.model_validate({**who, "to": colleague.id, "to_name": colleague.name})
    _turn_page(act, _page(act, "h"))
    return None


def _remind(act: Act, hours: int) -> Event:
    _turn_page(act, _page(act, "x"))
    due = act.job.now + timedelta(hours=hours)
    return Postponed(case=act.case.id, operator=act.operator.id, name=act.operator.name, due=due)


def _answer(act: Act, saved: str) -> None:
    """Ask whether a saved answer shall go, in the person's language; the operator sees it in both."""
    content, talk = act.clerk.content, act.session.conversation
    words = content.saved_replies[saved].text
    shown = "\n".join(content.text(words, language) for language in LANGUAGES)
    text, chat = content.text(words, talk.speaks), act.incoming.chat
    ask_to_send(act.clerk, act.job, case=act.case, session=act.session, chat=chat, text=text, shown=shown)
    _turn_page(act, _page(act, "x"))


def _advise(act: Act) -> None:
    """Send who pressed the checklists of this case, in their private chat; the number is not on them."""
    if not act.operator.started:
        act.toast("start_first")
        return
    text = advice(act.clerk.content, act.case, act.session.conversation.reasons)
    act.clerk.note(act.job, Message(text=text), chat=act.operator.id)


def _page(act: Act, name: str) -> cards.Rows:
    """Give the page of buttons that a press asks for; the first one, if it asks for none."""
    content, case, token = act.clerk.content, act.case, _token(act)
    match name:
        case "m":
            return cards.more_rows(content, case, token)
        case "u":
            return cards.urgency_rows(content, token)
        case "r" | "f":
            return cards.outcome_rows(content, token, failed=name == "f")
        case "s":
            return cards.saved_rows(content, token)
        case "h":
            others = {one: known for one, known in act.clerk.house.names.items() if one != act.operator.id}
            return cards.hand_over_rows(content, token, names=others)
        case "d":
            return cards.remind_rows(content, token)
        case _:
            return cards.card_rows(content, case, token, names=act.clerk.house.names)


def _turn_page(act: Act, rows: cards.Rows) -> None:
    """Show another page of buttons on the very card that was pressed."""
    body = {"rows": rows, "message": act.incoming.message}
    act.clerk.put(act.job, "card_buttons", body, to=act.clerk.house.seat(act.incoming.chat), priority=3)
