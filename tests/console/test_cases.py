"""Cases at the console: what is on the page, who opened it, acts that happen once, replies that obey the rule."""

import asyncio

import pytest

from tests.console.browsing import Browser, Console

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}{% raw %}${7*7}",
    "' OR 1=1; DROP TABLE cases--",
    "\u202eevil\u202c\u2066x\u2069",
    "</textarea></title><svg onload=alert(1)>",
    "=HYPERLINK(1)",
]


async def a_case(console: Console, text: str = "They took my passport") -> str:
    """Let somebody in danger write; gives the number of the case."""
    person = console.house.person()
    case = await console.house.in_danger(person)
    await console.house.after(person.says(text))
    return str(case["number"])


async def test_a_case_opens_with_the_key_of_who_is_logged_in(console: Console) -> None:
    """Where, may I write, why it is urgent, and what was told, in the operator's language."""
    dara = await console.dara()
    page = (await dara.get(f"/cases/{await a_case(console)}")).text

    assert "They took my passport" in page and "Time there" in page and "May I write?" in page
    assert "in answer, until" in page and "Why it is urgent" in page


async def test_a_case_from_before_their_key_stays_closed(console: Console) -> None:
    """What is not sealed to an operator is not opened for them; that they tried is recorded."""
    number = await a_case(console)
    dara = await console.dara()
    page = (await dara.get(f"/cases/{number}")).text
    acts = [one.entry.act for one in await console.house.store.console.newest(before=None, limit=9)]

    assert "not sealed to your key" in page and "passport" not in page
    assert "not_sealed_to" in acts and "opened" not in acts


@pytest.mark.parametrize("text", NASTY)
async def test_whatever_people_send_is_only_text(console: Console, text: str) -> None:
    """In words, in a caption, in a file's name, in a contact's and a place's: shown, and inert."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.after(
        person.says(text),
        person.sends_document(f"{text}.html", "text/html", b"<script>alert(1)</script>", caption=text),
        person.sends({"contact": {"phone_number": text, "first_name": text, "user_id": 5}}),
        person.sends({"venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": text, "address": text}}),
    )
    page = (await dara.get(f"/cases/{number}")).text

    assert page.count("<script") == page.count('<script src="/static/')
    assert "<img" not in page and "<svg" not in page and "</textarea></title>" not in page
    assert "\u202e" not in page and "\u2066" not in page
    assert "7*7" not in text or "7*7" in page


async def test_a_colleagues_case_asks_for_a_reason(console: Console) -> None:
    """Until one is given nothing of it is shown; it is in the record, and holds for this login."""
    dara, bopha = await console.dara(), await console.bopha()
    number = await a_case(console)
    await dara.acts(number, "take")
    before = (await bopha.get(f"/cases/{number}")).text
    await bopha.post(f"/cases/{number}/reason", {"reason": "covering"})
    after = (await bopha.get(f"/cases/{number}")).text
    acts = [(one.entry.who, one.entry.act) for one in await console.house.store.console.newest(before=None, limit=9)]
    await bopha.log_in("Bopha")

    assert "Why do you open it?" in before and "passport" not in before and "passport" in after
    assert (console.house.bopha.id, "reason:covering") in acts
    assert "passport" not in (await bopha.get(f"/cases/{number}")).text


async def test_taking_and_finishing_is_the_groups_taking_and_finishing(console: Console) -> None:
    """One door: the card's buttons follow, and the case is gone from the list once it is finished."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "urgency", urgency="P2", reason="heard")
    await dara.acts(number, "take")
    card = console.house.card(number).labels
    await dara.acts(number, "resolve", outcome="helped")

    assert any("Dara" in label for row in card for label in row)
    assert await console.house.cases() == [] and number not in (await dara.get("/queue")).text
    assert "Closed" in (await dara.get(f"/cases/{number}")).text


async def test_of_two_who_take_at_once_one_has_it(console: Console) -> None:
    """The other reads who was quicker."""
    dara, bopha = await console.dara(), await console.bopha()
    number = await a_case(console)
    keys = [await dara.once(number), await bopha.once(number)]
    forms = [{"once": key, "act": "take"} for key in keys]
    answers = await asyncio.gather(
        *(one.post(f"/cases/{number}/act", form) for one, form in zip((dara, bopha), forms, strict=True))
    )
    await console.house.settled()
    (case,) = await console.house.cases()
    pages = {"Dara": dara, "Bopha": bopha}
    loser = next(one for name, one in pages.items() if name != case["assignee"])

    assert case["state"] == "taken" and [answer.status_code for answer in answers] == [303, 303]
    assert "Why do you open it?" in (await loser.get(answers[0].headers["location"])).text


async def test_a_form_sent_twice_acts_once(console: Console) -> None:
    """Pressed twice, sent again by a bad line, or replayed by somebody: one reply."""
    dara = await console.dara()
    number = await a_case(console)
    form = {"once": await dara.once(number), "act": "reply", "text": "We are here."}
    for _ in range(3):
        await dara.post(f"/cases/{number}/act", form)
    await console.house.settled()

    assert [body["text"] for body in (await console.house.opened(number)).of("reply")] == ["We are here."]


async def test_a_reply_goes_at_once_while_it_is_an_answer(console: Console) -> None:
    """And is kept in the case, with who wrote it."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    answer = await dara.replies(number, "We are here.\nCan you speak?")

    assert any("We are here.\nCan you speak?" in one.text for one in person.messages())
    assert f"Sent to {number}" in (await dara.get(answer.headers["location"])).text


async def test_a_reply_waits_for_the_person_where_the_rule_says_so(console: Console) -> None:
    """It is shown as waiting, and goes when they write."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.passes(minutes=20)
    await dara.resumes()
    before = await dara.get(f"/cases/{number}")
    await dara.replies(number, "Are you well?")
    waiting = (await dara.get(f"/cases/{number}")).text
    held = [one.text for one in person.messages()]
    await console.house.after(person.says("Yes"))

    assert "waits until they write" in before.text and "still waiting to go: 1" in waiting
    assert not any("Are you well?" in text for text in held)
    assert any("Are you well?" in one.text for one in person.messages())


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 3501])
async def test_a_reply_that_cannot_be_sent_is_said_so_and_not_lost(console: Console, text: str) -> None:
    """Its words stay in the form."""
    dara = await console.dara()
    number = await a_case(console)
    answer = await dara.replies(number, text)

    assert answer.status_code == 400 and "at most 3,500" in answer.text and text.strip() in answer.text
    assert (await console.house.opened(number)).of("reply") == []


async def a_voice(console: Console, content: bytes, kind: str = "voice") -> tuple[str, str]:
    """Let somebody send a file; gives the case's number and the record's id."""
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.after(person.sends_file(kind, content, name="../../evil.html", mime="text/html"))
    opened = await console.house.opened(number)
    return number, next(item.id for item in opened.items if item.body["kind"] == "media")


async def test_a_voice_is_played_and_counts_as_heard(console: Console) -> None:
    """Whole or in part, as players ask; only now has a human heard it."""
    dara = await console.dara()
    number, record = await a_voice(console, b"OggS" + bytes(range(200)))
    before = (await dara.get("/queue")).text
    whole = await dara.get(f"/cases/{number}/voice/{record}")
    part = await dara.get(f"/cases/{number}/voice/{record}", Range="bytes=4-7")
    await console.house.settled()

    assert whole.content == b"OggS" + bytes(range(200)) and whole.headers["content-type"] == "audio/ogg"
    assert (part.status_code, part.content) == (206, bytes(range(4)))
    assert "To hear or see" in before and "To hear or see" not in (await dara.get("/queue")).text


async def test_files_are_only_ever_saved(console: Console) -> None:
    """Under a name of ours, as bytes, in a sandbox; what is no voice is not played."""
    dara = await console.dara()
    number, record = await a_voice(console, b"<script>alert(1)</script>", "document")
    answer = await dara.get(f"/cases/{number}/files/{record}")

    assert answer.headers["content-type"] == "application/octet-stream" and answer.content.startswith(b"<script>")
    assert answer.headers["content-disposition"] == f'attachment; filename="document-{record[:8]}.bin"'
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await dara.get(f"/cases/{number}/voice/{record}")).status_code == 404


async def test_a_file_belongs_to_its_case(console: Console) -> None:
    """Its id under another case's number is nothing."""
    dara = await console.dara()
    number, record = await a_voice(console, b"voice")
    other = await a_case(console)

    assert (await dara.get(f"/cases/{other}/files/{record}")).status_code == 404
    assert (await dara.get(f"/cases/{number}/files/{record}")).status_code == 200


async def rows(browser: Browser, query: str = "") -> list[str]:
    """Give the numbers on a page of the list."""
    page = (await browser.get(f"/queue{query}")).text
    return [part.split('"')[0] for part in page.split('href="/cases/')[1:]]


async def test_the_list_is_urgent_first_and_can_be_parted(console: Console) -> None:
    """Mine, nobody's, an urgency, a country."""
    dara = await console.dara()
    first, second = await a_case(console), await a_case(console)
    await dara.acts(second, "urgency", urgency="P3", reason="heard")
    await dara.acts(first, "take")

    assert await rows(dara) == [first, second]
    assert await rows(dara, "?whose=mine") == [first] and await rows(dara, "?whose=untaken") == [second]
    assert await rows(dara, "?urgency=P3") == [second] and await rows(dara, "?country=TH") == []


async def test_a_case_that_nobody_took_in_time_is_late(console: Console) -> None:
    """In words, not only in colour."""
    dara = await console.dara()
    await a_case(console)
    await console.house.passes(minutes=6)

    assert '<strong class="late">Late</strong>' in (await dara.get("/queue")).text


async def test_an_open_list_shows_a_new_case_by_itself(console: Console) -> None:
    """Without asking again; and it ends when its visitor may not see it any more."""
    dara = await console.dara()
    headers = {"Cookie": f"__Host-helpline={dara.cookie}", "Accept-Language": "en"}
    async with asyncio.timeout(20), dara.client.stream("GET", "/queue/live", headers=headers) as live:
        lines = live.aiter_lines()
        assert "Nothing here" in await event(lines)
        number = await a_case(console)
        while number not in await event(lines):
            pass
        await dara.post("/logout")
        console.house.helpline.cases.ring()
        async for _ in lines:
            pass  # it ends: else this test would not


async def event(lines: object) -> str:
    """Read one server-sent event."""
    found: list[str] = []
    async for line in lines:  # type: ignore[attr-defined] # httpx's own iterator
        if not line and found:
            return "\n".join(found)
        found += [line] * line.startswith("data: ")
    return "\n".join(found)


async def test_a_search_finds_what_was_told_in_cases_that_are_ones_own_or_nobodys(console: Console) -> None:
    """However it is spelt; not in a colleague's; and that somebody searched is recorded, never for what."""
    dara, bopha = await console.dara(), await console.bopha()
    mine, other = await a_case(console, "My PASSPORT is with the boss"), await a_case(console, "they have my passport")
    await bopha.acts(other, "take")
    page = (await dara.post("/search", {"words": "passport"})).text
    nothing = (await dara.post("/search", {"words": "<b>elephant"})).text
    record = await console.house.store.console.newest(before=None, limit=3)

    assert mine in page and other not in page and "PASSPORT is with" not in page
    assert "Nothing here" in nothing and "<b>" not in nothing
    assert [one.entry.act for one in record] == ["searched", "found", "searched"]
    assert [one.entry.cases for one in record] == [(record[1].entry.case,), (), (record[1].entry.case,)]


async def _with_a_word(console: Console) -> str:
    """Let somebody in danger agree on a word; gives the number of the case."""
    person, house = console.house.person(), console.house
    number = (await house.in_danger(person))["number"]
    for choice in ("skip", "any_time", "yes", "phone", "skip"):
        await house.chooses(person, choice)
    await house.after(person.says("purple coconut"))
    return str(number)


async def test_a_case_says_that_answers_wait_for_the_agreed_word(console: Console) -> None:
    """Only while whoever writes has not just written it."""
    dara, number = await console.dara(), await _with_a_word(console)
    waits = "They read it once they have written the agreed word."
    assert waits not in (await dara.get(f"/cases/{number}")).text
    await console.house.passes(minutes=11)

    assert waits in (await dara.get(f"/cases/{number}")).text


@pytest.mark.parametrize(("word", "hears"), [("Purple Coconut", True), ("durian", False), ("", False)])
async def test_who_calls_about_a_chat_says_its_agreed_word(console: Console, word: str, hears: bool) -> None:
    """The number alone, which lies in the chat, tells nobody where the case stands."""
    dara, number = await console.dara(), await _with_a_word(console)
    page = await dara.post(f"/cases/{number}/status", {"said": number, "word": word})

    assert "The word they say" in (await dara.get(f"/cases/{number}")).text
    assert ("We received what you told us on" in page.text) == hears
