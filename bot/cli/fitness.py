"""Whether the helpline is fit to serve people: content, settings, keys and database, one line for each thing."""

from pathlib import Path

from bot.cli.content_folder import load_content
from bot.cli.signing import sign_off_lines
from bot.content.signed import missing_sign_offs
from bot.content.words import is_template_current
from bot.core.content import Content
from bot.core.errors import AuthorError, OperatorError

Finding = tuple[bool, str]
"""Whether it is fit, and one line: what there is, or what is wrong and how to mend it."""


def content_lines(root: Path, *, signed: bool = False) -> list[Finding]:
    """Examine flows, words and tables; if they are right, tell how much there is of each.

    `signed`: tell also what still waits for a human's sign-off.
    """
    try:
        content = load_content(root)
        current = is_template_current(root)
    except AuthorError as error:
        return faults(error)
    lines = [(True, line) for line in _counts(content)]
    if not current:
        lines.append((False, "locales/messages.pot: It is not as flows/ is now. Run ./helpline words update."))
    return [*lines, *(_sign_off_lines(content, root) if signed else ())]


def _sign_off_lines(content: Content, root: Path) -> list[Finding]:
    try:
        lines = sign_off_lines(missing_sign_offs(content, root))
    except AuthorError as error:
        return faults(error)
    return [(False, f"sign-off: {line}") for line in lines] or [(True, "sign-off: sentences, recordings and numbers")]


def _counts(content: Content) -> list[str]:
    steps = sum(len(flow.steps) for flow in content.flows.values())
    dialled = sum(contact.status == "dialled" for contact in content.directory)
    return [
        f"flows: {len(content.flows)}, with {steps} steps",
        f"words: {len(content.words)} sentences, each in Khmer and English",
        f"tables: {len(content.countries)} countries, {len(content.facts)} facts, {len(content.indicators)} indicators,"
        f" {len(content.rules)} urgency rules, {len(content.lexicon)} terms, {len(content.commands)} commands",
        f"desk: {len(content.outcomes)} outcomes, {len(content.milestones)} milestones,"
        f" {len(content.checklists)} checklists, {len(content.saved_replies)} saved answers",
        f"guidance: {len(content.articles)} articles",
        f"directory: {len(content.directory)} contacts, {dialled} of them dialled",
    ]


def installation_lines(*, dotenv: bool) -> list[Finding]:
    """Examine settings, keys and database; if the settings cannot be read, only these."""
    from bot.cli.examining import examine
    from bot.cli.reaching import settings_for

    try:
        given = settings_for(dotenv=dotenv)
    except OperatorError as error:
        return faults(error)
    return [(True, "settings: every name and value can be used"), *examine(given)]


def faults(error: AuthorError | OperatorError) -> list[Finding]:
    """Give each fault of an error as a finding; a line that only announces the others is none."""
    return [(False, line.strip()) for line in str(error).split("\n") if not line.endswith(":")]
