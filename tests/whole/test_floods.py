"""Floods, in the small: the long forms are in tests/faults."""

from tests.whole.floods import flood
from tests.whole.house import House


async def test_odd_updates_leave_nobody_else_unanswered(house: House) -> None:
    """Of 500 updates one in ten is spoiled: everybody gets an answer to every other one."""
    await flood(house, 500, spoiled=10, people=50)


async def test_hide_and_danger_go_before_what_came_earlier(house: House) -> None:
    """With hundreds waiting, whoever hides or is in danger is answered first."""
    crowd = [house.person(f"Person {number}") for number in range(100)]
    hider, endangered = house.person("Hider"), house.person("Endangered")
    await house.after(hider.says("/start"))
    await house.together(
        *(person.says("/start") for person in crowd for _ in range(3)), hider.says("hide"), endangered.says("danger")
    )

    assert house.is_innocent(hider)
    assert house.step(endangered) == "danger.place"
    order = [call.chat_id for call in house.box.calls if call.method == "sendmessage"]
    assert order.index(endangered.id) < order.index(crowd[-1].id)
