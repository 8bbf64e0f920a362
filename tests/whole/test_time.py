"""What the helpline does by itself when time has passed: the ladder, drafts, summaries, forgetting."""

from datetime import timedelta

import pytest

from bot.sandbox import Person
from bot.service import listing
from bot.service.nights import TESTED
from tests.whole.house import House


async def test_an_untaken_danger_climbs_the_ladder(house: House) -> None:
    """With no roster to all operators privately, at once, after 5 and 15 minutes; later hourly to the escalation."""
    case = await house.in_danger(house.person())
    heard = []
    for minutes in (4, 1, 10, 44, 1, 60):
        await house.passes(minutes=minutes)
        private = [len(house.cards(operator.chat)) for operator in (house.dara, house.bopha)]
        heard.append((*private, len(house.cards(house.escalation))))

    assert heard == [(1, 1, 0), (2, 2, 0), (3, 3, 0), (3, 3, 0), (3, 3, 1), (3, 3, 2)]
    assert house.says("untaken_still", number=case["number"], minutes="5") in house.cards(house.dara.chat)[1].text


async def test_a_private_card_takes_the_case(house: House) -> None:
    """Whoever is woken by the private card can act on it there; then the ladder ends, everywhere."""
    await house.in_danger(house.person())
    (private,) = house.cards(house.dara.chat)
    await house.after(house.dara.presses(0, message=private))
    await house.passes(hours=3)

    (row,) = await house.cases()
    assert (row["state"], row["assignee"]) == ("taken", "Dara")
    assert house.cards(house.escalation) == []
    labels = [label for line in house.card(row["number"]).labels for label in line]
    assert any(label.endswith("Give back") for label in labels)


async def test_the_person_is_told_honestly_that_nobody_has_come(house: House) -> None:
    """After 60 minutes, where the rule allows to write."""
    sokha = house.person()
    await house.in_danger(sokha)
    for choice in ("skip", "any_time", "yes"):
        await house.chooses(sokha, choice)
    await house.passes(minutes=59)
    assert house.says("nobody_yet") not in _all(sokha)

    await house.passes(minutes=2)
    assert house.says("nobody_yet") in _all(sokha)


async def test_who_may_not_be_written_to_is_told_with_the_next_answer(house: House) -> None:
    """An initiative never goes against the rule: it is the first line of the next answer, once."""
    sokha = house.person()
    await house.in_danger(sokha)
    await house.chooses(sokha, "skip")
    await house.chooses(sokha, "when_i_write")
    await house.passes(minutes=61)
    assert house.says("nobody_yet") not in _all(sokha)

    await house.after(sokha.says("hello?"))
    assert house.screen(sokha).text.startswith(house.says("nobody_yet"))
    await house.after(sokha.says("hello??"))
    assert not house.shows(sokha, "nobody_yet")


def _all(person: Person) -> str:
    return "\n".join(message.text for message in person.messages())


async def test_rungs_missed_while_the_machine_was_away_fire_as_one(house: House) -> None:
    """After two hours without power operators are not woken three times."""
    await house.in_danger(house.person())
    await house.stop(clean=False)
    house.clock.put_forward(timedelta(hours=2))
    await house.open()
    await house.settled()

    assert len(house.cards(house.dara.chat)) == 1
    assert len(house.cards(house.escalation)) == 1


async def test_a_silent_draft_with_a_need_becomes_unfinished(house: House) -> None:
    """Who fell silent is not forgotten: after 24 hours the operators see it."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH", "skip", "no", "home", "done")
    assert await house.cases() == []
    await house.passes(hours=25)

    (case,) = await house.cases()
    assert (case["mark"], case["state"]) == ("unfinished", "new")


async def test_a_silent_draft_without_a_need_is_destroyed(house: House) -> None:
    """Nothing is kept of who only looked around, not even the records."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.passes(hours=25)

    assert await house.cases() == []
    assert await _rows(house, "cases") == await _rows(house, "records") == await _rows(house, "wraps") == 0


async def _rows(house: House, table: str) -> int:
    return await house.count(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours


async def test_who_asked_not_to_be_kept_is_decided_about_within_72_hours(house: House) -> None:
    """A flagged case stays, marked; its card says so at once, and again when the time is over."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    for choice in ("skip", "when_i_write", "no"):
        await house.chooses(sokha, choice)
    await house.after(house.desk(house.dara, "t", case["number"]))
    assert (await house.cases())[0]["mark"] == "not_kept"

    told = []
    for hours in (0, 71, 2):
        await house.passes(hours=hours)
        told.append(sum(house.says("not_kept_mark") in line for line in house.below(case["number"])))
    assert told == [1, 1, 2]


async def test_a_summary_comes_every_morning_even_when_empty_and_once(house: House) -> None:
    """At 08:00 in Cambodia, also when nothing is open; a restart on the same day does not repeat it."""
    house.clock.put_forward(timedelta(hours=20))
    await house.eventually(lambda: len(_summaries(house)) == 1)
    assert house.says("daily_empty") in _summaries(house)[0]
    await house.restart()
    await house.settled()
    assert len(_summaries(house)) == 1

    house.clock.put_forward(timedelta(hours=24))
    await house.eventually(lambda: len(_summaries(house)) == 2)


async def test_a_new_helpline_waits_for_its_first_morning(house: House) -> None:
    """Nobody is told on the first day that nothing is open; after a restart either."""
    await house.restart()
    await house.after(house.person().says("/start"))
    assert _summaries(house) == []


async def test_the_summary_says_how_the_helpline_itself_is(house: House) -> None:
    """The last tested backup, the disk, what nobody has taken, and what is to be checked again within 60 days."""
    await house.in_danger(house.person())
    house.clock.put_forward(timedelta(hours=15))
    await house.until(lambda: house.store.desk.get(TESTED))
    house.clock.put_forward(timedelta(hours=5))
    await house.eventually(lambda: len(_summaries(house)) == 1)
    (told,) = _summaries(house)
    wanted = ("daily_untaken", "daily_disk")
    assert all(house.says(key).partition("{")[0] in told for key in wanted)
    assert house.says("daily_backup", time="03.03.2026") in told
    assert "recruiter" not in told

    article = house.content.articles["recruiter"]
    house.clock.put_forward(article.reviewed + timedelta(days=306) - house.clock.now().date())
    await house.eventually(lambda: "recruiter" in _summaries(house)[-1])


async def test_the_summary_lists_what_has_no_flag(house: House) -> None:
    """A request without a flag makes no card, and is listed each morning until it is finished."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH", "skip", "no", "home", "done")
    while house.step(sokha) != "end.menu":
        await house.chooses(sokha, "skip")
    (case,) = await house.cases()
    assert house.cards() == []

    house.clock.put_forward(timedelta(hours=20))
    await house.eventually(lambda: len(_summaries(house)) == 1)
    assert case["number"] in _summaries(house)[-1]


async def test_the_whole_queue_is_counted_and_listed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue longer than a page of the database is told to its end, to the group and to commands."""
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        await house.in_danger(house.person(f"Person {number}"))
    await house.passes(hours=20)
    await house.eventually(lambda: len(_summaries(house)) == 1)

    assert house.says("daily_untaken", count="5") in _summaries(house)[0]
    assert len(await house.cases()) == 5


def _summaries(house: House) -> list[str]:
    start = house.says("daily_summary").partition("{")[0]
    return [message.text for message in house.group.messages() if start in message.text]


async def test_old_keys_and_sent_messages_are_forgotten(house: House) -> None:
    """Once a day what is older than eight days goes; what came since stays."""
    await house.after(house.person().says("/start"))
    assert await _rows(house, "inbox") > 2
    house.clock.put_forward(timedelta(days=9))

    await house.until(lambda: _is_forgotten(house))
    await house.settled()


async def _is_forgotten(house: House) -> bool:
    inbox = await house.count("SELECT count(*) FROM inbox WHERE source = 'telegram'")
    return inbox + await house.count("SELECT count(*) FROM outbox WHERE kind = 'screen'") == 0


async def test_after_three_cases_in_a_day_the_newest_is_added_to(limited: House) -> None:
    """The fourth request of a day joins the third; the person is told so, and a day later there is a new one."""
    house, sokha = limited, limited.person()
    for number in range(3):
        await house.in_danger(sokha)
        await house.after(sokha.says("skip"), sokha.says("skip"), sokha.says("yes"), sokha.says("/start"))
        assert len(await house.cases()) == number + 1
    await house.after(sokha.says("danger"))
    assert len(await house.cases()) == 3
    assert house.shows(sokha, "add_to_it")

    await house.after(sokha.says("skip"), sokha.says("skip"), sokha.says("yes"), sokha.says("/start"))
    await house.passes(hours=25)
    await house.after(sokha.says("danger"))
    assert len(await house.cases()) == 4
