"""What is served on the console's address: /healthz, /metrics, and the routes that other rooms bring."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

import structlog
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.console.guard import HEADERS, Headed
from bot.console.metrics import metrics
from bot.service.vitals import Vitals

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
log = structlog.get_logger()


def site(vitals: Vitals, *, more: Sequence[BaseRoute] = (), framer: int | None = None) -> Starlette:
    """Make the application; `more` are routes beside its own, `framer` the port of a page that may frame it."""

    async def health(_: Request) -> Response:
        alive = await vitals.is_alive()
        return PlainTextResponse("ok\n" if alive else "not well\n", 200 if alive else 503)

    async def figures(request: Request) -> Response:
        if not _is_near(request):
            return PlainTextResponse("Only for this machine and its own network.\n", 403)
        return Response(await metrics(vitals), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    own = [Route("/healthz", health), Route("/metrics", figures)]
    headed = Middleware(Headed, framer=framer)
    return Starlette(routes=[*own, *more], middleware=[headed], exception_handlers={Exception: _failed})


def _is_near(request: Request) -> bool:
    """Whether somebody asks from this machine, directly; or from a private network, if we were told to listen there.

    Nobody but this machine reaches a loopback address, which is the default. What a proxy passes on comes from afar.
    """
    if request.client is None or any(name in request.headers for name in _PASSED_ON):
        return False
    peer = ip_address(request.client.host)
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    return peer.is_private


async def _failed(request: Request, error: Exception) -> Response:
    """Tell of a fault of ours by its name: what it says may hold a person's words."""
    log.error("console.failed", path=request.url.path, error=type(error).__name__)
    return PlainTextResponse("Something went wrong.\n", 500, HEADERS)  # it is given outside of Headed
