"""Pictures and sounds in a real browser."""

from io import BytesIO

from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Room
from tests.browser.test_console import a_sound, complaints


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


async def test_an_operator_answers_with_their_own_voice(room: Room) -> None:
    """Recorded on the page, heard there, and sent."""
    dara = await room.seat()
    await dara.page.context.grant_permissions(["microphone"])
    await dara.enrol(room.house.dara.id)
    person = room.house.person()
    number = (await room.house.in_danger(person))["number"]
    await dara.goto(f"/cases/{number}")
    await dara.page.get_by_text("Answer with your voice").click()
    await dara.page.get_by_role("button", name="Record").click()
    await expect(dara.page.locator(".speak [role=timer]")).to_have_text("0:01")
    await dara.page.get_by_role("button", name="Stop").click()
    player = dara.page.locator(".speak audio")
    await expect(player).to_be_visible()
    played = await player.evaluate("async (audio) => { audio.muted = true; await audio.play(); return !audio.error; }")
    await dara.page.get_by_role("button", name="Send the voice message").click()
    await expect(dara.page.get_by_role("status").first).to_have_text(f"Sent to {number}")
    await room.house.settled()

    assert played and "voice" in person.messages()[-1].content
    assert (await room.house.opened(number)).items[-1].body["file"]["duration"] >= 1


async def test_a_browser_without_a_microphone_sends_a_file(room: Room) -> None:
    """It is said that there is none; what was chosen is heard as well, and axe finds nothing serious."""
    dara = await room.seat(phone=True)
    await dara.enrol(room.house.dara.id)
    person = room.house.person()
    number = (await room.house.in_danger(person))["number"]
    await dara.goto(f"/cases/{number}")
    await dara.page.get_by_text("Answer with your voice").click()
    await dara.page.get_by_role("button", name="Record").click()
    await expect(dara.page.get_by_text("may not use the microphone")).to_be_visible()
    sound = FilePayload(name="office.wav", mimeType="audio/wav", buffer=a_sound())
    await dara.page.get_by_label("Or choose a file with sound").set_input_files(sound)
    await expect(dara.page.locator(".speak audio")).to_be_visible()
    assert await complaints(dara.page) == []
    await dara.page.get_by_role("button", name="Send the voice message").click()
    await expect(dara.page.get_by_role("status").first).to_have_text(f"Sent to {number}")

    assert "voice" in person.messages()[-1].content
