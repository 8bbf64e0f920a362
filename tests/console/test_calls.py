"""A call or a walk-in, taken down by hand at the console: from the first question to the call back and the status."""

import re

import pytest

from tests.console.browsing import Browser, Console, console_of, hidden
from tests.whole.house import House
from tests.whole.searching import found


class Call:
    """One intake by hand, as its operator's browser shows it; `page` is the newest."""

    def __init__(self, browser: Browser, at: str) -> None:
        """Begin at an address."""
        self.browser = browser
        self.at = at
        self.page = ""

    async def load(self) -> "Call":
        """Load the page anew."""
        answer = await self.browser.get(self.at)
        assert answer.status_code == 200, (self.at, answer.status_code)
        self.page = answer.text
        return self

    def fields(self, **fields: str) -> dict[str, str]:
        """Give what a form of the page sends."""
        once, rev = (hidden(self.page, rf'name="{name}" value="([\w-]+)"') for name in ("once", "rev"))
        return {"once": once, "rev": rev, **fields}

    async def sends(self, **fields: str) -> None:
        """Send a form of the page, and load what follows."""
        answer = await self.browser.post(self.at, self.fields(**fields))
        assert answer.status_code == 303, answer.text
        await self.browser.house.settled()
        await self.load()

    async def press(self, *labels: str) -> None:
        """Press buttons by their label, one after the other."""
        for label in labels:
            found = [data for data, words in _buttons(self.page) if label in words]
            assert found, (label, _buttons(self.page))
            await self.sends(press=found[0])

    async def says(self, text: str) -> None:
        """Note an answer in words."""
        await self.sends(text=text)

    async def ticks(self, *labels: str) -> None:
        """Tick several and send them."""
        found = re.findall(r'name="(tick\d+)" value="(\w+)".*?<span>(.*?)</label>', self.page, re.DOTALL)
        ticked = {name: value for name, value, words in found if any(label in words for label in labels)}
        assert len(ticked) == len(labels), found
        done = next(data for data, _ in _buttons(self.page) if data.endswith(":done"))
        await self.sends(press=done, **ticked)

    def reads(self, *texts: str) -> bool:
        """Say whether all of this is on the page to be read aloud."""
        aloud = self.page.split('class="aloud"', 1)[1].split("</section>", 1)[0]
        return all(text in aloud for text in texts)


def _buttons(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<button[^>]*name="press" value="([^"]+)"[^>]*>(.*?)</button>', page, re.DOTALL)
    return [(data, re.sub(r"<[^>]+>", " ", words)) for data, words in found]


async def a_call(browser: Browser, way: str = "call") -> Call:
    """Begin an intake by hand."""
    once = hidden((await browser.get("/calls")).text, r'name="once" value="([\w-]+)"')
    answer = await browser.post("/calls", {"once": once, "way": way})
    assert answer.status_code == 303, answer.text
    await browser.house.settled()
    return await Call(browser, answer.headers["location"]).load()


async def by_phone(browser: Browser, number: str = "012 345 678") -> Call:
    """Begin one, with a number to call, up to what it is about."""
    call = await a_call(browser)
    await call.says(number)
    await call.press("My own", "Yes")
    return call


async def with_rule(browser: Browser, *rule: str, country: str = "Thailand") -> str:
    """Take down a whole call of somebody in danger, with a contact rule; gives the case's number."""
    call = await by_phone(browser)
    await call.press("Needs help", "Yes", "Yes, keep it", country)
    await call.press("In danger now", "Skip", *rule[:1])
    if len(rule) > 1:
        await call.ticks(*rule[1:])
    (case,) = await browser.house.cases()
    return str(case["number"])


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_call_becomes_a_case_through_the_same_questions(console: Console, language: str) -> None:
    """Question by question, in both languages at once, to a number and a card, without any chat."""
    dara = await console.dara()
    await dara.post("/me/language", {"language": language})
    call = await by_phone(dara)
    assert call.reads("What is it about?", "តើរឿងនេះអំពីអ្វី?")
    await call.press("Needs help", "Yes", "Yes, keep it", "Thailand")
    await call.says("4")
    await call.press("No")
    await call.ticks("I was not paid")
    await call.says("3")
    await call.says("a canary of a caller")
    await call.press("Yes", "Nothing bad happens", "No", "I keep it")
    assert call.reads("When may we call you?", "តើយើងអាចទូរស័ព្ទទៅអ្នកពេលណា?")
    await call.press("Morning, noon, evening, night")
    await call.ticks("Evening")
    await call.press("Woman", "25")
    (case,) = await console.house.cases()
    opened = await console.house.opened(case["number"])

    assert call.reads(case["number"], "Write it down only if that is safe")
    assert (case["country"], case["contact"], case["state"]) == ("TH", "hours", "new")
    assert opened.of("desk")[0]["act"] == "took_call" and opened.of("desk")[0]["operator"] == console.house.dara.id
    assert {"012 345 678", "a canary of a caller"} <= set(opened.texts())
    assert not [one for one in console.house.group.messages() if "canary" in one.text or "012" in one.text]


async def test_danger_is_at_hand_on_every_page_and_is_carded_at_once(console: Console) -> None:
    """P1 as in a chat: a card in the group, the ladder, and the danger path to be read aloud."""
    dara = await console.dara()
    call = await a_call(dara)
    await call.press("In danger now")
    (case,) = await console.house.cases()

    assert (case["urgency"], case["state"]) == ("P1", "new")
    assert "Must not call now" in console.house.card(case["number"]).text
    assert call.reads("We have told the people of this helpline.", "Where are you now")
    assert await console.house.count("SELECT count(*) FROM timers WHERE name = 'untaken'") == 1
    assert "Telegram" not in call.page
    await call.says("behind the market")
    assert call.reads("Which number may we call")
    assert "behind the market" in (await console.house.opened(case["number"])).texts()


async def test_nothing_is_lost_when_the_process_dies_and_two_presses_act_once(house: House) -> None:
    """Killed between two questions, the operator goes on where they were; a form sent twice is one answer."""
    async with console_of(house) as before:
        dara = await before.dara()
        call = await by_phone(dara)
        await call.press("Needs help", "Yes", "Yes, keep it", "Thailand")
        twice = call.fields(text="4")
        assert [(await dara.post(call.at, twice)).status_code for _ in range(2)] == [303, 303]
        await house.settled()
        cookie, at = dara.cookie, call.at
    await house.restart(clean=False)
    async with console_of(house) as after:
        dara = after.browser()
        dara.cookie = cookie
        assert at in (await dara.get("/calls")).text
        call = await Call(dara, at).load()
        assert call.reads("Is anyone among you under 18?")
        await call.press("In danger now")
        (case,) = await house.cases()
        answers = [one for one in (await house.opened(case["number"])).of("answer") if one["question"] == "people"]
        assert [one["value"] for one in answers] == [4]


async def test_a_page_grown_old_loses_no_words_and_answers_nothing_else(console: Console) -> None:
    """Words sent from an older page are kept, but are no answer to the question that stands there now."""
    dara = await console.dara()
    call = await by_phone(dara)
    old = call.fields()
    await call.press("Needs help", "Yes", "Yes, keep it")
    once = hidden(call.page, r'name="once" value="([\w-]+)"')
    await dara.post(call.at, {"once": once, "rev": old["rev"], "text": "from the older page"})
    await console.house.settled()
    await call.load()
    assert call.reads("Which country are you in?")
    await call.press("In danger now")
    (case,) = await console.house.cases()
    assert "from the older page" in (await console.house.opened(case["number"])).texts()


async def test_what_a_colleague_takes_down_is_not_there(console: Console) -> None:
    """Only its operator finds an unfinished intake, also after their login ended; a forged address finds nothing."""
    dara, bopha = await console.dara(), await console.bopha()
    call = await by_phone(dara)
    person = console.house.person()
    await console.house.asks_for_help(person)
    lanes = {
        str(row) for row in await console.house.store.inbox.came_since(console.house.clock.now().replace(year=2020))
    }

    assert {(await bopha.get(f"/calls/{lane}")).status_code for lane in lanes} == {404}
    assert (await bopha.post(call.at, call.fields(text="forged"))).status_code == 404
    assert call.at not in (await bopha.get("/calls")).text
    assert (await dara.get("/calls/nowhere")).status_code == 404
    await console.house.passes(minutes=31)
    assert (await dara.get(call.at)).status_code == 401
    await dara.log_in("Dara")
    assert call.at in (await dara.get("/calls")).text


async def test_an_answer_that_cannot_be_decided_reaches_a_human(console: Console) -> None:
    """As in a chat: an operator gets a case, the page a line to read, and the call goes on."""
    dara, house = await console.dara(), console.house
    call = await by_phone(dara)
    whole, said = house.content, house.content.aloud
    phrases = {key: words for key, words in said.phrases.items() if key != "kept_words"}
    house.content = whole.model_copy(update={"aloud": said.model_copy(update={"phrases": phrases})})
    await call.press("Needs help")
    await call.says("words that fit no button")
    house.content = whole
    (case,) = await house.cases()

    assert case["urgency"] == "P2" and await house.store.inbox.aside() == 1
    assert (await call.load()).reads("Something went wrong on our side.", "Can you speak safely now?")
    await call.press("Yes")
    assert call.reads("May we keep what you tell us")


async def test_what_a_caller_says_lies_nowhere_in_clear(console: Console) -> None:
    """Neither the number to call nor a word, in the middle of a call: not in the database, nor in what is beside it."""
    dara = await console.dara()
    call = await by_phone(dara, number="0977 zqnumberzq")
    await call.press("Needs help", "Yes", "Yes, keep it", "Thailand")
    await call.says("zqwordszq")
    places = [place for place in (console.house.folder / "data").rglob("*") if place.is_file()]
    files = {place: place.read_bytes() for place in places}

    assert len(files) > 1 and found(files, ["zqnumberzq", "zqwordszq"]) == []


async def test_boxes_are_ticked_as_they_were_on_the_way_back(console: Console) -> None:
    """What is sent are the boxes as they stand on the page: with none of them, nothing is answered once more."""
    dara = await console.dara()
    call = await by_phone(dara)
    await call.press("Needs help", "Yes", "Yes, keep it", "Thailand", "Skip", "Skip")
    await call.ticks("I want to go home")
    await call.press("Back")
    assert call.page.count(" checked>") == 1
    await call.ticks()
    assert call.reads("When may we call you?") or call.reads("Where are you now?")
    await call.press("In danger now")
    (case,) = await console.house.cases()
    kept = [one for one in (await console.house.opened(case["number"])).of("answer") if one["question"] == "facts"]
    assert [one["value"] for one in kept] == [["home"]]


async def test_an_intake_that_falls_silent_becomes_an_unfinished_case(console: Console) -> None:
    """After a day, like a draft in a chat: what was told is before operators, and the page is over."""
    dara = await console.dara()
    call = await by_phone(dara)
    await console.house.passes(hours=25)
    (case,) = await console.house.cases()

    assert case["state"] == "new" and "012 345 678" in (await console.house.opened(case["number"])).texts()
    await dara.log_in("Dara")
    assert (await dara.get(call.at)).status_code == 404
    assert call.at not in (await dara.get("/calls")).text


async def test_what_would_be_written_becomes_a_reminder_to_call_in_safe_hours(console: Console) -> None:
    """Outside the hours nobody is told to call; in them whoever has the case is, until they reached the person."""
    dara, house = await console.dara(), console.house
    number = await with_rule(dara, "Morning, noon, evening, night", "Evening")
    await dara.acts(number, "take")
    answer = await dara.replies(number, "the embassy opens tomorrow")
    assert "Kept." in (await dara.get(answer.headers["location"])).text
    page = (await dara.get(f"/cases/{number}")).text

    assert "A call is owed to them." in page and "No. Call from 17:00 in Cambodia" in page and "012 345 678" in page
    assert not _calls(console)
    await house.passes(hours=4)
    assert not _calls(console)
    await house.passes(hours=1, minutes=1)
    assert len(_calls(console)) == 1
    await dara.log_in("Dara")
    await dara.acts(number, "called", reached="no")
    await house.passes(minutes=61)
    assert len(_calls(console)) == 2
    await dara.log_in("Dara")
    await dara.acts(number, "called", reached="yes")
    await house.passes(hours=30)
    assert len(_calls(console)) == 2
    assert [one["act"] for one in (await house.opened(number)).of("desk")][-2:] == ["not_reached", "reached"]


@pytest.mark.parametrize("rule", ["Do not call. I call you", "Never call me"])
async def test_who_must_not_be_called_is_never_the_reason_for_a_reminder(console: Console, rule: str) -> None:
    """They call us: the answer waits in the case, at any hour of two days."""
    dara, house = await console.dara(), console.house
    number = await with_rule(dara, rule)
    await dara.acts(number, "take")
    await dara.replies(number, "we have found a way")
    for _ in range(12):
        await house.passes(hours=4)

    assert not _calls(console)
    await dara.log_in("Dara")
    assert "No. Tell them when they call" in (await dara.get(f"/cases/{number}")).text


async def test_a_case_nobody_has_calls_those_on_duty(console: Console) -> None:
    """An urgent case that nobody came for within the hour: the person allowed calls at any time, so somebody calls."""
    dara, house = await console.dara(), console.house
    number = await with_rule(dara, "Call at any time")
    await house.passes(minutes=61)

    assert [one for one in house.cards(house.dara.chat) if "call the person of" in one.text and number in one.text]


async def test_an_answer_to_the_card_is_kept_for_the_call(console: Console) -> None:
    """In the group too: what an operator answers is sealed and leads to a call, and nothing is sent to anybody."""
    dara, house = await console.dara(), console.house
    number = await with_rule(dara, "Call at any time")
    await house.after(house.desk(house.dara, "t", number))
    await house.after(house.dara.says("tell them yes", chat=house.group, reply_to=house.card(number)))

    assert [one["text"] for one in (await house.opened(number)).of("reply")] == ["tell them yes"]
    assert len(_calls(console)) == 1 and not house.questions()


def _calls(console: Console) -> list[str]:
    """Give what Dara was told privately about calling."""
    return [one.text for one in console.house.dara.messages() if "call the person of" in one.text]


async def test_the_same_person_adds_to_the_case_and_is_read_nothing(console: Console) -> None:
    """A later call goes through the same questions into the same case; nothing told before is on its pages."""
    dara, bopha = await console.dara(), await console.bopha()
    number = await with_rule(dara, "Do not call. I call you")
    page = (await bopha.get(f"/cases/{number}")).text
    answer = await bopha.post(
        f"/cases/{number}/calls", {"once": hidden(page, r'name="once" value="([\w-]+)"'), "way": "call"}
    )
    await console.house.settled()
    call = await Call(bopha, answer.headers["location"]).load()
    assert "012 345 678" not in call.page
    await call.says("they moved us to another house")
    opened = await console.house.opened(number)

    assert len(await console.house.cases()) == 1
    assert "they moved us to another house" in opened.texts()
    assert [one["operator"] for one in opened.of("desk")] == [console.house.dara.id, console.house.bopha.id]
    assert (await dara.get(call.at)).status_code == 404


async def test_the_status_is_read_to_who_says_the_number(console: Console) -> None:
    """Fixed sentences in both languages, nothing of what was told; another number hears nothing; all is recorded."""
    dara, house = await console.dara(), console.house
    number = await with_rule(dara, "Call at any time")
    wrong = await dara.post(f"/cases/{number}/status", {"said": "00000000"})
    first = await dara.post(f"/cases/{number}/status", {"said": f"{number[:4].lower()} {number[4:]}"})
    await dara.acts(number, "take")
    await dara.acts(number, "milestone", milestone="referred", on="2026-03-01", note="", reached="")
    then = await dara.post(f"/cases/{number}/status", {"said": number})
    acts = await house.count("SELECT count(*) FROM audit WHERE act IN ('status', 'status_refused')")

    assert wrong.status_code == 400 and "Say nothing about any case" in wrong.text
    assert "We received what you told us on" not in wrong.text
    assert "Nobody has taken it yet" in first.text and "មិនទាន់មានអ្នកទទួលទេ" in first.text
    assert "Somebody of this helpline works on it." in then.text and "on 01.03.2026" in then.text
    assert acts == 3


async def test_a_person_with_a_chat_is_not_received_by_hand(console: Console) -> None:
    """Their chat is theirs: no operator can answer for them, neither by the page nor by a forged form."""
    dara, house = await console.dara(), console.house
    number = (await house.in_danger(house.person()))["number"]
    once = await dara.once(number)
    answer = await dara.post(f"/cases/{number}/calls", {"once": once, "way": "call"})

    assert answer.status_code == 404
    assert "They called again" not in (await dara.get(f"/cases/{number}")).text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": "x" * 3501}, 400),
        ({"text": "   "}, 400),
        ({"rev": "one", "text": "x"}, 400),
        ({"press": "!" * 65}, 400),
        ({"once": "short", "text": "x"}, 400),
        ({"press": "!hide"}, 303),
        ({"press": "0:nowhere:9"}, 303),
    ],
)
async def test_forged_forms_change_nothing(console: Console, fields: dict[str, str], status: int) -> None:
    """Bounds are checked here, not in the browser; what no page sends changes nothing, and nothing can be hidden."""
    dara = await console.dara()
    call = await by_phone(dara)
    answer = await dara.post(call.at, call.fields(**fields))
    await console.house.settled()

    assert answer.status_code == status
    assert (await call.load()).reads("What is it about?")
    assert (await dara.post("/calls", {"once": "0123456789abcdef", "way": "swim"})).status_code == 400
    assert (await dara.post(call.at, call.fields(text="x"), Sec_Fetch_Site="cross-site")).status_code == 403
