"""Coming and going: invites, logins, sessions. Nothing says what was wrong, and nothing is good twice."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from bot.service.rows import Operator
from tests.console.browsing import PASSWORD, Console, hidden

WRONG = "another five words here"


async def test_an_invite_makes_a_key_and_logs_in(console: Console) -> None:
    """A new operator chooses a password, adds the app, and is at the list of cases."""
    dara = await console.dara()

    assert (await dara.get("/queue")).status_code == 200
    assert (await console.browser().log_in("Dara", code="000000")).status_code == 401


async def test_an_invite_is_good_once(console: Console) -> None:
    """Whoever finds the link afterwards finds nothing."""
    browser = console.browser()
    token = (await console.house.helpline.office.answer({"do": "invite", "id": console.house.dara.id}))["token"]
    browser.secret = b"x" * 20
    await console.dara()

    assert (await browser.get(f"/invite/{token}")).status_code == 404
    assert (await browser.get("/invite/never-made")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"again": "not the same password"}, 400),
        ({"code": "12345"}, 400),
        ({"password": "short", "again": "short"}, 400),
        ({"pin": "123456"}, 400),
    ],
)
async def test_a_first_login_that_is_not_right_changes_nothing(
    console: Console, fields: dict[str, str], status: int
) -> None:
    """The invite is still good afterwards, with the same key for the app."""
    browser = console.browser()
    token = (await console.house.helpline.office.answer({"do": "invite", "id": console.house.dara.id}))["token"]
    page = (await browser.get(f"/invite/{token}")).text
    kept = re.findall(r'name="kept" value="([0-9a-f]+)"', page)[0]
    good = {"kept": kept, "password": PASSWORD, "again": PASSWORD, "pin": "", "code": "000000", "language": "en"}
    answer = await browser.post(f"/invite/{token}", good | fields)

    assert answer.status_code == status and kept in answer.text
    assert browser.cookie == "" and (await browser.get(f"/invite/{token}")).status_code == 200


@pytest.mark.parametrize("password", ["short", "helpline-2026-helpline", "P@ssw0rd P@ssw0rd!"])
async def test_a_password_that_is_short_or_guessed_first_makes_no_key(console: Console, password: str) -> None:
    """With the right code, too; the page says what is wrong with it, at a first login and at a change."""
    browser = console.browser()
    first = await browser.enrol(console.house.dara.id, password=password)
    dara = await console.dara()
    fields = {"old": PASSWORD, "new": password, "again": password, "code": dara.code()}
    changed = await dara.post("/me/password", fields)

    assert [(answer.status_code, "easy to guess" in answer.text) for answer in (first, changed)] == [(400, True)] * 2
    assert browser.cookie == "" and (await dara.log_in("Dara")).status_code == 303


async def test_unknown_names_and_wrong_passwords_look_the_same(console: Console) -> None:
    """Nobody learns who works here."""
    dara = await console.dara()
    answers = [
        await dara.log_in("Nobody", code="123456"),
        await dara.log_in("Dara", password=WRONG, code="123456"),
        await dara.log_in("Dara", code="123456"),
        await dara.log_in(console.house.bopha.id, code="123456"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


async def test_a_code_is_good_once(console: Console) -> None:
    """Who looks over a shoulder cannot use what they saw."""
    dara = await console.dara()
    code = dara.code()

    assert (await dara.log_in("Dara", code=code)).status_code == 303
    assert (await dara.log_in("Dara", code=code)).status_code == 401


async def test_after_five_failures_even_the_right_password_waits(console: Console) -> None:
    """For a minute, then longer; by name or by number it is the same operator."""
    dara = await console.dara()
    for name in ("Dara", console.house.dara.id, "dara", "Dara", "Dara"):
        await dara.log_in(name, password=WRONG, code="123456")
    console.house.clock.put_forward(timedelta(seconds=20))
    refused = await dara.log_in("Dara", code=None)
    console.house.clock.put_forward(timedelta(minutes=3))

    assert refused.status_code == 401
    assert (await dara.log_in("Dara")).status_code == 303


async def test_strangers_cannot_fill_the_record(console: Console) -> None:
    """Refused logins of operators are in it; unknown names, and tries that are not looked at, are not."""
    dara = await console.dara()
    for number in range(9):
        await dara.log_in("Dara", password=WRONG, code="123456")
        await dara.log_in(f"stranger {number}", password=WRONG, code="123456")
    record = await console.house.store.console.recorded(after=0, limit=99)

    assert [one.entry.act for one in record] == ["enrolled", *["refused"] * 5]


async def test_each_login_has_a_token_of_its_own(console: Console) -> None:
    """A cookie that somebody planted before is never made valid; names are numbers or names, in any case."""
    dara = await console.dara()
    dara.cookie = "planted-by-somebody"
    assert (await dara.get("/queue")).status_code == 303
    await dara.log_in("DARA")

    assert dara.cookie not in ("", "planted-by-somebody")


async def test_the_cookie_is_for_this_host_and_no_script(console: Console) -> None:
    """Over HTTPS only, for our own pages only."""
    dara = await console.dara()
    said = (await dara.log_in("Dara")).headers["set-cookie"]

    assert said.startswith("__Host-") and "Domain" not in said
    assert all(flag in said for flag in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=strict"))


async def test_logging_out_ends_it_on_both_sides(console: Console) -> None:
    """The browser forgets our pages, and the token is nobody's."""
    dara = await console.dara()
    token = dara.cookie
    answer = await dara.post("/logout")
    dara.cookie = token

    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert (await dara.get("/queue")).headers["location"] == "/login?back=/queue"


async def test_the_login_leads_to_the_page_one_came_for(console: Console) -> None:
    """A link to a case is one page to the case; a mistyped password, another language, a forgotten PIN lose nothing."""
    number = (await console.house.in_danger(console.house.person()))["number"]
    dara = await console.dara()
    await dara.post("/logout")
    asked = (await dara.get(f"/cases/{number}")).headers["location"]
    page, wrong = await dara.get(asked), await dara.log_in("Dara", password=WRONG, back=f"/cases/{number}")
    kept = [hidden(answer.text, r'name="back" value="([^"]+)"') for answer in (page, wrong)]
    languages = {hidden(answer.text, r'href="\?language=km&amp;back=([^"]+)"') for answer in (page, wrong)}
    answer = await dara.log_in("Dara", back=kept[0])
    console.house.clock.put_forward(timedelta(minutes=16))
    paused = (await dara.get(f"/cases/{number}")).text

    assert kept == [f"/cases/{number}"] * 2 and languages == {f"/cases/{number}"}
    assert answer.headers["location"] == f"/cases/{number}" and f'href="/login?back=/cases/{number}"' in paused


async def test_the_login_keeps_all_of_an_address(console: Console) -> None:
    """The filters of a list, too; without a page to go to it is the first one of one's role."""
    dara = await console.dara()
    await dara.post("/logout")
    filtered, root = await dara.get("/queue?urgency=P1&whose=mine"), await dara.get("/")
    back = hidden((await dara.get(filtered.headers["location"])).text, r'name="back" value="([^"]+)"')

    assert unescape(back) == "/queue?urgency=P1&whose=mine"
    assert root.headers["location"] == "/login" and (await dara.log_in("Dara")).headers["location"] == "/"


ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example", "evil.example", "/ /evil", "/" + "x" * 900]


@pytest.mark.parametrize("back", ELSEWHERE)
async def test_a_login_leads_nowhere_else(console: Console, back: str) -> None:
    """Whatever the link to it or its form says."""
    dara = await console.dara()
    await dara.post("/logout")
    page = (await dara.get(f"/login?{urlencode({'back': back})}")).text

    assert 'name="back" value="/"' in page and "evil" not in page and "xxx" not in page
    assert (await dara.log_in("Dara", back=back)).headers["location"] == "/"


async def test_who_is_removed_is_out_at_once(console: Console) -> None:
    """And so is who gets another role, until they log in again."""
    dara, bopha = await console.dara(), await console.bopha()
    await console.house.helpline.office.answer({"do": "remove_operator", "id": console.house.dara.id})
    await console.house.store.desk.put_operator(Operator(console.house.bopha.id, "Bopha", "admin"))

    assert [(await one.get("/me")).status_code for one in (dara, bopha)] == [303, 303]


async def test_who_was_removed_and_is_listed_again_begins_anew(console: Console) -> None:
    """A cookie of before counts no more: perhaps it was for it that they were removed."""
    dara, office = await console.dara(), console.house.helpline.office
    await office.answer({"do": "remove_operator", "id": console.house.dara.id})
    await office.answer({"do": "add_operator", "id": console.house.dara.id, "name": "Dara"})

    assert (await dara.get("/me")).status_code == 303


async def test_who_leaves_the_operators_group_is_logged_out(console: Console) -> None:
    """Somebody removed them, perhaps because their phone is in other hands; the others stay."""
    dara, bopha = await console.dara(), await console.bopha()
    console.house.group.loses(console.house.dara, by=console.house.bopha)
    await console.house.settled()

    assert [(await one.get("/me")).status_code for one in (dara, bopha)] == [303, 200]


async def test_a_new_password_begins_anew(console: Console) -> None:
    """The old one does not work any more, the token is another, and cases open with the new one."""
    dara = await console.dara()
    before = dara.cookie
    case = await console.house.in_danger(console.house.person())
    fields = {"old": PASSWORD, "new": "quite another five words", "again": "quite another five words"}
    changed = await dara.post("/me/password", {**fields, "code": dara.code()})
    stolen = console.browser()
    stolen.cookie = before

    assert changed.status_code == 303 and (await stolen.get("/me")).status_code == 303
    assert "not sealed" not in (await dara.get(f"/cases/{case['number']}")).text
    assert (await dara.log_in("Dara")).status_code == 401


async def test_a_login_elsewhere_ends_this_one(console: Console) -> None:
    """An operator is at one device: where they logged in last."""
    dara, other = await console.dara(), console.browser()
    other.secret = dara.secret
    await other.log_in("Dara")

    assert (await dara.get("/me")).status_code == 303 and (await other.get("/me")).status_code == 200
    assert len(await console.house.store.console.sessions(console.house.dara.id)) == 1


async def test_a_login_ends_what_the_browser_had_before(console: Console) -> None:
    """Also somebody else's: on a shared machine nobody's session stays behind."""
    dara, bopha = await console.dara(), await console.bopha()
    left = dara.cookie
    dara.secret = bopha.secret
    await dara.log_in("Bopha")
    dara.cookie = left

    assert (await dara.get("/me")).status_code == 303
    assert await console.house.store.console.sessions(console.house.dara.id) == []


async def test_supervisors_see_and_end_logins(console: Console) -> None:
    """A lost laptop is logged out from another one."""
    dara = await console.dara()
    boss = await console.operator(7_000_001, "Vichea", "supervisor")
    await boss.post(f"/people/{console.house.dara.id}/logins/end")

    assert (await dara.get("/me")).status_code == 303 and (await boss.get("/people")).status_code == 200


async def test_the_database_has_neither_token_nor_secret(console: Console) -> None:
    """Who copies it cannot go on where an operator is."""
    dara = await console.dara()
    kept = (await console.house.store.console.sessions(console.house.dara.id))[0]
    account = await console.house.store.console.account(console.house.dara.id)

    assert account is not None and dara.secret not in account.totp
    assert dara.cookie not in kept.id and dara.cookie.encode() not in kept.kept


async def test_names_in_two_languages(console: Console) -> None:
    """The pages speak Khmer unless a browser or an operator says otherwise."""
    dara = await console.dara()
    khmer = (await console.browser().get("/login", Accept_Language="km-KH")).text
    await dara.post("/me/language", {"language": "km"})

    assert '<html lang="km">' in khmer and 'lang="km"' in (await dara.get("/me")).text.split("<body>")[0]
