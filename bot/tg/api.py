"""One bot's calls to the Bot API: raw parameters in, Telegram's raw result out.

The library's own methods build an object for every answer, at several times the cost of the call; of an answer nothing
but a message id is ever needed here.
"""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from telegram.error import TelegramError
from telegram.request import RequestData

from bot.tg.errors import PerhapsSentError, failed
from bot.tg.request import AiohttpRequest

Upload = tuple[str, bytes, str]
"""A file's name, its bytes, and their media type."""


@dataclass(frozen=True, slots=True)
class _Parameters:
    """The documented face of the library's RequestData, of which only the library may make one."""

    parameters: Mapping[str, object]
    multipart_data: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def contains_files(self) -> bool:
        """Say whether it must be a form."""
        return bool(self.multipart_data)

    @property
    def json_parameters(self) -> Mapping[str, str]:
        """Give the parameters as texts, for a form."""
        return {name: one if isinstance(one, str) else json.dumps(one) for name, one in self.parameters.items()}


class Api:
    """Call the Bot API at `root` (no slash at the end) as the bot that owns `token`.

    `calls` counts them, by method and how they ended: "ok", or the Failure that the error means.
    """

    def __init__(self, request: AiohttpRequest, *, root: str, token: str) -> None:
        self._request = request
        self._methods = f"{root}/bot{token}"
        self._files = f"{root}/file/bot{token}"
        self.calls: Counter[tuple[str, str]] = Counter()

    async def call(
        self,
        method: str,
        parameters: Mapping[str, object] | None = None,
        *,
        files: Mapping[str, Upload] | None = None,
        patience: float | None = None,
    ) -> object:
        """Call one method and give its result; `patience` replaces the usual seconds without an answer.

        Raises TelegramError: one of the library's classes or of ours in `errors`.
        """
        # cast: RequestData is final, and do_request, the only one to read it, keeps to its documented attributes.
        body = cast(RequestData, _Parameters(parameters, files or {})) if parameters else None
        read_timeout = self._request.read_timeout if patience is None else patience
        problem: TelegramError
        try:
            result = await self._request.post(f"{self._methods}/{method}", body, read_timeout=read_timeout)
        except KeyError:
            problem = PerhapsSentError("Telegram's answer has no result")
        except TelegramError as error:
            problem = error
        else:
            self.calls[method, "ok"] += 1
            return result
        self.calls[method, failed(problem).failure] += 1
        raise problem

    def file(self, path: str) -> AsyncGenerator[bytes, None]:
        """Stream the file at a path that getFile gave, in chunks of 64 KiB. Raises TelegramError."""
        return self._request.stream(f"{self._files}/{quote(path)}")
