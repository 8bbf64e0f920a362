"""One request of one visitor: what it asked, who asked it, and the ways to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.apart import Apart
from bot.console.guard import Refused
from bot.console.speaking import Speaker, language_of
from bot.console.static_files import StaticFiles
from bot.core.roles import Right, may
from bot.core.values import Language
from bot.service.auditing import Audit
from bot.service.bell import Bell
from bot.service.casebook import Casebook
from bot.service.consoling import ConsoleStore
from bot.service.entering import Gate
from bot.service.frontdesk import FrontDesk
from bot.service.messaging import Clock
from bot.service.office import Office
from bot.service.shifts import Shifts, Visitor
from bot.service.storing import DeskStore

COOKIE = "__Host-helpline"


@dataclass(frozen=True, slots=True)
class Means:
    """What pages are made with. `cases` rings when a case may have changed; it is over when the helpline ends."""

    gate: Gate
    shifts: Shifts
    casebook: Casebook
    frontdesk: FrontDesk
    office: Office
    audit: Audit
    store: ConsoleStore
    desk: DeskStore
    clock: Clock
    speaker: Speaker
    cases: Bell
    files: StaticFiles
    apart: Apart


@dataclass(frozen=True, slots=True)
class Visit:
    """One request; `form` are its fields, each once, `file` what came with them (empty: nothing).

    `spoken` is the language of nobody whose language is known.
    """

    means: Means
    request: Request
    somebody: Visitor | None
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    file: bytes = field(default=b"", repr=False)
    spoken: Language | None = None

    @property
    def visitor(self) -> Visitor:
        """Give who is logged in; pages with a right of their own are never reached by anybody else."""
        if self.somebody is None:
            raise Refused(401, "logged_out")
        return self.somebody

    @property
    def language(self) -> Language:
        """Give the language to answer in."""
        if self.somebody is not None:
            return self.somebody.language
        return language_of(self.request, known=self.spoken)

    @property
    def token(self) -> str:
        """Give the token of the browser's cookie, whosever it is; "" for none."""
        return self.request.cookies.get(COOKIE, "")

    @property
    def here(self) -> str:
        """Give the address of this page, where a browser may ask for it again; of an answer to a form the first one."""
        url = self.request.url
        if self.request.method != "GET":
            return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def asked(self, name: str) -> str:
        """Give a part of the address."""
        return str(self.request.path_params[name])

    def once(self) -> str:
        """Give the key of a form, by which it acts once however often it is sent; it is made with the page."""
        once = self.form.get("once", "")
        if not 16 <= len(once) <= 64 or not once.isascii():
            raise Refused(400, "malformed")
        return f"{self.visitor.operator.id}:{once}"

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Answer with a page."""
        visitor = self.somebody
        role = visitor.operator.role if visitor is not None else ""
        path = self.request.url.path

        def allowed(right: Right) -> bool:
            return may(role, right)

        frame = {"visitor": visitor, "allowed": allowed, "path": path, "here": self.here}
        return self.means.speaker.page(template, self.language, status=status, **frame, **values)

    def to(self, path: str) -> Response:
        """Answer a form: go on there."""
        return RedirectResponse(path, 303)

    def welcome(self, token: str, path: str = "/") -> Response:
        """Begin a session in the browser. Old cookies are none: a token is made at each login."""
        response = self.to(path)
        response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
        return response

    def goodbye(self) -> Response:
        """End it there: the cookie, and all that the browser kept of our pages."""
        response = self.to("/login")
        response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response
