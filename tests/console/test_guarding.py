"""What stands before every page: headers, forms from elsewhere, what is too large, odd or not there."""

import re
from collections.abc import AsyncIterator

import pytest

from bot.console.guard import MOST_BYTES
from bot.console.routes import PAGES
from tests.console.browsing import Browser, Console

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def dara(console: Console) -> Browser:
    """Somebody who is logged in."""
    return await console.dara()


@pytest.mark.parametrize(
    "path", ["/", "/login", "/queue", "/me", "/cases/NOTTHERE", "/nowhere", "/invite/x", "/record", "/%0a"]
)
async def test_every_answer_carries_the_headers(dara: Browser, path: str) -> None:
    """Pages, refusals and redirections: nothing is framed, kept, sniffed, or run from elsewhere."""
    headers = (await dara.get(path)).headers
    policy = headers["content-security-policy"]

    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "object-src 'none'" in policy and "base-uri 'none'" in policy
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer" and headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers and "server" not in headers


async def test_no_page_has_script_or_style_of_its_own(dara: Browser, console: Console) -> None:
    """The policy forbids them, so they would be dead; links lead to us alone."""
    case = await console.house.in_danger(console.house.person())
    pages = [(await dara.get(path)).text for path in ("/queue", "/me", f"/cases/{case['number']}", "/login")]

    for page in pages:
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert not re.search(r'(?:src|href|action)="(?!/|#|\?|data:,)', page)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1"},
        {"Sec_Fetch_Site": ""},
    ],
)
async def test_forms_of_other_pages_are_refused(dara: Browser, headers: dict[str, str]) -> None:
    """Nothing is changed by them."""
    answer = await dara.post("/me/language", {"language": "km"}, **headers)

    assert answer.status_code == 403
    assert '<html lang="en">' in (await dara.get("/me")).text


async def test_old_browsers_prove_themselves_by_their_origin(dara: Browser, console: Console) -> None:
    """Without Sec-Fetch-Site only our own host will do."""
    cookie = {"Cookie": f"__Host-helpline={dara.cookie}"}
    client = dara.client
    ours = await client.post("/me/language", data={"language": "en"}, headers=cookie | {"Origin": console.base})
    theirs = [
        await client.post("/me/language", data={"language": "km"}, headers=cookie | origin)
        for origin in ({}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": console.base + ".evil"})
    ]

    assert ours.status_code == 303 and {answer.status_code for answer in theirs} == {403}


async def test_reading_changes_nothing(dara: Browser) -> None:
    """What changes something is not there for GET, whatever says that it is a POST."""
    paths = {page.path for page in PAGES} - {page.path for page in PAGES if page.method == "GET"}
    answers = [
        await dara.get(path.replace("{number}", "A").replace("{operator}", "1"), X_HTTP_Method_Override="POST")
        for path in paths
    ]

    assert len(paths) >= 7 and {answer.status_code for answer in answers} == {405}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"])
async def test_no_other_method_is_spoken(dara: Browser, method: str) -> None:
    """Pages are read, and forms are sent."""
    answer = await dara.client.request(method, "/queue", headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == 405


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * MOST_BYTES, FORM, 413),
        (b'{"act":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "application/json", 415),
        (b'{"act": 1e400, "act": NaN}', "application/json", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"act=take&act=resolve", FORM, 400),
        (b"a=%ff%fe", FORM, 400),
        ("a=ក".encode(), FORM, 400),
        (b"&".join(b"f%d=1" % number for number in range(100)), FORM, 400),
        (b"act=take&once=short", FORM, 400),
        (b"", FORM, 400),
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(dara: Browser, body: bytes, kind: str, status: int) -> None:
    """Large, deep, doubled, or in another format: with one short sentence, and nothing happens."""
    headers = {"Cookie": f"__Host-helpline={dara.cookie}", "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
    answer = await dara.client.post("/cases/NOTTHERE/act", content=body, headers=headers)

    assert answer.status_code == status and len(answer.text) < 4000


async def test_a_body_that_lies_about_its_length_is_not_read(dara: Browser) -> None:
    """Nor is one that does not tell it."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 4096

    headers = {"Cookie": f"__Host-helpline={dara.cookie}", "Sec-Fetch-Site": "same-origin", "Content-Type": FORM}
    answer = await dara.client.post("/login", content=endless(), headers=headers)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages.py",
        "/static/%2e%2e%2f%2e%2e%2fsettings.py",
        "/static/..%5c..%5csettings.py",
        "/static/console.css",
        "/cases/..%2f..%2fetc%2fpasswd",
        "/cases/%00",
        "/cases/A/files/..%2f..%2fserver.key",
        "/queue/",
        "/.git/config",
        "/cases/" + "A" * 5000,
    ],
)
async def test_paths_lead_nowhere_else(dara: Browser, path: str) -> None:
    """What is not a page of ours is not there."""
    answer = await dara.get(path)

    assert answer.status_code in (400, 404) and "location" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "urgency=P9",
        "country=%27%3B+DROP+TABLE+cases",
        "whose=everybody",
        "after=x",
        "after=P1.-1.x",
        "after=P1.99999999999999999999.x",
        "after=P1.1." + "x" * 100,
    ],
)
async def test_filters_that_are_none_are_refused(dara: Browser, query: str) -> None:
    """Nothing of an address reaches the database as it is."""
    assert (await dara.get(f"/queue?{query}")).status_code == 400
    assert (await dara.get(f"/queue/live?{query}")).status_code == 400


async def test_where_one_goes_is_never_for_others_to_say(dara: Browser) -> None:
    """No parameter leads elsewhere, and no header makes an address."""
    evil = "https://evil.example"
    answer = await dara.get(f"/?next={evil}", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https")

    assert answer.headers["location"] == "/queue"


async def test_static_files_are_kept_for_good_and_are_small(dara: Browser) -> None:
    """A first page with all it needs is under 100 kB on its way."""
    page = (await dara.get("/queue")).text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    files = [await dara.get(address, Accept_Encoding="gzip") for address in addresses]
    sent = sum(int(file.headers["content-length"]) for file in files) + len(page.encode())

    assert len(files) == 7 and all("immutable" in file.headers["cache-control"] for file in files)
    assert sent < 100_000
