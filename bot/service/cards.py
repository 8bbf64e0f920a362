"""What operators see of a case in the group: only what a card may hold (ARCHITECTURE, Cases)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core import contact
from bot.core.casework import TO_DECIDE
from bot.core.content import Content
from bot.core.flow import Words
from bot.core.render import Button, both
from bot.core.state import SHOWN, Case, Conversation, Mark
from bot.core.values import URGENCIES

HOME = ZoneInfo("Asia/Phnom_Penh")
"""Where the operators are."""
SIGNS = {"P1": "🔴", "P2": "🟠", "P3": "🔵", "P4": "⚪"}
LISTED = 24
"""Cases named in the list; the rest is counted. Keeps it under Telegram's 4,096 characters and 100 buttons."""
LIST_COLUMNS = 3
SIGNED: tuple[Mark, ...] = (*TO_DECIDE, "late", "left")
"""Marks that stand on the card itself."""
COLLEAGUES = 40
"""On one page, so that its buttons stay under Telegram's 100."""
REMIND_HOURS = (1, 4, 12, 24, 72)
Rows = tuple[tuple[Button, ...], ...]


def card_text(content: Content, case: Case, *, talk: Conversation, reasons: Iterable[str], now: datetime) -> str:
    """Write a card: number, urgency, country, time there, age, may write or call now, unheard media, reasons."""
    content = content.aloud if talk.by_hand else content
    phrases = content.phrases
    zones = content.zones(case.country)
    times = " / ".join(dict.fromkeys(now.astimezone(zone).strftime("%H:%M") for zone in zones)) or "--:--"
    lines = [
        f"{SIGNS[case.urgency]} {case.urgency}  {case.number}",
        both(content, phrases["card_where"], {"country": country_name(content, case), "time": times}),
        both(content, phrases["card_age"], {"age": str(case.minutes_at(now))}),
        _may_write(content, case, talk=talk, now=now),
    ]
    if case.unheard:
        lines.append(both(content, phrases["card_unheard"], {"count": str(case.unheard)}))
    lines += [f"• {both(content, content.indicators[one].label)}" for one in reasons]
    lines.append(both(content, phrases["reply_how"]))
    return "\n".join(lines)


def _may_write(content: Content, case: Case, *, talk: Conversation, now: datetime) -> str:
    """Say whether one may write at this moment: as the rule allows, or in answer to what the person just did."""
    may = contact.allowance(content, talk, case, now)
    if may.allowed == now:
        return both(content, content.phrases["card_may_write"])
    if may.until is not None:
        return both(content, content.phrases["card_answer_until"], {"time": f"{may.until.astimezone(HOME):%H:%M}"})
    return both(content, content.phrases["card_may_not_write"])


def country_name(content: Content, case: Case) -> str:
    """Name a case's country in both languages; a dash if it is not known."""
    row = content.countries.get(case.country or "")
    return both(content, row.words) if row else "—"


def card_rows(content: Content, case: Case, token: str, *, names: Mapping[int, str]) -> Rows:
    """Give the buttons of a card as the case stands; none once it is closed. `names` are the operators', by id.

    What a mark says to whoever acts stands above them.
    """
    sign = f"{case.mark}_sign"
    mark = ((_page_turn(both(content, content.phrases[sign]), token),),) if case.mark in SIGNED else ()
    if case.state == "new":
        take, urgency = _row(content, token, ("take", "t")), _row(content, token, ("urgency", "u"), ("more", "m"))
        return (*mark, take, *_seen(content, case, token, names=names), urgency)
    if case.state == "taken":
        return (
            *mark,
            _by(content, token, "taken_by", names.get(case.assignee or 0)),
            _row(content, token, ("give_back", "b"), ("urgency", "u")),
            _row(content, token, ("resolve", "r"), ("more", "m")),
        )
    return ()


def _page_turn(text: str, token: str) -> Button:
    """Give a button that does nothing but show the card's first page."""
    return Button(text=text, data=f"c:{token}:x")


def _seen(content: Content, case: Case, token: str, *, names: Mapping[int, str]) -> Rows:
    """Give the row by which an operator says that they have seen a P1, so that nobody else is woken for it."""
    if case.urgency != "P1":
        return ()
    if case.seen_by is None:
        return (_row(content, token, ("seen", "s")),)
    return (_by(content, token, "seen_by", names.get(case.seen_by)),)


def _by(content: Content, token: str, key: str, name: str | None) -> tuple[Button, ...]:
    """Give a row that only tells who did something."""
    return (_page_turn(both(content, content.phrases[key], {"name": name or "?"}), token),)


def _row(content: Content, token: str, *actions: tuple[str, str]) -> tuple[Button, ...]:
    return tuple(
        Button(text=both(content, content.phrases[key]), data=f"c:{token}:{action}") for key, action in actions
    )


def more_rows(content: Content, case: Case, token: str, *, searching: bool) -> Rows:
    """Give the page of what is done more rarely; `searching`: a family looks for somebody."""
    rows = [_row(content, token, ("saved", "a"))]
    if case.urgency == "P1":
        rows.append(_row(content, token, ("what_to_do", "w")))
    if case.state == "taken":
        rows += [_row(content, token, ("hand_over", "h"), ("take_over", "o")), _row(content, token, ("remind", "d"))]
        rows += [_row(content, token, ("stage", "g"))] if searching else []
        rows += [_row(content, token, ("keep", "k"), ("let_go", "z"))] if case.mark in TO_DECIDE else []
    return (*rows, _back(content, token))


def urgency_rows(content: Content, token: str) -> Rows:
    """Give the page on which an urgency is chosen."""
    row = tuple(Button(text=f"{SIGNS[one]} {one}", data=f"c:{token}:u.{one}") for one in URGENCIES)
    return (row, _back(content, token))


def reason_rows(content: Content, token: str, urgency: str) -> Rows:
    """Give the page on which the reason for another urgency is chosen."""
    return _page(content, token, f"u.{urgency}", content.urgency_reasons.items())


def outcome_rows(content: Content, token: str, *, failed: bool) -> Rows:
    """Give the page on which the outcome of a case is chosen; the coded failures have a page of their own."""
    chosen = [(one.id, one.words) for one in content.outcomes.values() if one.failed == failed]
    rows = _page(content, token, "r", chosen)
    return rows if failed else (*rows[:-1], _row(content, token, ("failed", "f")), rows[-1])


def saved_rows(content: Content, token: str) -> Rows:
    """Give the page on which a saved answer is chosen."""
    return _page(content, token, "a", [(one.id, one.label) for one in content.saved_replies.values()])


def hand_over_rows(content: Content, token: str, *, names: Mapping[int, str]) -> Rows:
    """Give the page on which a colleague is chosen; `names` are theirs, by id."""
    rows = tuple((Button(text=name, data=f"c:{token}:h.{one}"),) for one, name in [*names.items()][:COLLEAGUES])
    return (*rows, _back(content, token))


def remind_rows(content: Content, token: str) -> Rows:
    """Give the page on which it is chosen when to be reminded."""
    hours = content.phrases["remind_hours"]
    row = [Button(text=both(content, hours, {"count": str(one)}), data=f"c:{token}:d.{one}") for one in REMIND_HOURS]
    return (*((one,) for one in row), _back(content, token))


def keep_rows(content: Content, token: str) -> Rows:
    """Give the page on which the reason is chosen for which a case stays."""
    return _page(content, token, "k", content.keep_reasons.items())


def let_go_rows(content: Content, token: str) -> Rows:
    """Give the page that asks once more before a case is destroyed."""
    return _page(content, token, "z", [("yes", content.phrases["let_go_sure"])])


def stage_rows(content: Content, token: str) -> Rows:
    """Give the page on which it is chosen what a family reads; what only operators know is not said in a group."""
    return _page(content, token, "g", [(one, content.phrases[f"stage_{one}"]) for one in SHOWN])


def _page(content: Content, token: str, action: str, choices: Iterable[tuple[str, Words]]) -> Rows:
    rows = tuple((Button(text=both(content, words), data=f"c:{token}:{action}.{one}"),) for one, words in choices)
    return (*rows, _back(content, token))


def _back(content: Content, token: str) -> tuple[Button, ...]:
    return (_page_turn(both(content, content.phrases["button_back"]), token),)


def list_text(content: Content, cases: Sequence[Case], *, dangers: Container[str], now: datetime) -> str:
    """Write the list of cases that wait without a card: most urgent and oldest first, `dangers` by their ids marked."""
    lines = [both(content, content.phrases["cards_list"], {"count": str(len(cases))})]
    for case in cases[:LISTED]:
        parts = [f"{SIGNS[case.urgency]} {case.urgency}  {case.number}", country_name(content, case)]
        parts.append(both(content, content.phrases["card_age"], {"age": str(case.minutes_at(now))}))
        if case.id in dangers:
            parts.append(f"⚠ {both(content, content.phrases['stated_danger'])}")
        lines.append(" · ".join(parts))
    if len(cases) > LISTED:
        lines.append(both(content, content.phrases["more_waiting"], {"count": str(len(cases) - LISTED)}))
    return "\n".join(lines)


def list_rows(cases: Sequence[Case]) -> Rows:
    """Give a button for each case of the list; it brings the case's card."""
    buttons = [Button(text=case.number, data=f"l:{case.number}") for case in cases[:LISTED]]
    return tuple(tuple(buttons[at : at + LIST_COLUMNS]) for at in range(0, len(buttons), LIST_COLUMNS))


def confirm_rows(content: Content, key: str, *, override: bool = False) -> Rows:
    """Give the buttons under "send this?"; `override`: it would wait, and may be sent now to save a life."""
    send = Button(text=both(content, content.phrases["reply_send"]), data=f"r:{key}:y")
    cancel = Button(text=both(content, content.phrases["reply_cancel"]), data=f"r:{key}:n")
    danger = Button(text=both(content, content.phrases["override"]), data=f"r:{key}:d")
    return ((send, cancel), (danger,)) if override else ((send, cancel),)


def danger_rows(content: Content, key: str) -> Rows:
    """Give the reasons for which a reply may go against the contact rule, and the way back."""
    rows = [(Button(text=both(content, words), data=f"r:{key}:d.{one}"),) for one, words in content.dangers.items()]
    return (*rows, (Button(text=both(content, content.phrases["reply_cancel"]), data=f"r:{key}:n"),))
