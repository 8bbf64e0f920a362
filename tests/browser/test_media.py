"""Pictures and sounds in a real browser."""

from io import BytesIO

from PIL import Image
from playwright.async_api import expect

from tests.browser.conftest import Room


def a_picture() -> bytes:
    """Make one, larger than what is shown of it."""
    file = BytesIO()
    Image.linear_gradient("L").resize((2000, 1500)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


async def test_a_picture_is_shown_when_it_is_pressed(room: Room) -> None:
    """Not before, and blurred again by another press; with keys alone."""
    dara = await room.seat()
    await dara.enrol(room.house.dara.id)
    person = room.house.person()
    number = (await room.house.in_danger(person))["number"]
    await room.house.after(person.sends_photo(a_picture()))
    await dara.goto(f"/cases/{number}")
    asked: list[str] = []
    dara.page.on("request", lambda request: asked.append(request.resource_type))
    assert await dara.page.locator("img").count() == 0
    await dara.page.locator("section.unheard a.picture").focus()
    await dara.page.keyboard.press("Enter")
    picture = dara.page.locator("section.unheard img")
    await expect(picture).to_have_js_property("naturalWidth", 1600)
    blurred = "(element) => getComputedStyle(element).filter"
    assert await picture.evaluate(blurred) == "none" and asked == ["image"]
    await dara.page.keyboard.press("Enter")
    assert "blur" in await picture.evaluate(blurred)
    await room.house.settled()
    await dara.goto(f"/cases/{number}")

    await expect(dara.page.locator("section.unheard")).to_have_count(0)
