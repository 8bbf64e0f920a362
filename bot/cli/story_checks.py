"""What the stories prove of the content: that it goes as they tell, and which screens nobody has told of."""

from pathlib import Path

from bot.cli.content_folder import load_content
from bot.cli.fitness import Finding, faults
from bot.cli.story_files import load_stories
from bot.content.checks import missing_stories
from bot.core.content import Content
from bot.core.errors import AuthorError
from bot.sandbox.stories import Player, Story, StoryFailed

STORIES = "tests/stories"


def story_lines(root: Path) -> list[Finding]:
    """Play every story in its languages, and find the screens that none of them shows."""
    try:
        content = load_content(root)
        stories = load_stories(root / STORIES)
    except AuthorError as error:
        return faults(error)
    told: set[str] = set()
    failed = [each for story in stories for each in _play(content, story, told)]
    untold = [
        (False, f"{screen}: No story shows this. Tell one in {STORIES}/; ./helpline chat --story FILE records it.")
        for screen in missing_stories(content, told)
    ]
    return [(True, f"stories: {len(stories)}"), *failed, *untold]


def _play(content: Content, story: Story, told: set[str]) -> list[Finding]:
    """Play a story in its languages, and add the screens it shows to `told`."""
    failed = []
    for language in story.languages:
        player = Player(content, story, language)
        try:
            player.play()
        except StoryFailed as error:
            failed.append((False, str(error)))
        told |= player.steps
    return failed
