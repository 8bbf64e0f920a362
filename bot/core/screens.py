"""What a person sees at a place: the screen's lines, options and standard buttons, from the flow and the state."""

from bot.core.content import Content
from bot.core.effects import Bar, Option, Screen, Show
from bot.core.flow import Ask, Choice, Line, Menu
from bot.core.outlook import beginning, outlook
from bot.core.state import Conversation
from bot.core.turn import Turn
from bot.core.walk import holds, nearest, start, step_at

HOLIDAYS = "hidden.holidays"
"""The innocent screen."""
PHONE = "phone"
"""The flow for whose phone others look at; it means nothing to who calls or comes."""
PICTURE = "picture"
"""The question which picture opens the hidden chat."""
WORD = "word"
"""The question for the agreed word."""
HOST = "host"
"""In the table of calendars: the country that the person named."""
CHANGE = "change.list"
"""The screen that lists the answered questions; it belongs to no flow, because its options come from the answers."""

_BAR: tuple[tuple[Bar, ...], ...] = (("back", "skip"), ("person", "language"), ("stop", "hide"))
_BAR_MANY: tuple[tuple[Bar, ...], ...] = (("done",), *_BAR)
_BAR_MENU: tuple[tuple[Bar, ...], ...] = (("person", "language"), ("hide",))
_BAR_START: tuple[tuple[Bar, ...], ...] = (("km", "en"), ("hide",))


def show(turn: Turn, *, edit: bool, same: bool = False, initiative: bool = False) -> None:
    """Show the present wait as the live screen, with the lines of this turn above it; owed words come first.

    `same`: it is the same screen with other ticks, so its buttons stay valid. `initiative`: it answers no act.
    """
    talk = turn.talk
    if talk.place is None:
        turn.change(place=start(turn.content))
    owed = _owed(turn)
    turn.change(rev=talk.rev if same else talk.rev + 1, owes=())
    screen = present(turn.content, turn.talk)
    _tell_of_going(turn)
    if (woken := turn.cases.get(turn.woke or "")) is not None:
        turn.add(outlook(turn, woken))
    above = (*owed, *turn.lines)
    if turn.talk.by_hand:
        turn.change(above=above)
    lines = (*above, *screen.lines)
    screen = screen.model_copy(update={"lines": lines, "rev": turn.talk.rev})
    turn.do(Show(screen=screen, edit=edit, initiative=initiative))


def _tell_of_going(turn: Turn) -> None:
    """Tell once that what is sent disappears here, and ask of each picture whether there is another copy."""
    if turn.wrote and not turn.talk.going:
        turn.change(going=True)
        turn.say("messages_go")
    if turn.talk.papers and not turn.before.papers:
        turn.say("copy_asked")


def _owed(turn: Turn) -> tuple[Line, ...]:
    """Give the sentences that were to come first in the next answer; who is told that nobody came hears who will."""
    owed = [turn.phrase(key) for key in turn.talk.owes]
    if "nobody_yet" in turn.talk.owes and turn.case is not None and (line := beginning(turn, turn.case)) is not None:
        owed.append(line)
    return tuple(owed)


def present(content: Content, talk: Conversation) -> Screen:
    """Give the screen of the place a person is at."""
    if talk.place is not None and talk.place.flow == "change":
        return _change_screen(content, talk)
    step = step_at(content, talk)
    place = nearest(content, talk.place or start(content), talk.trail)
    name = f"{place.flow}.{place.step}"
    match step:
        case Ask():
            return Screen(
                step=name,
                lines=(Line(words=step.text),),
                options=_options(content, talk, step),
                columns=step.columns,
                bar=_with_papers(talk, _BAR_MANY if step.kind == "many" else _BAR),
            )
        case Menu():
            return Screen(
                step=name,
                lines=(Line(words=step.text),),
                options=_options(content, talk, step),
                columns=step.columns,
                bar=_with_papers(talk, _BAR_START if step.bilingual else _BAR_MENU),
                bilingual=step.bilingual and talk.language is None,
            )
        case None:
            return present(content, talk.model_copy(update={"place": start(content)}))


def _with_papers(talk: Conversation, bar: tuple[tuple[Bar, ...], ...]) -> tuple[tuple[Bar, ...], ...]:
    return (("remove",), *bar) if talk.papers else bar


def buttons(content: Content, talk: Conversation) -> tuple[str, tuple[str, ...]]:
    """Give the name of the screen a person is at, and the ids of its options in order, without their words."""
    if talk.place is not None and talk.place.flow == "change":
        return CHANGE, tuple(ask.id for _, ask in answered_asks(content, talk))
    step = step_at(content, talk)
    if step is None:
        return buttons(content, talk.model_copy(update={"place": start(content)}))
    place = nearest(content, talk.place or start(content), talk.trail)
    return f"{place.flow}.{place.step}", tuple(one.id for one in offered(content, talk, step))


def offered(content: Content, talk: Conversation, step: Ask | Menu) -> tuple[Choice, ...]:
    """Give the choices that apply now, in order."""
    return tuple(one for one in step.choices if _applies(content, talk, step, one.id))


def labels(turn: Turn, step: Ask | Menu) -> list[tuple[str, list[str]]]:
    """Give each offered choice with all its typed forms."""
    content = turn.content
    return [
        (one.id, [content.text(one.words, "km"), content.text(one.words, "en"), *one.aliases])
        for one in offered(content, turn.talk, step)
    ]


def _applies(content: Content, talk: Conversation, step: Ask | Menu, choice: str) -> bool:
    act = step.then.get(choice)
    if act == "resume":
        return bool(talk.agenda)
    if act == "change":
        return bool(answered_asks(content, talk))
    if isinstance(step, Menu) and step.go.get(choice) == PHONE and talk.by_hand:
        return False
    return holds(content, talk, step.offer.get(choice, {}))


def _options(content: Content, talk: Conversation, step: Ask | Menu) -> tuple[Option, ...]:
    several = isinstance(step, Ask) and step.kind == "many"
    options = []
    for number, one in enumerate(offered(content, talk, step)):
        picked = one.id in talk.picked
        data = "!danger" if one.id == "danger" else None
        if several:
            name = nearest(content, talk.place or start(content), talk.trail)
            data = f"{talk.rev}:{name.flow}.{name.step}:{'-' if picked else '+'}{number}"
        options.append(Option(id=one.id, words=one.words, picked=picked, data=data))
    return tuple(options)


def answered_asks(content: Content, talk: Conversation) -> tuple[tuple[str, Ask], ...]:
    """List the answered or skipped questions of this intake's flows as (flow id, question), each once, in order."""
    seen: dict[str, tuple[str, Ask]] = {}
    done = {*talk.answers, *talk.told, *talk.skipped}
    for flow in (content.flows[one] for one in talk.flows if one in content.flows):
        for step in flow.steps:
            if isinstance(step, Ask) and step.id in done:
                seen.setdefault(step.id, (flow.id, step))
    return tuple(seen.values())


def _change_screen(content: Content, talk: Conversation) -> Screen:
    asks = answered_asks(content, talk)
    title = "change_title" if asks else "change_none"
    return Screen(
        step=CHANGE,
        lines=(Line(words=content.phrases[title]),),
        options=tuple(Option(id=ask.id, words=ask.name) for _, ask in asks),
        bar=(("back",), ("hide",)),
    )


def innocent(turn: Turn) -> Screen:
    """Give the screen an employer may see: public holidays and pictures, nothing of the helpline (ARCHITECTURE, Hide).

    The pictures are there for everyone, so that they tell nothing.
    """
    country = turn.content.countries.get(str(turn.talk.answers.get("country", "")))
    host = country.iso if country else None
    codes = (host if code == HOST else code for code in turn.content.calendar)
    return Screen(
        step=HOLIDAYS,
        rev=turn.talk.rev,
        lines=(turn.phrase("holidays_title"),),
        options=tuple(Option(id=one.id, words=one.words) for one in pictures(turn.content)),
        columns=2,
        calendar=tuple(dict.fromkeys(code for code in codes if code)),
        today=turn.now.date(),
        page=turn.talk.page,
        plain=True,
    )


def pictures(content: Content) -> tuple[Choice, ...]:
    """Give the pictures below the calendar, one of which a person can choose to open the hidden chat."""
    asks = (step for step in content.flows[PHONE].steps if isinstance(step, Ask))
    return next((ask.choices for ask in asks if ask.id == PICTURE), ())
