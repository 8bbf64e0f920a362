"""The files of a case: voices are played, pictures shown as they were made anew, everything is saved as it came."""

from starlette.responses import Response

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.service.casebook import MissingError, ReasonNeededError
from bot.service.entries import File

HEARD = {"voice": "audio/ogg"}
"""What is played on the page."""
ENDINGS = {"voice": "ogg", "photo": "jpg", "video": "mp4"}
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The policy of a file: whatever it is, it runs nothing and belongs to nobody."""


async def file(visit: Visit) -> Response:
    """Give a file to be saved, under a name of ours."""
    file, clear = await _file(visit)
    await _seen(visit, file)
    name = f"{file.kind}-{file.record[:8]}.{ENDINGS.get(file.kind, 'bin')}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": ALONE}
    return Response(clear, headers=headers, media_type="application/octet-stream")


async def picture(visit: Visit) -> Response:
    """Give what was made of the pixels of a picture; one that cannot be shown does not count as seen."""
    file, clear = await _file(visit)
    if not file.is_picture:
        raise Refused(404, "missing")
    made = await visit.means.apart.picture(clear)
    if made is None:
        raise Refused(422, "unshown")
    await _seen(visit, file)
    return Response(made, headers={"Content-Security-Policy": ALONE}, media_type="image/jpeg")


async def voice(visit: Visit) -> Response:
    """Give a voice message to be played on the page; nothing else."""
    file, clear = await _file(visit)
    if file.kind not in HEARD:
        raise Refused(404, "missing")
    await _seen(visit, file)
    headers = {"Content-Security-Policy": ALONE, "Accept-Ranges": "bytes"}
    media_type = HEARD[file.kind]
    begin, end = _range(visit.request.headers.get("range", ""), len(clear))
    if (begin, end) == (0, len(clear)):
        return Response(clear, headers=headers, media_type=media_type)
    headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(clear)}"
    return Response(clear[begin:end], 206, headers=headers, media_type=media_type)


def _range(asked: str, size: int) -> tuple[int, int]:
    """Read which part of a file a player wants: from where, up to where; the whole if it is not one plain range."""
    unit, _, part = asked.partition("=")
    begin, _, end = part.partition("-")
    if unit != "bytes" or not begin.isdecimal() or len(begin) > 12 or int(begin) >= size:
        return 0, size
    last = int(end) + 1 if end.isdecimal() and len(end) <= 12 else size
    return int(begin), max(min(last, size), int(begin) + 1)


async def _file(visit: Visit) -> tuple[File, bytes]:
    visitor = visit.visitor
    secret = visit.means.shifts.secret(visitor)
    try:
        return await visit.means.casebook.file(visitor, secret, visit.asked("number"), visit.asked("record"))
    except (MissingError, ReasonNeededError) as missing:
        raise Refused(404, "missing") from missing


async def _seen(visit: Visit, file: File) -> None:
    await visit.means.casebook.seen(visit.asked("number"), file)
