"""The Bot API over HTTP: takes calls as Telegram takes them, plays faults, and answers in Telegram's format."""

import asyncio
import json

from aiohttp import web

from bot.sandbox.calls import Call, Upload
from bot.sandbox.faults import HAPPENS, Fault, Faults, Played
from bot.sandbox.methods import perform
from bot.sandbox.multipart import read_parts
from bot.sandbox.refusals import RefusedError, conflict
from bot.sandbox.updates import LIMIT
from bot.sandbox.webhook import Webhook, address
from bot.sandbox.wire import Wire, encode, form_fields
from bot.sandbox.world import World

_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class BotApi:
    """Serve one bot's token; every call is written down in `calls`, which only grows (clear it when it matters)."""

    def __init__(self, world: World, *, token: str, faults: Faults, webhook: Webhook) -> None:
        self._world = world
        self._token = token
        self._faults = faults
        self._webhook = webhook
        self.calls: list[Call] = []
        self.closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of methods and files."""
        return [
            web.route("*", "/bot{token}/{method}", self._method),
            web.get("/file/bot{token}/{path:.+}", self._file),
        ]

    def perform(self, call: Call) -> object:
        """Do one call and write it down.

        Raises: RefusedError.
        """
        self._begin(call)
        try:
            result = perform(self._world, call)
        except RefusedError as refusal:
            self._end(call, "refused", code=refusal.code)
            raise
        self._end(call, "ok", done=True)
        return result

    async def _method(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request.match_info["token"])
            call = await _call(request)
        except RefusedError as refusal:
            return _refused(refusal)
        self._begin(call)
        played = self._faults.draw(call)
        await self._travel()
        if played and played.fault not in HAPPENS:
            return await self._spoiled(request, call, played=played)
        answer = await self._answered(call)
        await self._travel()
        if self._faults.switches.down:  # switched while it waited
            played = Played(Fault.LOST)
        return answer if played is None else await self._cut(request, call, fault=played.fault, answer=answer)

    async def _travel(self) -> None:
        """Be on the way, there or back."""
        if seconds := self._faults.leg():
            await asyncio.sleep(seconds)

    async def _answered(self, call: Call) -> web.Response:
        try:
            result = await self._do(call)
        except RefusedError as refusal:
            self._end(call, "refused", code=refusal.code)
            return _refused(refusal)
        self._end(call, "ok", done=True)
        return result if isinstance(result, web.Response) else _json(encode({"ok": True, "result": result}))

    async def _do(self, call: Call) -> object:
        match call.method:
            case "getupdates":
                return await self._get_updates(call)
            case "setwebhook" | "deletewebhook":
                return await self._set_webhook(call)
            case "getwebhookinfo":
                return self._webhook.info()
            case _:
                return perform(self._world, call)

    async def _get_updates(self, call: Call) -> web.Response:
        if self._webhook.address is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        updates = self._world.updates
        updates.allow(call.json("allowed_updates", "allowed_updates"))
        found = await updates.poll(call.number("offset"), call.number("limit", LIMIT), wait=call.number("timeout"))
        # They were written when they happened; writing them again for every poll would be most of the work.
        return _json('{"ok":true,"result":[' + ",".join(update.json for update in found) + "]}")

    async def _set_webhook(self, call: Call) -> web.Response:
        to = address(call) if call.method == "setwebhook" else None
        if call.flag("drop_pending_updates"):
            self._world.updates.clear()
        self._world.updates.allow(call.json("allowed_updates", "allowed_updates"))
        had_one = self._webhook.address is not None
        await self._webhook.set(to)
        said = "Webhook was set" if to else "Webhook was deleted" if had_one else "Webhook is already deleted"
        return _json(encode({"ok": True, "result": True, "description": said}))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        call = Call("file", {"path": request.match_info["path"]})
        self._begin(call)
        played = self._faults.draw(call)
        await self._travel()
        await self._travel()
        if played and played.fault not in HAPPENS:
            return await self._spoiled(request, call, played=played)
        file = self._world.files.at(request.match_info["path"])
        if request.match_info["token"] != self._token or file is None or file.content is None:
            self._end(call, "refused", code=404)
            return _refused(RefusedError(404, "Not Found"))
        self._end(call, "ok", done=True)
        if played:
            return await self._half(request, call, fault=played.fault, content=file.content)
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _check_token(self, token: str) -> None:
        if ":" not in token:
            raise RefusedError(404, "Not Found")
        if token != self._token:
            raise RefusedError(401, "Unauthorized")

    def _begin(self, call: Call) -> None:
        call.at = self._world.clock()
        raw = call.params.get("chat_id")
        if isinstance(raw, int | str) and str(raw).lstrip("-").isdecimal():
            call.chat_id = int(raw)
        self.calls.append(call)

    def _end(self, call: Call, outcome: str, *, code: int = 200, done: bool = False) -> None:
        call.outcome, call.code, call.done = outcome, code, done
        self._world.changes.ring(call.chat_id)

    async def _spoiled(self, request: web.Request, call: Call, *, played: Played) -> web.Response:
        """Answer without any effect, or not at all."""
        code = {Fault.ERROR: 502, Fault.REFUSED: played.refusal.code if played.refusal else 0}.get(played.fault, 0)
        self._end(call, str(played.fault), code=code)
        if played.refusal is not None:
            return _refused(played.refusal)
        if played.fault is Fault.ERROR:
            return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
        if played.fault is Fault.SILENCE:
            await self.closing.wait()
        return _hung_up(request)

    async def _cut(self, request: web.Request, call: Call, *, fault: Fault, answer: web.Response) -> web.Response:
        """Let the effect stand and spoil the answer."""
        self._end(call, str(fault), code=0, done=call.done)
        if fault is Fault.MUTE:
            await self.closing.wait()
        if fault is not Fault.TRUNCATED:
            return _hung_up(request)
        body = answer.body if isinstance(answer.body, bytes) else b""
        return web.Response(status=answer.status, body=body[: len(body) // 2], content_type="application/json")

    async def _half(self, request: web.Request, call: Call, *, fault: Fault, content: bytes) -> web.StreamResponse:
        """Send the first half of a file, then hang up."""
        self._end(call, str(fault), code=0, done=True)
        answer = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await answer.prepare(request)
        await answer.write(content[: len(content) // 2])
        _hung_up(request)
        return answer


async def _call(request: web.Request) -> Call:
    """Read a call from the query, a form, multipart or JSON.

    Raises: RefusedError.
    """
    params: Wire = form_fields(request.rel_url.raw_query_string.encode())
    uploads: dict[str, Upload] = {}
    if request.body_exists:
        match request.content_type:
            case "multipart/form-data":
                texts, uploads = await read_parts(request)
                params |= texts
            case "application/json":
                params |= _object(await _body(request))
            case _:
                params |= form_fields(await _body(request))
    return Call(request.match_info["method"].lower(), params, uploads)


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise RefusedError(413, "Request Entity Too Large") from None


def _object(body: bytes) -> Wire:
    try:
        found = json.loads(body)
    except ValueError:
        raise RefusedError(400, "Bad Request: can't parse JSON object") from None
    return found if isinstance(found, dict) else {}


def _json(body: str) -> web.Response:
    return web.Response(body=body.encode("ascii"), content_type="application/json")


def _refused(refusal: RefusedError) -> web.Response:
    headers = {}
    if refusal.parameters and "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    body = encode(refusal.body()).encode("ascii")
    return web.Response(status=refusal.code, body=body, content_type="application/json", headers=headers)


def _hung_up(request: web.Request) -> web.Response:
    """Close the connection without an answer; what is returned is written to nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
