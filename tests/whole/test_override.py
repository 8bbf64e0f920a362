"""Writing against the contact rule to save a life: on a card, with a reason that is kept and shown."""

from bot.sandbox import Person
from bot.sandbox.chats import Message
from bot.service.rows import Operator
from tests.whole.house import House, ending

TEXT = "Go to the back door now."


async def never_in_danger(house: House, person: Person) -> str:
    """Press danger and ask never to be written to, twenty minutes ago; gives the number."""
    number = str((await house.in_danger(person))["number"])
    for choice in ("skip", "never"):
        await house.chooses(person, choice)
    await house.after(house.desk(house.dara, "t", number))
    await house.passes(minutes=20)
    return number


async def question(house: House, number: str) -> Message:
    """Answer the card; gives the question whether it shall go."""
    await house.after(house.dara.says(TEXT, chat=house.group, reply_to=house.card(number)))
    return house.questions()[-1]


async def presses(house: House, asked: Message, act: str) -> None:
    """Press a button below the question."""
    await house.after(house.dara.presses(ending(asked, act), message=asked, chat=house.group))


def texts(person: Person) -> list[str]:
    """Give what the person reads."""
    return [message.text for message in person.messages()]


async def test_a_reply_against_the_rule_goes_at_once_with_a_reason(house: House) -> None:
    """Two presses under the question; the reason is sealed with the reply, on record, and counted without a case."""
    sokha = house.person()
    number = await never_in_danger(house, sokha)
    asked = await question(house, number)
    await presses(house, asked, "d")
    assert TEXT not in texts(sokha)
    await presses(house, asked, "d.hurt_now")

    assert texts(sokha).count(TEXT) == 1
    assert [(one["text"], one["override"]) for one in (await house.opened(number)).of("reply")] == [(TEXT, "hurt_now")]
    record = await house.store.console.recorded(after=0, limit=9)
    assert [(one.entry.who, one.entry.act) for one in record] == [(house.dara.id, "override")]
    assert await house.count("SELECT n FROM counters WHERE name = 'overridden'") == 1


async def test_supervisors_are_shown_who_did_it_and_why(house: House) -> None:
    """Privately, in both languages, with the card of the case; the group is not told."""
    await house.store.desk.put_operator(Operator(house.bopha.id, "Bopha", "supervisor", started=True))
    house.helpline.household.forget()
    number = await never_in_danger(house, house.person())
    asked = await question(house, number)
    for act in ("d", "d.must_flee"):
        await presses(house, asked, act)

    why = house.content.dangers["must_flee"]
    said = house.bopha.messages()[-1].text
    assert all(house.text(why, language) in said for language in ("km", "en"))
    assert "Dara" in said and number in said
    assert not any(house.text(why) in message.text for message in house.group.messages())


async def test_without_a_reason_it_waits(house: House) -> None:
    """Send is as ever; a forged reason is none, and cancels."""
    sokha = house.person()
    number = await never_in_danger(house, sokha)
    await presses(house, await question(house, number), "y")
    asked = await question(house, number)
    forged = ending(asked, "d").removesuffix("d") + "d.boredom"
    await house.after(house.dara.forges(forged, message=asked))

    assert TEXT not in texts(sokha)
    assert len((await house.opened(number)).of("reply")) == 1


async def test_no_danger_no_button(house: House) -> None:
    """Where an answer may go, or nobody is in danger, there is nothing to override."""
    sokha = house.person()
    number = str((await house.in_danger(sokha))["number"])
    fresh = await question(house, number)
    await presses(house, fresh, "n")
    for act in ("u", "u.P3", "u.P3.heard"):
        await house.after(house.desk(house.dara, act, number))
    await house.passes(minutes=20)
    calm = await question(house, number)

    assert [len(list(one.buttons())) for one in (fresh, calm)] == [2, 2]
