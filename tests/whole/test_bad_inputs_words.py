"""Bad inputs 1 to 22: whatever a person writes is kept as it was written, answered, and never read back."""

import pytest

from bot.core.flow import Ask
from bot.sandbox.files import content_of
from tests.whole.bad_inputs import CANARY, HouseAct, Row, Rows, Scene, TryOut, name_of

TABLE: Rows[HouseAct] = Rows()
SHOWN = "console/test_cases.py::test_whatever_people_send_is_only_text"
"""Whatever people send is shown at the console, and inert there."""


@TABLE.row(1, "nothing but blanks", cases=0)
async def blanks(scene: Scene) -> None:
    """It is asked again kindly, and no case begins, at rest and at a question."""
    await scene.says(" ", "\u200b\u2060", "\n\t\u3000")
    assert scene.shows("no_words")
    await scene.asked_in_words()
    await scene.says("\u200b")
    assert scene.step == "wrote_before.news"
    assert scene.shows("no_words")


@TABLE.row(2, "a text of several messages")
async def long_text(scene: Scene) -> None:
    """Every part is kept, in order, and the parts are answered once."""
    words = f"{CANARY} " + "ខ្ញុំនៅទីនេះ " * 900
    await scene.says(words)
    assert "".join(await scene.texts()) == words
    assert len(await scene.texts()) == 3
    assert len(scene.shown()) == 1


@TABLE.row(3, "seventy messages at once", differs="each is answered, beyond 60 a minute one in a minute", limited=True)
async def flood(scene: Scene) -> None:
    """All are kept in order; from the sixty-first on there is one answer, which says so."""
    words = [f"{CANARY} {number}" for number in range(70)]
    for each in words:
        await scene.sokha.says(each)
    await scene.house.settled()
    assert await scene.texts() == words
    assert scene.shows("once_a_minute")
    assert len(scene.shown()) <= 61


@TABLE.row(4, "half of a surrogate pair")
async def surrogate(scene: Scene) -> None:
    """It becomes the replacement character before anything is stored."""
    await scene.sends({"text": f"{CANARY} \ud800 here"})
    assert await scene.texts() == [f"{CANARY} \ufffd here"]


@TABLE.row(5, "a NUL")
async def nul(scene: Scene) -> None:
    """It is taken out; what stands around it stays."""
    await scene.sends({"text": f"{CANARY}\x00 here"})
    assert await scene.texts() == [f"{CANARY} here"]


@TABLE.row(6, "overrides of the direction of writing", tested=(SHOWN,))
async def direction(scene: Scene) -> None:
    """They are kept under the seal, and reach no card."""
    words = f"{CANARY} \u202egnp.exe\u202c \u2066isolated\u2069 they hit me"
    await scene.says(words)
    assert await scene.texts() == [words]
    assert not any(sign in scene.group_says() for sign in "\u202e\u2066")


@TABLE.row(7, "two hundred stacked marks", tested=("console/test_speaking.py::test_a_heap_of_marks_is_cut",))
async def stacked(scene: Scene) -> None:
    """They are kept byte for byte, and folding them for danger words does not stall."""
    words = f"{CANARY} ក" + "្ក" * 200 + "ា" * 200
    await scene.says(words)
    assert await scene.texts() == [words]


@TABLE.row(8, "break hints within Khmer")
async def break_hints(scene: Scene) -> None:
    """A label with break hints in it is still the label; words with them are kept with them."""
    await scene.says("/start", "ខ្ញុំ\u200bត្រូវការ\u200bជំនួយ")
    assert scene.step == "help.safe"
    await scene.says(f"{CANARY} ស\u200bួស្តី")
    assert await scene.texts() == [f"{CANARY} ស\u200bួស្តី"]


@TABLE.row(9, "digits of other scripts")
async def digits(scene: Scene) -> None:
    """Khmer, Arabic and full-width digits are the number they mean."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes", "TH")
    for number in ("៣", "٣", "３"):
        await scene.says(number)
        assert scene.step == "help.minor"
        await scene.says("back")
        assert scene.step == "help.people"
    answers = (await scene.case()).of("answer")
    assert [one["value"] for one in answers if one["question"] == "people"] == [3, 3, 3]


@TABLE.row(10, "a phone number in any writing", differs="kept as written: no question asks for a number")
async def phone_number(scene: Scene) -> None:
    """It is kept as it was written, zeros and all, and taken for no number of a choice."""
    words = ["012 345 678", "+855 12 345 678", "00855-12-345-678", "០១២ ៣៤៥ ៦៧៨"]
    await scene.asked_in_words()
    await scene.says(*words)
    assert await scene.texts() == words


@TABLE.row(11, "dates of other calendars", differs="kept as text; nothing is read back to confirm it")
async def dates(scene: Scene) -> None:
    """They are accepted as the words they are."""
    words = [f"{CANARY} ថ្ងៃទី២០ ខែ២ ឆ្នាំ២៥៦៩", f"{CANARY} 31-02-2026", f"{CANARY} ម្សិលមិញ"]
    await scene.asked_in_words()
    await scene.says(*words)
    assert await scene.texts() == words


@TABLE.row(12, "emoji, sticker, dice and GIF", differs="emoji are words and a GIF is a video: both are kept")
async def pictures(scene: Scene) -> None:
    """What carries nothing is told what we understand; what can be looked at is kept for a human."""
    sticker = {"sticker": {"file_id": "S", "file_unique_id": "S", "type": "regular", "width": 1, "height": 1}}
    for gesture in (sticker, {"dice": {"emoji": "🎲", "value": 3}}):
        await scene.sends(gesture)
        assert scene.shows("unreadable")
    await scene.says("😀🙏")
    gif = scene.house.box.world.files.add(b"a GIF", kind="animation", name="x.mp4", mime="video/mp4")
    await scene.sends(content_of(gif))
    case = await scene.case()
    assert (case.texts(), case.items[-1].file) == (["😀🙏"], b"a GIF")


@TABLE.row(13, "Khmer in Latin letters")
async def romanised(scene: Scene) -> None:
    """It is read for what it says and kept as it is."""
    await scene.says(f"{CANARY} khnhom ot berk luy pi khae")
    assert await scene.texts() == [f"{CANARY} khnhom ot berk luy pi khae"]


@TABLE.row(14, "the other language in the middle")
async def other_language(scene: Scene) -> None:
    """A Khmer label answers an English screen; switching keeps the place and the answers."""
    await scene.house.asks_for_help(scene.sokha, "yes", "yes", "TH")
    sokha = scene.sokha
    await scene.house.after(sokha.says("២"), sokha.says("language"))
    assert scene.step == "help.minor"
    content = scene.house.content
    step = next(one for one in content.flows["help"].steps if isinstance(one, Ask) and one.id == "minor")
    labels = {one.id: content.text(one.words, "km") for one in step.choices}
    assert labels["yes"] in str(scene.house.screen(sokha).labels)
    await scene.house.after(sokha.says("english"), sokha.says(labels["no"]))
    assert scene.step == "help.facts"


@TABLE.row(15, "marks of markup and of templates")
async def markup(scene: Scene) -> None:
    """Nothing of it means anything: it is kept as it is."""
    words = f"<b>{CANARY}</b> *x* _y_ `z` {{number}} {{0.__class__}} %s %(name)s ${{HOME}} {{{{7*7}}}}"
    await scene.says(words)
    assert await scene.texts() == [words]


@TABLE.row(16, "scripts", tested=(SHOWN,))
async def scripts(scene: Scene) -> None:
    """They are text, in the case alone."""
    words = f'<script>alert("{CANARY}")</script>"><img src=x onerror=alert(1)> javascript:alert(1) they hit me'
    await scene.says(words)
    assert await scene.texts() == [words]
    assert not any(part in scene.group_says() for part in ("script", "onerror"))


@TABLE.row(17, "SQL")
async def sql(scene: Scene) -> None:
    """It is text; every table is still there."""
    words = f"{CANARY}'; DROP TABLE cases; --"
    await scene.says(words)
    assert await scene.texts() == [words]


@TABLE.row(18, "formulas of a spreadsheet", waits="quoted in CSV: exports", tested=(SHOWN,))
async def formulas(scene: Scene) -> None:
    """They are kept as they are."""
    words = [f'=HYPERLINK("http://{CANARY}")', f"+1+{CANARY}", f"-{CANARY}", f"@{CANARY}", f"\t{CANARY}", f"\r{CANARY}"]
    await scene.says(*words)
    assert await scene.texts() == words


@TABLE.row(19, "a forged line of a log")
async def forged_log(scene: Scene) -> None:
    """What people write is in no log at all (every row looks for it there)."""
    words = f"{CANARY}\n2026-03-02T05:00:00Z [error] forged {CANARY}"
    await scene.says(words)
    assert await scene.texts() == [words]


@TABLE.row(20, "links")
async def links(scene: Scene) -> None:
    """They reach the case only: operators get nothing to press."""
    words = f"https://evil.example/{CANARY} tg://resolve?domain={CANARY} t.me/{CANARY} they hit me"
    await scene.says(words)
    assert await scene.texts() == [words]
    assert not any(part in scene.group_says() for part in ("evil.example", "tg://", "t.me"))


@TABLE.row(21, "words of danger in the middle of a flow")
async def danger_words(scene: Scene) -> None:
    """A card lies before the operators at once, the danger path comes next, and the flow can be taken up again."""
    house = scene.house
    await house.asks_for_help(scene.sokha, "yes", "yes")
    await scene.says(f"{CANARY} they are beating me")
    (case,) = await house.cases()
    assert (case["urgency"], scene.step) == ("P1", "danger.place")
    assert len(house.cards()) == 1
    for choice in ("skip", "any_time", "resume"):
        await house.chooses(scene.sokha, choice)
    assert scene.step == "help.country"


@TABLE.row(22, "an age under eighteen")
async def minor(scene: Scene) -> None:
    """Together with what happens to them it makes the case urgent."""
    house = scene.house
    await house.asks_for_help(scene.sokha, "yes", "yes", "TH", "skip", "yes", "papers", "done")
    (case,) = await house.cases()
    assert case["urgency"] == "P1"
    assert house.content.text(house.content.indicators["minor"].label, "en") in house.card(case["number"]).text


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_whatever_is_written_is_kept_and_never_read_back(row: Row[HouseAct], try_out: TryOut) -> None:
    """The row's own promise holds, and what holds after every bad input."""
    await try_out(row)
