"""Builds the tables that operators work with: outcomes, milestones, checklists and saved answers."""

from collections.abc import Mapping

from bot.content.draft import Draft
from bot.content.fields import Fields
from bot.content.strict_yaml import Node
from bot.content.table_files import named_rows
from bot.core.content import Checklist, Milestone, Organisation, Outcome, SavedReply
from bot.core.flow import Words


def build_outcomes(node: Node | None, draft: Draft) -> Mapping[str, Outcome]:
    """Build the outcomes, coded failures among them; each has a source."""
    outcomes = {}
    for ident, fields in named_rows(node, "outcomes", "outcome", draft):
        words = fields.words("label", "tables.outcomes")
        outcomes[ident] = Outcome(id=ident, words=words, failed=fields.flag("failed"), source=fields.text("source"))
        fields.close()
    return outcomes


def build_milestones(node: Node | None, draft: Draft) -> Mapping[str, Milestone]:
    """Build the milestones, in their usual order; each has a source."""
    milestones = {}
    for ident, fields in named_rows(node, "milestones", "milestone", draft):
        words = fields.words("label", "tables.milestones")
        milestones[ident] = Milestone(id=ident, words=words, source=fields.text("source"))
        fields.close()
    return milestones


def build_organisations(node: Node | None, draft: Draft) -> Mapping[str, Organisation]:
    """Build the organisations that a request may be passed on to; each has a source."""
    organisations = {}
    for ident, fields in named_rows(node, "organisations", "organisation", draft):
        words = fields.words("label", "tables.organisations")
        organisations[ident] = Organisation(id=ident, words=words, source=fields.text("source"))
        fields.close()
    return organisations


def build_checklists(node: Node | None, draft: Draft) -> Mapping[str, Checklist]:
    """Build the checklists, by the id of their rule; each has a source, and says both what to do and what not."""
    checklists = {}
    for ident, fields in named_rows(node, "checklists", "checklist", draft):
        checklists[ident] = Checklist(
            id=ident,
            title=fields.words("label", "tables.checklists"),
            phone=_sentences(fields, "phone"),
            never=_sentences(fields, "never"),
            source=fields.text("source"),
        )
        fields.close()
    return checklists


def _sentences(fields: Fields, name: str) -> tuple[Words, ...]:
    texts = fields.texts(name)
    if not texts:
        fields.fault(name, f"`{name}` of this {fields.what} is empty", f"Add `{name}: [...]`")
    return tuple(fields.draft.words("tables.checklists", text, fields.place(name)) for text in texts)


def build_saved_replies(node: Node | None, draft: Draft) -> Mapping[str, SavedReply]:
    """Build the answers an operator can send with two presses."""
    replies = {}
    for ident, fields in named_rows(node, "saved_replies", "saved answer", draft):
        context = "tables.saved_replies"
        replies[ident] = SavedReply(id=ident, label=fields.words("label", context), text=fields.words("text", context))
        fields.close()
    return replies
