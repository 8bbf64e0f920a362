"""A shift: how long it lasts, what a pause takes away, and how a PIN brings it back."""

from datetime import timedelta

import pytest

from tests.console.browsing import PASSWORD, PIN, Browser, Console, hidden

IDLE = timedelta(minutes=16)


async def away(console: Console) -> Browser:
    """Let an operator log in and leave."""
    dara = await console.dara()
    console.house.clock.put_forward(IDLE)
    return dara


async def test_after_a_pause_the_pin_is_asked_for_and_nothing_shown(console: Console) -> None:
    """In the place of any page; forms do nothing, and the login's password is not asked again."""
    number = (await console.house.in_danger(console.house.person()))["number"]
    dara = await away(console)
    pages = [await dara.get(path) for path in ("/queue", f"/cases/{number}", "/me", "/queue/live")]
    acted = await dara.post(f"/cases/{number}/act", {"act": "take", "once": "0" * 22})

    assert {page.status_code for page in [*pages, acted]} == {401}
    assert all('name="pin"' in page.text and number not in page.text.replace(f"/cases/{number}", "") for page in pages)
    assert (await console.house.cases())[0]["state"] == "new"


async def test_the_right_pin_goes_on_where_one_was(console: Console) -> None:
    """With a token of its own; what it was before is nobody's. Cases open as before; Khmer digits are digits."""
    dara = await console.dara()
    number = (await console.house.in_danger(console.house.person()))["number"]
    console.house.clock.put_forward(IDLE)
    before, paused = dara.cookie, await dara.get(f"/cases/{number}")
    answer = await dara.resumes("៤០៧១៩៣", back=f"/cases/{number}")
    page = await dara.get(answer.headers["location"])
    dara.cookie = before

    assert f'name="back" value="/cases/{number}"' in paused.text and answer.headers["location"] == f"/cases/{number}"
    assert page.status_code == 200 and "not sealed" not in page.text
    assert (await dara.get("/me")).headers["location"] == "/login?back=/me"


async def test_five_wrong_pins_end_the_shift(console: Console) -> None:
    """Then only password and app log in; each wrong one is in the record."""
    dara = await away(console)
    tried = [await dara.resumes("285714") for _ in range(5)]
    right = await dara.resumes()
    record = [one.entry.act for one in await console.house.store.console.recorded(after=0, limit=99)]

    assert {answer.status_code for answer in (*tried, right)} == {401} and "Log in again" in tried[-1].text
    assert record == ["enrolled", *["pin_refused"] * 5] and (await dara.get("/me")).status_code == 303
    assert (await dara.log_in("Dara")).status_code == 303


async def test_a_right_pin_forgives_wrong_ones(console: Console) -> None:
    """Whoever mistypes now and then is not thrown out at the end of a day."""
    dara = await away(console)
    for _ in range(3):
        for _ in range(4):
            await dara.resumes("285714")
        assert (await dara.resumes()).status_code == 303
        console.house.clock.put_forward(IDLE)


@pytest.mark.parametrize("back", ["//evil.example", "/\\evil.example", "https://evil.example", "", "x" * 900])
async def test_a_pin_leads_nowhere_else(console: Console, back: str) -> None:
    """Whatever the form says."""
    dara = await away(console)

    assert (await dara.resumes(back=back)).headers["location"] == "/"


async def test_in_a_pause_the_database_holds_no_key_that_the_cookie_opens(console: Console) -> None:
    """It is taken away in time by itself, without any request; what is left opens with cookie and PIN together."""
    dara, store = await console.dara(), console.house.store.console
    (open_one,) = await store.sessions(console.house.dara.id)
    console.house.clock.put_forward(IDLE)

    async def is_taken_away() -> bool:
        return (await store.sessions(console.house.dara.id))[0].kept == b""

    await console.house.until(is_taken_away)
    (paused,) = await store.sessions(console.house.dara.id)

    assert open_one.kept and paused.paused == open_one.paused
    assert (await dara.resumes()).status_code == 303


async def test_without_a_pin_a_pause_is_the_end(console: Console) -> None:
    """As for accounts from before there were PINs; then one is chosen, with password and code."""
    dara = console.browser()
    await dara.enrol(console.house.dara.id, pin="")
    console.house.clock.put_forward(IDLE)
    ended = (await dara.get("/me")).headers["location"]
    await dara.log_in("Dara")
    wrong = await dara.post("/me/pin", {"pin": PIN, "old": "not the password", "code": dara.code()})
    bad = await dara.post("/me/pin", {"pin": "111111", "old": PASSWORD, "code": dara.code()})
    chosen = await dara.post("/me/pin", {"pin": PIN, "old": PASSWORD, "code": dara.code()})
    console.house.clock.put_forward(IDLE)

    assert ended == "/login?back=/me" and [one.status_code for one in (wrong, bad, chosen)] == [400, 400, 303]
    assert (await dara.get("/me")).status_code == 401 and (await dara.resumes()).status_code == 303


async def test_a_shift_ends_after_thirteen_hours_in_all(console: Console) -> None:
    """However busy it is, and however often a PIN was typed."""
    dara = await console.dara()
    for _ in range(38):
        console.house.clock.put_forward(timedelta(minutes=20))
        assert (await dara.resumes()).status_code == 303
    console.house.clock.put_forward(timedelta(minutes=20))

    assert (await dara.resumes()).status_code == 401 and (await dara.get("/queue")).status_code == 303


async def test_who_is_removed_in_a_pause_does_not_come_back(console: Console) -> None:
    """Nor does who has another role since."""
    dara = await away(console)
    await console.house.helpline.office.answer({"do": "remove_operator", "id": console.house.dara.id})

    assert (await dara.resumes()).status_code == 401 and (await dara.get("/queue")).status_code == 303


async def test_an_open_page_knows_how_long_it_may_stay(console: Console) -> None:
    """It empties itself then, by script or without one; whoever works at it says so, and stays."""
    dara = await console.dara()
    page = (await dara.get("/queue?whose=mine")).text
    left = []
    for _ in range(3):
        console.house.clock.put_forward(timedelta(minutes=10))
        left.append(int((await dara.post("/me/here")).text))
    script = int(hidden(page, r'<meta name="rest" content="(\d+)" data-here="/queue\?whose=mine">'))
    none = int(
        hidden(page, r'<noscript><meta http-equiv="refresh" content="(\d+); url=/queue\?whose=mine"></noscript>')
    )

    assert "/static/rest." in page and all(800 < seconds <= 840 for seconds in (script, none, *left))
    assert "http-equiv" not in (await console.browser().get("/login")).text
