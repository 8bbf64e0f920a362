"""A case as a human reads it: answers beside their questions, versions together, and why each flag was raised."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest

from bot.core.events import (
    Attachment,
    Desk,
    HandedOver,
    Identified,
    Judged,
    Located,
    Noted,
    Reached,
    Said,
    Sent,
    Shared,
    Started,
    Suspected,
)
from bot.service.casefile import Item, read_case
from bot.service.entries import Act, Answer, CaseFile, Entry, Flag, Media, Note, Opinion, Other, Phone, Spot, Written
from tests.core.talking import shipped_content
from tests.service.reading import Sealed

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
Kind = TypeVar("Kind", bound=Entry)


def of(case: CaseFile, kind: type[Kind]) -> list[Kind]:
    """Give the entries of one kind."""
    return [one for one in case.entries if isinstance(one, kind)]


@pytest.fixture
def talk() -> Sealed:
    """Give somebody who asked for help in Thailand."""
    talk = Sealed()
    talk.take(Started())
    talk.press("help", "yes", "yes", "TH")
    return talk


def test_answers_are_beside_their_questions_in_the_readers_language(talk: Sealed) -> None:
    """The same record is read in Khmer and in English; what is stored is the choice's id."""
    english, khmer = (talk.read(one).answers["country"] for one in ("en", "km"))
    assert (english.value, english.text, english.question.name) == ("TH", "Thailand", "Country")
    assert (khmer.value, khmer.question.asked) != ("TH", english.question.asked)
    assert "ថៃ" in khmer.text


def test_an_answer_given_before_the_case_began_is_there_too(talk: Sealed) -> None:
    """What was answered before anything was worth sealing is read from the first record."""
    assert talk.read().answers["safe"].text == "Yes"


def test_of_an_answer_given_twice_the_later_one_counts(talk: Sealed) -> None:
    """The earlier one stays in the timeline, marked as replaced."""
    talk.press("back", "MY")
    countries = [one for one in of(talk.read(), Answer) if one.question.id == "country"]
    assert [(one.text, one.replaced) for one in countries] == [("Thailand", True), ("Malaysia", False)]
    assert talk.read().answers["country"].text == "Malaysia"


def test_versions_of_a_message_stand_together(talk: Sealed) -> None:
    """An edited message is one entry, where it was first written, with every version of it."""
    talk.take(Said(text="three of us", message=7))
    talk.take(Said(text="something else", message=9))
    talk.take(Said(text="four of us", edited=True, message=7), seconds=400)
    first, second = (one for one in of(talk.read(), Written))
    assert [one.text for one in first.versions] == ["three of us", "four of us"]
    assert (first.text, second.text) == ("four of us", "something else")
    assert talk.read().last_word == first.versions[-1].at


def test_a_flag_names_the_very_version_that_raised_it(talk: Sealed) -> None:
    """Words added by editing an earlier message are told apart from those written after it."""
    talk.take(Said(text="two of us", message=7))
    talk.take(Said(text="in a factory", message=9))
    talk.take(Said(text="they lock me in", edited=True, message=7))
    case = talk.read()
    (flag,) = (one for one in case.flags if one.indicator == "confinement")
    assert flag.by == of(case, Written)[0].versions[-1].record


def test_an_edited_message_of_another_case_stands_by_itself(talk: Sealed) -> None:
    """A version whose message is not in this case is not lost."""
    talk.take(Said(text="four of us", edited=True, message=7))
    assert [one.text for one in of(talk.read(), Written)] == ["four of us"]


def test_a_flag_names_the_answer_that_raised_it(talk: Sealed) -> None:
    """Each flag has its label, its source, and the record and words of the answer."""
    talk.press("skip", "yes")
    (flag,) = talk.read().flags
    assert (flag.indicator, flag.cause, flag.because) == ("minor", "answer", "Under 18: Yes")
    assert flag.label == "Someone under 18" and "Palermo" in flag.source
    assert flag.by == talk.read().answers["minor"].record


def test_a_flag_names_the_message_and_the_very_words(talk: Sealed) -> None:
    """Words that raised a flag are shown as the lexicon has them, with the message they were in."""
    talk.take(Said(text="please, they lock me in", message=4))
    flag = talk.read().flags[0]
    assert (flag.indicator, flag.cause) == ("confinement", "words")
    assert flag.words and flag.by == of(talk.read(), Written)[-1].record


def test_the_danger_press_and_a_call_for_a_person_are_causes_of_their_own() -> None:
    """What no answer raised says what did."""
    talk = Sealed()
    talk.take(Started())
    talk.press("danger", "person")
    causes = {one.indicator: (one.cause, one.because) for one in talk.read().flags}
    assert causes == {"imminent_danger": ("flow", "I am in danger now"), "asked_for_person": ("person", "")}


def test_files_places_and_numbers_are_read(talk: Sealed) -> None:
    """A file that is still being fetched says so, and that nobody has heard it."""
    talk.take(Sent(attachment=Attachment(file="F", kind="voice", duration=12), caption="listen"))
    talk.take(Located(latitude=13.7, longitude=100.5, title="a shop"))
    talk.take(Shared(number="1234", name="Boss"))
    case = talk.read()
    (media,), (spot,), (phone,) = of(case, Media), of(case, Spot), of(case, Phone)
    assert (media.file.state, media.file.opened, media.file.duration, media.caption) == ("awaited", False, 12, "listen")
    assert (spot.latitude, spot.title, phone.number, phone.holder) == (13.7, "a shop", "1234", "Boss")


def test_what_became_of_a_file_is_read(talk: Sealed) -> None:
    """Once fetched it has a place, and one that could not be fetched is missing."""
    talk.take(Sent(attachment=Attachment(file="F", kind="photo")))
    sealed = talk.items[-1]
    here = replace(sealed, blob="b1", opened=True, file={"sha256": "0"})
    missing = replace(sealed, file={"missing": True})
    states = [of(read_case(talk.content, [one], "en"), Media)[0].file for one in (here, missing)]
    assert [(one.state, one.blob, one.opened) for one in states] == [("here", "b1", True), ("missing", None, False)]


def test_what_operators_did_is_read_in_words(talk: Sealed) -> None:
    """Reasons and outcomes are shown by their labels."""
    talk.press("skip", "yes")
    case = talk.cases[-1].id
    talk.take(Desk(act="urgency", case=case, operator=501, name="A", urgency="P1", reason="more_danger"))
    (act,) = of(talk.read(), Act)
    assert (act.operator, act.act, act.details) == (501, "urgency", {"urgency": "P1", "reason": "More danger now"})


def _acted(
    talk: Sealed, kind: type[Desk | HandedOver | Identified | Judged | Noted | Reached | Suspected], **fields: object
) -> None:
    """Let an operator do something about the newest case."""
    talk.take(kind.model_validate({"case": talk.cases[-1].id, "operator": 501, "name": "A", **fields}))


def test_an_opinion_stands_beside_its_flag_and_the_newest_counts(talk: Sealed) -> None:
    """Operators agree or disagree indicator by indicator, with a reason; the timeline keeps every opinion."""
    talk.press("skip", "yes")
    for agrees in (True, False):
        _acted(talk, Judged, indicator="minor", agrees=agrees, reason="she told her age")
    case = talk.read()
    (flag,) = case.flags
    assert flag.opinion is not None and (flag.opinion.agrees, flag.opinion.label) == (False, "Someone under 18")
    assert [one.agrees for one in of(case, Opinion)] == [True, False]


def test_suspected_and_identified_are_apart(talk: Sealed) -> None:
    """Neither follows from the other; of each the newest counts."""
    talk.press("skip", "yes")
    _acted(talk, Suspected, holds=True, reason="locked in")
    assert talk.read().identification is None
    _acted(talk, Suspected, holds=False, reason="a misunderstanding")
    _acted(talk, Identified, by="the ministry", on="2026-03-01")
    case = talk.read()
    assert case.suspicion is not None and not case.suspicion.holds
    assert case.identification is not None
    assert (case.identification.by, case.identification.on) == ("the ministry", date(2026, 3, 1))


def test_notes_milestones_and_handing_over_are_read(talk: Sealed) -> None:
    """Who, what and when, with the label of the milestone in the reader's language."""
    talk.press("skip", "yes")
    _acted(talk, Desk, act="take")
    _acted(talk, Noted, text="call her sister")
    _acted(talk, Reached, milestone="located", on="2026-03-01", note="by a shop sign")
    _acted(talk, HandedOver, to=502, to_name="B", note="at noon")
    case = talk.read()
    (milestone,), (note,), act = case.milestones, of(case, Note), of(case, Act)[-1]
    assert (milestone.label, milestone.on, milestone.note) == ("Located", date(2026, 3, 1), "by a shop sign")
    assert (note.operator, note.text) == (501, "call her sister")
    assert (act.act, act.operator, act.to, act.note) == ("hand_over", 501, 502, "at noon")
    assert talk.read("km").milestones[0].label == "រកទីកន្លែងឃើញ"


def test_what_operators_do_is_not_the_persons_last_word(talk: Sealed) -> None:
    """How long the person has been silent is counted from their own acts."""
    talk.press("skip", "yes")
    last = talk.read().last_word
    _acted(talk, Noted, text="later")
    assert last is not None and talk.read().last_word == last


@pytest.mark.parametrize(
    "body", [{"kind": "of tomorrow", "x": 1}, {"kind": "answer"}, {}, {"kind": "flag", "words": 3}]
)
def test_a_record_of_another_shape_is_shown_as_it_is(body: dict[str, object]) -> None:
    """Nothing of a case is left out because this release does not know it."""
    item = Item("r", body, NOW, media=False, opened=False, blob=None, file=None)
    (entry,) = read_case(shipped_content(), [item], "en").entries
    assert isinstance(entry, Other) and entry.body == body


def test_a_question_this_release_does_not_ask_is_read_by_its_sealed_name() -> None:
    """A case outlives the release that took it."""
    body = {"kind": "answer", "question": "gone", "name": "Old question", "value": "red"}
    item = Item("r", body, NOW, media=False, opened=False, blob=None, file=None)
    (answer,) = of(read_case(shipped_content(), [item], "km"), Answer)
    assert (answer.question.name, answer.question.asked, answer.text) == ("Old question", None, "red")


def test_flags_are_of_the_timeline_too(talk: Sealed) -> None:
    """A flag stands right behind what raised it."""
    talk.press("skip", "yes")
    kinds = [type(one) for one in talk.read().entries][-2:]
    assert kinds == [Answer, Flag]
