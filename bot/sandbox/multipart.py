"""Multipart bodies, read into memory: aiohttp's own form reader would put files on disk."""

from aiohttp import BodyPartReader, web

from bot.sandbox.calls import Upload
from bot.sandbox.files import UPLOAD_LIMIT
from bot.sandbox.refusals import RefusedError, bad

BODY_LIMIT = UPLOAD_LIMIT + (1 << 20)  # bytes of one body, files included


async def read_parts(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    """Give the texts and the files of a multipart body by name.

    Raises: RefusedError if it is too large or no multipart.
    """
    texts: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    left = BODY_LIMIT
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            content = await _content(part, left)
            left -= len(content)
            if part.filename is None:
                texts[part.name or ""] = content.decode(errors="replace")
            else:
                mime = part.headers.get("Content-Type", "application/octet-stream")
                uploads[part.name or ""] = Upload(part.filename, mime, content)
    except ValueError:
        raise bad("can't parse multipart body") from None
    return texts, uploads


async def _content(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > limit:
            raise RefusedError(413, "Request Entity Too Large")
    return bytes(content)
