"""The page's files: right types, no caching, and nothing from outside their folder."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox import Sandbox


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    folder = tmp_path / "page"
    (folder / "fonts").mkdir(parents=True)
    (folder / "index.html").write_text("<p>ខ្មែរ", encoding="utf-8")
    (folder / "phone.js").write_text("let a", encoding="utf-8")
    (folder / "fonts" / "a.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.txt").write_text("no", encoding="utf-8")
    async with Sandbox(page=folder) as box, aiohttp.ClientSession(base_url=box.root) as http:
        yield http


@pytest.mark.parametrize(
    ("path", "mime"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/phone.js", "text/javascript; charset=utf-8"),
        ("/fonts/a.woff2", "font/woff2"),
    ],
)
async def test_a_file_is_served_as_what_it_is(http: aiohttp.ClientSession, path: str, mime: str) -> None:
    """And never kept, so that a change is seen at the next load."""
    async with http.get(path) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, mime)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/fonts%2f..%2f..%2fsecret.txt", "//secret.txt", "/a%00.js", "/none.js"],
)
async def test_nothing_else_is_served(http: aiohttp.ClientSession, path: str) -> None:
    """However it is written; sent by hand, since a client would tidy it up."""
    address = http._base_url
    assert address is not None
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 404 ")
