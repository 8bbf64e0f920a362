"""Reach somebody outside Telegram: run a command of the organisation's own, or post to an address of its choosing."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence

import aiohttp

SECONDS = 20.0


class CommandCall:
    """Run one command, without a shell; what is told comes on its standard input. What it prints is read by nobody.

    `environment` is all that it gets of ours: no token and no setting.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, folder: str, seconds: float = SECONDS
    ) -> None:
        self._command = command
        self._environment = environment
        self._folder = folder
        self._seconds = seconds

    async def __call__(self, told: bytes) -> bool:
        """Run it; says whether it ended well (code 0) in time. What takes longer is killed, with all it began."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env=self._environment,
                cwd=self._folder,
                start_new_session=True,
            )
        except (OSError, ValueError):
            return False
        try:
            async with asyncio.timeout(self._seconds):
                await process.communicate(told + b"\n")
        except TimeoutError:
            return False
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return process.returncode == 0


class AddressCall:
    """Post to one address. It may be a secret, like the token of a service: it is in no log and no error."""

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        self._address = address
        self._patience = aiohttp.ClientTimeout(total=seconds)

    async def __call__(self, told: bytes) -> bool:
        """Post it as JSON; says whether the answer was a good one (2xx). A redirect is not followed."""
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=self._patience) as session,
                session.post(self._address, data=told, headers=headers, allow_redirects=False) as answer,
            ):
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
