"""Files people and the bot send: kept in memory only, the newest up to a bound, named by Telegram-like file ids."""

import mimetypes
import random
import struct
from collections import OrderedDict
from dataclasses import dataclass

from bot.sandbox.refusals import bad
from bot.sandbox.wire import Wire

DOWNLOAD_LIMIT = 20 << 20  # bytes a bot may fetch with getFile
UPLOAD_LIMIT = 50 << 20  # bytes a bot may send
KEPT = 200 << 20  # bytes kept in all

KINDS = ("voice", "photo", "document", "video", "audio", "animation", "video_note", "sticker")

_FOLDERS = {"photo": "photos", "document": "documents", "video": "videos", "audio": "music"}
_MIMES = {"voice": "audio/ogg", "photo": "image/jpeg", "video": "video/mp4", "audio": "audio/mpeg"}
_SUFFIXES = {"audio/ogg": ".oga", "image/jpeg": ".jpg"}


@dataclass(slots=True, eq=False)
class StoredFile:
    """One file. `content` is None once it was dropped or lost; `size` may be declared larger than the content."""

    id: str
    unique_id: str
    kind: str
    path: str
    name: str
    mime: str
    size: int
    content: bytes | None

    def wire(self) -> Wire:
        """Give the fields every kind of file has in a message."""
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}


class Files:
    """Keep files by id and by download path."""

    def __init__(self, *, chance: random.Random, kept: int = KEPT) -> None:
        self._chance = chance
        self._kept = kept
        self._held = 0
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._newest: OrderedDict[str, StoredFile] = OrderedDict()

    def add(self, content: bytes, *, kind: str, name: str = "", mime: str = "", size: int | None = None) -> StoredFile:
        """Keep one file; the oldest are dropped when the bound is passed."""
        mime = mime or _MIMES.get(kind, "") or mimetypes.guess_type(name)[0] or "application/octet-stream"
        number = len(self._by_id)
        suffix = _SUFFIXES.get(mime) or mimetypes.guess_extension(mime) or ""
        file = StoredFile(
            id=f"{kind[:2]}{self._chance.getrandbits(192):048x}{number:06x}",
            unique_id=f"AQAD{self._chance.getrandbits(64):016x}",
            kind=kind,
            path=f"{_FOLDERS.get(kind, kind)}/file_{number}{suffix}",
            name=name,
            mime=mime,
            size=len(content) if size is None else size,
            content=content,
        )
        self._by_id[file.id] = self._by_path[file.path] = self._newest[file.id] = file
        self._held += len(content)
        self._drop_oldest()
        return file

    def find(self, file_id: str) -> StoredFile | None:
        """Find a file by its id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """Find a file by its download path."""
        return self._by_path.get(path)

    def lose(self, file_id: str) -> None:
        """Make one file unavailable, as happens to Telegram's own from time to time."""
        self._drop(self._by_id[file_id])

    def link(self, file_id: str) -> Wire:
        """Answer getFile.

        Raises: RefusedError if the id is unknown, the file over 20 MB or no longer held.
        """
        file = self._by_id.get(file_id)
        if file is None:
            raise bad("invalid file_id")
        if file.size > DOWNLOAD_LIMIT:
            raise bad("file is too big")
        if file.content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        return file.wire() | {"file_path": file.path}

    def _drop_oldest(self) -> None:
        while self._held > self._kept and len(self._newest) > 1:
            self._drop(next(iter(self._newest.values())))

    def _drop(self, file: StoredFile) -> None:
        if file.content is not None:
            self._held -= len(file.content)
            file.content = None
            self._newest.pop(file.id, None)


def content_of(file: StoredFile, *, duration: int | None = None) -> Wire:
    """Give the part of a message that carries this file, under its kind's name; `duration` in seconds."""
    wire = file.wire()
    if file.kind == "photo":
        width, height = picture_size(file.content or b"")
        small = wire | {"width": max(1, width // 8), "height": max(1, height // 8)}
        return {"photo": [small, wire | {"width": width, "height": height}]}
    if file.kind in ("voice", "video", "audio", "animation", "video_note"):
        wire["duration"] = 1 if duration is None else duration
    if file.kind in ("video", "animation", "sticker"):
        wire |= {"width": 640, "height": 480}
    if file.kind == "video_note":
        return {"video_note": wire | {"length": 240}}
    if file.kind == "sticker":
        return {"sticker": wire | {"type": "regular", "is_animated": False, "is_video": False}}
    wire["mime_type"] = file.mime
    if file.name and file.kind != "voice":
        wire["file_name"] = file.name
    return {file.kind: wire}


def picture_size(content: bytes) -> tuple[int, int]:
    """Read width and height out of a PNG or JPEG header; 1280 x 960 where there is none to read."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width or 1, height or 1
    return _jpeg_size(content) or (1280, 960)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2 if content[:2] == b"\xff\xd8" else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = struct.unpack(">xBH", content[at : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width or 1, height or 1
        at += 2 + length
    return None
