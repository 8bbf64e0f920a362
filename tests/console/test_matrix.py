"""Who gets what: every page, for everybody, on their own case, a colleague's, and one that is not there.

The table below is the role matrix of SECURITY.md. A page without a row fails.
"""

from bot.console.routes import PAGES, Page
from bot.service.rows import Operator
from tests.console.browsing import Browser, Console

WHO = ("nobody", "anna", "bopha", "supervisor", "admin", "removed")
"""anna has taken the case of these tests; bopha is an operator as well, and has one of her own."""
IN = 303  # to the login, or on after a form
Row = tuple[int, int, int, int, int, int]
ANYBODY: Row = (200,) * 6
EXPECTED: dict[tuple[str, str], Row] = {
    ("GET", "/"): (303,) * 6,
    ("GET", "/login"): ANYBODY,
    ("POST", "/login"): (401,) * 6,
    ("GET", "/invite/{token}"): (404,) * 6,
    ("POST", "/invite/{token}"): (404,) * 6,
    ("GET", "/pin"): (303,) * 6,
    ("POST", "/pin"): (401,) * 6,
    ("POST", "/logout"): (401, 303, 303, 303, 303, 401),
    ("GET", "/me"): (303, 200, 200, 200, 200, 303),
    ("POST", "/me/language"): (401, 400, 400, 400, 400, 401),
    ("POST", "/me/password"): (401, 400, 400, 400, 400, 401),
    ("POST", "/me/pin"): (401, 400, 400, 400, 400, 401),
    ("POST", "/me/here"): (401, 200, 200, 200, 200, 401),
    ("GET", "/people"): (303, 403, 403, 200, 200, 303),
    ("POST", "/people/{operator}/logins/end"): (401, 403, 403, 404, 404, 401),
    ("POST", "/people/{operator}/invite"): (401, 403, 403, 404, 404, 401),
    ("POST", "/people/{operator}/role"): (401, 403, 403, 404, 404, 401),
    ("GET", "/roster"): (303, 200, 200, 200, 200, 303),
    ("POST", "/roster"): (401, 403, 403, 404, 404, 401),
    ("GET", "/retention"): (303, 403, 403, 403, 200, 303),
    ("POST", "/retention"): (401, 403, 403, 403, 400, 401),
    ("GET", "/record"): (303, 403, 403, 200, 200, 303),
    ("GET", "/record/{seq}"): (303, 403, 403, 404, 404, 303),
    ("GET", "/queue"): (303, 200, 200, 200, 403, 303),
    ("GET", "/queue/live"): (401, 200, 200, 200, 403, 401),
    ("POST", "/search"): (401, 400, 400, 400, 403, 401),
    ("GET", "/cases/{number}"): (303, 200, 200, 200, 403, 303),
    ("POST", "/cases/{number}/reason"): (401, 404, 404, 404, 403, 401),
    ("POST", "/cases/{number}/act"): (401, 400, 400, 400, 403, 401),
    ("POST", "/cases/{number}/voice"): (401, 415, 415, 415, 403, 401),
    ("POST", "/cases/{number}/hold"): (401, 403, 403, 303, 403, 401),
    ("POST", "/cases/{number}/status"): (401, 400, 303, 303, 403, 401),
    ("POST", "/cases/{number}/calls"): (401, 400, 400, 400, 403, 401),
    ("GET", "/calls"): (303, 200, 200, 200, 403, 303),
    ("POST", "/calls"): (401, 400, 400, 400, 403, 401),
    ("GET", "/calls/{lane}"): (303, 404, 404, 404, 403, 303),
    ("POST", "/calls/{lane}"): (401, 400, 400, 400, 403, 401),
    ("GET", "/cases/{number}/files/{record}"): (303, 404, 404, 404, 403, 303),
    ("GET", "/cases/{number}/voice/{record}"): (303, 404, 404, 404, 403, 303),
    ("GET", "/cases/{number}/pictures/{record}"): (303, 404, 404, 404, 403, 303),
}
SWAPPED = (0, 2, 1, 3, 4, 5)
"""On bopha's case she is what anna is on hers."""
NOT_THERE = {
    ("GET", "/cases/{number}"): (200,),
    ("POST", "/cases/{number}/hold"): (303,),
    ("POST", "/cases/{number}/status"): (303, 400),
}
"""Pages that say 404 instead, of a case that is not there; others look at the form or file first, or say so anyhow."""


def address(page: Page, number: str) -> str:
    """Fill in what a page's address asks for."""
    parts = {"{number}": number, "{record}": "0" * 32, "{operator}": "0", "{token}": "never-made", "{seq}": "1"}
    parts["{lane}"] = "0" * 32
    path = page.path
    for name, value in parts.items():
        path = path.replace(name, value)
    return path


async def asked(browser: Browser, page: Page, number: str) -> tuple[int, str]:
    """Ask for a page, or send its form with nothing in it; gives status and text."""
    path, cookie = address(page, number), browser.cookie
    if page.method == "GET" and page.path.endswith("/live"):
        headers = {"Cookie": f"__Host-helpline={cookie}"} if cookie else {}
        async with browser.client.stream("GET", path, headers=headers) as answer:
            return answer.status_code, ""
    answer = await (browser.get(path) if page.method == "GET" else browser.post(path))
    browser.cookie = cookie
    return answer.status_code, answer.text


async def everybody(console: Console) -> dict[str, Browser]:
    """Let them all log in, then remove one."""
    boss = await console.operator(7_000_001, "Vichea", "supervisor")
    admin = await console.operator(7_000_002, "Chenda", "admin")
    removed = await console.operator(7_000_003, "Thida")
    await console.house.helpline.office.answer({"do": "remove_operator", "id": 7_000_003})
    anna, bopha = await console.dara(), await console.bopha()
    people = (console.browser(), anna, bopha, boss, admin, removed)
    return dict(zip(WHO, people, strict=True))


async def test_everybody_gets_what_is_theirs_and_nothing_else(console: Console) -> None:
    """With the next test more than 300 cells; and nothing told is on any answer but to who may read it."""
    browsers = await everybody(console)
    sokha, vanna = console.house.person("Sokha"), console.house.person("Vanna")
    mine = (await console.house.in_danger(sokha))["number"]
    await console.house.after(sokha.says("canary of the first case"))
    other = (await console.house.in_danger(vanna))["number"]
    await browsers["anna"].acts(mine, "take")
    await browsers["bopha"].acts(other, "take")
    wrong, cells = [], 0
    for page in sorted(PAGES, key=lambda one: one.path == "/logout"):
        numbers = (mine, other, "NOTTHERE") if "{number}" in page.path else (mine,)
        for number in numbers:
            for place, (who, browser) in enumerate(browsers.items()):
                expected = EXPECTED[page.method, page.path][SWAPPED[place] if number == other else place]
                if number == "NOTTHERE" and expected in NOT_THERE.get((page.method, page.path), ()):
                    expected = 404
                status, text = await asked(browser, page, number)
                cells += 1
                if status != expected or ("canary" in text and who != "anna"):
                    wrong.append((page.method, page.path, number, who, status, expected))
    unknown = [("GET", path) for path in ("/nowhere", "/cases", "/static/none.js", "/people/1", "/me/password/x")]
    for _, path in unknown:
        for who, browser in browsers.items():
            status = (await browser.get(path)).status_code
            cells += 1
            if status not in (404, 405):
                wrong.append(("GET", path, "", who, status, 404))

    assert wrong == []
    assert {(page.method, page.path) for page in PAGES} == set(EXPECTED)
    assert cells >= 220


async def test_every_wrong_method_is_refused_for_everybody(console: Console) -> None:
    """The other half of the cells: what is a form is no page, and the other way round."""
    browsers = await everybody(console)
    methods = {page.path: {one.method for one in PAGES if one.path == page.path} for page in PAGES}
    wrong, cells = [], 0
    for path, known in methods.items():
        for method in {"GET", "POST"} - known:
            page = Page("POST" if method == "POST" else "GET", path, None, PAGES[0].handler)
            for who, browser in browsers.items():
                status, _ = await asked(browser, page, "NOTTHERE")
                cells += 1
                if status != 405:
                    wrong.append((method, path, who, status))

    assert wrong == [] and cells >= 100


async def test_roles_are_looked_up_at_the_act(console: Console) -> None:
    """A role that nobody knows has no right at all."""
    await console.house.store.desk.put_operator(Operator(7_000_009, "Odd", "owner"))
    odd = await console.operator(7_000_009)

    assert [(await odd.get(path)).status_code for path in ("/queue", "/me", "/people", "/record")] == [403] * 4
