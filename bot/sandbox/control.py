"""The control API: everything the page does, and the feed that keeps it current."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from aiohttp import web

from bot.core.errors import HelplineError
from bot.sandbox.chats import Chat, Message, Role
from bot.sandbox.faults import Faults
from bot.sandbox.forms import Form, read_form, read_upload
from bot.sandbox.hooks import Hooks, Saved
from bot.sandbox.people import Group, Person
from bot.sandbox.refusals import NotPossibleError
from bot.sandbox.view import chat_view, people_view
from bot.sandbox.wire import Wire, encode
from bot.sandbox.world import World

HEARTBEAT = 15.0  # seconds between signs of life on a silent feed

_ROLES: Mapping[str, Role] = {"worker": "worker", "sister": "sister", "operator": "operator"}

AddPerson = Callable[[str, Role, str | None], Person]


class Control:
    """Serve /sandbox/*; `people` and `groups` are the sandbox's own lists."""

    def __init__(
        self,
        world: World,
        *,
        faults: Faults,
        hooks: Hooks,
        people: dict[int, Person],
        groups: list[Group],
        add_person: AddPerson,
    ) -> None:
        self._world = world
        self._faults = faults
        self._hooks = hooks
        self._people = people
        self._groups = groups
        self._add_person = add_person
        self.closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        acts: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            "send": self._send,
            "upload": self._upload,
            "press": self._press,
            "edit": self._edit,
            "delete": self._delete,
            "block": self._block,
            "people": self._add,
            "switches": self._switch,
            "process": self._process,
            "command": self._command,
        }
        posts = [web.post(f"/sandbox/{name}", _mended(act)) for name, act in acts.items()]
        gets = {"state": self._state, "events": self._events, "console": self._console}
        return [*(web.get(f"/sandbox/{name}", get) for name, get in gets.items()), *posts]

    async def _state(self, request: web.Request) -> web.Response:
        bot = self._world.bot
        return _json(
            {
                "seq": self._world.changes.seq,
                "bot": {"id": bot.id, "username": bot.username, "name": bot.name, "running": self._running()},
                "people": people_view(self._world.users.values()),
                "chats": [chat_view(chat) for chat in self._world.chats.values() if chat.migrated_to is None],
                "switches": self._faults.switches.wire(),
                "console": self._hooks.console is not None,
            }
        )

    async def _console(self, request: web.Request) -> web.StreamResponse:
        """Lead to the operators' console, already logged in: a cookie counts for all ports of this machine."""
        if self._hooks.console is None:
            raise web.HTTPNotImplemented(text="no console is registered")
        try:
            address, cookie = await self._hooks.console()
        except (HelplineError, OSError) as error:
            raise web.HTTPServiceUnavailable(text=f"The console does not answer: {error}") from error
        port = address.rpartition(":")[2]
        headers = {"Set-Cookie": cookie, "Location": f"http://{request.url.host}:{port}/queue"}
        return web.Response(status=303, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Stream changes; one that fell behind what is kept gets {"type": "reset"} and reads the state again."""
        raw = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        seq = int(raw) if raw.isdecimal() else self._world.changes.seq
        feed = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await feed.prepare(request)
        changes = self._world.changes
        try:
            while not self.closing.is_set():
                news = changes.after(seq)
                if news is None:
                    await feed.write(_event({"seq": changes.seq, "type": "reset"}))
                elif news:
                    await feed.write(b"".join(_event(change.wire()) for change in news))
                elif not await self._news():
                    await feed.write(b": still here\n\n")
                    continue
                seq = changes.seq if news is None else news[-1].seq if news else seq
        except ConnectionResetError:
            pass  # the page was closed
        return feed

    async def _news(self) -> bool:
        """Wait for a change; False when there was none for a while."""
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._world.changes.next()
        except TimeoutError:
            return False
        return True

    async def _send(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        person, chat = self._person(form), self._chat(form)
        reply_to = self._message(form, "reply_to") if form.has("reply_to") else None
        if form.has("location"):
            point = form.part("location")
            location = {"latitude": point.decimal("latitude"), "longitude": point.decimal("longitude")}
            sent = await person.sends({"location": location}, chat=chat, reply_to=reply_to)
        else:
            sent = await person.says(form.text("text"), chat=chat, reply_to=reply_to)
        return _json({"message_id": sent.id})

    async def _upload(self, request: web.Request) -> web.Response:
        form, file = await read_upload(request)
        kind = form.text("kind")
        if kind not in ("voice", "photo", "document", "video"):
            raise NotPossibleError(f"kind {kind!r} is not voice, photo, document or video")
        sent = await self._person(form).sends_file(
            kind,
            file.content,
            name=file.name,
            mime=file.mime,
            caption=form.text("caption") if form.has("caption") else "",
            duration=round(form.decimal("duration")) if form.has("duration") else None,
            chat=self._chat(form),
            reply_to=self._message(form, "reply_to") if form.has("reply_to") else None,
        )
        return _json({"message_id": sent.id})

    async def _press(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        data = form.text("data")
        message = self._message(form)
        if not any(button.get("callback_data") == data for button in message.buttons()):
            raise NotPossibleError(f"message {message.id} has no such button", status=404)
        await self._person(form).presses(data, message=message)
        return _json({})

    async def _edit(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        await self._person(form).edits(self._message(form), form.text("text"))
        return _json({})

    async def _delete(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        await self._person(form).deletes(self._message(form))
        return _json({})

    async def _block(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        person = self._person(form)
        person.blocks() if form.flag("blocked") else person.unblocks()
        return _json({})

    async def _add(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        role = _ROLES.get(form.text("role"))
        if role is None:
            raise NotPossibleError(f"role {form.text('role')!r} is not one of {', '.join(_ROLES)}")
        language = form.text("language_code") if form.has("language_code") else None
        person = self._add_person(form.text("name"), role, language)
        if role == "operator" and self._groups:
            self._groups[0].joins(person)
        return _json({"id": person.id})

    async def _switch(self, request: web.Request) -> web.Response:
        return _json(self._faults.switch(**(await read_form(request)).fields).wire())

    async def _process(self, request: web.Request) -> web.Response:
        action = (await read_form(request)).text("action")
        if self._hooks.process is None:
            raise NotPossibleError("this sandbox does not run the bot", status=501)
        match action:
            case "kill":
                await self._hooks.process.kill()
            case "start":
                await self._hooks.process.start()
            case _:
                raise NotPossibleError(f"action {action!r} is not kill or start")
        self.tell_process()
        return _json({"running": self._running()})

    async def _command(self, request: web.Request) -> web.Response:
        form = await read_form(request)
        if self._hooks.command is None:
            raise NotPossibleError("this sandbox runs no commands", status=501)
        done = await self._hooks.command(
            form.text("name"),
            number=form.text("number") if form.has("number") else None,
            item=form.number("item") if form.has("item") else None,
        )
        if not isinstance(done, Saved):
            return _json({"text": done})
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(done.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        return web.Response(body=done.content, content_type=done.mime, headers=headers)

    def tell_process(self) -> None:
        """Tell the page whether the bot runs."""
        running = self._running()
        self._world.changes.tell("process", lambda: {"running": running})

    def _running(self) -> bool | None:
        return None if self._hooks.process is None else self._hooks.process.running

    def _person(self, form: Form) -> Person:
        person = self._people.get(form.number("person"))
        if person is None:
            raise NotPossibleError(f"there is no person {form.number('person')}", status=404)
        return person

    def _chat(self, form: Form) -> Chat:
        chat = self._world.chats.get(form.number("chat"))
        if chat is None:
            raise NotPossibleError(f"there is no chat {form.number('chat')}", status=404)
        return chat

    def _message(self, form: Form, field: str = "message_id") -> Message:
        message = self._chat(form).find(form.number(field))
        if message is None:
            raise NotPossibleError(
                f"there is no message {form.number(field)} in chat {form.number('chat')}", status=404
            )
        return message


def _mended(
    act: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer what cannot be done with its reason."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await act(request)
        except NotPossibleError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except HelplineError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _json(value: Wire) -> web.Response:
    return web.Response(text=encode(value), content_type="application/json")


def _event(wire: Wire) -> bytes:
    return f"id: {wire['seq']}\ndata: {json.dumps(wire)}\n\n".encode("ascii")
