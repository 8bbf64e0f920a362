"""The control API: what the page does with it, what it is shown, and who may not use it."""

import json

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.errors import OperatorError
from bot.sandbox import Hooks, Person, Sandbox, Saved, populate
from bot.sandbox.wire import Wire

KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Yes", callback_data="1:a:1"), InlineKeyboardButton("Read", url="https://example.org/a")]]
)


async def post(http: aiohttp.ClientSession, act: str, /, **fields: object) -> tuple[int, Wire]:
    """Post JSON to the control API and give status and answer."""
    async with http.post(f"/sandbox/{act}", json=fields) as answer:
        return answer.status, await answer.json()


async def state(http: aiohttp.ClientSession) -> Wire:
    """Read the whole state."""
    async with http.get("/sandbox/state") as answer:
        found: Wire = await answer.json()
        return found


class Feed:
    """The page's side of the event stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> Wire:
        """Read the next event."""
        event: Wire = {}
        while line := (await self._answer.content.readline()).strip():
            name, _, value = line.decode().partition(": ")
            event |= json.loads(value) if name == "data" else {}
        return event


async def test_a_new_page_is_shown_everything(
    bot: Bot, box: Sandbox, sokha: Person, http: aiohttp.ClientSession
) -> None:
    """People, chats with what was said, buttons, switches, and where the feed goes on."""
    group = populate(box)
    await bot.send_message(sokha.id, "តើ?", reply_markup=KEYBOARD)

    shown = await state(http)

    chat = next(chat for chat in shown["chats"] if chat["id"] == sokha.id)
    assert chat["messages"][-1] == {
        "message_id": 2,
        "date": 1772352000,
        "from": {"id": bot.id, "name": "ប្រតិទិន Calendar", "bot": True},
        "edited": False,
        "text": "តើ?",
        "keyboard": [[{"text": "Yes", "data": "1:a:1"}, {"text": "Read", "url": "https://example.org/a"}]],
    }
    assert [(person["name"], person["role"]) for person in shown["people"][1:]] == [
        ("Sokha", "worker"),
        ("Mary", "worker"),
        ("Srey", "sister"),
        ("Dara", "operator"),
        ("Bopha", "operator"),
    ]
    assert shown["bot"]["running"] is None and shown["switches"]["down"] is False
    assert shown["chats"][-1]["title"] == "Operators" and shown["chats"][-1]["id"] == group.id


async def test_the_page_writes_presses_edits_and_deletes(bot: Bot, sokha: Person, http: aiohttp.ClientSession) -> None:
    """Each act is the person's own."""
    await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)
    who = {"person": sokha.id, "chat": sokha.id}
    _, sent = await post(http, "send", **who, text="ជំនួយ", reply_to=2)
    _, place = await post(http, "send", **who, location={"latitude": 13.5, "longitude": 100})

    assert (await post(http, "press", **who, message_id=2, data="1:a:1"))[0] == 200
    assert (await post(http, "edit", **who, message_id=sent["message_id"], text="b"))[0] == 200
    assert (await post(http, "delete", **who, message_id=place["message_id"]))[0] == 200

    assert [message.text for message in sokha.messages()] == ["/start", "a", "b"]
    kinds = [next(iter(set(update.to_dict()) - {"update_id"})) for update in await bot.get_updates()]
    assert kinds == ["message", "message", "callback_query", "edited_message"]


async def test_the_page_sends_a_recorded_voice(box: Sandbox, sokha: Person, http: aiohttp.ClientSession) -> None:
    """Multipart in; a message with a file the page can play comes out."""
    form = aiohttp.FormData({"person": str(sokha.id), "chat": str(sokha.id), "kind": "voice", "duration": "3.7"})
    form.add_field("file", b"OggS", filename="voice.ogg", content_type="audio/ogg;codecs=opus")

    async with http.post("/sandbox/upload", data=form) as answer:
        assert answer.status == 200
    shown = (await state(http))["chats"][0]["messages"][-1]["voice"]

    assert shown["duration"] == 4
    async with http.get(shown["url"]) as file:
        assert (await file.read(), file.content_type) == (b"OggS", "audio/ogg")


async def test_a_sent_page_never_runs_beside_the_control_api(sokha: Person, http: aiohttp.ClientSession) -> None:
    """HTML somebody sent is a download, in a sandbox of its own."""
    sent = await sokha.sends_document("a.html", "text/html", b"<script>")

    async with http.get(f"/sandbox/file/{sent.content['document']['file_id']}") as file:
        headers = file.headers

    assert headers["Content-Disposition"] == "attachment" and headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Security-Policy"].startswith("sandbox")


async def test_the_feed_tells_everything_in_order_and_goes_on_after_a_break(
    bot: Bot, sokha: Person, http: aiohttp.ClientSession
) -> None:
    """A page that lost its connection resumes behind the last event it saw."""
    seq = (await state(http))["seq"]
    sent = await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)
    press = await sokha.presses("Yes")
    async with http.get("/sandbox/events", params={"after": seq}) as answer:
        first = await Feed(answer).next()
    await bot.answer_callback_query(press.id, "ok")
    await bot.edit_message_text("b", sokha.id, sent.message_id)
    await bot.send_chat_action(sokha.id, "typing")
    await bot.delete_message(sokha.id, sent.message_id)
    async with http.get("/sandbox/events", headers={"Last-Event-ID": str(first["seq"])}) as answer:
        feed = Feed(answer)
        rest = [await feed.next() for _ in range(4)]

    assert (first["type"], first["chat"], first["message"]["message_id"]) == ("message", sokha.id, 2)
    assert [event["type"] for event in rest] == ["toast", "edited", "typing", "deleted"]
    assert rest[0]["text"] == "ok" and rest[3]["message_ids"] == [2]


async def test_a_feed_too_far_behind_is_told_to_begin_again(http: aiohttp.ClientSession) -> None:
    """Better read the state anew than miss a message."""
    async with http.get("/sandbox/events", params={"after": 999}) as answer:
        assert (await Feed(answer).next())["type"] == "reset"


async def test_switches_are_set_shown_and_told(box: Sandbox, http: aiohttp.ClientSession) -> None:
    """What is not named stays; what is wrong is refused with a reason."""
    seq = (await state(http))["seq"]
    status, switches = await post(http, "switches", delay_ms=5, errors=0.5)
    wrong, reason = await post(http, "switches", errors=5)
    async with http.get("/sandbox/events", params={"after": seq}) as answer:
        told = await Feed(answer).next()

    assert (status, switches["delay_ms"], switches["errors"], switches["down"]) == (200, 5, 0.5, False)
    assert (wrong, told["type"], told["switches"]) == (400, "switches", switches) and "errors" in reason["error"]


async def test_no_fault_touches_the_control_api(box: Sandbox, sokha: Person, http: aiohttp.ClientSession) -> None:
    """Telegram can be brought back with the page that took it down."""
    box.faults.switch(down=True, errors=1, delay_ms=60_000)

    assert (await post(http, "send", person=sokha.id, chat=sokha.id, text="a"))[0] == 200
    assert (await post(http, "switches", down=False, errors=0, delay_ms=0))[0] == 200


async def test_people_can_be_added_and_operators_join_the_group(box: Sandbox, http: aiohttp.ClientSession) -> None:
    """The first group is the operators'."""
    group = populate(box)

    status, added = await post(http, "people", name="Vanna", role="operator", language_code="km")

    assert status == 200 and group.chat.members[added["id"]] == "member"
    assert (await post(http, "send", person=added["id"], chat=group.id, text="hello"))[0] == 200
    assert (await post(http, "people", name="X", role="king", language_code="km"))[0] == 400


async def test_who_blocked_the_bot_presses_nothing(bot: Bot, sokha: Person, http: aiohttp.ClientSession) -> None:
    """403 while blocked, 404 for a button that is not there."""
    await bot.send_message(sokha.id, "a", reply_markup=KEYBOARD)
    press = {"person": sokha.id, "chat": sokha.id, "message_id": 2}
    await post(http, "block", person=sokha.id, blocked=True)
    blocked, _ = await post(http, "press", **press, data="1:a:1")
    await post(http, "block", person=sokha.id, blocked=False)
    missing, _ = await post(http, "press", **press, data="1:a:9")

    assert (blocked, missing) == (403, 404)


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("send", {"person": 1, "chat": 1, "text": "a"}, 404),
        ("send", {"person": "x", "chat": 1, "text": "a"}, 400),
        ("send", {}, 400),
        ("edit", {"person": 1, "chat": 1, "message_id": 1, "text": "a"}, 404),
        ("block", {"person": 1, "blocked": "yes"}, 404),
        ("send", {"person": 7, "chat": 7, "location": {"latitude": float("nan"), "longitude": 1}}, 400),
        ("process", {"action": "kill"}, 501),
        ("command", {"name": "cases"}, 501),
    ],
)
async def test_what_cannot_be_done_is_said(
    box: Sandbox, http: aiohttp.ClientSession, name: str, *, fields: dict[str, object], status: int
) -> None:
    """With a reason the page can show."""
    box.add_person("Sokha", id=7)
    got, answer = await post(http, name, **fields)

    assert got == status and answer["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:80", "Origin": "http://evil.example:80"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_page_from_elsewhere_cannot_act(
    sokha: Person, http: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    """Neither from another origin, nor under a name rebound to this machine, nor as a plain form."""
    body = json.dumps({"person": sokha.id, "chat": sokha.id, "text": "forged"})

    async with http.post("/sandbox/send", data=body, headers={"Content-Type": "application/json"} | headers) as answer:
        assert answer.status == status

    assert [message.text for message in sokha.messages()] == ["/start"]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_no_browser_reaches_the_bot_api(
    box: Sandbox, sokha: Person, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    """Its token is no secret here, so a page elsewhere must not use it blindly."""
    params = {"chat_id": str(sokha.id), "text": "forged"}

    async with http.get(f"/bot{box.token}/sendMessage", params=params, headers=headers) as answer:
        assert answer.status == 403

    assert sokha.screen() is None


async def test_the_pages_own_origin_may_act(box: Sandbox, sokha: Person, http: aiohttp.ClientSession) -> None:
    """As a browser sends it."""
    body = {"person": sokha.id, "chat": sokha.id, "text": "a"}

    async with http.post("/sandbox/send", json=body, headers={"Origin": box.root}) as answer:
        assert answer.status == 200


async def test_it_listens_on_this_machine_only(box: Sandbox) -> None:
    """127.0.0.1, whatever the port."""
    assert box.root.startswith("http://127.0.0.1:")


class Machine:
    """A process that can be killed and started."""

    running = True

    async def kill(self) -> None:
        """End it."""
        self.running = False

    async def start(self) -> None:
        """Start it."""
        self.running = True


async def command(name: str, *, number: str | None, item: int | None) -> str | Saved:
    """Run a command as `try` would."""
    if name == "save":
        return Saved("ឯកសារ.ogg", "audio/ogg", b"OggS")
    if number == "nothing":
        raise OperatorError("there is no case 'nothing'")
    return f"{name} {number} {item}"


async def test_the_page_reaches_what_is_registered() -> None:
    """Killing and starting the bot, and commands with their text, file or reason."""
    hooks = Hooks(process=Machine(), command=command)
    async with Sandbox(hooks=hooks) as box, aiohttp.ClientSession(base_url=box.root) as http:
        killed = await post(http, "process", action="kill")
        shown = (await state(http))["bot"]["running"]
        started = await post(http, "process", action="start")
        said = await post(http, "command", name="case", number="ABCD1234", item=2)
        refused = await post(http, "command", name="case", number="nothing")
        async with http.post("/sandbox/command", json={"name": "save", "number": "ABCD1234", "item": 1}) as saved:
            content = await saved.read()

    assert (killed, shown, started) == ((200, {"running": False}), False, (200, {"running": True}))
    assert said == (200, {"text": "case ABCD1234 2"}) and refused == (400, {"error": "there is no case 'nothing'"})
    assert content == b"OggS" and saved.headers["Content-Disposition"].startswith("attachment")
