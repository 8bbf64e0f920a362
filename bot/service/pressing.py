"""Presses on a card: an act on its case, another page of its buttons, an answer to send, or advice for who pressed."""

from bot.core.events import Event
from bot.core.render import Message
from bot.core.values import LANGUAGES, URGENCIES
from bot.service import cards
from bot.service.advice import advice
from bot.service.replying import Act, ask_to_send
from bot.service.wishes import Wish, WishError, Wishes, works_on_cases

_AT_ONCE = {"s": "seen", "t": "take", "b": "give_back", "k": "keep", "o": "take_over"}


def on_card(act: Act) -> Event | None:
    """Read a press on a card; None if it changes no case. What is forged or old shows a page of buttons."""
    name, _, rest = _action(act).partition(".")
    urgency, _, reason = rest.partition(".")
    match name:
        case "s" | "t" | "b" | "k" | "o":
            return _wished(act, _AT_ONCE[name])
        case "u" if reason:
            return _wished(act, "urgency", urgency=urgency, reason=reason)
        case "r" if rest:
            return _wished(act, "resolve", outcome=rest)
        case "h" if rest:
            return _wished(act, "hand_over", to=rest)
        case "d" if rest:
            act.turn_page(_page(act, "x"))
            return _wished(act, "remind", hours=rest)
        case "a" if rest in act.clerk.content.saved_replies:
            return _answer(act, rest)
        case "w":
            _advise(act)
        case _:
            act.turn_page(_page(act, name, urgency=urgency))
    return None


def _token(act: Act) -> str:
    return (*act.incoming.data.split(":", 2), "")[1]


def _action(act: Act) -> str:
    return (*act.incoming.data.split(":", 2), "", "")[2]


def _wished(act: Act, what: str, **fields: str) -> Event | None:
    """Make the event of a press; one that is not this role's is refused, a forged one shows the first page."""
    wishes = Wishes(act.clerk.content, act.clerk.house.operators, act.job.now)
    try:
        return wishes.event(Wish(what, act.case.id, fields), act.operator)
    except WishError as wrong:
        if wrong.field == "role":
            act.toast("not_your_role")
        else:
            act.turn_page(_page(act, "x"))
        return None


def _answer(act: Act, saved: str) -> Event | None:
    """Ask whether a saved answer shall go, in the person's language; the operator sees it in both.

    For who calls or comes it is kept at once, to be told to them.
    """
    content, talk = act.clerk.content, act.session.conversation
    words = content.saved_replies[saved].text
    shown = "\n".join(content.text(words, language) for language in LANGUAGES)
    text, chat = content.text(words, talk.speaks), act.incoming.chat
    if talk.by_hand:
        return _wished(act, "reply", text=text)
    ask_to_send(act.clerk, act.job, case=act.case, session=act.session, chat=chat, text=text, shown=shown)
    act.turn_page(_page(act, "x"))
    return None


def _advise(act: Act) -> None:
    """Send who pressed the checklists of this case, in their private chat; the number is not on them."""
    if not act.operator.started:
        act.toast("start_first")
        return
    text = advice(act.clerk.content, act.case, reasons=act.session.conversation.reasons)
    act.clerk.note(act.job, Message(text=text), chat=act.operator.id)


def _page(act: Act, name: str, *, urgency: str = "") -> cards.Rows:
    """Give the page of buttons that a press asks for; the first one, if it asks for none."""
    content, case, token = act.clerk.content, act.case, _token(act)
    match name:
        case "m":
            return cards.more_rows(content, case, token)
        case "u" if urgency in URGENCIES:
            return cards.reason_rows(content, token, urgency)
        case "u":
            return cards.urgency_rows(content, token)
        case "r" | "f":
            return cards.outcome_rows(content, token, failed=name == "f")
        case "a":
            return cards.saved_rows(content, token)
        case "h":
            known = (one for one in act.clerk.house.operators if works_on_cases(one))
            others = {one.id: one.name for one in known if one.id != act.operator.id}
            return cards.hand_over_rows(content, token, names=others)
        case "d":
            return cards.remind_rows(content, token)
        case _:
            return cards.card_rows(content, case, token, names=act.clerk.house.names)
