"""Who may use the control API: programs and pages of this machine, never a page from elsewhere in a browser on it."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse names that are not this machine's (a rebound DNS name) and acts that another origin asks for.

    Of the Bot API's paths a browser has none: a bot sends no Origin.
    """
    if _name(request.host) not in _LOOPBACK:
        return _refused(f"{request.host} is no name of this machine")
    is_bot = request.path.startswith(("/bot", "/file/"))
    origin = request.headers.get("Origin")
    if is_bot and (origin is not None or request.headers.get("Sec-Fetch-Site", "none") != "none"):
        return _refused("the Bot API is not for browsers")
    if is_bot:
        return await handler(request)
    if origin is not None and request.method not in ("GET", "HEAD") and origin != f"http://{request.host}":
        return _refused(f"{origin} may not act in this sandbox")
    answer = await handler(request)
    if not answer.prepared:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
    return answer


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=403)


@lru_cache(maxsize=16)
def _name(host: str) -> str:
    try:
        return urlsplit(f"http://{host}").hostname or ""
    except ValueError:
        return ""
