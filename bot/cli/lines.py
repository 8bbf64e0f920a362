"""Lines of standard input, one by one as they come: for people at a terminal and for programs at a pipe."""

import contextlib
from collections.abc import Iterator

import typer


def typed_lines(*, prompt: str = "") -> Iterator[str]:
    """Give each line without its end, as soon as it is there. Bytes that are not UTF-8 become U+FFFD.

    `prompt` is shown at a terminal only.
    """
    if typer.get_text_stream("stdin").isatty():
        yield from _at_terminal(prompt)
        return
    for line in typer.get_binary_stream("stdin"):
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", errors="replace")


def _at_terminal(prompt: str) -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - with it, input() can edit Khmer; some Pythons have none

    while True:
        try:
            line = input(prompt)
        except (EOFError, UnicodeDecodeError):
            return
        yield line.encode("utf-8", errors="replace").decode("utf-8")  # no lone surrogates
