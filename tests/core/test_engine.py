"""What the stories cannot say: crashes, old releases, statistics, limits lifted, and the helpline's own bookkeeping."""

import pytest

from bot.core.content import Content
from bot.core.effects import ClearTimer, Count, Forget, Hide, PostCard, Release, ReplyToCard, Seal, SetTimer, Show
from bot.core.engine import crashed
from bot.core.events import Attachment, Desk, Located, Pressed, Said, Sent, Started, TimerFired
from bot.core.state import Conversation, Place
from bot.core.turn import SILENCE, UNKEPT
from bot.core.values import LANGUAGES, Language
from tests.core.talking import Talk

VOICE = Sent(attachment=Attachment(file="F", kind="voice"))


@pytest.fixture
def talk(shipped: Content) -> Talk:
    """Give a person who has pressed start."""
    talk = Talk(shipped)
    talk.take(Started())
    return talk


def _end_the_intake(talk: Talk) -> None:
    talk.press("help", *("skip",) * 9)
    assert talk.screen is not None and talk.screen.step == "end.menu"


# ── failing towards a human ──────────────────────────────────────────────────────────────────────────────────


def test_a_crash_gives_the_person_a_kind_line_and_an_operator_a_case(talk: Talk) -> None:
    """If deciding crashes, a human is called and the person is not left without an answer."""
    made = crashed(talk.content, talk.session, talk.now)
    cards = [one for one in made.effects if isinstance(one, PostCard)]
    shown = [line.words for one in made.effects if isinstance(one, Show) for line in one.screen.lines]
    assert len(cards) == 1 and made.session.cases[0].urgency == "P2"
    assert shown[0] == talk.content.phrases["crash"]


def test_a_crash_in_a_hidden_chat_shows_nothing(talk: Talk) -> None:
    """What goes wrong while somebody else may hold the phone is told to operators only."""
    talk.press("hide")
    made = crashed(talk.content, talk.session, talk.now)
    assert not [one for one in made.effects if isinstance(one, Show)]
    assert [one for one in made.effects if isinstance(one, PostCard)]


def test_what_hiding_overtook_is_kept_and_answers_nothing(talk: Talk) -> None:
    """A message written before hide, and decided after it, is sealed and shows nothing, a voice note too."""
    talk.press("hide")
    for event in (VOICE, Said(text="someone hits me"), Started()):
        talk.session = talk.session.model_copy(update={"overtaken": True})
        talk.take(event)
        assert not talk.of(Show) and not talk.of(Release)
    assert len([case for case in talk.cases if case.urgency == "P1"]) == 1


def test_what_could_not_be_removed_is_told_once_at_the_next_entry(talk: Talk) -> None:
    """How to clear old messages by hand is told after coming back, never on the innocent screen."""
    talk.press("hide")
    undeleted = talk.talk.model_copy(update={"undeleted": True})
    talk.session = talk.session.model_copy(update={"conversation": undeleted})
    assert _says(talk, Started(), "undeleted") and talk.of(Forget)
    assert not _says(talk, Started(), "undeleted")


def _says(talk: Talk, event: Started | Pressed, key: str) -> bool:
    talk.take(event)
    return any(line.words == talk.content.phrases[key] for one in talk.of(Show) for line in one.screen.lines)


# ── a release strands nobody ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("place", "step"),
    [
        (Place(flow="help", step="no_longer_there"), "help.safe"),
        (Place(flow="no_longer_there", step="x"), "start.menu"),
        (Place(flow="help", step="minor"), "help.minor"),
    ],
)
def test_who_stands_on_a_step_that_is_gone_is_asked_the_nearest_earlier_one(
    shipped: Content, place: Place, step: str
) -> None:
    """After a release the person is asked something that is there, and an old button shows it."""
    talk = Talk(shipped)
    session = talk.session.model_copy(update={"conversation": Conversation(rev=7, place=place)})
    talk.session = session
    talk.take(Pressed(data=f"7:{place.flow}.{place.step}:99"))
    assert talk.screen is not None and talk.screen.step == step


def test_the_trail_leads_back_to_the_last_question_that_is_still_there(talk: Talk) -> None:
    """If the step is gone, the person goes on from the last question they were asked in that flow."""
    talk.press("help", "yes", "yes", "TH")
    gone = talk.talk.model_copy(update={"place": Place(flow="help", step="gone")})
    talk.session = talk.session.model_copy(update={"conversation": gone})
    talk.take(Pressed(data="old"))
    assert talk.screen is not None and talk.screen.step == "help.country"


# ── languages ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("phone", LANGUAGES)
@pytest.mark.parametrize("chosen", LANGUAGES)
def test_the_language_row_gives_exactly_that_language(shipped: Content, phone: Language, chosen: Language) -> None:
    """A language's own button gives that language, whatever was spoken before, however often it is pressed."""
    talk = Talk(shipped, language=phone)
    talk.take(Started())
    for _ in range(2):
        talk.press(chosen)
        assert talk.talk.speaks == chosen


# ── what is counted ──────────────────────────────────────────────────────────────────────────────────────────


def _counts(talk: Talk, event: Pressed | Started) -> list[str]:
    talk.take(event)
    return [one.name for one in talk.of(Count)]


def test_an_intake_is_counted_once_when_it_is_over(talk: Talk) -> None:
    """The yearly figures count a request when the person leaves it, and what is added later does not count again."""
    _end_the_intake(talk)
    assert _counts(talk, Started()) == ["intake", "person"]
    talk.take(Said(text="one thing more"))
    assert _counts(talk, Started()) == []
    talk.take(Said(text="they lock me in"))
    talk.press("skip", "skip", "skip")
    assert _counts(talk, Started()) == []


def test_a_draft_that_is_shredded_is_not_counted(talk: Talk) -> None:
    """Who does not want it kept is not in the figures either."""
    talk.press("help", "yes", "yes", "TH", "stop")
    talk.press("delete")
    assert talk.cases == () and not talk.of(Count)


def test_counts_lead_to_nobody(talk: Talk) -> None:
    """A statistic holds bands and codes only, never a number or id of a case."""
    _end_the_intake(talk)
    case = talk.cases[0]
    talk.take(Started())
    for count in talk.of(Count):
        assert not {case.id, case.number} & set(count.labels.values())
        assert set(count.labels) <= {"country", "urgency", "language", "need", "sex", "age", "minor"}


def test_coded_answers_are_dropped_when_the_intake_is_over(talk: Talk) -> None:
    """After the intake nothing of what was answered is left in the conversation."""
    talk.press("help", "yes", "yes", "TH")
    talk.press(*("skip",) * 7)
    talk.take(Started())
    assert (talk.talk.answers, talk.talk.told, talk.talk.skipped, talk.talk.reasons) == ({}, (), (), ())
    assert talk.talk.case is None and talk.talk.flows == ()


def test_what_joins_an_older_case_does_not_make_it_the_next_request(talk: Talk) -> None:
    """A line added to a request of before is that request's; "I need help" after it is a new one."""
    _end_the_intake(talk)
    talk.take(Started())
    talk.take(Said(text="they have not paid me"))
    assert talk.cases[0].urgency == "P3" and talk.talk.reasons == ()
    talk.press("help", "yes", "yes")
    assert len(talk.cases) == 2


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_limits_can_be_lifted_for_a_measurement(shipped: Content) -> None:
    """With every limit lifted a chat is answered each time and begins as many cases as it likes."""
    talk = Talk(shipped, unlimited=True)
    for _ in range(70):
        talk.take(Said(text="one thing more"), seconds=0)
        assert talk.of(Show)
    for _ in range(5):
        talk.press("danger", "skip", "skip", "skip", "start")
    assert len(talk.cases) == 5


def test_presses_and_danger_do_not_count_as_a_flood(talk: Talk) -> None:
    """Who presses fast, or writes danger after seventy messages, is answered at once."""
    for _ in range(100):
        talk.take(Pressed(data=talk.data("km")), seconds=0)
        assert talk.of(Show)
    for _ in range(70):
        talk.take(Said(text="one thing more"), seconds=0)
    talk.take(Said(text="danger"), seconds=0)
    assert talk.of(PostCard)
    assert talk.of(Show)


def test_a_flood_counts_anew_each_minute(talk: Talk) -> None:
    """After a minute the chat is answered again."""
    for _ in range(70):
        talk.take(Said(text="one thing more"), seconds=0)
    assert not talk.of(Show)
    talk.take(Said(text="one thing more"), seconds=61)
    assert talk.of(Show)


def test_a_moving_place_is_kept_every_five_minutes(talk: Talk) -> None:
    """Of a live location one point in five minutes is kept, and none of its movements asks for an answer."""
    talk.take(Located(latitude=1, longitude=2))
    kept = 0
    for _ in range(20):
        talk.take(Located(latitude=1, longitude=2, live=True), seconds=60)
        kept += len(talk.of(Seal))
        assert not talk.of(Show)
    assert kept == 4


# ── operators and timers ─────────────────────────────────────────────────────────────────────────────────────


def _desk(talk: Talk, act: str, **fields: object) -> None:
    event = {"act": act, "case": talk.cases[0].id, "operator": 501, "name": "Dara", **fields}
    talk.take(Desk.model_validate(event))


def test_who_did_what_on_a_case_is_sealed_by_number_not_name(talk: Talk) -> None:
    """The history of a case holds the operator's numeric id, the act and its reason."""
    talk.press("danger")
    _desk(talk, "urgency", urgency="P3", reason="misread")
    body = talk.of(Seal)[0].body
    assert (body["operator"], body["act"], body["urgency"], body["reason"]) == (501, "urgency", "P3", "misread")
    assert "Dara" not in str(body)


def test_taking_a_case_ends_its_ladder(talk: Talk) -> None:
    """Nothing rings for what somebody has taken; the intake goes on."""
    talk.press("danger")
    _desk(talk, "take")
    assert {one.name for one in talk.of(ClearTimer)} == {"untaken", "duty"}


def test_finishing_a_case_ends_all_its_timers(talk: Talk) -> None:
    """Nothing rings for a case that is closed, not even a timer that was already on its way."""
    talk.press("danger", "skip", "skip", "no")
    case = talk.cases[0].id
    _desk(talk, "take")
    _desk(talk, "resolve", outcome="helped")
    assert {one.name for one in talk.of(ClearTimer)} == {
        "untaken",
        "duty",
        "silent",
        "unkept",
        "remind",
        "late",
        "call",
    }
    assert talk.take(TimerFired(name="untaken", case=case, rev=0, due=talk.now)).effects == ()


def test_a_ladder_that_fires_late_for_a_taken_case_does_nothing(talk: Talk) -> None:
    """A rung that was due before somebody took the case is ignored after it."""
    talk.press("danger")
    _desk(talk, "take")
    fired = TimerFired(name="untaken", case=talk.cases[0].id, rev=0, due=talk.now)
    assert talk.take(fired).effects == ()


def test_the_times_of_timers_are_those_promised(talk: Talk) -> None:
    """The ladder begins after 5 minutes, a silent draft ends after 24 hours, an unkept case is asked for after 72."""
    talk.press("danger")
    set_at = {one.name: one.due - talk.now for one in talk.of(SetTimer)}
    assert (set_at["untaken"].total_seconds(), set_at["silent"]) == (300, SILENCE)
    talk.press("skip", "skip", "no")
    unkept = next(one for one in talk.of(SetTimer) if one.name == "unkept")
    assert unkept.due - talk.now == UNKEPT
    assert (SILENCE.total_seconds() / 3600, UNKEPT.total_seconds() / 3600) == (24, 72)


def test_the_number_in_the_closing_words_is_the_number_of_the_case(talk: Talk) -> None:
    """The person is told the very number that operators see."""
    _end_the_intake(talk)
    numbers = [line.params["number"] for one in talk.of(Show) for line in one.screen.lines if line.params]
    assert numbers == [talk.cases[0].number]


def test_a_danger_press_after_the_third_case_still_reaches_the_operators(talk: Talk) -> None:
    """However many cases a day there are, danger is never swallowed."""
    for _ in range(3):
        talk.press("danger", "skip", "skip", "skip", "start")
    talk.press("danger")
    assert len(talk.cases) == 3
    assert [one.line.words for one in talk.of(ReplyToCard)] == [talk.content.phrases["wrote_again"]]


def test_hide_leaves_draft_case_ladder_and_place(talk: Talk) -> None:
    """Hiding changes what is shown, and nothing else."""
    talk.press("help", "yes", "yes", "TH", "danger", "skip")
    before, timers = talk.session, dict(talk.timers)
    talk.press("hide")
    assert talk.session.cases == before.cases and talk.timers == timers
    assert (talk.talk.place, talk.talk.agenda) == (before.conversation.place, before.conversation.agenda)
    assert [type(one) for one in talk.decision.effects] == [Hide]
