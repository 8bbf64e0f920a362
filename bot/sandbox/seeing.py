"""What a turn of a story must have brought: held against the screens, the operators' side and the cases."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

from bot.core.content import Content
from bot.core.effects import (
    CallOperators,
    Clear,
    Count,
    Deliver,
    Effect,
    Hide,
    Page,
    PostCard,
    Release,
    ReplyToCard,
    Screen,
    Seal,
    Send,
    Show,
    Shred,
    TellOperator,
    TellPrivately,
    Toast,
)
from bot.core.flow import Line
from bot.core.state import Session
from bot.core.values import Language
from bot.sandbox.story import Turn

Kind = TypeVar("Kind", bound=Effect)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one turn brought, and how to say that it was not as told: `fail(expected, came)`.

    `own` is the language of the person's phone.
    """

    content: Content
    session: Session
    effects: tuple[Effect, ...]
    now: datetime
    own: Language
    fail: Callable[[str, str], NoReturn]

    def check(self, turn: Turn) -> None:
        """Hold everything a turn tells against what came; the first difference fails."""
        self._check_screen(turn)
        self._check_choices(turn)
        self._check_person(turn)
        self._check_card(turn)
        self._check_operators(turn)
        self._check_kept(turn)

    def _expect(self, what: str, expected: object, came: object) -> None:
        if expected != came:
            self.fail(f"{what} {expected!r}", repr(came))

    def _expect_if(self, is_told: bool, what: str, came: object) -> None:
        if is_told and not came:
            self.fail(what, "nothing of the kind")

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    # ── the person's side ────────────────────────────────────────────────────────────────────────────────────

    @property
    def _screens(self) -> list[Screen]:
        return [one.screen for one in self.effects if isinstance(one, Show | Hide) and one.screen is not None]

    def _check_screen(self, turn: Turn) -> None:
        screens = self._screens
        steps = [screen.step for screen in screens]
        if turn.silent:
            self._expect("screens", [], steps)
        if turn.sees is not None:
            self._expect("screen", turn.sees, steps[-1] if steps else None)
        if turn.bilingual is not None:
            self._expect("in both languages", turn.bilingual, screens[-1].bilingual if screens else None)
        lines = [line for screen in screens for line in screen.lines]
        for words in turn.says:
            self._expect_if(True, f"the words {words!r}; came {_shown(lines)}", self._says(words, lines))
        for words in turn.says_not:
            if self._says(words, lines):
                self.fail(f"not to say {words!r}", _shown(lines))
        if turn.says_first is not None:
            self._expect_if(True, f"{turn.says_first!r} to come first", self._says(turn.says_first, lines[:1]))

    def _says(self, words: str, lines: Iterable[Line]) -> bool:
        phrase = self.content.phrases.get(words)
        english = phrase.english if phrase else words
        return any(line.words.context == words or english in line.words.english for line in lines)

    def _check_choices(self, turn: Turn) -> None:
        options = [option.id for option in self._screens[-1].options] if self._screens else []
        for choice in turn.offers:
            self._expect(f"choice {choice} offered", True, choice in options)
        for choice in turn.hides_choice:
            self._expect(f"choice {choice} offered", False, choice in options)
        if turn.lists is not None:
            self._expect("choices", list(turn.lists), options)

    def _check_person(self, turn: Turn) -> None:
        sent = [line.words for one in self._of(Send) for line in one.screen.lines]
        if turn.sent is not None:
            wanted = (turn.sent,) if isinstance(turn.sent, str) else turn.sent
            self._expect(f"sent {turn.sent}", [self.content.phrases[one] for one in wanted], sent)
        if turn.unsent:
            self._expect("messages of the helpline's own", [], sent)
        if turn.toast is not None:
            toasts = [one.line.words for one in self._of(Toast)]
            self._expect(f"toast {turn.toast}", True, self.content.phrases[turn.toast] in toasts)
        if turn.speaks is not None:
            speaks = "own" if self.session.conversation.speaks == self.own else "other"
            self._expect("language", turn.speaks, speaks)
        self._expect_if(turn.hidden, "to be hidden", [one for one in self._of(Hide) if one.screen is not None])
        self._expect_if(turn.emptied, "to be emptied", [one for one in self._of(Hide) if one.screen is None])
        if turn.released is not None:
            self._expect("waiting replies released", turn.released, any(one.replies for one in self._of(Release)))

        if turn.cleared is not None:
            self._expect("taken out of the chat", turn.cleared, bool(self._of(Clear)))

    # ── the operators' side ──────────────────────────────────────────────────────────────────────────────────

    def _check_card(self, turn: Turn) -> None:
        cards = [self._case(one.case).get("urgency") for one in self._of(PostCard)]
        below = self._of(ReplyToCard)
        if turn.card is not None:
            self._expect("card", [turn.card], cards)
        if turn.no_card:
            self._expect("cards", [], cards)
        if turn.raised is not None:
            raised = [one.line.params.get("urgency") for one in below]
            self._expect("raised on the card", True, turn.raised in raised)
        if turn.reasons is not None:
            named = {reason for one in self._of(PostCard) for reason in one.reasons}
            named.update(reason for one in below for reason in one.reasons)
            self._expect("reasons", sorted(turn.reasons), sorted(named))

    def _check_operators(self, turn: Turn) -> None:
        if turn.called is not None:
            self._expect("called", [turn.called], [one.to for one in self._of(CallOperators)])
        if turn.paged is not None:
            self._expect("paged", turn.paged, bool(self._of(Page)))
        told = [one.line.words for one in self._of(TellOperator)] + [one.line.words for one in self._of(ReplyToCard)]
        told += [one.line.words for one in self._of(TellPrivately)]
        told += [one.line.words for one in self._of(CallOperators) if one.line is not None]
        if turn.privately is not None:
            self._expect("told privately", [turn.privately], [one.operator for one in self._of(TellPrivately)])
        if turn.told is not None:
            self._expect(f"told {turn.told}", True, self.content.phrases[turn.told] in told)
        if turn.quiet:
            cards = [one.case for one in self._of(PostCard)] + [one.case for one in self._of(CallOperators)]
            self._expect("news for operators", [], cards + [words.context for words in told])
        if turn.reply is not None:
            self._expect("reply", [turn.reply], [self._goes(one) for one in self._of(Deliver)])
        if turn.goes_at is not None:
            clock, zone = turn.goes_at.split(" ")
            dues = [one.due and f"{one.due.astimezone(ZoneInfo(zone)):%H:%M}" for one in self._of(Deliver)]
            self._expect("reply at", [clock], dues)

    def _goes(self, deliver: Deliver) -> str:
        if deliver.due is None:
            return "held"
        if not deliver.initiative:
            return "answer"
        return "window" if deliver.due > self.now else "now"

    # ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────

    def _check_kept(self, turn: Turn) -> None:
        self._expect_if(turn.shredded, "to be shredded", self._of(Shred))
        if turn.sealed is not None:
            self._expect("sealed", list(turn.sealed), [str(one.body["kind"]) for one in self._of(Seal)])
        for name, count in turn.counts.items():
            self._expect(f"{name} counted", count, len([one for one in self._of(Count) if one.name == name]))
        if turn.contact is not None:
            self._expect("contact", turn.contact, self.session.conversation.contact.kind)
        if turn.cases is not None:
            self._expect("cases", turn.cases, len(self.session.cases))
        if turn.case == {}:
            self._expect("cases", 0, len(self.session.cases))
        elif turn.case is not None:
            newest = self.session.cases[-1].model_dump() if self.session.cases else {}
            self._expect("case", dict(turn.case), {key: newest.get(key) for key in turn.case})

    def _case(self, case_id: str) -> Mapping[str, object]:
        return next((case.model_dump() for case in self.session.cases if case.id == case_id), {})


def _shown(lines: Iterable[Line]) -> str:
    return str([line.words.context for line in lines])
