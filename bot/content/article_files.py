"""Builds the guidance articles from flows/guidance/*.yaml."""

from collections.abc import Mapping
from datetime import date

from bot.content.draft import Draft
from bot.content.fields import Fields, read_date
from bot.content.strict_yaml import Node, Table
from bot.core.content import Article


def build_articles(nodes: Mapping[str, Node], draft: Draft) -> Mapping[str, Article]:
    """Build every article; `nodes` are the files by name."""
    built = {name: _article(node, name, draft) for name, node in nodes.items()}
    return {name: article for name, article in built.items() if article is not None}


def _article(node: Node, name: str, draft: Draft) -> Article | None:
    if not isinstance(node, Table):
        draft.fault(node.spot, "This file is not an article", f"Begin it with `article: {name}`")
        return None
    fields = Fields(node, "article", draft)
    if fields.ident("article") != name:
        fields.fault("article", f"The article's id is not the file's name, `{name}`", "Make them the same")
    draft.mark(fields.place("article"), f"guidance.{name}")
    article = Article(
        id=name,
        title=fields.words("title", f"guidance.{name}"),
        short=fields.words("short", f"guidance.{name}"),
        body=fields.words("body", f"guidance.{name}"),
        aliases=fields.texts("aliases"),
        sources=_sources(fields),
        reviewed=read_date(fields, "reviewed") or date.min,
    )
    fields.close()
    return article


def _sources(fields: Fields) -> tuple[str, ...]:
    sources = fields.texts("sources")
    if not sources:
        fields.fault("sources", "This article has no source", "Add `sources:` with where each statement comes from")
    return sources
