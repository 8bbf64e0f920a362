"""What still waits for a human's sign-off, told to whoever runs `check` and `run`, and to a native reader."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.content_folder import load_content
from bot.content.signed import VOICE, approve, missing_sign_offs
from bot.core.errors import OperatorError
from bot.core.flow import SIGN_OFFS
from bot.core.signing import Missing, Sentence


def sign_off_lines(missing: Missing) -> Iterator[str]:
    """Say exactly what is missing, a line for each kind of sentence and what it lacks, and one for the countries."""
    new, changed = ([(one.kind, one.context) for one in group] for group in (missing.unapproved, missing.changed))
    lacks = (
        ("not read by a native reader (./helpline words approve)", new),
        ("changed since a native reader approved it", changed),
        (f"not recorded in {VOICE}", [(one.kind, one.file) for one in missing.unrecorded]),
    )
    for what, found in lacks:
        for kind in dict.fromkeys(kind for kind, _ in found):
            names = [name for one, name in found if one == kind]
            yield f"{kind}: {len(names)} {what}: {', '.join(dict.fromkeys(names))}"
    if missing.countries:
        lack = "without a number that is shown, or `no_number` (why, day) in flows/tables/countries.yaml"
        yield f"countries: {len(missing.countries)} {lack}: {', '.join(missing.countries)}"


def refusal(missing: Missing) -> str:
    """Say in two lines why people are not served yet, and what to do."""
    words, voices = len(missing.unapproved) + len(missing.changed), len(missing.unrecorded)
    return (
        f"Humans have not signed off {words} sentences, {voices} recordings and {len(missing.countries)} countries' "
        "emergency numbers: `./helpline check` lists them.\n"
        "To try it with people who know that it is a trial, which every screen then says: `./helpline run --trial`."
    )


def approve_words(root: Path, *, reader: str, kind: str | None) -> None:
    """Show a native reader each sentence that waits, in both languages, and write down which they approve."""
    if not reader.strip() or "\t" in reader:
        raise OperatorError("Give the reader's name: an approval is of a named person who reads Khmer as their own.")
    if kind not in (None, *SIGN_OFFS):
        raise OperatorError(f"There is no kind '{kind}': say one of {', '.join(SIGN_OFFS)}.")
    missing = missing_sign_offs(load_content(root), root)
    waiting = [one for one in (*missing.changed, *missing.unapproved) if kind in (None, one.kind)]
    for at, sentence in enumerate(waiting, start=1):
        answer = _asked(sentence, f"{at} of {len(waiting)}")
        if answer == "q":
            return
        if answer == "y":
            approve(root, sentence, reader=reader.strip(), on=datetime.now(UTC).date())
    typer.echo("Nothing more waits for a reader here.")


def _asked(sentence: Sentence, place: str) -> str:
    typer.echo(f"\n{place}: {sentence.kind}, {sentence.context}\n{sentence.english}\n\n{sentence.khmer}\n")
    answer: str = typer.prompt("Does the Khmer say this, kindly and plainly? [y]es, [n]o, [q]uit", default="n")
    return answer.strip().lower()[:1]
