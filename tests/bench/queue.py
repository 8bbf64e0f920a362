"""What a page of the console's list costs, over HTTP: on 400,000 cases, on one page of them, and on none.

Each store is served by a real `run` of its own; all three run at once, and are asked in turns. An operator takes an
invite and logs in, as people do. CPU is that of the whole process, its threads included, between two readings.
"""

import argparse
import asyncio
import base64
import re
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import httpx
import typer

from bot.console.queue_page import ROWS
from bot.console.visits import COOKIE
from bot.content.loading import load
from bot.core import totp
from bot.core.content import Content
from bot.sandbox import Sandbox, populate
from bot.settings import ROOT
from bot.store.command_socket import ask
from bot.store.opening import socket_path
from tests.bench.filling import Size, fill, url
from tests.bench.grow import SEED, group
from tests.bench.machine import cpu, described
from tests.bench.process import running

OPERATOR = 600_000_001
"""Whoever has taken what is taken in a filled store."""
PASSWORD = "an operator who is measured"
FORMS = {"Sec-Fetch-Site": "same-origin"}
FIRST, LATER = "the list", f"a page {20 * ROWS} cases on"
PARTS = {FIRST: "/queue", "nobody's": "/queue?whose=untaken", "one's own": "/queue?whose=mine"}
PARTS |= {"of one country": "/queue?country=KR", "of one urgency": "/queue?urgency=P4"}
QUIET = 0.05
"""Seconds of CPU in one: a process that uses no more has nothing left to do."""
BAR = 10.0
"""So many milliseconds of CPU a page may cost at most."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator's browser, and the process that answers it."""

    client: httpx.AsyncClient
    pid: int

    async def cost(self, path: str, looks: int) -> float:
        """Give the CPU milliseconds of a page, asked for so often."""
        began = cpu(self.pid)
        for _ in range(looks):
            assert (await self.client.get(path)).status_code == 200
        return 1000 * (cpu(self.pid) - began) / looks

    async def first_paint(self) -> tuple[int, int]:
        """Give the bytes of the list's page, and of all files that it needs, as they are sent."""
        page = (await self.client.get("/queue")).text
        asked = [await self.client.get(path) for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', page)]
        return len(page.encode()), sum(int(one.headers["content-length"]) for one in asked)

    async def later(self, pages: int = 20) -> str:
        """Follow the list so many pages, as far as there are any; gives the last one's address."""
        path = "/queue"
        for _ in range(pages):
            found = re.search(r'href="(/queue\?[^"]*after=[^"]*)"', (await self.client.get(path)).text)
            if found is None:
                break
            path = unescape(found.group(1))
        return path


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU milliseconds of each part of the list, by its name, one for each store and round; and bytes of each store."""

    pages: dict[str, list[Sequence[float]]]
    paint: Sequence[tuple[int, int]]


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """Serve what lies in a folder, and let an operator log in."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        at = f"127.0.0.1:{free.getsockname()[1]}"
    async with AsyncExitStack() as left:
        box = await left.enter_async_context(Sandbox(seed=SEED))
        helpline = await left.enter_async_context(running(box, populate(box), folder, console=at))
        client = await left.enter_async_context(httpx.AsyncClient(base_url=f"http://{at}", timeout=60))
        client.headers.update({"Accept-Language": "en", "Accept-Encoding": "gzip"})
        await _enrol(client, folder)
        await _quiet(helpline.pid)
        yield Desk(client, helpline.pid)


async def _quiet(pid: int) -> None:
    """Wait until a process has done what a start does: a large database is checked while people are served."""
    used = -1.0
    while cpu(pid) - used > QUIET:
        used = cpu(pid)
        await asyncio.sleep(1)


async def _enrol(client: httpx.AsyncClient, folder: Path) -> None:
    commands = socket_path(url(folder))
    await ask(commands, {"do": "add_operator", "id": OPERATOR, "name": "Dara"})
    path = f"/invite/{(await ask(commands, {'do': 'invite', 'id': OPERATOR}))['token']}"
    page = (await client.get(path)).text
    secret = base64.b32decode(_found(r'id="key">([A-Z2-7 ]+)<', page).replace(" ", ""))
    code = totp.code(secret, int(time.time()) // totp.SECONDS)
    fields = {"kept": _found(r'name="kept" value="([0-9a-f]+)"', page), "password": PASSWORD, "again": PASSWORD}
    answer = await client.post(path, data={**fields, "code": code, "language": "en"}, headers=FORMS)
    token = _found(rf'{COOKIE}="?([\w-]+)', answer.headers.get("set-cookie", ""))
    client.headers["Cookie"] = f"{COOKIE}={token}"  # by hand: the cookie is for HTTPS alone


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"a page of the console has no {pattern}")
    return found.group(1)


async def measure(folders: Sequence[Path], *, rounds: int, looks: int) -> Costs:
    """Measure the stores in these folders, in turns."""
    async with AsyncExitStack() as left:
        desks = [await left.enter_async_context(desk(folder)) for folder in folders]
        parts = {name: [path] * len(desks) for name, path in PARTS.items()}
        parts[LATER] = [await one.later() for one in desks]
        pages: dict[str, list[Sequence[float]]] = {name: [] for name in parts}
        for name, paths in parts.items():
            for one, path in zip(desks, paths, strict=True):
                await one.cost(path, 3)
            for _ in range(rounds):
                pages[name].append([await one.cost(path, looks) for one, path in zip(desks, paths, strict=True)])
        return Costs(pages, [await one.first_paint() for one in desks])


def told(costs: Costs) -> str:
    """Tell what pages cost: medians of the rounds, and the median of their ratios, all cases to one page of them."""
    lines = [f"{'CPU of a page, ms':28} {'none':>7} {'a page':>7} {'all':>7} {'ratio':>6}"]
    for name, rounds in costs.pages.items():
        none, page, grown = (statistics.median(one[at] for one in rounds) for at in (0, 1, 2))
        ratio = statistics.median(one[2] / max(one[1], 0.01) for one in rounds)
        lines.append(f"{name:28} {none:7.2f} {page:7.2f} {grown:7.2f} {ratio:6.2f}{_missed(grown)}")
    kilobytes = [f"{page / 1000:.1f} + {files / 1000:.1f}" for page, files in costs.paint]
    return "\n".join([*lines, f"first paint, kB (page + files): {', '.join(kilobytes)}; at most {BAR:.0f} ms wanted"])


def _missed(cost: float) -> str:
    return "  over" if cost >= BAR else ""


async def prepared(folder: Path, content: Content, size: Size) -> Sequence[Path]:
    """Make a store without cases, one with a page of them and one of this size, each in a folder of its own."""
    none, page, grown = folders = [folder / name for name in ("none", "page", "grown")]
    for one in folders:
        one.mkdir()
    await fill(page, content, Size(ROWS, ROWS, ROWS), group=group(), talking=0)
    await fill(grown, content, size, group=group(), talking=0)
    return [none, page, grown]


def main() -> None:
    """Fill the stores, then measure them beside each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=Size().cases)
    parser.add_argument("--open", type=int, default=Size().open, help="how many of the cases are open")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--looks", type=int, default=20, help="at each page, in each round")
    asked = parser.parse_args()
    content, size = load(ROOT, today=datetime.now(UTC).date()), Size(asked.cases, asked.cases, asked.open)
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as folder:
        began = time.perf_counter()
        folders = asyncio.run(prepared(Path(folder), content, size))
        typer.echo(
            f"{size.cases} cases, {size.open} open; filled in {time.perf_counter() - began:.0f} s; {described()}"
        )
        typer.echo(told(asyncio.run(measure(folders, rounds=asked.rounds, looks=asked.looks))))


if __name__ == "__main__":
    main()
