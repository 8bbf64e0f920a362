"""The process that reads: `python -m bot.content ROOT DAY` writes the content, or what is wrong with it, pickled."""

import pickle
import sys
from datetime import date
from pathlib import Path

from bot.content.loading import load
from bot.core.content import Content
from bot.core.errors import AuthorError


def main() -> None:
    """Read the content of a folder as of a day and write it to standard output."""
    root, day = sys.argv[1:]
    result: Content | AuthorError
    try:
        result = load(Path(root), today=date.fromisoformat(day))
    except AuthorError as error:
        result = error
    pickle.dump(result, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
