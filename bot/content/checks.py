"""Checks content as a whole, once every file has been read and every sentence has its Khmer."""

from bot.content.draft import Draft
from bot.content.lengths import check_lengths
from bot.content.paths import check_paths
from bot.content.promises import check_promises
from bot.content.references import References
from bot.core.content import Content
from bot.core.flow import Ask, Menu


def check_content(content: Content, draft: Draft) -> None:
    """Note everything that is wrong with content whose files could all be read."""
    References(content, draft).check()
    check_promises(content, draft)
    check_lengths(content, draft)
    check_paths(content, draft)


def missing_stories(content: Content, told: set[str]) -> tuple[str, ...]:
    """Give the screens that no story shows, as `flow.step`; `told` are those that stories have shown.

    Only questions and menus are screens; what is said or sent shows on the screen after it.
    """
    screens = (
        f"{flow.id}.{step.id}" for flow in content.flows.values() for step in flow.steps if isinstance(step, Ask | Menu)
    )
    return tuple(screen for screen in screens if screen not in told)
