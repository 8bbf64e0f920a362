"""The agreed word: by it people show that it is they who hold the phone, before what operators wrote is shown there.

The word itself is kept nowhere. Its digest, with a salt of its own, is kept in the conversation, which is encrypted
with the server key: who has the phone or a case finds nothing to try words against. Who has that key and the store
reads answers anyway as they pass, so a slow digest would guard nothing more and hold up everybody's decisions.
"""

from hashlib import blake2b
from hmac import compare_digest

from bot.core.khmer import fold
from bot.core.values import Value

SHORTEST, LONGEST = 2, 40
"""In characters, once folded, without spaces: what is longer is a message, not a word."""
TRIES = 3
"""After so many wrong words none is looked at until there is another reply."""


class AgreedWord(Value):
    """What is remembered of a word. `message` is the message that told it, which may still be corrected.

    `known`: who writes has said it, or set it, and was not silent for ten minutes nor hid the chat since. `waits` is
    the newest case of which a reply waits for it, `asked` whether it was asked for since, `tries` how often it was
    wrong.
    """

    salt: str
    digest: str
    message: int | None = None
    known: bool = True
    waits: str | None = None
    asked: bool = False
    tries: int = 0

    @property
    def locked(self) -> bool:
        """Say whether words are not looked at any more, because too many were wrong."""
        return self.tries >= TRIES

    def is_said(self, text: str) -> bool:
        """Say whether somebody typed just this word."""
        return compare_digest(self.digest, _digest(text, self.salt))


def agree(text: str, *, salt: str, message: int | None) -> AgreedWord:
    """Remember a word by its digest; `salt` is any text of up to 64 characters that no other word has."""
    return AgreedWord(salt=salt, digest=_digest(text, salt), message=message)


def fits(text: str) -> bool:
    """Say whether a text is of the length of a word."""
    return SHORTEST <= len(_folded(text)) <= LONGEST


def _folded(text: str) -> str:
    """Give a text so that it is the same however it is typed; where Khmer is spaced is a matter of taste."""
    return "".join(fold(text).split())


def _digest(text: str, salt: str) -> str:
    return blake2b(_folded(text).encode(errors="replace"), key=salt.encode(), digest_size=16).hexdigest()
