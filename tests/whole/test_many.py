"""Many conversations at once, over HTTP: nobody is forgotten, answered twice, or answered out of turn.

What each chat is shown is compared with what the core alone decides for the same acts. A thousand at once are played by
`./helpline bench`.
"""

import asyncio
from collections import Counter

from tests.bench.crowd import Seen, converse, wanted
from tests.whole.house import House
from tests.whole.visitors import ends, has_one_case_each, is_told, persist, visitors

MANY = 300
FEWER = 40


async def test_many_at_once_are_each_answered_once_and_in_order(house: House) -> None:
    """Hundreds talk at the same time: each sees their own screens in order, none twice, and has one case at the end."""
    persons, walks = visitors(house, MANY)
    assert {"says", "presses", "voice", "photo", "place"} == {act.kind for walk in walks for act in walk}
    seen = Seen(house.box)
    await asyncio.gather(*(converse(*one, seen=seen) for one in zip(persons, walks, strict=True)))
    await house.settled()

    wrong = [at for at, person in enumerate(persons) if seen.of(person.id) != wanted(walks[at])]
    assert wrong == []
    assert [person for person in persons if ends(person) != 1] == []
    await has_one_case_each(house, persons)


async def test_many_at_once_while_telegram_fails(house: House) -> None:
    """Errors, lost answers and 429: nothing is missing, nothing out of turn, and repeated only what was lost."""
    persons, walks = visitors(house, FEWER)
    seen = Seen(house.box)
    house.box.faults.switch(errors=0.05, lost=0.03, throttled=0.02)
    await asyncio.gather(*(persist(*one) for one in zip(persons, walks, strict=True)))
    house.box.faults.switch(errors=0.0, lost=0.0, throttled=0.0)
    await house.settled()

    shown = {person.id: seen.of(person.id) for person in persons}
    wrong = [at for at, person in enumerate(persons) if not is_told(shown[person.id], wanted(walks[at]))]
    assert wrong == []
    faults = Counter(call.outcome for call in house.box.calls if call.method != "getupdates")
    assert faults["error"] and faults["lost"] and faults["refused"]
    repeated = sum(len(shown[person.id]) - len(wanted(walk)) for person, walk in zip(persons, walks, strict=True))
    assert repeated <= faults["lost"]
    await has_one_case_each(house, persons)
