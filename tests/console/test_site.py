"""What machines are told: alive or not, and figures for who is near; never anything of a person."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.guard import HEADERS, RECORDING
from bot.console.site import site
from bot.service.rows import Backlog
from tests.console.conftest import Well
from tests.hearing import Ear


def client(well: Well, peer: str = "127.0.0.1", *more: Route) -> httpx.AsyncClient:
    """Ask the site from an address."""
    transport = httpx.ASGITransport(site(well.vitals, more=more), raise_app_exceptions=False, client=(peer, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://here")


@pytest.fixture
async def near(well: Well) -> AsyncIterator[httpx.AsyncClient]:
    async with client(well) as near:
        yield near


async def test_a_helpline_that_serves_is_alive(near: httpx.AsyncClient) -> None:
    """And says no more than that."""
    answer = await near.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_without_its_parts_or_its_store_it_is_not_alive(well: Well, near: httpx.AsyncClient) -> None:
    """Whoever looks after processes starts it anew."""
    well.store.sick = True
    sick = await near.get("/healthz")
    well.store.sick, well.vitals.serving = False, False
    ended = await near.get("/healthz")

    assert (sick.status_code, ended.status_code, sick.text) == (503, 503, ended.text)


async def test_telegrams_trouble_is_no_reason_to_start_anew(well: Well, near: httpx.AsyncClient) -> None:
    """It would help nobody, and break off what is under way."""
    well.last_answer = well.ago(days=1)
    well.store.outbox = Backlog(9, well.ago(days=1))

    assert (await near.get("/healthz")).status_code == 200


async def test_figures_tell_what_waits_and_what_happened(well: Well, near: httpx.AsyncClient) -> None:
    """Ages in seconds, counts, counters with their few labels, and the process's memory."""
    well.last_answer = well.ago(seconds=20)
    well.store.inbox = Backlog(3, well.ago(seconds=90))
    well.store.untaken = {**well.store.untaken, "P1": Backlog(1, well.ago(minutes=7))}
    answer = await near.get("/metrics")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert float(figures.pop("process_resident_memory_bytes")) > 1_000_000
    assert {name: float(value) for name, value in figures.items() if name.startswith("helpline_")} == {
        "helpline_received_last_seconds": 20,
        "helpline_updates_received_total": 4,
        "helpline_inbox_decided_total": 7,
        'helpline_calls_total{method="sendMessage",outcome="ok"}': 5,
        'helpline_calls_total{method="sendMessage",outcome="blocked"}': 1,
        'helpline_alarms_total{code="poison"}': 3,
        "helpline_store_answers": 1,
        "helpline_inbox_waiting": 3,
        "helpline_inbox_oldest_seconds": 90,
        "helpline_inbox_aside": 2,
        "helpline_outbox_waiting": 0,
        "helpline_outbox_oldest_seconds": 0,
        **{f'helpline_untaken_waiting{{urgency="{one}"}}': float(one == "P1") for one in ("P1", "P2", "P3", "P4")},
        **{
            f'helpline_untaken_oldest_seconds{{urgency="{one}"}}': 420 * (one == "P1")
            for one in ("P1", "P2", "P3", "P4")
        },
    }


async def test_figures_say_when_the_store_is_silent(well: Well, near: httpx.AsyncClient) -> None:
    """What the process knows by itself is told all the same."""
    well.store.sick = True
    answer = await near.get("/metrics")

    assert answer.status_code == 200
    assert "helpline_store_answers 0.0" in answer.text and "helpline_alarms_total" in answer.text
    assert "_waiting" not in answer.text


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "172.18.0.5", "fd00::1"])
async def test_who_is_near_gets_figures(well: Well, peer: str) -> None:
    """This machine; and its own network, which reaches only who was told to listen there."""
    async with client(well, peer) as asking:
        assert (await asking.get("/metrics")).status_code == 200


@pytest.mark.parametrize("peer", ["8.8.8.8", "::ffff:8.8.8.8", "2001:4860:4860::8888"])
async def test_who_is_far_gets_none(well: Well, peer: str) -> None:
    """But learns whether the helpline is alive, as a load balancer must."""
    async with client(well, peer) as asking:
        assert (await asking.get("/metrics")).status_code == 403
        assert (await asking.get("/healthz")).status_code == 200


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
async def test_what_a_proxy_passes_on_comes_from_afar(near: httpx.AsyncClient, header: str) -> None:
    """Though the proxy itself is on this machine."""
    answer = await near.get("/metrics", headers={header: "127.0.0.1"})

    assert answer.status_code == 403


async def test_a_fault_is_told_by_its_name_alone(well: Well, ear: Ear) -> None:
    """What an error says may be a person's words: neither the log nor the answer repeats it."""

    async def fail(_: Request) -> Response:
        raise ValueError("Canary")

    async with client(well, "127.0.0.1", Route("/fails", fail)) as asking:
        answer = await asking.get("/fails")
    said = "".join(ear.heard) + answer.text

    assert answer.status_code == 500
    assert "console.failed" in said and "ValueError" in said and "Canary" not in said


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/nowhere", "/fails", "/line%0aend"])
async def test_machines_get_the_same_headers(well: Well, path: str) -> None:
    """What answers beside the pages is no hole beside their guard."""

    async def fail(_: Request) -> Response:
        raise ValueError

    async with client(well, "127.0.0.1", Route("/fails", fail)) as asking:
        headers = (await asking.get(path)).headers

    assert {name: headers[name] for name in HEADERS} == HEADERS


async def test_the_page_of_try_may_frame_the_console_and_no_other(well: Well) -> None:
    """One port of this machine, by both its names, and only where it was asked for; all else stays as it is."""

    async def record(_: Request) -> Response:
        return Response("", headers=RECORDING)

    transport = httpx.ASGITransport(site(well.vitals, more=[Route("/own", record)], framer=8809))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as asking:
        plain, own = (await asking.get("/healthz")).headers, (await asking.get("/own")).headers

    here = "frame-ancestors http://127.0.0.1:8809 http://localhost:8809;"
    for headers, policies in ((plain, HEADERS), (own, {**HEADERS, **RECORDING})):
        expected = {name: value.replace("frame-ancestors 'none';", here) for name, value in policies.items()}
        del expected["X-Frame-Options"]
        assert {name: headers[name] for name in expected} == expected
        assert "x-frame-options" not in headers
