"""Call an address of the organisation's own choosing, where only the call itself says anything."""

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=20)


class Caller:
    """Get one address. It may be a secret, like the token of a watcher: it is in no log and no error."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def __call__(self) -> bool:
        """Call it; says whether the answer was a good one (2xx). A redirect is not followed."""
        try:
            async with (
                aiohttp.ClientSession(timeout=PATIENCE) as session,
                session.get(self._address, allow_redirects=False) as answer,
            ):
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
