"""Logins that fail again and again from one address: nothing from there is looked at, and nobody else waits."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from bot.console.origin import origin_of
from bot.service.doorstep import ADDRESSES, MOST, WINDOW, Doorstep
from tests.console.browsing import PASSWORD, Browser, Console

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
STRANGER, OFFICE = "203.0.113.9", "198.51.100.7"


async def log_in(browser: Browser, address: str, name: str = "Dara", *, code: str = "") -> int:
    """Log in through the proxy, from an address; gives the status."""
    fields = {"name": name, "password": PASSWORD, "code": code or browser.code()}
    return (await browser.post("/login", fields, X_Forwarded_For=address)).status_code


async def fail(browser: Browser) -> None:
    """Fail from the stranger's address as often as is looked at, without any time passing."""
    for number in range(MOST):
        assert await log_in(browser, STRANGER, f"stranger {number}", code="000000") == 401


async def test_an_address_that_failed_often_waits_and_no_other_does(console: Console) -> None:
    """Even with the right password, and whatever it says before its address; ten minutes later it may try again."""
    dara = await console.dara()
    await fail(dara)

    assert await log_in(dara, STRANGER) == 401
    assert await log_in(dara, f"{OFFICE}, {STRANGER}") == 401
    assert await log_in(dara, OFFICE) == 303
    console.house.clock.put_forward(WINDOW)
    assert await log_in(dara, STRANGER) == 303


async def test_a_login_that_is_not_looked_at_is_not_recorded(console: Console) -> None:
    """And counts against nobody's name."""
    dara = await console.dara()
    await fail(dara)
    for _ in range(6):
        await log_in(dara, STRANGER, code="000000")
    record = await console.house.store.console.recorded(after=0, limit=99)

    assert [one.entry.act for one in record] == ["enrolled"]
    assert await log_in(dara, OFFICE) == 303


async def test_who_comes_through_a_tunnel_is_never_counted_together(console: Console) -> None:
    """All of them come from this machine: one who mistypes keeps out nobody."""
    dara = await console.dara()
    for number in range(MOST + 1):
        await dara.log_in(f"stranger {number}")

    assert (await dara.log_in("Dara")).status_code == 303


@pytest.mark.parametrize(
    ("peer", "passed_on", "origin"),
    [
        ("8.8.8.8", None, "8.8.8.8"),
        ("8.8.8.8", "9.9.9.9", "8.8.8.8"),
        ("10.0.0.5", None, "10.0.0.5"),
        ("10.0.0.5", "9.9.9.9", ""),
        ("127.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("::1", "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        ("::ffff:127.0.0.1", "::ffff:9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", "9.9.9.9, nonsense", ""),
        ("127.0.0.1", None, ""),
        ("testclient", None, ""),
    ],
)
def test_only_the_machines_own_proxy_is_believed(peer: str, passed_on: str | None, origin: str) -> None:
    """And of what it passes on only the end, which it wrote itself."""
    headers = [] if passed_on is None else [(b"x-forwarded-for", passed_on.encode())]

    assert origin_of(Request({"type": "http", "client": (peer, 40_000), "headers": headers})) == origin


def test_many_addresses_do_not_fill_the_memory() -> None:
    """The oldest are forgotten, and so are all whose failures are old."""
    step = Doorstep()
    for number in range(ADDRESSES + 5):
        step.failed(str(number), NOW)
    crowded = len(step._failed)
    step.failed("last", NOW + WINDOW)

    assert (crowded, [*step._failed]) == (ADDRESSES, ["last"])
