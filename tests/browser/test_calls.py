"""A call taken down by hand, in a real browser: with the keys of a desk, and on a phone in Khmer."""

import os
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Room
from tests.browser.test_console import complaints

SHOTS = os.environ.get("SHOTS")


async def looks_right(page: Page, name: str) -> None:
    """Find nothing serious with axe, and nothing wider than the screen."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert await complaints(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def asked(page: Page, question: str) -> None:
    """Wait until a question is read aloud, and its keys work."""
    await expect(page.locator(".aloud")).to_contain_text(question)
    await page.wait_for_load_state()


async def test_a_whole_call_by_keys(room: Room) -> None:
    """c begins, digits choose, and danger is one key away; what is written in a field is no key."""
    dara = await room.seated(room.house.dara.id)
    page = dara.page
    await page.keyboard.press("c")
    await page.wait_for_url("**/calls")
    await looks_right(page, "begin")
    await page.keyboard.press("1")
    await expect(page.get_by_label("In their words")).to_be_focused()
    await looks_right(page, "number")
    await page.keyboard.type("012 345 678 d")
    await page.get_by_role("button", name="Keep the answer").click()
    await asked(page, "Whose phone is it?")
    for key, then in (
        ("1", "may we say who"),
        ("1", "What is it about?"),
        ("2", "Can you speak safely"),
        ("1", "May we"),
    ):
        await page.keyboard.press(key)
        await asked(page, then)
    await looks_right(page, "keep")
    await page.keyboard.press("d")
    await asked(page, "We have told the people of this helpline.")
    (case,) = await room.house.cases()
    assert "012 345 678 d" in (await room.house.opened(str(case["number"]))).texts()


async def test_a_call_on_a_phone_in_khmer(room: Room) -> None:
    """Danger stays at hand, both languages are read, and a list of ticks fits 360 pixels."""
    bopha = await room.seated(room.house.bopha.id, phone=True)
    page = bopha.page
    await page.get_by_role("button", name="ខ្មែរ").click()
    await bopha.goto("/calls")
    await looks_right(page, "begin-phone")
    await page.get_by_role("button", name="អ្នកមកផ្ទាល់").click()
    await looks_right(page, "number-phone")
    await page.get_by_role("button", name="រំលង").click()
    await page.get_by_role("button", name="ត្រូវការជំនួយ").click()
    for choice in ("បាន", "យល់ព្រម"):
        await page.locator("button.choice", has_text=choice).first.click()
    await looks_right(page, "country-phone")
    await page.get_by_role("button", name="ថៃ").click()
    await page.get_by_role("button", name="រំលង").click()
    await page.get_by_role("button", name="រំលង").click()
    await looks_right(page, "facts-phone")
    await page.get_by_label("I was not paid").check()
    await page.get_by_role("button", name="កំពុងមានគ្រោះថ្នាក់").click()
    await expect(page.locator(".urgency")).to_have_text("P1")
    await looks_right(page, "danger-phone")
    (case,) = await room.house.cases()
    await bopha.goto(f"/cases/{case['number']}")
    await looks_right(page, "case-phone")
    await page.get_by_label("លេខដែលគាត់ប្រាប់").fill(str(case["number"]))
    await page.get_by_role("button", name="បង្ហាញអ្វីដែលអាចប្រាប់បាន").click()
    await expect(page.locator("#status .aloud")).to_contain_text("We received what you told us")
    await looks_right(page, "status-phone")
