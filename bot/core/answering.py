"""Taking an answer: what a press, words, a file or a place mean at a question, and what follows from it.

Nothing is refused: what does not fit the question is kept as the person's own words and the question is asked again;
a voice note, photo, file or place answers any question, to be heard or seen by a human.
"""

from bot.core import parting, proving, searching, triage
from bot.core.casework import TO_DECIDE, is_visible
from bot.core.content import Article
from bot.core.effects import ReplyToCard, SetTimer, UpdateCard
from bot.core.events import Located, Said, Sent, Shared
from bot.core.flow import Act, Ask, Line, Menu
from bot.core.hiding import hide
from bot.core.keeping import keep
from bot.core.khmer import is_blank
from bot.core.matching import is_label, match, match_many
from bot.core.numbers import parse_number
from bot.core.parting import NOT_MINE
from bot.core.screens import PICTURE, WORD, labels, show
from bot.core.state import Case, Coded, ContactRule, Hours, Mark, Place
from bot.core.turn import UNKEPT, Turn
from bot.core.values import is_flagged
from bot.core.walk import enter, leave, nearest, start, walk

OPEN_KINDS = ("text", "place", "phone", "media")
NOT_WORTH_SEALING = ("safe", "keep", PICTURE)
"""Questions whose coded answer alone begins no case: they say nothing of what happened."""
APART = ("help", "someone_else", "missing_who")
"""Flows whose answers must not be mixed: the same questions are about different people."""


def choose(turn: Turn, step: Ask | Menu, choice: str, *, edit: bool) -> None:
    """Take a choice that was pressed, typed or numbered."""
    if isinstance(step, Menu):
        _choose_menu(turn, step, choice, edit=edit)
    elif step.kind == "many":
        pick(turn, choice, picked=choice not in turn.talk.picked, edit=edit)
    else:
        code(turn, step, choice, edit=edit)


def pick(turn: Turn, choice: str, *, picked: bool, edit: bool) -> None:
    """Tick or untick one of several; at the same revision, so that quick presses count and repeated ones do not."""
    if (choice in turn.talk.picked) == picked:
        return
    rest = tuple(one for one in turn.talk.picked if one != choice)
    turn.change(picked=(*rest, choice) if picked else rest)
    show(turn, edit=edit, same=True)


def _choose_menu(turn: Turn, step: Menu, choice: str, *, edit: bool) -> None:
    if step.articles and choice in turn.content.articles:
        _read(turn, turn.content.articles[choice])
        show(turn, edit=edit)
        return
    leave(turn)
    if choice in step.go:
        _make_room(turn, step.go[choice])
        enter(turn, step.go[choice])
        show(turn, edit=edit)
    elif choice in step.then:
        act(turn, step.then[choice], edit=edit)


def _read(turn: Turn, article: Article) -> None:
    """Put an article above its menu: three lines of it first, all of it if it is chosen once more."""
    again = turn.talk.read == article.id
    turn.change(read=None if again else article.id)
    turn.lines += [Line(words=article.title), Line(words=article.body if again else article.short)]
    if not again:
        turn.say("read_on")


def _make_room(turn: Turn, flow: str) -> None:
    """Before a flow of the menu is taken up: what is told of oneself and of another are two intakes."""
    talk = turn.talk
    if flow in APART and any(other in talk.flows for other in APART if other != flow):
        turn.close_intake()
    elif flow in talk.flows:
        turn.change(agenda=())
    else:
        turn.change(agenda=tuple(place for place in talk.agenda if place.flow != "danger"))


def code(turn: Turn, ask: Ask, value: Coded, *, edit: bool) -> None:
    """Keep a coded answer, raise what it raises, and go on."""
    turn.store_answer(ask, value)
    _note(turn, ask, value)
    ids = value if isinstance(value, tuple) else (str(value),)
    if ask.id not in NOT_WORTH_SEALING or (ask.id == "keep" and value == "yes"):
        case = turn.intake_case()
        answer = {"kind": "answer", "question": ask.id, "name": ask.name.english, "value": value}
        turn.seal({**answer, **_asked_as(turn, ask)}, case=case)
    raised = [one for choice in ids for one in (*ask.raises.get(choice, ()), *_fact_raises(turn, ask, choice))]
    if raised:
        turn.raise_flags(raised, because=ask.id)
    then = next((ask.then[choice] for choice in ids if choice in ask.then), None)
    if then is not None:
        act(turn, then, edit=edit)
        return
    for choice in ids:
        if choice in ask.go:
            _after(turn)
            enter(turn, ask.go[choice])
            show(turn, edit=edit)
            return
    go_on(turn, edit=edit)


def _asked_as(turn: Turn, ask: Ask) -> dict[str, str]:
    """Tell in which wording and language consent was asked for; of other questions nothing."""
    if ask.sign_off != "consent":
        return {}
    words = (ask.text, *(one.words for one in ask.choices))
    return {"version": turn.content.version_of(words), "language": turn.talk.speaks}


def _fact_raises(turn: Turn, ask: Ask, choice: str) -> tuple[str, ...]:
    fact = turn.content.facts.get(choice) if ask.id == "facts" else None
    return fact.raises if fact else ()


def _note(turn: Turn, ask: Ask, value: Coded) -> None:
    """Carry the answers that the clear fields of a case are made of: country and contact rule."""
    match ask.id:
        case "country":
            _each_case(turn, country=value)
        case "picture":
            turn.change(picture=value)
        case "contact" if value == NOT_MINE:
            parting.lend(turn)
        case "contact" if isinstance(value, str):
            turn.change(borrowed=False)
            kind = "when_i_write" if value == "hours" else value
            parting.set_rule(turn, ContactRule.model_validate({"kind": kind}))
            turn.forget_answer("hours")
        case "hours" if isinstance(value, tuple) and value:
            hours: tuple[Hours, ...] = ContactRule.model_validate({"kind": "hours", "hours": value}).hours
            parting.set_rule(turn, ContactRule(kind="hours", hours=hours))


def _each_case(turn: Turn, *, country: Coded) -> None:
    own = turn.cases.get(turn.talk.case or "")
    if own is not None:
        turn.put(own, country=country)


def go_on(turn: Turn, *, edit: bool) -> None:
    """Walk on from the question just answered and show where that leads."""
    _after(turn)
    walk(turn, turn.talk.place)
    show(turn, edit=edit)


def _after(turn: Turn) -> None:
    """Leave the present wait: remember it for back and stand on the step after it."""
    leave(turn)
    place = turn.talk.place
    if place is None or place.flow == "change":
        turn.change(place=None)
        return
    here = nearest(turn.content, place, turn.talk.trail)
    steps = turn.content.flows[here.flow].steps
    at = (turn.content.flows[here.flow].find(here.step) or 0) + 1
    turn.change(place=Place(flow=here.flow, step=steps[at].id) if at < len(steps) else None)


def skip(turn: Turn, step: Ask | Menu | None, *, edit: bool) -> None:
    """Skip a question; a menu is left for the start menu."""
    if not isinstance(step, Ask):
        home(turn, edit=edit)
        return
    if not turn.answered(step):
        turn.change(skipped=(*turn.talk.skipped, step.id))
    go_on(turn, edit=edit)


def done(turn: Turn, step: Ask | Menu | None, *, edit: bool) -> None:
    """Take what was picked of a question that allows several; nothing picked is a skip."""
    if not isinstance(step, Ask) or step.kind != "many":
        show(turn, edit=edit)
    elif turn.talk.picked:
        known = tuple(one.id for one in step.choices if one.id in turn.talk.picked)
        code(turn, step, known, edit=edit)
    else:
        skip(turn, step, edit=edit)


# ── in words and media ───────────────────────────────────────────────────────────────────────────────────────


def typed_choice(turn: Turn, step: Ask | Menu, text: str) -> str | None:
    """Give the choice that typed words mean; words that only resemble a label and speak of danger mean none."""
    options = labels(turn, step)
    chosen = match(text, options)
    if chosen is not None and not is_label(text, options) and triage.read(turn.content, text).indicators:
        return None
    return chosen


def hear(turn: Turn, step: Ask | Menu, event: Said) -> None:
    """Take typed words at a wait."""
    if is_blank(event.text):
        turn.say("no_words")
        show(turn, edit=False)
    elif isinstance(step, Ask) and step.kind == "many":
        _hear_many(turn, step, event)
    elif isinstance(step, Ask) and step.kind == "number":
        _hear_number(turn, step, event)
    elif isinstance(step, Ask) and step.id == WORD:
        _hear_word(turn, step, event)
    elif isinstance(step, Ask) and step.kind in OPEN_KINDS:
        tell(turn, step, event)
    else:
        chosen = typed_choice(turn, step, event.text)
        if chosen is not None:
            choose(turn, step, chosen, edit=False)
        else:
            keep_words(turn, event, step)


def _hear_many(turn: Turn, step: Ask, event: Said) -> None:
    chosen = match_many(event.text, labels(turn, step))
    if not chosen:
        keep_words(turn, event, step)
        return
    known = tuple(one.id for one in step.choices if one.id in (*turn.talk.picked, *chosen))
    code(turn, step, known, edit=False)


def _hear_number(turn: Turn, step: Ask, event: Said) -> None:
    number = parse_number(event.text)
    if number is None:
        tell(turn, step, event)
    elif step.number.min <= number <= step.number.max:
        if any(char.isalpha() for char in event.text):
            keep(turn, event, turn.intake_case(), question=step)
        code(turn, step, number, edit=False)
    else:
        keep_words(turn, event, step)


def _hear_word(turn: Turn, step: Ask, event: Said) -> None:
    """Take the agreed word, which is kept nowhere; what is none is kept like all that is written."""
    if not proving.could_be(turn, event.text):
        keep_words(turn, event, step)
    elif proving.prove(turn, event.text):
        proving.agree_on(turn, event)
        turn.forget_answer(step.id)
        turn.change(told=(*turn.talk.told, step.id))
        turn.say("word_agreed")
        go_on(turn, edit=False)
    else:
        show(turn, edit=False)


def tell(turn: Turn, ask: Ask, event: Said | Sent | Located | Shared) -> None:
    """Take words, a file or a place as the answer to a question: sealed, never read back."""
    case = _case_for(turn)
    keep(turn, event, case, question=ask)
    if turn.endangered:
        turn.adopt(case)
    turn.forget_answer(ask.id)
    turn.change(told=(*turn.talk.told, ask.id))
    go_on(turn, edit=False)


def _case_for(turn: Turn) -> Case:
    """Give the case an answer belongs to: this intake's; for who wrote before, the newest that is open."""
    place = turn.talk.place
    if place is None or place.flow != "wrote_before":
        return turn.intake_case()
    case = turn.any_case()
    turn.wrote_again(case)
    return case


def keep_words(turn: Turn, event: Said, step: Ask | Menu) -> None:
    """Keep words that fit no choice, raise what they raise, and ask again kindly."""
    keep(turn, event, turn.intake_case() if isinstance(step, Ask) else turn.any_case())
    if turn.endangered:
        walk(turn, turn.talk.place)
    else:
        turn.say("kept_words")
    show(turn, edit=False)


# ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def act(turn: Turn, what: Act, *, edit: bool) -> None:
    """Do what a choice does besides being stored (see flow.Act)."""
    match what:
        case "hide" if turn.talk.by_hand:
            go_on(turn, edit=edit)  # a call leaves nothing on the phone; they say themselves when they must hang up
        case "hide":
            hide(turn, neutral=True)
        case "discard":
            discard(turn, edit=edit)
        case "keep":
            turn.change(place=None, trail=(), picked=())
            rest(turn, "kept_for_later", edit=edit)
        case "home" | "finish":
            home(turn, edit=edit)
        case "change":
            turn.change(place=Place(flow="change", step="list"))
            show(turn, edit=edit)
        case "resume":
            walk(turn, None)
            show(turn, edit=edit)
        case "stands":
            searching.tell(turn)
            rest(turn, edit=edit)


def discard(turn: Turn, *, edit: bool) -> None:
    """Do not keep: a draft is shredded at once; a flagged or sent case stays for an operator to decide.

    Outside an intake whoever takes back what they told means all of it; with nothing here, they read the same.
    """
    case = turn.cases.get(turn.talk.case or "")
    asking = turn.talk.place is not None and turn.talk.place.flow != "stop"
    if (case is None and asking) or (case is not None and case.state == "draft"):
        if case is not None:
            turn.shred(case)
        turn.forget_intake()
        enter(turn, "guidance")
        turn.say("discarded")
        show(turn, edit=edit)
    elif asking and case is not None:
        _mark(turn, case, "not_kept")
        turn.say("marked_not_kept")
        go_on(turn, edit=edit)
    else:
        meant = [*turn.cases.values()] if case is None else [case]
        for one in meant:
            if one.state == "draft":
                turn.shred(one)
            else:
                _mark(turn, one, "withdrawn")
        turn.close_intake()
        rest(turn, "withdrawn", edit=edit)


def _mark(turn: Turn, case: Case, mark: Mark) -> None:
    """Mark a case for the operators, who decide within 72 hours, and tell them on its card and below it.

    Asking once more gives nobody more time.
    """
    if case.mark in TO_DECIDE:
        return
    turn.put(case, mark=mark, rev=case.rev + 1)
    turn.do(SetTimer(name="unkept", case=case.id, due=turn.now + UNKEPT, rev=0))
    if is_flagged(case.urgency):
        turn.do(UpdateCard(case=case.id))
        turn.do(ReplyToCard(case=case.id, line=turn.phrase(f"{mark}_mark")))


def home(turn: Turn, *, edit: bool) -> None:
    """Show the start menu, which never depends on whether a case exists; an intake that came to its end is over.

    One in the middle of its questions is not: who leaves it, or hides, is asked later only what is still open.
    """
    case = turn.cases.get(turn.talk.case or "")
    if case is None:
        reasons = turn.talk.reasons
        turn.forget_intake()
        turn.change(reasons=reasons)
    elif is_visible(case) and _is_at_the_end(turn) and not turn.talk.agenda:
        turn.close_intake()
    turn.change(place=start(turn.content), picked=(), trail=())
    show(turn, edit=edit)


def _is_at_the_end(turn: Turn) -> bool:
    return turn.talk.place is not None and turn.talk.place.flow in ("end", "change")


def rest(turn: Turn, key: str = "", *, edit: bool) -> None:
    """Say one sentence, if there is one to say, and rest at the end menu."""
    flow = turn.content.flows["end"]
    turn.change(place=Place(flow=flow.id, step=flow.steps[0].id), picked=(), trail=())
    if key:
        turn.say(key)
    show(turn, edit=edit)
