"""Who may use the control API: programs and pages of this machine, never a page from elsewhere in a browser on it."""

from collections.abc import Awaitable, Callable
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

    The Bot API's own paths pass: a bot sends no Origin, and its token is its right.
    """
    if request.path.startswith(("/bot", "/file/")):
        return await handler(request)
    if _name(f"http://{request.host}") not in _LOOPBACK:
        return web.json_response({"error": f"{request.host} is no name of this machine"}, status=403)
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in ("GET", "HEAD") and origin != f"http://{request.host}":
        return web.json_response({"error": f"{origin} may not act in this sandbox"}, status=403)
    answer = await handler(request)
    if not answer.prepared:
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
    return answer


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
