"""A Telegram of one's own: a local Bot API and a page with phones, for trying and for tests."""

from bot.sandbox.box import Sandbox, populate, serve
from bot.sandbox.faults import Fault
from bot.sandbox.hooks import Hooks, Saved
from bot.sandbox.people import Group, Person

__all__ = ["Fault", "Group", "Hooks", "Person", "Sandbox", "Saved", "populate", "serve"]
