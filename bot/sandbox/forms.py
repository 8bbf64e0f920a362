"""What the page posts: JSON objects and uploads, each field checked where it is read."""

import json
import math

from aiohttp import web

from bot.sandbox.calls import Upload
from bot.sandbox.multipart import read_parts
from bot.sandbox.refusals import NotPossibleError, RefusedError
from bot.sandbox.wire import Wire


class Form:
    """Named fields; every reader raises NotPossibleError if the field is missing or of another kind."""

    def __init__(self, fields: Wire) -> None:
        self.fields = fields

    def has(self, name: str) -> bool:
        """Say whether a field was given and is not null."""
        return self.fields.get(name) is not None

    def text(self, name: str) -> str:
        """Read a text."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise NotPossibleError(f"field {name!r} must be a text")
        return value

    def number(self, name: str) -> int:
        """Read a whole number; digits will do, since multipart knows nothing else."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.lstrip("-").isdecimal():
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise NotPossibleError(f"field {name!r} must be a whole number")
        return value

    def decimal(self, name: str) -> float:
        """Read a finite number; digits will do here too."""
        value = self.fields.get(name)
        try:
            number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise NotPossibleError(f"field {name!r} must be a number")
        return number

    def flag(self, name: str) -> bool:
        """Read true or false."""
        value = self.fields.get(name)
        if not isinstance(value, bool):
            raise NotPossibleError(f"field {name!r} must be true or false")
        return value

    def part(self, name: str) -> "Form":
        """Read an object within."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise NotPossibleError(f"field {name!r} must be an object")
        return Form(value)


async def read_form(request: web.Request) -> Form:
    """Read a JSON object.

    Raises: NotPossibleError; also for another content type, which a page elsewhere could send unasked.
    """
    if request.content_type != "application/json":
        raise NotPossibleError("send application/json", status=415)
    try:
        fields = json.loads(await request.read())
    except ValueError:
        raise NotPossibleError("the body is no JSON") from None
    if not isinstance(fields, dict):
        raise NotPossibleError("the body must be a JSON object")
    return Form(fields)


async def read_upload(request: web.Request) -> tuple[Form, Upload]:
    """Read a multipart form with one file.

    Raises: NotPossibleError.
    """
    if request.content_type != "multipart/form-data":
        raise NotPossibleError("send multipart/form-data", status=415)
    try:
        texts, uploads = await read_parts(request)
    except RefusedError as refusal:
        raise NotPossibleError(refusal.description, status=refusal.code) from refusal
    if "file" not in uploads:
        raise NotPossibleError("field 'file' must be a file")
    return Form(dict(texts)), uploads["file"]
