"""A night with its backup, played again and again while the process dies at another port call each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.cli.restoring import verified
from bot.core.content import Content
from bot.service.nights import MADE, TESTED
from bot.store.copying import SCRATCH
from bot.store.whole_files import UNFINISHED
from tests.faults.doomed import Doomed, Forge
from tests.faults.ports import Point
from tests.whole.house import Keys

UNTIL_NIGHT = timedelta(hours=15, minutes=10)


@dataclass(frozen=True, slots=True)
class Night:
    """What a night left behind: cases in each backup there is, what nobody has cleaned up, and whether one was tested.

    `asks`: somebody who came afterwards was answered.
    """

    met: bool
    backups: Sequence[int]
    left: Sequence[str]
    tested: bool
    asks: bool
    points: Sequence[Point]

    @property
    def is_right(self) -> bool:
        """Say whether there is one backup, whole and tested, and nothing besides."""
        return (self.backups, self.left, self.tested, self.asks) == ([1], [], True, True)


async def play_night(folder: Path, content: Content, keys: Keys, forge: Forge, *, death: Point | None = None) -> Night:
    """Let a process begin ten minutes after a backup was due, and die at a point; another one goes on."""
    house = Doomed(folder, content, keys, forge)
    try:
        await house.start()
        await house.in_danger(house.person())
        begun = house.clock.now().isoformat()
        await house.store.desk.put(MADE, begun)
        await house.halt(house.person("Mony").says("/start"))
        house.clock.put_forward(UNTIL_NIGHT)
        await house.live(death)
        await house.until(partial(_is_over, house, begun))
        if house.lives_apart:
            await house.rise()
        sokha = house.person("Later")
        await house.after(sokha.says("/start"))
        return _night(house, folder, asks=sokha.screen() is not None)
    finally:
        await house.close()


async def _is_over(house: Doomed, begun: str) -> bool:
    await house.settled()
    return house.fact(MADE) != begun


def _night(house: Doomed, folder: Path, *, asks: bool) -> Night:
    words = folder / "words"
    words.write_text(f"recovery words: {house.keys.recovery.words}\n", encoding="utf-8")
    backups = sorted(house.settings.backups.glob("*.backup"))
    data = house.settings.data
    return Night(
        met=house.met,
        backups=[verified(house.settings, backup, words).rows["cases"] for backup in backups],
        left=[path.name for pattern in (f"{SCRATCH}*", f"**/*{UNFINISHED}") for path in data.glob(pattern)],
        tested=house.fact(TESTED) is not None,
        asks=asks,
        points=house.trace(),
    )
