"""What operators do from a card: handing over, being reminded, saved answers, advice; and what a mark shows them."""

import pytest

from tests.whole.house import House


async def _supervisor(house: House) -> None:
    request = {"do": "add_operator", "id": house.bopha.id, "name": "Bopha", "role": "supervisor"}
    await house.helpline.office.answer(request)


async def test_a_case_is_handed_over_by_its_card(house: House) -> None:
    """The colleague is chosen by name and told privately, by the number only; the card names who has it now."""
    case = await house.in_danger(house.person())
    number = case["number"]
    for act in ("t", "m", "h", f"h.{house.bopha.id}"):
        await house.after(house.desk(house.dara, act, number))

    assert (await house.cases())[0]["assignee"] == "Bopha"
    assert house.says("handed_to_you", name="Dara", number=number) in house.bopha.messages()[-1].text
    assert any("Taken by Bopha" in label for row in house.card(number).labels for label in row)
    (_, sealed) = (await house.opened(number)).of("desk")
    assert (sealed["act"], sealed["operator"], sealed["to"]) == ("hand_over", house.dara.id, house.bopha.id)
    assert "Bopha" not in str(sealed)


async def test_nobody_hands_a_case_to_themselves_or_to_a_stranger(house: House) -> None:
    """The page names the other operators, and a forged id only shows the page again."""
    case = await house.in_danger(house.person())
    for act in ("t", "m", "h"):
        await house.after(house.desk(house.dara, act, case["number"]))
    card = house.card(case["number"])
    data = [str(button["callback_data"]) for button in card.buttons()]
    assert [one.rpartition(":")[2] for one in data] == [f"h.{house.bopha.id}", "x"]
    for forged in ("h.99", f"h.{'9' * 40}", "h.", "d.5", "a.nothing", "r.nothing", "u.P9.heard"):
        await house.after(house.dara.forges(f"{data[-1].removesuffix('x')}{forged}", message=card))

    assert (await house.cases())[0]["assignee"] == "Dara"


async def test_only_a_supervisor_takes_over(house: House) -> None:
    """The role is looked up at the press; who had the case is told privately."""
    case = await house.in_danger(house.person())
    await house.after(house.desk(house.dara, "t", case["number"]))
    for act in ("m", "o"):
        await house.after(house.desk(house.bopha, act, case["number"]))
    assert house.says("not_your_role") in house.bopha.toasts[-1].text
    assert (await house.cases())[0]["assignee"] == "Dara"

    await _supervisor(house)
    await house.after(house.desk(house.bopha, "o", case["number"]))
    assert (await house.cases())[0]["assignee"] == "Bopha"
    assert house.says("taken_over", name="Bopha", number=case["number"]) in house.dara.messages()[-1].text


async def test_who_forgets_a_case_is_reminded_and_then_it_is_for_all_again(house: House) -> None:
    """The private word names the number only; after an hour of nothing the card says that it came back late."""
    case = await house.in_danger(house.person())
    number = case["number"]
    for act in ("t", "m", "d", "d.4"):
        await house.after(house.desk(house.dara, act, number))
    assert house.says("reminder_set", number=number) in house.dara.toasts[-1].text
    assert house.card(number).labels[-1][0].endswith("Finish")

    await house.passes(hours=4, minutes=1)
    assert house.says("reminder", number=number, minutes="60") in house.dara.messages()[-1].text
    assert (await house.cases())[0]["state"] == "taken"
    await house.passes(hours=1, minutes=1)
    (row,) = await house.cases()
    assert (row["state"], row["assignee"], row["mark"]) == ("new", None, "late")
    assert any(house.says("late_mark") in line for line in house.below(number))
    assert house.says("late_sign") in house.card(number).labels[0][0]


async def test_who_has_not_pressed_start_is_called_below_the_card(house: House) -> None:
    """A colleague the bot cannot write to privately is told in the group, by name."""
    await house.helpline.office.answer({"do": "add_operator", "id": 777, "name": "Vanna"})
    case = await house.in_danger(house.person())
    for act in ("t", "m", "h", "h.777"):
        await house.after(house.desk(house.dara, act, case["number"]))

    assert any(line.startswith("Vanna: ") for line in house.below(case["number"]))


@pytest.mark.parametrize("language", ["en", "km"])
async def test_a_saved_answer_goes_in_the_persons_language_once_confirmed(house: House, language: str) -> None:
    """Chosen on the card, shown in both languages, confirmed like any answer, and sealed with the case."""
    sokha = house.person()
    await house.after(sokha.says("/start"))
    await house.chooses(sokha, language)
    await house.chooses(sokha, "danger")
    number = (await house.cases())[0]["number"]
    for act in ("m", "a", "a.noted"):
        await house.after(house.desk(house.dara, act, number))
    words = house.content.saved_replies["noted"].text
    (question,) = house.questions()
    assert house.text(words, "en") in question.text and house.text(words, "km") in question.text
    assert house.card(number).labels[0][0].endswith("Take")

    await house.after(house.dara.presses(0, message=question, chat=house.group))
    assert sokha.messages()[-1].text == house.text(words, language)
    assert (await house.opened(number)).of("reply")[0]["text"] == house.text(words, language)


async def test_what_to_do_is_told_privately_and_names_no_case(house: House) -> None:
    """The checklists of what was raised: whom to phone, what never to promise, and nothing in the group."""
    case = await house.in_danger(house.person())
    before = len(house.group.messages())
    for act in ("m", "w"):
        await house.after(house.desk(house.bopha, act, case["number"]))

    told = house.bopha.messages()[-1].text
    assert house.text(house.content.checklists["danger_now"].title) in told
    assert house.says("checklist_never") in told and house.says("checklist_never", "km") in told
    assert case["number"] not in told
    assert len(house.group.messages()) == before


async def test_a_request_taken_back_says_so_on_its_card_and_stays(house: House) -> None:
    """It is marked on the card and below it, escalates like any other, and an operator decides that it stays."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    number = case["number"]
    for choice in ("stop", "delete"):
        await house.chooses(sokha, choice)
    assert house.says("withdrawn_sign") in house.card(number).labels[0][0]
    assert any(house.says("withdrawn_mark") in line for line in house.below(number))
    assert (await house.cases())[0]["state"] == "new"

    for act in ("t", "m", "k", "k.not_them"):
        await house.after(house.desk(house.dara, act, number))
    assert (await house.cases())[0]["mark"] == ""
    assert house.says("kept_mark") in house.dara.toasts[-1].text


async def test_a_coded_failure_is_chosen_on_a_page_of_its_own(house: House) -> None:
    """Finishing asks for an outcome, or for the reason why it did not work out; the counter has no path to the case."""
    case = await house.in_danger(house.person())
    for act in ("t", "r", "f", "r.border_closed"):
        await house.after(house.desk(house.dara, act, case["number"]))

    assert await house.cases() == []
    assert (await house.opened(case["number"])).of("desk")[-1]["outcome"] == "border_closed"
    counted = "SELECT count(*) FROM counters WHERE name = 'closed' AND labels LIKE '%border_closed%'"
    assert await house.count(counted) == 1
