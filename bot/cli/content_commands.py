"""Commands about content: is it fit, what does it say, how does it talk. Each imports what it needs when it runs."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.app import app

if TYPE_CHECKING:
    from bot.cli.fitness import Finding

flows_app = typer.Typer(name="flows", help="The conversations.", no_args_is_help=True)
guidance_app = typer.Typer(name="guidance", help="The articles for families and workers.", no_args_is_help=True)
words_app = typer.Typer(name="words", help="The catalogues of words, Khmer and English.", no_args_is_help=True)
app.add_typer(flows_app)
app.add_typer(guidance_app)
app.add_typer(words_app)

FAULTS_SHOWN = 25
"""So many faults and the rest of `check` are one screen."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def check(
    *,
    content: Annotated[bool, typer.Option("--content", help="Only flows, words and tables.")] = False,
    dotenv: Annotated[bool, typer.Option("--dotenv/--no-dotenv", hidden=True)] = True,
) -> None:
    """Say in one screen whether all is fit to serve people; exit code 1 if not."""
    from bot.cli.content_folder import content_root
    from bot.cli.fitness import content_lines, installation_lines

    findings = content_lines(content_root(), signed=not content)
    if not content:
        findings += installation_lines(dotenv=dotenv)
    _tell(findings, most=FAULTS_SHOWN)


@flows_app.command("check")
def check_flows() -> None:
    """Find every fault of flows, words and tables, play the stories, and find screens without a story."""
    from bot.cli.content_folder import content_root
    from bot.cli.fitness import content_lines
    from bot.cli.story_checks import story_lines

    findings = content_lines(content_root())
    if all(is_fit for is_fit, _ in findings):
        findings += story_lines(content_root())
    _tell(findings, most=None)


def _tell(findings: "list[Finding]", *, most: int | None) -> None:
    """Print what is fit, then the faults, at most so many; exit with 1 if there are any."""
    faults = [line for is_fit, line in findings if not is_fit]
    for is_fit, line in findings:
        if is_fit:
            typer.echo(f"{typer.style('ok', fg='green')}     {line}")
    for line in faults[:most]:
        typer.echo(f"{typer.style('wrong', fg='red')}  {line}")
    if most is not None and len(faults) > most:
        typer.echo(f"       and {len(faults) - most} more; those of the content: ./helpline flows check")
    if faults:
        typer.echo(f"\nNot fit to serve people: {len(faults)} to mend.")
        raise typer.Exit(1)
    typer.echo("\nFit.")


@app.command()
def triage(*, as_json: Json = False) -> None:
    """Read one message a line from standard input; print how urgent each is and the words that decided."""
    import json

    from bot.cli.content_folder import content_root, load_content
    from bot.cli.lines import typed_lines
    from bot.core.triage import read

    content = load_content(content_root())
    for line in typed_lines():
        reading = read(content, line)
        if as_json:
            typer.echo(json.dumps(reading.model_dump(mode="json"), ensure_ascii=False))
        else:
            labels = [content.text(content.indicators[one].label, "en") for one in reading.indicators]
            because = f"  {', '.join(labels)}  ({', '.join(reading.words)})" if reading.words else ""
            typer.echo(f"{reading.urgency}{because}")


@guidance_app.command()
def search(text: Annotated[list[str], typer.Argument(help="A few words.")], *, as_json: Json = False) -> None:
    """Find the articles that a few words ask for, best first; titles are in the language of the words."""
    import json

    from bot.cli.content_folder import content_root, load_content
    from bot.core import guidance

    content = load_content(content_root())
    query = " ".join(text)
    language: Literal["km", "en"] = "km" if any("ក" <= letter <= "\u17ff" for letter in query) else "en"
    found = [
        {"id": ident, "title": content.text(content.articles[ident].title, language), "score": score}
        for ident, score in guidance.search(content, query)
    ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for article in found:
        typer.echo(f"{article['score']:5.1f}  {article['id']}  {article['title']}")
    if not found:
        typer.echo("No article is near.")


@words_app.command()
def update() -> None:
    """Bring locales/ up to date with flows/: new sentences are added empty, translations are kept."""
    from bot.cli.content_folder import content_root
    from bot.cli.wording import update_words

    for line in update_words(content_root()):
        typer.echo(line)


@words_app.command()
def approve(
    reader: Annotated[str, typer.Argument(help="Your name: Khmer is your own language.")],
    *,
    kind: Annotated[str | None, typer.Option(help="danger, hide, contact, notice or consent.")] = None,
) -> None:
    """Read the sentences that must be approved before people are served, and say of each whether it is right."""
    from bot.cli.content_folder import content_root
    from bot.cli.signing import approve_words

    approve_words(content_root(), reader=reader, kind=kind)
