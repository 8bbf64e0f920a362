"""The few files that pages need: style sheets and scripts, kept in memory, compressed once.

Their address holds a digest of them, so that browsers keep them for good and get new ones at once.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class File:
    """One file, compressed."""

    packed: bytes
    media_type: str


def _read(path: Path) -> tuple[str, File]:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{path.stem}.{digest}{path.suffix}", File(gzip.compress(content, 9, mtime=0), TYPES[path.suffix])


class StaticFiles:
    """Serve them, and give their addresses to templates."""

    def __init__(self) -> None:
        """Read the folder."""
        self._files: dict[str, File] = {}
        self.addresses: dict[str, str] = {}
        for path in sorted(FOLDER.iterdir()):
            if path.suffix in TYPES:
                name, file = _read(path)
                self._files[name] = file
                self.addresses[path.name] = f"/static/{name}"

    @property
    def sizes(self) -> Mapping[str, int]:
        """Give the compressed sizes by address."""
        return {f"/static/{name}": len(file.packed) for name, file in self._files.items()}

    async def serve(self, request: Request) -> Response:
        """Serve one by its name."""
        file = self._files.get(str(request.path_params["name"]))
        if file is None:
            return Response(status_code=404)
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        if packed:
            headers["Content-Encoding"] = "gzip"
        content = file.packed if packed else gzip.decompress(file.packed)
        return Response(content, headers=headers, media_type=file.media_type)
