"""Which texts and numbers are due to be looked at again: guidance and contacts grow old, and nobody notices."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.core.content import Content

LASTS = timedelta(days=365)
"""Our own figure, awaiting the safeguarding lead: laws, fees and numbers abroad change from year to year."""
SOON = timedelta(days=60)


def expiring(content: Content, today: date) -> list[tuple[date, str]]:
    """List what expires within 60 days or has expired, by day and id, the oldest first."""
    return sorted((day, name) for day, name in _dated(content) if day <= today + SOON)


def _dated(content: Content) -> Iterator[tuple[date, str]]:
    for article in content.articles.values():
        yield article.reviewed + LASTS, article.id
    for contact in content.directory:
        if contact.checked_on is not None and contact.status != "wrong":
            yield contact.checked_on + LASTS, contact.id
