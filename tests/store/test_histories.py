"""What may belong together, by clear fields only: suggested by number, never merged."""

from datetime import timedelta

from bot.service.histories import CLOSE_BY, MOST_ALIKE, history
from bot.store.opening import Store
from tests.store.making import MINUTE, NOW, new_case, save


async def test_earlier_contacts_of_a_chat_are_found_closed_ones_too(store: Store) -> None:
    """Newest first; a draft is nobody's to see, and the case itself is not its own history."""
    states = {"a": "closed", "b": "taken", "c": "draft", "d": "new"}
    await save(store, new_cases=[new_case(id, state=state) for id, state in states.items()])
    await save(store, new_cases=[new_case("e", lane="bob")])

    assert [one.id for one in (await history(store.desk, "Nd")).earlier] == ["b", "a"]


async def test_cases_of_one_country_begun_close_by_are_suggested(store: Store) -> None:
    """The nearest in time come first; another country, another day and the same chat are left out."""
    near = {"a": 50, "b": -3, "c": 5}
    made = [new_case(id, lane=id, country="TH", created=NOW + at * MINUTE) for id, at in near.items()]
    other = [new_case("d", lane="d", country="MY"), new_case("e", lane="e")]
    late = [new_case("f", lane="f", country="TH", created=NOW + CLOSE_BY + MINUTE)]
    own = [new_case("g", country="TH"), new_case("h", country="TH")]
    await save(store, new_cases=[*made, *other, *late, *own])
    found = await history(store.desk, "Ng")

    assert [one.id for one in found.alike] == ["b", "c", "a"]
    assert [one.id for one in found.earlier] == ["h"]


async def test_in_a_flood_the_nearest_are_suggested(store: Store) -> None:
    """However many there are, a few are read, and they are the nearest ones."""
    made = [new_case(f"c{at}", lane=f"l{at}", country="TH", created=NOW + at * MINUTE) for at in range(-60, 60)]
    await save(store, new_cases=[*made, new_case("own", country="TH")])
    alike = (await history(store.desk, "Nown")).alike

    assert len(alike) == MOST_ALIKE
    assert max(abs(one.created - NOW) for one in alike) <= timedelta(minutes=6)


async def test_nothing_looks_alike_without_a_country(store: Store) -> None:
    """Everything would; and what is not there has no history."""
    await save(store, new_cases=[new_case("a"), new_case("b", lane="bob")])

    assert (await history(store.desk, "Na")).alike == ()
    assert (await history(store.desk, "none")).earlier == ()
