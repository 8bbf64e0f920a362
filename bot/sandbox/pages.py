"""The page's own files, read as they are on disk at every request, and never kept by the browser."""

import asyncio
from pathlib import Path

from aiohttp import web

from bot.sandbox.world import World

PAGE = Path(__file__).with_name("page")

_MIMES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
}
_TEXTS = ("text/", "application/json", "application/manifest+json")
_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob: data:; "
    "style-src 'self' 'unsafe-inline'; frame-src 'self' http://127.0.0.1:* http://localhost:*; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Framed is the console, which is on another port of this machine."""
# A file somebody sent may be a page with a script: it must never run beside the control API.
_SENT_POLICY = "sandbox; default-src 'none'"
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")


class Pages:
    """Serve the page and the files people sent each other."""

    def __init__(self, world: World, *, folder: Path = PAGE) -> None:
        self._world = world
        self._folder = folder.resolve()

    def routes(self) -> list[web.RouteDef]:
        """Give the routes, the catch-all last."""
        return [
            web.get("/sandbox/file/{file_id}", self._sent),
            web.get("/", self._page),
            web.get("/{path:.+}", self._page),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        asked = request.match_info.get("path", "index.html")
        path = (self._folder / asked.replace("\0", "")).resolve()
        mime = _MIMES.get(path.suffix)
        if mime is None or not path.is_relative_to(self._folder) or not path.is_file():
            raise web.HTTPNotFound(text="there is no such file in the sandbox's page")
        body = await asyncio.to_thread(path.read_bytes)
        charset = "utf-8" if mime.startswith(_TEXTS) else None
        return web.Response(body=body, content_type=mime, charset=charset, headers={"Content-Security-Policy": _POLICY})

    async def _sent(self, request: web.Request) -> web.Response:
        file = self._world.files.find(request.match_info["file_id"])
        if file is None or file.content is None:
            raise web.HTTPNotFound(text="this file is no longer kept")
        shown = file.mime.startswith(_SHOWN)
        headers = {
            "Content-Security-Policy": _SENT_POLICY,
            "Content-Disposition": "inline" if shown else "attachment",
        }
        mime = file.mime.partition(";")[0] if shown else "application/octet-stream"
        return web.Response(body=file.content, content_type=mime, headers=headers)
