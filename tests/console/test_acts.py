"""Work on a case at the console: findings, handing on, finishing, saved answers, advice, related cases, holds."""

import re

import pytest

from tests.console.browsing import Browser, Console
from tests.console.test_cases import a_case
from tests.whole.house import House

ON = "2025-12-01"


async def supervisor(console: Console) -> Browser:
    """Let a supervisor log in."""
    return await console.operator(7_100_001, "Vichea", "supervisor")


def part(page: str, begin: str, end: str) -> str:
    """Give what stands on a page between two texts, without tags."""
    return re.sub(r"<[^>]+>|\s+", " ", page.split(begin, 1)[1].split(end, 1)[0])


async def test_the_first_screen_says_what_must_be_known_first(console: Console) -> None:
    """Before anything is written: seven facts, and plainly which of them nobody told."""
    dara = await console.dara()
    person = console.house.person()
    await console.house.asks_for_help(person, "yes", "yes", "TH")
    await console.house.after(person.says("4"))
    await console.house.chooses(person, "yes")
    (case,) = await console.house.cases()
    facts = part((await dara.get(f"/cases/{case['number']}")).text, '<dl class="facts">', "</dl>")

    labels = ("Where", "Last word", "May I write", "Time there", "Whose phone", "Under 18", "How many people")
    assert [label for label in labels if label not in facts] == []
    assert "Thailand" in facts and re.search(r"How many people\s+4\b", facts) and re.search(r"Under 18\s+Yes", facts)
    assert "Safe to write: Yes" in facts


async def test_what_nobody_told_is_said_to_be_untold(console: Console) -> None:
    """A danger press tells no number of people, and none is made up."""
    dara = await console.dara()
    facts = part((await dara.get(f"/cases/{await a_case(console)}")).text, '<dl class="facts">', "</dl>")

    assert re.search(r"How many people\s+Not told", facts) and re.search(r"Under 18\s+Not told", facts)


async def test_suspected_and_formally_identified_are_two_things(console: Console) -> None:
    """One is ours and has a reason, the other an authority's and has a day; neither is made of the other."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "suspect", holds="yes", reason="locked in")
    suspected = part((await dara.get(f"/cases/{number}")).text, "What was found out", "On the way home")
    await dara.acts(number, "identify", by="the ministry", on=ON)
    both = part((await dara.get(f"/cases/{number}")).text, "What was found out", "On the way home")

    assert "locked in" in suspected and "Dara" in suspected and "the ministry" not in suspected
    assert "locked in" in both and "the ministry" in both and "01.12.2025" in both


async def test_a_reason_for_urgency_is_agreed_with_or_not(console: Console) -> None:
    """Answer by answer and word by word, with what raised it; the urgency stays."""
    dara = await console.dara()
    number = await a_case(console)
    before = part((await dara.get(f"/cases/{number}")).text, "Why it is urgent", "</section>")
    await dara.acts(number, "judge", indicator="documents_withheld", agrees="no", reason="has it in hand")
    after = part((await dara.get(f"/cases/{number}")).text, "Why it is urgent", "</section>")

    assert "Raised by the words" in before and "passport" in before and "Does not agree · Dara" not in before
    assert "Does not agree · Dara" in after and "has it in hand" in after
    assert (await console.house.cases())[0]["urgency"] == "P1"


async def test_a_step_is_counted_once(console: Console) -> None:
    """Noted twice, it is on the page twice and in the figures once."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "milestone", milestone="located", on=ON, note="by a friend", reached="")
    page = (await dara.get(f"/cases/{number}")).text
    reached = part(page.replace('name="reached" value="', "\0"), "\0", '"').strip()
    await dara.acts(number, "milestone", milestone="located", on=ON, note="", reached=reached)
    counted = await console.house.count("SELECT sum(n) FROM counters WHERE name = 'milestone'")

    assert reached == "located" and counted == 1
    assert part((await dara.get(f"/cases/{number}")).text, "On the way home", "</ol>").count("Located") == 2


async def test_a_note_is_for_colleagues_only(console: Console) -> None:
    """It is in the case, and goes to nobody by Telegram."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "note", text="embassy calls back at noon")
    sent = [message.text for chat in (console.house.group, console.house.dara) for message in chat.messages()]

    assert "embassy calls back at noon" in (await dara.get(f"/cases/{number}")).text
    assert not any("embassy" in text for text in sent)


async def test_a_case_is_handed_over_with_a_note(console: Console) -> None:
    """The colleague opens it without giving a reason, and reads the note there."""
    dara, bopha = await console.dara(), await console.bopha()
    number = await a_case(console)
    await dara.acts(number, "take")
    await dara.acts(number, "hand_over", to=str(console.house.bopha.id), note="she speaks at night")
    page = (await bopha.get(f"/cases/{number}")).text

    assert "she speaks at night" in page and "Taken by Bopha" in page and "→ Bopha" in page


async def test_who_has_a_case_is_reminded_of_it(console: Console) -> None:
    """After the hours that were chosen, privately and by the number only."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "take")
    await dara.acts(number, "remind", hours="4")
    await console.house.passes(hours=5)

    assert any(f"look at {number} again" in message.text for message in console.house.dara.messages())


async def test_only_a_supervisor_takes_a_case_over(console: Console) -> None:
    """An operator who forges the form is refused, and the case stays where it is."""
    dara, bopha, boss = await console.dara(), await console.bopha(), await supervisor(console)
    number = await a_case(console)
    keys = [await bopha.once(number), await boss.once(number)]
    await dara.acts(number, "take")
    refused = await bopha.post(f"/cases/{number}/act", {"once": keys[0], "act": "take_over"})
    before = (await console.house.cases())[0]["assignee"]
    await boss.post(f"/cases/{number}/act", {"once": keys[1], "act": "take_over"})
    await console.house.settled()

    assert (refused.status_code, before) == (403, "Dara")
    assert (await console.house.cases())[0]["assignee"] == "Vichea"


async def test_a_case_ends_with_an_outcome_or_a_coded_failure(console: Console) -> None:
    """The failures stand apart, and the one chosen is counted."""
    dara = await console.dara()
    number = await a_case(console)
    await dara.acts(number, "take")
    page = (await dara.get(f"/cases/{number}")).text
    await dara.acts(number, "resolve", outcome="no_money")

    assert "No money for travel" in page.split('<optgroup label="It did not work out"')[1].split("</optgroup>")[0]
    assert await console.house.count("SELECT count(*) FROM counters WHERE labels LIKE '%no_money%'") == 1
    assert "No money for travel" in (await dara.get(f"/cases/{number}")).text


async def test_a_saved_answer_comes_in_the_persons_language(console: Console) -> None:
    """Into the box, to be read before it goes; beside it stands what it says in the operator's."""
    dara = await console.dara()
    person = console.house.person(language="km")
    number = (await console.house.in_danger(person))["number"]
    page = (await dara.get(f"/cases/{number}?saved=place")).text
    khmer = console.house.content.text(console.house.content.saved_replies["place"].text, "km")

    assert khmer in page.split('name="text" rows="4"', 1)[1].split("</textarea>")[0]
    assert "In your language: Where are you now?" in page
    assert not any(khmer in message.text for message in person.messages())


async def test_a_p1_brings_the_checklist_of_its_kind(console: Console) -> None:
    """Whom to phone and what never to promise; what is less urgent brings none."""
    dara = await console.dara()
    number = await a_case(console, "They lock the door and I cannot leave")
    urgent = (await dara.get(f"/cases/{number}")).text
    await dara.acts(number, "urgency", urgency="P3", reason="heard")

    assert "Never promise" in urgent and "Cannot leave" in part(urgent, "Never promise", "</details>")
    assert "Never promise" not in (await dara.get(f"/cases/{number}")).text


async def test_what_may_belong_together_is_suggested(console: Console) -> None:
    """The same chat's earlier case, and one of somebody else from the same country; nothing of either is shown."""
    dara = await console.dara()
    sokha, vanna = console.house.person("Sokha"), console.house.person("Vanna")
    for person in (sokha, vanna):
        await console.house.asks_for_help(person, "yes", "yes", "TH", "skip", "yes")
    mine, other = [case["number"] for case in await console.house.cases()]
    page = (await dara.get(f"/cases/{mine}")).text

    assert other in part(page, "From others at the same time and place", "</ul>")
    assert "Earlier from the same chat" not in page


async def test_a_supervisor_holds_a_case_with_a_reason(console: Console) -> None:
    """It outlives its days, until it is let go; the reason is sealed with it. Nobody else may."""
    dara, boss = await console.dara(), await supervisor(console)
    number = await a_case(console)
    form = {"once": await dara.once(number), "held": "yes", "reason": "a court asks for it"}
    refused = await dara.post(f"/cases/{number}/hold", form)
    unreasoned = await boss.post(f"/cases/{number}/hold", {**form, "reason": " "})
    await boss.post(f"/cases/{number}/hold", form)
    page = (await boss.get(f"/cases/{number}")).text
    item = await console.house.store.desk.case(number)

    assert (refused.status_code, unreasoned.status_code) == (403, 400)
    assert "Kept from being destroyed since" in page and "a court asks for it" in page
    assert item is not None and await console.house.store.desk.held(item.case.id) is not None
    await boss.post(f"/cases/{number}/hold", {**form, "held": "no", "reason": "over"})
    assert await console.house.store.desk.held(item.case.id) is None


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("note", {"text": " "}),
        ("identify", {"by": "x", "on": "2999-01-01"}),
        ("hand_over", {"to": "99"}),
        ("judge", {"indicator": "nothing", "agrees": "yes", "reason": "x"}),
        ("fly", {}),
    ],
)
async def test_what_is_wrong_or_forged_changes_nothing(console: Console, act: str, fields: dict[str, str]) -> None:
    """It is said, on the page of the case."""
    dara = await console.dara()
    number = await a_case(console)
    before = len((await console.house.opened(number)).items)
    answer = await dara.acts(number, act, **fields)

    assert answer.status_code == 400 and "Nothing was changed." in answer.text
    assert len((await console.house.opened(number)).items) == before


async def test_two_forms_of_one_page_both_act(console: Console) -> None:
    """The key of a page is one for each kind of act: a note and an answer from the same page are two."""
    dara = await console.dara()
    number = await a_case(console)
    once = await dara.once(number)
    await dara.post(f"/cases/{number}/act", {"once": once, "act": "note", "text": "called"})
    await dara.post(f"/cases/{number}/act", {"once": once, "act": "reply", "text": "We are here."})
    await console.house.settled()

    assert {"note", "reply"} <= set((await console.house.opened(number)).kinds())


async def test_a_life_in_danger_overrides_the_rule_from_the_page(console: Console) -> None:
    """Offered only where the answer would wait; its reason is shown in the case, and on record beside the answer."""
    dara, house = await console.dara(), console.house
    person = house.person()
    number = (await house.in_danger(person))["number"]
    assert 'name="override"' not in (await dara.get(f"/cases/{number}")).text
    await house.passes(minutes=11)
    assert 'name="override"' in (await dara.get(f"/cases/{number}")).text
    refused = await dara.acts(number, "reply", text="Go now.", override="boredom")
    assert refused.status_code == 400 and "Go now." not in [message.text for message in person.messages()]
    await dara.acts(number, "reply", text="Go now.", override="must_flee")

    assert "Go now." in [message.text for message in person.messages()]
    assert house.text(house.content.dangers["must_flee"]) in part(
        (await dara.get(f"/cases/{number}")).text, "Against the contact rule", "</li>"
    )
    acts = [one.entry.act for one in await house.store.console.recorded(after=0, limit=99)]
    assert [act for act in acts if act in ("reply", "override")] == ["reply", "override"]


async def test_what_was_told_can_be_read_without_the_script(console: Console) -> None:
    """The veil is put on by a script alone; a browser that runs none shows the words."""
    dara = await console.dara()
    page = (await dara.get(f"/cases/{await a_case(console)}")).text
    style = (await dara.get(hrefs(page, "console")[0])).text

    assert "veiled" not in page and ".veiled .veil:not(.seen)" in style and not re.search(r"(^|})\s*\.veil\b", style)


def hrefs(page: str, name: str) -> list[str]:
    """Give the addresses of a page's style sheets of a name."""
    return re.findall(rf'href="(/static/{name}[^"]*)"', page)


async def test_edited_words_stand_with_what_they_were(console: Console) -> None:
    """One entry of the timeline, the newest first and what it was below."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    await console.house.after(person.says("x"))
    first = await person.says("two of us")
    await console.house.settled()
    await console.house.after(person.edits(first, "three of us"))
    line = part((await dara.get(f"/cases/{number}")).text, "three of us", "</li>")

    assert "Before it was changed" in line and "two of us" in line


async def test_an_admin_touches_no_case_also_on_cards(house: House) -> None:
    """Neither by a button nor by answering a card in words; nobody privately brings them one."""
    request = {"do": "add_operator", "id": house.bopha.id, "name": "Bopha", "role": "admin"}
    await house.helpline.office.answer(request)
    person = house.person()
    case = await house.in_danger(person)
    card = house.card(case["number"])
    await house.after(house.desk(house.bopha, "t", case["number"]))
    await house.after(house.bopha.says("Where are you?", chat=house.group, reply_to=card))

    assert house.says("not_listed") in house.bopha.toasts[-1].text
    assert house.questions() == [] and (await house.cases())[0]["assignee"] is None
    assert not any(case["number"] in message.text for message in house.bopha.messages())
