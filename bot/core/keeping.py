"""Keep what a person sends: sealed to a case, and read for danger. Nothing of it is ever dropped or read back.

But for the agreed word, which is kept nowhere, whenever it is typed.
"""

from bot.core import triage
from bot.core.events import Located, Said, Sent, Shared
from bot.core.flow import Ask
from bot.core.khmer import is_blank
from bot.core.state import Case
from bot.core.turn import Turn

LARGEST_FILE = 20 * 2**20
"""In bytes: Telegram gives its bots no larger file. What is known of one is kept, and the person told what to do."""


def is_paper(event: object) -> bool:
    """Say whether an act may bring a paper's only copy: a photo or document. Nobody here can look at it."""
    return isinstance(event, Sent) and event.attachment.kind in ("photo", "document")


def keep(turn: Turn, event: Said | Sent | Located | Shared, case: Case, *, question: Ask | None = None) -> None:
    """Seal what a person sent, and read its words for danger."""
    asked: dict[str, object] = {"question": question.id, "name": question.name.english} if question else {}
    with turn.about(case):
        _keep(turn, event, case, asked=asked)
    if turn.talk.case == case.id:
        turn.change(wrote=True)


def _keep(turn: Turn, event: Said | Sent | Located | Shared, case: Case, *, asked: dict[str, object]) -> None:
    body: dict[str, object]
    match event:
        case Said():
            body = {"kind": "edited" if event.edited else "words", "text": event.text, "forwarded": event.forwarded}
            numbered = {} if event.message is None else {"message": event.message}
            if turn.talk.word is None or not turn.talk.word.is_said(event.text):
                turn.seal({**body, **asked, **numbered}, case=case)
            read_words(turn, event.text)
        case Sent():
            body = {"kind": "media", "caption": event.caption, "forwarded": event.forwarded, "album": event.album}
            turn.seal({**body, **asked}, case=case, attachment=event.attachment)
            turn.escalate(case.id, "P2")
            read_words(turn, event.caption)
            turn.change(papers=turn.talk.papers or (is_paper(event) and turn.talk.mode == "open"))
            turn.say("too_large" if (event.attachment.size or 0) > LARGEST_FILE else "kept_media")
        case Located():
            place = {"latitude": event.latitude, "longitude": event.longitude, "title": event.title}
            turn.seal({"kind": "place", **place, **asked}, case=case)
            read_words(turn, event.title)
        case Shared():
            number = {"number": event.number, "holder": event.name, "own": event.own}
            turn.seal({"kind": "number", **number, **asked}, case=case)


def read_words(turn: Turn, text: str) -> None:
    """Let words raise what they raise for the case at hand; they can only raise."""
    if is_blank(text):
        return
    reading = triage.read(turn.content, text)
    if reading.indicators:
        turn.raise_flags(reading.indicators, because="words", words=reading.words)
