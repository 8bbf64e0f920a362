"""Reads what a form brings: its fields, each once, and at most one file. Anything else is refused, not mended.

A file is never written down on the way: what libraries for this put on disk would lie there in clear.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.console.guard import FORM, FORM_WITH_FILE, Refused, kind_of

MOST_FIELDS = 20
_BOUNDARY = re.compile(r"multipart/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")
_PART = re.compile(rb'Content-Disposition: form-data; name="(\w{1,40})"(; filename="[^\r\n]*")?(?:\r\n[^\r\n]+)*')


async def read_body(request: Request, *, file: bool) -> tuple[Mapping[str, str], bytes]:
    """Read a form's fields and, if it may bring one, its file (empty if none was chosen); raises Refused."""
    if kind_of(request.headers) != (FORM_WITH_FILE if file else FORM):
        raise Refused(415, "malformed")
    body = await request.body()
    try:
        return _parted(body, request.headers["content-type"]) if file else (_fields(body), b"")
    except ValueError as unreadable:
        raise Refused(400, "malformed") from unreadable


def _fields(body: bytes) -> Mapping[str, str]:
    """Read plain UTF-8 with few fields; raises ValueError."""
    pairs = parse_qsl(
        body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict"
    )
    return _each_once(pairs)


def _each_once(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    form = {name: value.replace("\r\n", "\n") for name, value in pairs}
    if len(form) != len(pairs):
        raise ValueError("a field came twice")
    return form


def _parted(body: bytes, media_type: str) -> tuple[Mapping[str, str], bytes]:
    """Read fields and one file as browsers write them (RFC 7578); raises ValueError."""
    boundary = _BOUNDARY.fullmatch(media_type)
    if boundary is None:
        raise ValueError("no boundary")
    parts = list(_parts(body, boundary.group(1).encode()))
    files = [content for _, is_file, content in parts if is_file]
    if len(files) > 1:
        raise ValueError("more than one file")
    return _each_once([(name, content.decode()) for name, is_file, content in parts if not is_file]), b"".join(files)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[str, bool, bytes]]:
    """Give the name of each part, whether it is a file, and what it holds."""
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 1)
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise ValueError("cut off, or too many parts")
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = _PART.fullmatch(head)
        if named is None:
            raise ValueError("a part without a name")
        yield named.group(1).decode(), named.group(2) is not None, content
