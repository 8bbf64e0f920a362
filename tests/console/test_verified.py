"""What a reviewer asks of any console and no other test shows: docs/asvs.csv names these by the id they stand for."""

import base64
import sys

from bot.console.routes import PAGES
from bot.service.minting import new_token
from tests.console.browsing import Console
from tests.hearing import Ear

METADATA = "http://169.254.169.254/latest/meta-data"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


async def a_file(console: Console) -> tuple[str, str]:
    """Let somebody send a picture that is a program; gives the case's number and the record's id."""
    person = console.house.person()
    number = str((await console.house.in_danger(person))["number"])
    await console.house.after(person.sends_document("picture.svg", "image/svg+xml", SVG, caption="look"))
    opened = await console.house.opened(number)
    return number, next(item.id for item in opened.items if item.body["kind"] == "media")


async def test_an_svg_is_saved_and_never_shown(console: Console) -> None:
    """Whatever it calls itself it is bytes to be saved, and its own policy would let it run nothing."""
    dara = await console.dara()
    number, record = await a_file(console)
    page = (await dara.get(f"/cases/{number}")).text
    answer = await dara.get(f"/cases/{number}/files/{record}")

    assert "onload" not in page and f'src="/cases/{number}/files' not in page
    assert answer.content == SVG and answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;") and "svg" not in str(answer.headers)
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"


class Connections:
    """Where this process connects to, and which names it asks for, while `listening`."""

    def __init__(self) -> None:
        self.listening = True
        self.hosts: set[str] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if self.listening and event in ("socket.connect", "socket.getaddrinfo"):
            asked = args[1] if event == "socket.connect" else args[0]
            host = asked[0] if isinstance(asked, tuple) else asked
            self.hosts.add(host.decode() if isinstance(host, bytes) else str(host))


async def test_no_address_that_anybody_writes_is_called(console: Console) -> None:
    """In words, as a file's name, in a reply, a search or a header: only what `.env` names is ever connected to."""
    dara = await console.dara()
    person = console.house.person()
    number = (await console.house.in_danger(person))["number"]
    calls = Connections()
    await console.house.after(person.says(METADATA), person.sends_document(METADATA, "text/html", b"x"))
    await dara.replies(number, f"See {METADATA}")
    await dara.post("/search", {"words": METADATA})
    await dara.get(f"/cases/{number}?next={METADATA}", X_Forwarded_Host="evil.example", Referer=METADATA)
    await console.browser().get("/login")  # a connection of its own, which proves that they are heard
    calls.listening = False

    assert calls.hosts == {"127.0.0.1"}


async def test_every_page_shows_the_way_out(console: Console) -> None:
    """Whoever is logged in can log out from wherever they are."""
    browsers = [await console.dara(), await console.operator(7_000_001, "Vichea", "supervisor")]
    number = (await console.house.in_danger(console.house.person()))["number"]
    paths = [page.path.replace("{number}", number) for page in PAGES if page.method == "GET" and page.right is not None]
    shown = [
        await browser.get(path) for browser in browsers for path in paths if "{" not in path and "live" not in path
    ]
    pages = [answer.text for answer in shown if answer.status_code == 200]

    assert len(pages) >= 8 and all('action="/logout"' in page for page in pages)


async def test_a_form_changes_only_what_its_act_is_about(console: Console) -> None:
    """Fields that belong to no act, or to another one, are not looked at; a colleague's name cannot be given."""
    dara = await console.dara()
    number = (await console.house.in_danger(console.house.person()))["number"]
    (before,) = await console.house.cases()
    extra = {"assignee": str(console.house.bopha.id), "operator": "1", "state": "closed", "country": "TH"}
    await dara.acts(number, "take", urgency="P4", reason="heard", outcome="helped", **extra)
    (after,) = await console.house.cases()

    changes = {key for key in before if before[key] != after[key]}
    assert (after["state"], after["assignee"]) == ("taken", "Dara") and changes <= {"state", "assignee", "updated"}


async def test_what_must_not_be_guessed_is_long_and_random(console: Console) -> None:
    """128 bits or more: a session, an invite or a card, the key of a form, a case's id."""
    dara = await console.dara()
    number = (await console.house.in_danger(console.house.person()))["number"]
    first, second = await dara.once(number), await dara.once(number)
    tokens = [dara.cookie, new_token(), first]

    assert all(len(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))) >= 16 for token in tokens)
    assert first != second and new_token() != new_token()


async def test_what_was_refused_is_one_line_of_log(console: Console, ear: Ear) -> None:
    """It says where and why, and repeats nothing that could look like another line, nor an address."""
    dara = await console.dara()
    await dara.get("/record")
    await dara.post("/me%0dlevel=info%1b[31m/secret-token", {"a": "b"}, Sec_Fetch_Site="cross-site")
    said = [line for line in ear.heard if "console.refused" in line]

    assert len(said) == 2 and "not_allowed" in said[0] and "'/record'" in said[0] and "forged" in said[1]
    assert "'/me?level?info????m'" in said[1] and "secret-token" not in "".join(ear.heard)


async def test_malformed_forms_and_throttled_logins_are_lines_of_log(console: Console, ear: Ear) -> None:
    """Where, why and how it was answered; no name, address, token or field of anybody."""
    dara = await console.dara()
    await dara.post("/me/language", {"language": "tlh"})
    await dara.post("/search", {"words": "x" * 70_000})
    await dara.get("/me/language")
    for _ in range(7):
        await dara.log_in("Dara", password="not their password at all", code="123456")
    said = "".join(ear.heard)
    refused = [line for line in ear.heard if "console.refused" in line]

    assert [status for line in refused for status in ("400", "413", "405") if f"'status': {status}" in line] == [
        "400",
        "413",
        "405",
    ]
    assert sum("login.throttled" in line for line in ear.heard) == 2 and "tlh" not in said and "xxx" not in said
