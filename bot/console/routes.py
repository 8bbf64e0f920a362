"""Every page of the console, in one table: its address, its method, and the right that it needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from bot.console import account, calls_page, case_files, case_page, entrance, queue_page, staff
from bot.console.forms import read_body
from bot.console.guard import Guard, Refused
from bot.console.visits import COOKIE, Means, Visit
from bot.core.roles import Right

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `right` is what its visitor must have; None: anybody, logged in or not. `file`: its form brings one."""

    method: Literal["GET", "POST"]
    path: str
    right: Right | None
    handler: Handler
    file: bool = False


PAGES: tuple[Page, ...] = (
    Page("GET", "/", None, entrance.home),
    Page("GET", "/login", None, entrance.login),
    Page("POST", "/login", None, entrance.log_in),
    Page("GET", "/invite/{token}", None, entrance.invite),
    Page("POST", "/invite/{token}", None, entrance.enrol),
    Page("GET", "/pin", None, entrance.home),
    Page("POST", "/pin", None, entrance.resume),
    Page("POST", "/logout", "self", entrance.log_out),
    Page("GET", "/me", "self", account.me),
    Page("POST", "/me/language", "self", account.language),
    Page("POST", "/me/password", "self", account.password),
    Page("POST", "/me/pin", "self", account.pin),
    Page("POST", "/me/here", "self", account.here),
    Page("GET", "/people", "people", staff.people),
    Page("POST", "/people/{operator}/invite", "people", staff.invite),
    Page("POST", "/people/{operator}/role", "people", staff.role),
    Page("POST", "/people/{operator}/logins/end", "people", account.end_theirs),
    Page("GET", "/roster", "roster", staff.roster),
    Page("POST", "/roster", "plan", staff.plan),
    Page("GET", "/retention", "retention", staff.retention),
    Page("POST", "/retention", "retention", staff.keep_for),
    Page("GET", "/record", "audit", account.record),
    Page("GET", "/record/{seq}", "audit", account.searched),
    Page("GET", "/queue", "queue", queue_page.queue),
    Page("GET", "/queue/live", "queue", queue_page.live),
    Page("POST", "/search", "open", queue_page.search),
    Page("GET", "/cases/{number}", "open", case_page.case),
    Page("POST", "/cases/{number}/reason", "open", case_page.reason),
    Page("POST", "/cases/{number}/act", "act", case_page.act),
    Page("POST", "/cases/{number}/voice", "reply", case_page.speak, file=True),
    Page("POST", "/cases/{number}/hold", "hold", case_page.hold),
    Page("POST", "/cases/{number}/kin", "open", case_page.kin),
    Page("POST", "/cases/{number}/link", "act", case_page.link),
    Page("POST", "/cases/{number}/status", "act", case_page.status),
    Page("POST", "/cases/{number}/calls", "act", calls_page.again),
    Page("GET", "/calls", "act", calls_page.calls),
    Page("POST", "/calls", "act", calls_page.begin),
    Page("GET", "/calls/{lane}", "act", calls_page.call),
    Page("POST", "/calls/{lane}", "act", calls_page.answer),
    Page("GET", "/cases/{number}/files/{record}", "open", case_files.file),
    Page("GET", "/cases/{number}/voice/{record}", "open", case_files.voice),
    Page("GET", "/cases/{number}/pictures/{record}", "open", case_files.picture),
)


def console(means: Means) -> Mount:
    """Make the console: all pages behind their guard."""
    routes = [Route(page.path, _endpoint(page, means), methods=[page.method]) for page in PAGES]
    pages = Starlette(routes=[*routes, Route("/static/{name}", means.files.serve, methods=["GET"])])
    pages.router.redirect_slashes = False
    pages.router.default = _nothing
    refusals = _Refusals(means)
    return Mount("/", app=Guard(pages.router, refuse=refusals))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    raise Refused(404, "missing")


def _endpoint(page: Page, means: Means) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visitor = await means.shifts.enter(request.cookies.get(COOKIE, ""))
        visit = Visit(means, request, visitor)
        if page.right is not None and visitor is None:
            return await entrance.outside(visit, is_page=page.method == "GET" and not page.path.endswith("/live"))
        if page.right is not None and not visit.visitor.may(page.right):
            raise Refused(403, "not_allowed")
        form, file = await read_body(request, file=page.file) if page.method == "POST" else ({}, b"")
        return await page.handler(Visit(means, request, visitor, form, file))

    return answer


class _Refusals:
    """Say why a request was refused, in one sentence."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused: Refused = scope["refused"]
        visit = Visit(self._means, Request(scope), None)
        response = visit.page("refused.html", status=refused.status, key=refused.key)
        await response(scope, receive, send)
