"""Whether something may be passed on is asked each time, under the contact rule, and sealed as it was answered."""

from bot.sandbox import Person
from bot.sandbox.chats import Message
from tests.console.browsing import Browser, Console
from tests.whole.house import House, ending


async def taken(console: Console, dara: Browser, person: Person, contact: str) -> str:
    """Let somebody in danger say how they can be reached, and an operator take the case; gives its number."""
    house = console.house
    number = str((await house.in_danger(person))["number"])
    await house.chooses(person, "skip")
    await house.chooses(person, contact)
    await dara.acts(number, "take")
    await house.passes(minutes=12)
    return number


def question(house: House, person: Person) -> list[Message]:
    """Give the questions about passing on that lie in a person's chat."""
    text = house.says("consent_ask", name="LICADHO", purpose="to help you come home")
    return [message for message in person.messages() if message.text == text]


async def answer(house: House, person: Person, said: str) -> None:
    """Press a button of the question."""
    (asked,) = question(house, person)
    await house.after(person.presses(ending(asked, said), message=asked))


async def said(house: House, number: str) -> list[tuple[str, str]]:
    """Give what is sealed of the question: the answers, each with the version of its wording."""
    return [(one["answer"], one["version"]) for one in (await house.opened(number)).of("consent")]


async def test_the_answer_is_sealed_with_the_wording_and_shown(console: Console) -> None:
    """Asked by an operator; the question goes once it is answered, and asked anew a no takes the yes back."""
    dara, house, sokha = await console.dara(), console.house, console.house.person()
    number = await taken(console, dara, sokha, "any_time")
    await dara.acts(number, "consent", organisation="licadho", purpose="home")
    pending = (await dara.get(f"/cases/{number}")).text
    await answer(house, sokha, "yes")
    agreed = (await dara.get(f"/cases/{number}")).text
    assert question(house, sokha) == []
    await dara.acts(number, "consent", organisation="licadho", purpose="home")
    await answer(house, sokha, "no")
    refused = (await dara.get(f"/cases/{number}")).text
    answers = await said(house, number)

    may = "It may be passed on to them (to help you come home)"
    assert [may in page for page in (pending, agreed, refused)] == [False, True, False]
    assert [one for one, _ in answers] == ["asked", "yes", "asked", "no"]
    assert len({version for _, version in answers}) == 1 and len(answers[0][1]) == 8
    assert any(f"{number} has answered" in message.text for message in house.dara.messages())


async def test_the_question_waits_for_who_is_not_written_to_first(console: Console) -> None:
    """By "only when I write" it comes once they write, and not before."""
    dara, house, sokha = await console.dara(), console.house, console.house.person()
    number = await taken(console, dara, sokha, "when_i_write")
    await dara.acts(number, "consent", organisation="licadho", purpose="home")
    before = question(house, sokha)
    await house.passes(days=2)
    still = question(house, sokha)
    await house.after(sokha.says("I am still here"))

    assert (before, still) == ([], [])
    assert len(question(house, sokha)) == 1


async def test_only_who_has_the_case_asks_and_only_what_there_is(console: Console) -> None:
    """A colleague, an organisation or a purpose that is none: nothing is asked."""
    dara, bopha, house = await console.dara(), await console.bopha(), console.house
    sokha = house.person()
    number = await taken(console, dara, sokha, "any_time")
    for fields in ({"organisation": "none", "purpose": "home"}, {"organisation": "licadho", "purpose": "none"}, {}):
        assert (await dara.acts(number, "consent", **fields)).status_code == 400
    await bopha.post(f"/cases/{number}/reason", {"reason": "covering"})
    await bopha.acts(number, "consent", organisation="licadho", purpose="home")

    assert question(house, sokha) == [] and await said(house, number) == []


async def test_who_is_not_asked_has_a_recorded_reason(console: Console) -> None:
    """Of two there are, with words; it lets the case be passed on, and the record says who noted it."""
    dara, house, sokha = await console.dara(), console.house, console.house.person()
    number = await taken(console, dara, sokha, "any_time")
    passing = {"organisation": "adhoc", "purpose": "doctor"}
    for fields in ({"reason": "danger", "note": ""}, {"reason": "hurry", "note": "why"}):
        assert (await dara.acts(number, "consent_unasked", **passing, **fields)).status_code == 400
    await dara.acts(number, "consent_unasked", **passing, reason="danger", note="bleeding, cannot speak")
    page = (await dara.get(f"/cases/{number}")).text

    assert "It may be passed on to them (to find you a doctor)" in page and "Danger to life" in page
    assert await house.count("SELECT count(*) FROM audit WHERE act = 'consent_unasked'") >= 1
    assert question(house, sokha) == []
