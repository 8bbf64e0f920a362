"""Proving who writes: replies wait for the agreed word, if there is one, unless whoever acts has just said it.

Nothing else waits: hiding, danger, questions and everything that is told go on as ever. What is typed instead of the
word is kept and read for danger like all else; only the word itself is kept nowhere.
"""

from datetime import datetime

from bot.core import contact, triage
from bot.core.agreed import TRIES, AgreedWord, agree, fits
from bot.core.effects import ReplyToCard, Screen, Send, SetTimer, Show
from bot.core.events import Gestured, Located, Pressed, Said, Sent, Shared, Started
from bot.core.matching import is_label
from bot.core.screens import WORD, labels, show
from bot.core.state import Case, Conversation
from bot.core.turn import Turn
from bot.core.walk import step_at

ASKED = "word_asked"
"""The sentence that asks for the word, as what waits would be sent."""


def is_needed(talk: Conversation, now: datetime) -> bool:
    """Say whether a reply waits for the word: one was agreed on, and nobody who said it has acted just now."""
    return talk.word is not None and not (talk.word.known and contact.is_answer(talk.last_act, now))


def come_back(turn: Turn) -> None:
    """Take whoever acts after ten minutes for somebody unknown, and ask them with the next screen if a reply waits."""
    word = turn.talk.word
    if word is None or contact.is_answer(turn.talk.last_act, turn.now):
        return
    _change(turn, known=False)
    if word.waits is not None and not word.locked:
        _owe(turn)


def settle(turn: Turn) -> None:
    """Note at the end of somebody's act that they were asked; trust nobody who comes after hiding.

    What waited when they hid has gone back to its card.
    """
    if turn.talk.mode == "open":
        if any(isinstance(one, Show) for one in turn.effects):
            _change(turn, asked=True)
    elif turn.before.mode == "open":
        _change(turn, known=False, waits=None)
        _ask_no_more(turn)


def ask(turn: Turn, case: Case, due: datetime | None) -> None:
    """Let a reply wait for the word, and ask for it once: when the reply could have gone, else with their next act."""
    word = turn.talk.word
    if word is None:
        return
    is_open = word.waits is not None and not word.locked
    _change(turn, waits=case.id)
    if is_open:
        return
    _change(turn, asked=False, tries=0)
    if due == turn.now:
        _send(turn, case)
    elif due is not None:
        turn.do(SetTimer(name="word", case=case.id, due=due, rev=0))
    else:
        _owe(turn)


def in_hours(turn: Turn, case: Case) -> None:
    """Ask for the word in the hours of its person, unless they were asked meanwhile."""
    word = turn.talk.word
    if word is None or word.waits is None or word.asked:
        return
    if contact.allowance(turn.content, turn.talk, case, turn.now).due == turn.now:
        _send(turn, case)


def hear(turn: Turn, event: Started | Said | Pressed | Sent | Located | Shared | Gestured) -> bool:
    """Take typed words that may be the agreed one, where a reply waits for it. True if they are it, or correct it.

    Then they are kept nowhere. Whatever else is typed goes on as ever, too; a choice of the present question is no try.
    """
    if not isinstance(event, Said):
        return False
    if event.edited:
        return _corrected(turn, event)
    word, step = turn.talk.word, step_at(turn.content, turn.talk)
    if word is None or word.waits is None or word.locked or (step is not None and step.id == WORD):
        return False
    if word.is_said(event.text):
        _let_in(turn, "word_right")
        show(turn, edit=False)
        return True
    was_asked = turn.before.word is not None and turn.before.word.asked
    is_choice = step is not None and is_label(event.text, labels(turn, step))
    if was_asked and not is_choice and could_be(turn, event.text):
        _wrong(turn, word)
    return False


def prove(turn: Turn, text: str) -> bool:
    """Take words at the question for a new word. True if who wrote them may set one; else they were the old, or wrong.

    Whoever finds the phone must not set a word of their own in place of the person's.
    """
    word = turn.talk.word
    if word is None or word.known:
        return True
    if not word.locked and word.is_said(text):
        _let_in(turn, "word_new")
    else:
        _wrong(turn, word)
    return False


def could_be(turn: Turn, text: str) -> bool:
    """Say whether words may be meant as a word: short, and no cry for help."""
    return fits(text) and not triage.read(turn.content, text).indicators


def agree_on(turn: Turn, event: Said) -> None:
    """Remember a new word in place of any other."""
    turn.change(word=agree(event.text, salt=turn.spare.id, message=event.message))


def _corrected(turn: Turn, event: Said) -> bool:
    """Take the message that told the word anew, when it is edited soon enough."""
    word = turn.talk.word
    if word is None or not word.known or event.message is None or event.message != word.message:
        return False
    if not could_be(turn, event.text):
        return False
    agree_on(turn, event)
    return True


def _let_in(turn: Turn, key: str) -> None:
    """Let what waited be shown: this is who it is for."""
    _change(turn, known=True, waits=None, tries=0)
    _ask_no_more(turn)
    turn.say(key)


def _wrong(turn: Turn, word: AgreedWord) -> None:
    """Count a wrong word; after the third nothing is told of it here, and the operators know."""
    _ask_no_more(turn)
    _change(turn, tries=word.tries + 1)
    is_last = word.tries + 1 >= TRIES
    turn.say("neutral" if is_last else "word_wrong")
    if is_last and not word.locked and word.waits in turn.cases:
        turn.do(ReplyToCard(case=word.waits, line=turn.phrase("word_failed")))


def _send(turn: Turn, case: Case) -> None:
    _change(turn, asked=True)
    turn.do(Send(screen=Screen(step="word.asked", lines=(turn.phrase(ASKED),), bar=(("hide",),)), case=case.id))


def _owe(turn: Turn) -> None:
    _ask_no_more(turn)
    turn.change(owes=(*turn.talk.owes, ASKED))


def _ask_no_more(turn: Turn) -> None:
    """Do not ask with the next screen any more."""
    turn.change(owes=tuple(one for one in turn.talk.owes if one != ASKED))


def _change(turn: Turn, **fields: object) -> None:
    if turn.talk.word is not None:
        turn.change(word=turn.talk.word.model_copy(update=fields))
