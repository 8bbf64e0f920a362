"""Replies and the agreed word: whatever happens in whatever order, none is shown to who has not just written it."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.contact import ANSWER_TIME
from bot.core.effects import Deliver, Hide, Release, ReplyToCard, Seal
from bot.core.events import Attachment, Event, Replied, Said, Sent, Started
from tests.core.talking import Talk, shipped_content

WORD = "zqxv coconut"
OTHERS = ("zqxv durian", "hello", "where are you", "they lock me in", "help", "x" * 50)
HAPPENINGS: tuple[Callable[[Talk, int], Event], ...] = (
    lambda talk, _: Replied(case=talk.cases[-1].id, operator=501, name="A", row="0:0"),
    lambda talk, _: Replied(case=talk.cases[-1].id, operator=501, name="A", row="0:0"),
    lambda _, __: Said(text=WORD),
    lambda _, pick: Said(text=WORD, edited=pick % 2 == 0, message=pick % 3),
    lambda _, pick: Said(text=OTHERS[pick % len(OTHERS)], message=pick % 3),
    lambda _, pick: Said(text=OTHERS[pick % len(OTHERS)]),
    lambda _, __: Said(text="hide"),
    lambda _, __: Said(text="danger"),
    lambda _, __: Started(),
    lambda _, __: Sent(attachment=Attachment(file="F", kind="voice")),
)
EVENTS = st.lists(
    st.tuples(st.integers(0, len(HAPPENINGS) - 1), st.integers(0, 99), st.sampled_from((3, 3, 200, 700, 9000))),
    max_size=40,
)


def _agreed(rule: str) -> Talk:
    """Let somebody in danger agree on a word."""
    talk = Talk(shipped_content())
    talk.take(Started())
    talk.press("danger", "skip", rule, "yes", "phone", "skip")
    talk.take(Said(text=WORD, message=1))
    assert talk.talk.word is not None
    return talk


class Phone:
    """Who holds the phone, as somebody would say who watches it: are they known, and how many replies wait."""

    def __init__(self, talk: Talk) -> None:
        """Begin just after the word was agreed on."""
        self.talk, self.is_known, self.acted, self.held = talk, True, talk.now, 0

    def take(self, event: Event, seconds: int) -> None:
        """Let something happen, and hold what is shown against who is there."""
        open_before = self.talk.talk.mode == "open"
        self.talk.take(event, seconds=seconds)
        self.is_known &= self.talk.now - self.acted < ANSWER_TIME
        if not isinstance(event, Replied):
            self.acted = self.talk.now
            self.is_known |= open_before and isinstance(event, Said) and event.text == WORD
        if self.talk.of(Hide):
            self.is_known, self.held = False, 0
        released = any(one.replies for one in self.talk.of(Release))
        assert self.is_known or not (released and self.held)
        self.held = 0 if released else self.held
        for reply in self.talk.of(Deliver):
            assert self.is_known or reply.due is None
            self.held += reply.due is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=EVENTS, rule=st.sampled_from(["when_i_write", "any_time", "never"]))
def test_no_reply_is_shown_before_the_word(events: list[tuple[int, int, int]], rule: str) -> None:
    """Only to who wrote it, has been there since without ten silent minutes, and has not hidden the chat."""
    phone = Phone(_agreed(rule))
    for which, pick, seconds in events:
        phone.take(HAPPENINGS[which](phone.talk, pick), seconds)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=EVENTS)
def test_the_word_is_kept_nowhere(events: list[tuple[int, int, int]]) -> None:
    """Whenever it is typed: asked for or not, hidden, edited, or after too many wrong ones."""
    talk = _agreed("any_time")
    for which, pick, seconds in events:
        talk.take(HAPPENINGS[which](talk, pick), seconds=seconds)
        assert "coconut" not in talk.decision.model_dump_json()


def test_what_is_written_instead_is_kept_and_read_for_danger() -> None:
    """It may be a cry for help, and who is asked for the word may have forgotten it."""
    talk = _agreed("any_time")
    talk.wait(hours=2)
    talk.take(Replied(case=talk.cases[-1].id, operator=501, name="A", row="0:0"))
    talk.take(Said(text="i want to die"))

    assert {"words", "flag"} <= {one.body["kind"] for one in talk.of(Seal)}
    assert talk.talk.word is not None and talk.talk.word.tries == 0


def test_the_operators_hear_of_three_wrong_words_once() -> None:
    """Below the card, and not with every further one."""
    talk = _agreed("any_time")
    talk.wait(hours=2)
    talk.take(Replied(case=talk.cases[-1].id, operator=501, name="A", row="0:0"))
    told = 0
    for _ in range(6):
        talk.take(Said(text="durian"))
        told += [one.line.words.context for one in talk.of(ReplyToCard)].count("phrases.word_failed")

    assert told == 1


def test_it_is_asked_for_in_the_hours_of_the_person() -> None:
    """A reply at noon for somebody who named the evening: the question comes at five in the evening, not before."""
    talk = Talk(shipped_content())
    talk.take(Started())
    talk.press("danger", "skip", "any_time", "yes", "phone", "skip")
    talk.take(Said(text=WORD))
    rule = talk.talk.contact.model_copy(update={"kind": "hours", "hours": ("evening",)})
    answers = {**talk.talk.answers, "country": "TH"}
    conversation = talk.talk.model_copy(update={"contact": rule, "answers": answers})
    cases = tuple(case.model_copy(update={"country": "TH"}) for case in talk.cases)
    talk.session = talk.session.model_copy(update={"conversation": conversation, "cases": cases})
    talk.wait(hours=1)
    talk.take(Replied(case=talk.cases[-1].id, operator=501, name="A", row="0:0"))
    assert talk.timers["word", talk.cases[-1].id].due - talk.now < timedelta(hours=5)
    sent = [one for one in talk.wait(hours=5) if one.type == "send"]

    assert [line.words.context for one in sent for line in one.screen.lines][-1:] == ["phrases.word_asked"]
