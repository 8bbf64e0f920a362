"""An operator's day at the console, in a real browser: on a desk and on a phone, in both languages."""

import asyncio
import io
import time
import wave
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Room
from tests.conftest import Report

LIVE_MS = 5_000
SERIOUS = ("serious", "critical")


async def complaints(page: Page) -> list[str]:
    """Give what axe finds serious on a page."""
    found: dict[str, Any] = (await Axe().run(page)).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"] if one["impact"] in SERIOUS]


async def test_first_day_and_next_day(room: Room) -> None:
    """An invite, a password, the app; then logging out, and in again with both."""
    dara = await room.seated(room.house.dara.id)
    await dara.page.get_by_role("button", name="Log out").click()
    await dara.page.wait_for_url("**/login")
    await dara.goto("/queue")
    await dara.page.wait_for_url(lambda url: url.endswith("/login?back=/queue"))
    await dara.log_in("Dara")

    await expect(dara.page.get_by_role("heading", name="Cases")).to_be_visible()
    cookies = await dara.page.context.cookies()
    assert [(one.get("name"), one.get("secure"), one.get("httpOnly")) for one in cookies] == [
        ("__Host-helpline", True, True)
    ]


async def test_an_urgent_case_comes_to_every_open_list_by_itself(room: Room, report: Report) -> None:
    """While a worker writes; how long it took is printed."""
    dara, bopha = await room.seated(room.house.dara.id), await room.seated(room.house.bopha.id, phone=True)
    person = room.house.person()
    await room.house.after(person.says("/start"))
    begun = time.monotonic()
    await room.house.presses(person, "danger")
    for seat in (dara, bopha):
        await expect(seat.page.locator(".cases a")).to_have_count(1, timeout=LIVE_MS)
    report(f"an urgent case was in both open lists after {time.monotonic() - begun:.2f} s")
    (case,) = await room.house.cases()
    await expect(dara.page.locator(".cases a")).to_have_text(str(case["number"]))


async def test_the_list_is_live_even_if_its_last_file_comes_late(room: Room) -> None:
    """On a slow network the part that keeps the list live comes seconds after the rest."""
    dara = await room.seated(room.house.dara.id)
    held = asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await dara.page.context.route("**/hx-sse*", late)
    await dara.page.goto(f"{dara.base}/queue", wait_until="commit")
    await expect(dara.page.get_by_role("heading", name="Cases")).to_be_visible()
    await dara.page.wait_for_function("typeof htmx !== 'undefined'")
    await dara.page.evaluate("new Promise((done) => setTimeout(done))")  # htmx begins by then, if it waits for nothing
    held.set()
    await room.number()

    await expect(dara.page.locator(".cases a")).to_have_count(1, timeout=LIVE_MS)


async def test_of_two_who_take_at_once_one_has_it(room: Room) -> None:
    """The other is told who was quicker, and asked why they open it all the same."""
    dara, bopha = await room.seated(room.house.dara.id), await room.seated(room.house.bopha.id)
    number = await room.number()
    for seat in (dara, bopha):
        await seat.goto(f"/cases/{number}")
    await dara.page.get_by_role("button", name="Take", exact=True).click()
    await bopha.page.get_by_role("button", name="Take", exact=True).click()

    await expect(dara.page.get_by_role("status")).to_have_text("Done.")
    await expect(bopha.page.get_by_text("Why do you open it?")).to_be_visible()
    await bopha.page.get_by_label("I stand in for them").check()
    await bopha.page.get_by_role("button", name="Open").click()
    await expect(bopha.page.get_by_text("Taken by Dara")).to_be_visible()


async def test_a_reply_is_held_and_delivered(room: Room) -> None:
    """The rule is in view; the answer goes when the person writes."""
    dara = await room.seated(room.house.dara.id)
    person = room.house.person()
    number = (await room.house.in_danger(person))["number"]
    await room.house.passes(minutes=20)
    await dara.goto(f"/cases/{number}")
    await dara.resume()
    await expect(dara.page.locator(".rule")).to_contain_text("waits until they write")
    await dara.page.fill("textarea", "Are you well?")
    await dara.page.get_by_role("button", name="Send").click()
    await expect(dara.page.get_by_text("still waiting to go: 1")).to_be_visible()
    assert not any("Are you well?" in one.text for one in person.messages())
    await room.house.after(person.says("Yes"))

    assert any("Are you well?" in one.text for one in person.messages())
    await dara.goto(f"/cases/{number}")
    await expect(dara.page.get_by_text("still waiting to go")).to_have_count(0)


def a_sound() -> bytes:
    """Make a short sound that a browser can play."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    return buffer.getvalue()


async def test_a_voice_message_is_played(room: Room) -> None:
    """On the page, with the page's own player; afterwards it counts as heard."""
    dara = await room.seated(room.house.dara.id)
    person = room.house.person()
    number = (await room.house.in_danger(person))["number"]
    await room.house.after(person.sends_file("voice", a_sound()))
    await dara.goto(f"/cases/{number}")
    played = await dara.page.locator("section.unheard audio").evaluate(
        "async (audio) => { audio.muted = true; await audio.play(); return audio.duration > 0; }"
    )
    await room.house.settled()
    await dara.goto(f"/cases/{number}")

    assert played
    await expect(dara.page.locator("section.unheard")).to_have_count(0)


async def test_what_was_told_is_shown_when_it_is_asked_for(room: Room) -> None:
    """Whoever walks by reads nothing."""
    dara = await room.seated(room.house.dara.id)
    await dara.goto(f"/cases/{await room.number()}")
    told = dara.page.locator("#told").get_by_text("They took my passport")
    blurred = "(element) => getComputedStyle(element).filter"

    assert "blur" in await told.evaluate(blurred)
    await dara.page.get_by_label("Show what was told").check()
    assert await told.evaluate(blurred) == "none"


async def test_a_printed_page_says_who_printed_it(room: Room) -> None:
    """Across each page, with the hour and a warning; what was told is not on it."""
    dara = await room.seated(room.house.dara.id)
    await dara.goto(f"/cases/{await room.number()}")
    mark = dara.page.locator(".printed")
    await expect(mark).to_be_hidden()
    await dara.page.emulate_media(media="print")

    await expect(mark).to_be_visible()
    await expect(mark).to_contain_text("Printed by Dara")
    await expect(dara.page.locator("#told").get_by_text("They took my passport")).to_be_hidden()


async def test_a_page_that_nobody_touches_empties_itself(room: Room) -> None:
    """A case is on the screen, and its operator is gone: the PIN stands in its place, and leads back."""
    dara = await room.seated(room.house.dara.id)
    number = await room.number()
    await dara.goto(f"/cases/{number}")
    room.house.clock.put_forward(timedelta(minutes=16))
    await dara.page.evaluate("Date.now = () => performance.timeOrigin + 16 * 60_000")
    await dara.resume()
    await dara.page.wait_for_url(f"**/cases/{number}")


async def test_keys_alone_are_enough(room: Room) -> None:
    """j to the first case, Enter into it."""
    dara = await room.seated(room.house.dara.id)
    number = await room.number()
    await expect(dara.page.locator(".cases a")).to_have_count(1, timeout=LIVE_MS)
    await dara.page.locator("body").press("j")
    await dara.page.keyboard.press("Enter")

    await dara.page.wait_for_url(f"**/cases/{number}")


async def test_what_is_not_fit_is_found(room: Room) -> None:
    """The next test can fail: a picture without words, and a field without a name."""
    seat = await room.seat()
    await seat.page.set_content('<html lang="en"><title>x</title><main><img src="data:,"><input></main>')

    assert len(await complaints(seat.page)) == 2


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "km"])
async def test_every_page_is_fit_for_everybody(room: Room, language: str, *, phone: bool) -> None:
    """Axe finds nothing serious, and no page is wider than its screen; in both languages, on both screens."""
    fresh = await room.seat(phone=phone, language=language)
    await fresh.goto("/login")
    found = await complaints(fresh.page)
    person = room.house.person()
    boss = await room.supervisor(phone=phone)
    number = (await room.house.in_danger(person))["number"]
    await room.house.after(person.says("x" * 300), person.sends_file("voice", a_sound()))
    await room.house.passes(minutes=6)
    if language == "km":
        await boss.page.locator("button[lang=km]").click()
    for path in ("/queue", f"/cases/{number}", "/roster", "/me", "/people", "/record"):
        await boss.goto(path)
        found += [f"{path} {one}" for one in await complaints(boss.page)]
        wide = await boss.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{path} is {wide} pixels too wide"] * (wide > 0)
        assert await boss.page.locator("html").get_attribute("lang") == language

    assert found == []


async def test_a_case_is_handed_over_with_a_note(room: Room) -> None:
    """Who gets it has it among their own, and reads the note in it; whoever gave it is asked why they open it."""
    dara, bopha = await room.seated(room.house.dara.id), await room.seated(room.house.bopha.id)
    number = await room.number()
    await dara.goto(f"/cases/{number}")
    await dara.page.get_by_role("button", name="Take", exact=True).click()
    await dara.page.locator("summary", has_text="Hand over").click()
    await dara.page.locator("select[name=to]").select_option("Bopha")
    await dara.page.get_by_label("A note for them").fill("Her sister calls at six")
    await dara.page.get_by_role("button", name="Hand over").click()
    await expect(dara.page.get_by_text("Why do you open it?")).to_be_visible()

    await bopha.goto("/queue?whose=mine")
    await bopha.page.get_by_role("link", name=number).click()
    await bopha.page.get_by_label("Show what was told").check()
    await expect(bopha.page.locator("#told").get_by_text("Her sister calls at six")).to_be_visible()


async def test_the_roster_says_who_is_on_duty(room: Room) -> None:
    """A supervisor plans the hours; everybody sees who and when, and only a supervisor changes it."""
    dara, bopha = await room.supervisor(), await room.seated(room.house.bopha.id)
    await dara.goto("/roster")
    await expect(dara.page.locator(".now")).to_contain_text("Nobody")
    await dara.page.get_by_label("Who").select_option("Bopha")
    await dara.page.get_by_label("From").fill("08:00")
    await dara.page.get_by_label("Until").fill("18:00")
    await dara.page.get_by_role("button", name="Save").click()
    await expect(dara.page.locator(".now")).to_contain_text("Bopha")

    await bopha.goto("/roster")
    await expect(bopha.page.locator(".duties")).to_contain_text("08:00-18:00")
    await expect(bopha.page.locator("main form")).to_have_count(0)


async def test_the_record_tells_who_opened_what(room: Room) -> None:
    """A supervisor reads it, the newest first; who is none does not, and their try changes nothing of it."""
    dara, bopha = await room.supervisor(), await room.seated(room.house.bopha.id)
    await bopha.goto(f"/cases/{await room.number()}")
    await bopha.page.get_by_role("button", name="Take", exact=True).click()
    await expect(bopha.page.get_by_role("status")).to_have_text("Done.")
    await dara.page.get_by_role("link", name="Record").click()

    rows = dara.page.locator("tbody tr")
    await expect(rows.nth(0)).to_contain_text("Opened")
    await expect(rows.nth(1)).to_contain_text("Took")
    await expect(rows.nth(2)).to_contain_text("Opened")
    await expect(rows.nth(0)).to_contain_text("Bopha")
    await expect(bopha.page.get_by_role("link", name="Record")).to_have_count(0)
