"""Operators in their group: cards, taking, giving back, changing, finishing; roles are checked at the press."""

from bot.sandbox import Person
from bot.tg.translate import ANONYMOUS
from tests.whole.house import House


async def test_a_danger_press_is_a_card_before_anything_else_is_asked(house: House) -> None:
    """The card lies in the group with the second press, and the first question has not been answered yet."""
    sokha = house.person()
    case = await house.in_danger(sokha)

    assert case["urgency"] == "P1"
    assert house.card(case["number"]).text.startswith("🔴 P1")
    assert house.step(sokha) == "danger.place"


async def test_a_card_holds_what_the_design_allows_and_nothing_else(house: House) -> None:
    """Number, urgency, country, time, age, may write, unheard media, reason labels: never a word, a name or a file."""
    mary = house.person("CanaryName")
    await house.asks_for_help(mary, "yes", "yes", "TH", "skip", "skip")
    await house.after(mary.says("CanaryWords they hit me"), mary.sends_photo(b"CanaryBytes", caption="CanaryCaption"))
    await house.passes(minutes=11)
    await house.after(mary.sends_voice(b"CanaryVoice"))
    group = "\n".join(message.text for message in house.group.messages())

    (case,) = await house.cases()
    lines = house.card(case["number"]).text.splitlines()
    assert lines[0] == f"🔴 P1  {case['number']}"
    assert "Thailand" in lines[1]
    assert "12:00" in lines[1]
    assert "0 min" in lines[2]
    assert all(line.startswith("•") for line in lines[4:-1])
    assert len(lines[4:-1]) <= 4
    assert "Canary" not in group
    assert "hit me" not in group
    assert not any(message.content.keys() & {"photo", "voice", "document"} for message in house.group.messages())


async def test_cards_cannot_be_forwarded(house: House) -> None:
    """Everything sent to operators and people is protected from forwarding and saving."""
    sokha = house.person()
    case = await house.in_danger(sokha)

    assert house.card(case["number"]).protected
    assert house.screen(sokha).protected


async def test_two_who_take_at_once_are_both_told_and_one_wins(house: House) -> None:
    """The second take sees the first: one assignee, one colleague told who has it."""
    case = await house.in_danger(house.person())
    await house.desk(house.dara, "t", case["number"])
    await house.desk(house.bopha, "t", case["number"])
    await house.settled()

    (row,) = await house.cases()
    assert (row["state"], row["assignee"]) == ("taken", "Dara")
    assert house.says("taken_by", name="Dara") in house.dara.toasts[-1].text
    assert house.says("already_taken", name="Dara") in house.bopha.toasts[-1].text


async def test_a_taken_case_can_be_given_back(house: House) -> None:
    """Only who has it gives it back; then anybody may take it, and its card says so."""
    case = await house.in_danger(house.person())
    await house.after(house.desk(house.dara, "t", case["number"]))
    await house.after(house.desk(house.bopha, "b", case["number"]))
    assert house.says("not_yours") in house.bopha.toasts[-1].text

    await house.after(house.desk(house.dara, "b", case["number"]))
    await house.after(house.desk(house.bopha, "t", case["number"]))
    (row,) = await house.cases()
    assert row["assignee"] == "Bopha"


async def test_the_urgency_is_changed_with_a_reason_and_said_below_the_card(house: House) -> None:
    """Two pages of buttons on the very card; what was chosen and why is sealed with the case."""
    case = await house.in_danger(house.person())
    for act in ("u", "u.P3", "u.P3.heard"):
        await house.after(house.desk(house.dara, act, case["number"]))

    (row,) = await house.cases()
    assert row["urgency"] == "P3"
    assert any(house.says("raised", urgency="P3") in line for line in house.below(case["number"]))
    (sealed,) = (await house.opened(case["number"])).of("desk")
    assert (sealed["act"], sealed["urgency"], sealed["reason"], sealed["operator"]) == (
        "urgency",
        "P3",
        "heard",
        house.dara.id,
    )
    assert house.card(case["number"]).labels[0][0].endswith("Take")


async def test_a_finished_case_leaves_the_queue_and_its_card_has_no_buttons(house: House) -> None:
    """Finishing needs an outcome, and only who took it finishes it; it stays to be opened by its number."""
    case = await house.in_danger(house.person())
    for act in ("t", "r", "r.helped"):
        await house.after(house.desk(house.dara, act, case["number"]))

    assert await house.cases() == []
    assert house.card(case["number"]).rows is None
    assert (await house.opened(case["number"])).of("desk")[-1]["outcome"] == "helped"


async def test_a_member_who_is_not_listed_is_refused(house: House) -> None:
    """Membership of the group alone is not enough."""
    vanna = house.person("Vanna")
    house.group.joins(vanna)
    case = await house.in_danger(house.person())
    await house.after(house.desk(vanna, "t", case["number"]))

    assert house.says("not_listed") in vanna.toasts[-1].text
    assert (await house.cases())[0]["state"] == "new"


async def test_a_removed_operator_is_refused_at_once(house: House) -> None:
    """Old buttons stop working with the command, and what the operator had taken is there for the others."""
    case = await house.in_danger(house.person())
    await house.after(house.desk(house.dara, "t", case["number"]))
    await house.helpline.office.answer({"do": "remove_operator", "id": house.dara.id})
    await house.after(house.desk(house.dara, "b", case["number"]))

    assert house.says("not_listed") in house.dara.toasts[-1].text
    await house.after(house.desk(house.bopha, "t", case["number"]))
    assert (await house.cases())[0]["assignee"] == "Bopha"


async def test_an_anonymous_administrator_is_asked_to_act_as_themselves(house: House) -> None:
    """Who cannot be known cannot act, neither by a press nor by an answer to a card."""
    nobody = house.person("Group", id=ANONYMOUS)
    house.group.joins(nobody, "administrator")
    case = await house.in_danger(house.person())
    await house.after(house.desk(nobody, "t", case["number"]))
    await house.after(nobody.says("an answer", chat=house.group, reply_to=house.card(case["number"])))

    assert (await house.cases())[0]["state"] == "new"
    assert house.says("anonymous_refused") in nobody.toasts[-1].text
    assert house.questions() == []
    assert house.says("anonymous_refused") in house.group.messages()[-1].text


async def test_an_operator_starts_with_the_link_and_gets_urgent_cards_privately(house: House) -> None:
    """Nobody else becomes an operator by the same link: they meet the first page like anybody."""
    vanna = house.person("Vanna")
    await house.after(vanna.says("/start operator"))

    assert house.step(vanna) == "start.menu"
    assert house.says("operator_welcome", name="Dara") in house.screen(house.dara).text
    operators = (await house.helpline.office.answer({"do": "operators"}))["operators"]
    assert {row["name"]: row["started"] for row in operators} == {"Dara": True, "Bopha": True}


async def test_who_writes_again_is_told_below_the_card_once_in_five_minutes(house: House) -> None:
    """Operators learn that something new came, not how much of it."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await _goes_home(house, sokha)
    for words in ("one more thing", "and another"):
        await house.after(sokha.says(words))
    await house.passes(minutes=6)
    await house.after(sokha.says("and a third"))

    assert sum(house.says("wrote_again") in line for line in house.below(case["number"])) == 2
    assert (await house.opened(case["number"])).texts() == ["one more thing", "and another", "and a third"]


async def _goes_home(house: House, person: Person) -> None:
    for choice in ("skip", "when_i_write", "yes"):
        await house.chooses(person, choice)
    assert house.step(person) == "end.menu"
