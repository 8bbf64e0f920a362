"""Stands before every page of the console: what a browser may do with it, who may post to it, and how much.

Everything is refused that is not known to be right. Errors say nothing of what went wrong; the log has its name.
"""

from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.core.errors import MachineError

SAFE = ("GET", "HEAD")
MOST_BYTES = 64 * 1024
"""Of a form: a reply of 3,500 Khmer characters is 31 kB once it is encoded."""
MOST_SOUND = 10 << 20
"""Bytes of a sound: five minutes as browsers record them are five MB at most."""
FORM, FORM_WITH_FILE = "application/x-www-form-urlencoded", "multipart/form-data"
MOST: Mapping[str, int] = {FORM: MOST_BYTES, FORM_WITH_FILE: MOST_SOUND + MOST_BYTES}
"""What may be sent, and how much of it; which of them a page takes, `forms` looks at before anything of it is read."""
MOST_HEADERS = 100
LOGGED = frozenset({400, 403, 405, 413, 415, 431})
"""Refusals of what no page of ours asks for. Not of who has no session any more, nor of what is not there."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""`data:` pictures are the arrows and ticks of the style sheet, `blob:` sounds what somebody has just recorded."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Robots-Tag": "noindex",
}
RECORDING: Mapping[str, str] = {"Permissions-Policy": "camera=(), geolocation=(), microphone=(self)"}
"""Instead of that, on a page where a voice can be recorded."""
log = structlog.get_logger()


class TooLargeError(Exception):
    """More was sent than any form of ours holds."""


class Refused(Exception):
    """A request is refused before any page sees it: `status`, and the key of the sentence that says so."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


class Headed:
    """Put headers on every answer, also on those that no page of ours gives."""

    def __init__(self, app: ASGIApp, *, framer: int | None = None) -> None:
        """Stand before `app`. `framer` is the port of the page that may frame it, on this machine: that of `try`."""
        self._app = app
        self._framer = framer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._framer is not None:
                    _let_frame(headers, self._framer)
            await send(message)

        await self._app(scope, receive, headed)


def _let_frame(headers: MutableHeaders, port: int) -> None:
    """Let a page on this port of this machine show ours in a frame, whatever else the policy of this answer is."""
    here = " ".join(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost"))
    policy = headers["Content-Security-Policy"]
    headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", f"frame-ancestors {here}")
    del headers["X-Frame-Options"]  # it knows no addresses


class Guard:
    """Refuse what no page of ours sends."""

    def __init__(self, app: ASGIApp, *, refuse: ASGIApp) -> None:
        """Guard `app`; `refuse` answers what is refused, which is in the scope as `refused`."""
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise ValueError("only HTTP is spoken here")
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
            await send(message)

        try:
            most = check(scope)
            await self._app(scope, bounded(receive, most), guarded)
        except Refused as refused:
            await self._say(scope, receive, guarded, refused)
        except HTTPException as wrong:  # a path that is known, and another method
            await self._say(scope, receive, guarded, Refused(wrong.status_code, "malformed"))
        except TooLargeError:
            await self._say(scope, receive, guarded, Refused(413, "too_large"))
        except Exception as error:  # noqa: BLE001 - beyond is only the server, which would log the error's own words: its type is logged, 500 answered
            log.error("console.failed", path=_shape(scope), error=type(error).__name__)
            if started:
                raise ConnectionError("the answer had begun") from None
            sick = isinstance(error, MachineError)
            await self._say(scope, receive, guarded, Refused(503, "sick") if sick else Refused(500, "broken"))

    async def _say(self, scope: Scope, receive: Receive, send: Send, refused: Refused) -> None:
        if refused.status in LOGGED:
            log.warning("console.refused", path=_shape(scope), why=refused.key, status=refused.status)
        await self._refuse({**scope, "refused": refused}, receive, send)


def check(scope: Scope) -> int:
    """Give how many bytes a request may bring; raises Refused for one that no page of ours sends.

    Sec-Fetch-Site is set by the browser and cannot be forged by a page; where there is none (old browsers) Origin must
    be this very host. So forms need no tokens.
    """
    headers = Headers(scope=scope)
    if len(headers.raw) > MOST_HEADERS:
        raise Refused(431, "too_large")
    if scope["method"] in SAFE:
        return 0
    if scope["method"] != "POST":
        raise Refused(405, "malformed")
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    same = site == "same-origin" if site is not None else origin is not None and _host(origin) == headers.get("host")
    if not same:
        raise Refused(403, "forged")
    length, most = headers.get("content-length", ""), MOST.get(kind_of(headers))
    if not length.isdecimal() or int(length) > (most or MOST_BYTES):
        raise Refused(413, "too_large")
    if most is None:
        raise Refused(415, "malformed")
    return most


def kind_of(headers: Headers) -> str:
    """Give the media type of a body, without what is said beside it."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def bounded(receive: Receive, most: int) -> Receive:
    """Stop reading a body that is longer than it said."""
    left = most

    async def receive_some() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLargeError
        return message

    return receive_some


def _host(origin: str) -> str:
    return origin.partition("://")[2]


def _shape(scope: Scope) -> str:
    """Give the first word of a path for the log: what follows may be an invite's token. Only letters are repeated."""
    first = str(scope.get("path", "")).strip("/").partition("/")[0][:20]
    return "/" + "".join(one if one.isascii() and one.isalpha() else "?" for one in first)
