"""Every error the helpline raises on purpose, and whose fault it is.

    HelplineError
    ├── AuthorError      flows, words or tables are wrong: `./helpline check` says where
    ├── OperatorError    settings, keys, a command or a desk act: the person running it can mend it
    ├── PeerError        Telegram or a partner answered something unusable
    └── MachineError     disk, database or lock: the same work may succeed later

A person's input is never an error: it is an event. Messages say what failed, with which value
(never a person's words), and what to do next.
"""


class HelplineError(Exception):
    """Carry a message that can be shown to whoever runs the helpline."""


class AuthorError(HelplineError):
    """Content is incomplete, unsourced or unsafe; the message names file, line and remedy."""


class OperatorError(HelplineError):
    """A setting, key, command or desk act is wrong; the message names it and the remedy."""


class PeerError(HelplineError):
    """A peer (Telegram, a partner) answered something that cannot be used."""


class MachineError(HelplineError):
    """The machine is sick (disk, database, lock): nothing was changed and the work may be tried again."""
