"""From a card to the place, on a phone with a slow network: how long an operator waits until the case is on the screen.

Chromium plays the network: a time for each way there and back, and so many bits a second. It plays no making of
connections, so those are added: five ways there and back for DNS, TCP and TLS, and TCP and TLS once more for the files
that are fetched beside each other.
"""

import time
from dataclasses import dataclass

import pytest
from playwright.async_api import CDPSession, Page

from tests.browser.conftest import Room, Seat
from tests.conftest import Report

MOST_SECONDS = 10.0
CPU_SLOWER = 4
CONNECTING = 5
"""Ways there and back."""


@dataclass(frozen=True)
class Network:
    """A kind of network: seconds there and back, and kilobits a second each way."""

    name: str
    there_and_back: float
    kilobits: int


SLOW = Network("slow 3G", 0.4, 400)
FAST = Network("fast 3G", 0.15, 1600)


async def slowed(page: Page, network: Network) -> CDPSession:
    """Make a page's network and processor those of a cheap phone; gives what else may be asked of its browser."""
    tools = await page.context.new_cdp_session(page)
    throughput = network.kilobits * 1000 / 8
    conditions = {
        "offline": False,
        "latency": network.there_and_back * 1000,
        "downloadThroughput": throughput,
        "uploadThroughput": throughput,
    }
    await tools.send("Network.enable")
    await tools.send("Network.emulateNetworkConditions", conditions)
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return tools


async def until_seen(page: Page) -> None:
    """Wait until urgency and place are painted on the first screen."""
    await page.wait_for_function(
        """() => ["h1 .urgency", ".facts div"].every((one) => {
            const found = document.querySelector(one);
            return found && found.getBoundingClientRect().bottom < innerHeight;
        }) && performance.getEntriesByName("first-contentful-paint").length"""
    )


async def seconds_to_the_place(seat: Seat, number: str, network: Network) -> float:
    """Open the link of a case; gives the seconds until its place can be read."""
    begun = time.monotonic()
    await seat.page.goto(f"{seat.base}/cases/{number}", wait_until="commit")
    await until_seen(seat.page)
    return time.monotonic() - begun + CONNECTING * network.there_and_back


@pytest.mark.parametrize("network", [SLOW, FAST], ids=lambda network: network.name)
async def test_from_the_card_to_the_place_is_short_on_a_slow_phone(
    room: Room, network: Network, report: Report
) -> None:
    """Logged in, with files that the phone has kept and with none; how long it is through the login is printed."""
    dara = await room.seated(room.house.dara.id, phone=True)
    number = await room.number()
    tools = await slowed(dara.page, network)
    kept = await seconds_to_the_place(dara, number, network)
    await tools.send("Network.clearBrowserCache")
    new = await seconds_to_the_place(dara, number, network)
    login = await seconds_through_the_login(room, dara, number, network)
    report(
        f"{network.name} ({network.there_and_back} s, {network.kilobits} kbit/s, processor {CPU_SLOWER} times slower): "
        f"from the card's link to the place {kept:.1f} s, {new:.1f} s with nothing kept, {login:.1f} s with the login"
    )

    assert max(kept, new) <= MOST_SECONDS


async def seconds_through_the_login(room: Room, known: Seat, number: str, network: Network) -> float:
    """Come with nothing kept, and log in: that leads to the case; what is typed is there at once."""
    seat = await room.seat(phone=True)
    seat.secret = known.secret
    await slowed(seat.page, network)
    begun = time.monotonic()
    await seat.page.goto(f"{seat.base}/cases/{number}", wait_until="commit")
    await seat.identify("Dara", then=f"/cases/{number}")
    await until_seen(seat.page)
    return time.monotonic() - begun + CONNECTING * network.there_and_back
