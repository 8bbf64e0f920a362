"""Bad inputs 78 to 98: what comes to the console's door. Most are tested where the console is, and named here."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.console.browsing import Console, console_of
from tests.whole.bad_inputs import Row, Rows, name_of
from tests.whole.house import House

ConsoleAct = Callable[[Console], Awaitable[None]]
TABLE: Rows[ConsoleAct] = Rows()
HEADERS = "console/test_guarding.py::test_every_answer_carries_the_headers"
REDIRECTS = "console/test_guarding.py::test_where_one_goes_is_never_for_others_to_say"
HALF = 100
"""So many requests are begun and never ended."""

TABLE.tested(
    78,
    "addresses of what belongs to others",
    "console/test_matrix.py::test_everybody_gets_what_is_theirs_and_nothing_else",
    "console/test_matrix.py::test_every_wrong_method_is_refused_for_everybody",
    "console/test_cases.py::test_a_file_belongs_to_its_case",
    differs="of a colleague's case it is told that it is there, and a reason is asked for",
)
TABLE.tested(
    79,
    "forms of other pages, and changes by reading",
    "console/test_guarding.py::test_forms_of_other_pages_are_refused",
    "console/test_guarding.py::test_old_browsers_prove_themselves_by_their_origin",
    "console/test_guarding.py::test_reading_changes_nothing",
    "console/test_guarding.py::test_no_other_method_is_spoken",
    differs="there are no tokens: the browser says where a form comes from",
)
TABLE.tested(
    80,
    "cookies planted before, of others, or from before a change",
    "console/test_entering.py::test_each_login_has_a_token_of_its_own",
    "console/test_entering.py::test_a_new_password_begins_anew",
    "console/test_entering.py::test_who_is_removed_is_out_at_once",
    "console/test_entering.py::test_logging_out_ends_it_on_both_sides",
    differs="a page that is read leads to the login (303), a form is refused (401)",
)
TABLE.tested(
    81,
    "passwords tried, codes used again",
    "console/test_entering.py::test_after_five_failures_even_the_right_password_waits",
    "console/test_entering.py::test_a_code_is_good_once",
    "console/test_entering.py::test_an_invite_is_good_once",
    "console/test_entering.py::test_unknown_names_and_wrong_passwords_look_the_same",
    "console/test_entering.py::test_strangers_cannot_fill_the_record",
    "console/test_origin.py::test_an_address_that_failed_often_waits_and_no_other_does",
    differs="there are no recovery codes: who lost the app is invited anew",
)
TABLE.tested(
    82,
    "references and receipts that are guessed",
    "console/test_calls.py::test_the_status_is_read_to_who_says_the_number",
    differs="no receipt opens anything: a number is said to an operator, and each question is on record",
)


@TABLE.row(83, "proofs of a Mini App", differs="there is no Mini App: only a login of the console's own lets in")
async def mini_app(console: Console) -> None:
    """Forged or right, they let nobody in."""
    proof = f"user=%7B%22id%22%3A{console.house.dara.id}%7D&auth_date=1772427600&hash={'0' * 64}"
    browser = console.browser()
    answers = [
        await browser.get(f"/queue?{proof}"),
        await browser.get("/queue", Authorization=f"tma {proof}"),
        await browser.get("/queue", X_Telegram_Init_Data=proof),
    ]
    assert {answer.headers["location"].partition("?")[0] for answer in answers} == {"/login"}


@TABLE.row(
    84,
    "forged headers of a proxy",
    tested=(REDIRECTS, "console/test_origin.py::test_only_the_machines_own_proxy_is_believed"),
)
async def forged_headers(console: Console) -> None:
    """What they say is in no address and on no page, and opens nothing."""
    browser = console.browser()
    evil = {name: "evil.example" for name in ("Host", "X_Forwarded_Host", "X_Forwarded_For", "CF_Connecting_IP")}
    first, login = await browser.get("/", **evil), await browser.get("/login", **evil)
    assert first.headers["location"] == "/login" and "evil" not in login.text
    figures = await browser.get("/metrics", X_Forwarded_For="127.0.0.1")
    assert figures.status_code == 403


TABLE.tested(85, "paths that climb", "console/test_guarding.py::test_paths_lead_nowhere_else")
TABLE.tested(
    86,
    "forms that are large, deep, doubled or something else",
    "console/test_guarding.py::test_what_no_form_of_ours_sends_is_refused",
    "console/test_guarding.py::test_a_body_that_lies_about_its_length_is_not_read",
    differs="JSON is not read at all: 415",
)


@TABLE.row(87, "a websocket of another page", differs="no websockets are spoken: an upgrade is not even refused")
async def websocket(console: Console) -> None:
    """It never becomes one, with a cookie or without."""
    dara = await console.dara()
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Version": "13"}
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://evil.example", **key}
    answers = [await browser.get("/queue", **asked) for browser in (dara, console.browser())]
    assert [answer.status_code for answer in answers] == [200, 303]
    assert all("access-control-allow-origin" not in answer.headers for answer in answers)


TABLE.tested(88, "a login that leads elsewhere", REDIRECTS)


@TABLE.row(
    89,
    "filters, sorting and pages that are none",
    tested=("console/test_guarding.py::test_filters_that_are_none_are_refused",),
)
async def odd_pages(console: Console) -> None:
    """A place in the record that is none is its end; a filter that is not known is not looked at."""
    boss = await console.operator(7_000_001, "Vichea", "supervisor")
    whole = _content(await boss.get("/record"))
    for query in ("before=-1", "before=x", "before=1e9", f"before={'9' * 400}", "before=%00", "before=៥"):
        answer = await boss.get(f"/record?{query}")
        assert (answer.status_code, _content(answer)) == (200, whole)
    assert (await boss.get("/queue?sort=number;DROP+TABLE+cases&limit=-1&page=99999999")).status_code == 200


def _content(answer: httpx.Response) -> str:
    """Give a page without its head, which names the address to come back to."""
    return answer.text.partition("<main")[2]


TABLE.tested(
    90,
    "addresses that lead into the own network",
    "whole/test_pager.py::test_an_address_that_leads_elsewhere_is_unheard",
    differs="no page takes an address: those that are called stand in the settings",
)


@TABLE.row(
    91,
    "a template in a reply",
    tested=("content/test_words.py::test_a_translation_has_the_same_placeholders",),
    differs="replies that are kept ready have no placeholders",
)
async def template(console: Console) -> None:
    """What an operator writes is sent as it was written."""
    dara, person = await console.dara(), console.house.person()
    number = (await console.house.in_danger(person))["number"]
    words = "{{7*7}} {number} {0.__class__} %(name)s ${HOME} <b>here</b>"
    await dara.replies(number, words)
    assert any(words in one.text for one in person.messages())
    assert "{{7*7}} {number}" in (await dara.get(f"/cases/{number}")).text


TABLE.tested(92, "a file that is opened where it lies", "console/test_cases.py::test_files_are_only_ever_saved")
TABLE.tested(
    93, "going back after the logout", "console/test_entering.py::test_logging_out_ends_it_on_both_sides", HEADERS
)
TABLE.tested(94, "a page that is printed", "browser/test_console.py::test_a_printed_page_says_who_printed_it")
TABLE.tested(95, "a page in another page's frame", HEADERS)


@TABLE.row(96, "whether a case is there", differs="operators share one list, and learn from it which cases there are")
async def not_there(console: Console) -> None:
    """Whatever is not there reads the same, in whatever shape it is asked for; nothing of it is said again."""
    dara = await console.dara()
    numbers = ("ZZZZZZ", "zzzzzz", "0", "-1", "A" * 300, "%00", "%27%20OR%201%3D1--", "ក", "<b>")
    answers = [await dara.get(f"/cases/{number}") for number in numbers]
    forms = [await dara.post(f"/cases/{number}/reason", {"reason": "covering"}) for number in numbers]
    assert {(answer.status_code, answer.text) for answer in (*answers, *forms)} == {(404, answers[0].text)}


@TABLE.row(97, "requests without end", differs="how long a request may take is the proxy's to bound")
async def without_end(console: Console) -> None:
    """Many headers are refused; who sends half a request and waits holds up nobody."""
    browser, (host, _, port) = console.browser(), console.base.removeprefix("http://").partition(":")
    assert (await browser.get("/login", **{f"X{number}": "1" for number in range(101)})).status_code == 431
    async with AsyncExitStack() as left:
        for _ in range(HALF):
            _, writer = await asyncio.open_connection(host, int(port))
            left.callback(writer.close)
            writer.write(b"POST /login HTTP/1.1\r\nHost: here\r\nContent-Length: 60000\r\n\r\nname=")
            await writer.drain()
        assert (await browser.get("/login")).status_code == 200


TABLE.waits(98, "an export while its case is shredded", "exports")


@pytest.mark.parametrize("row", TABLE.tried(), ids=name_of)
async def test_what_comes_to_the_door_opens_nothing(row: Row[ConsoleAct], house: House) -> None:
    """The row's own promise holds, and the next operator is let in."""
    assert row.act is not None
    async with console_of(house) as console:
        await row.act(console)
        bopha = await console.bopha()
        assert (await bopha.get("/queue")).status_code == 200
