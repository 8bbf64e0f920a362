"""After a fire: empty folders, a backup, the recovery words, and the copy of the keys folder, or without it."""

import shutil
from pathlib import Path

import pytest

from bot.cli.restoring import restore
from bot.core.errors import OperatorError
from bot.store.folder import LockedError
from bot.store.opening import database_path
from bot.vault.recovery import new_recovery
from tests.whole.house import House


class Fire:
    """A helpline whose machine is gone: what is left is a backup, the words, and perhaps a copy of the keys."""

    def __init__(self, house: House, patch: pytest.MonkeyPatch) -> None:
        """Point the commands at the house's folders."""
        self.house = house
        self.words = house.folder / "words"
        self.words.write_text(house.keys.recovery.words, encoding="utf-8")
        patch.setenv("HELPLINE_DATA", str(house.settings.data))
        patch.setenv("HELPLINE_KEYS", str(house.settings.keys))
        self.file = house.folder / "kept.backup"
        self.copy_of_keys = house.folder / "copy of keys"

    async def happens(self) -> None:
        """Make a backup, and lose everything else."""
        backups = self.house.helpline.backups
        assert backups is not None
        name = await backups.make(test=True)
        shutil.copy(self.house.settings.backups / name, self.file)
        await self.house.stop(clean=False)
        self.house.settings.keys.rename(self.copy_of_keys)
        shutil.rmtree(self.house.settings.data)

    def keys_are_brought_back(self) -> None:
        """Put the copy of the keys folder where it was."""
        shutil.copytree(self.copy_of_keys, self.house.settings.keys)

    def restores(self, *, file: Path | None = None, words: str | None = None, without: bool = False) -> None:
        """Run `./helpline restore`."""
        if words is not None:
            self.words.write_text(words, encoding="utf-8")
        restore(file or self.file, recovery_file=self.words, without_server_key=without, dotenv=False)


@pytest.fixture
def fire(house: House, monkeypatch: pytest.MonkeyPatch) -> Fire:
    """Give a fire that has not happened yet."""
    return Fire(house, monkeypatch)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


async def test_everybody_goes_on_after_a_fire(house: House, fire: Fire) -> None:
    """With the copy of the keys the person stands where they stood, the case opens, files too, and replies arrive."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    await house.after(sokha.sends_voice(b"voice" * 9000))
    before = await house.opened(str(case["number"]))
    await fire.happens()
    fire.keys_are_brought_back()
    fire.restores()
    await house.open()
    await house.settled()

    assert await house.opened(str(case["number"])) == before
    await house.chooses(sokha, "skip")
    await house.after(house.desk(house.dara, "t", str(case["number"])))
    assert (await house.cases())[0]["state"] == "taken"


async def test_without_the_keys_the_cases_are_kept_and_open(house: House, fire: Fire) -> None:
    """Cases open and are worked on; an operator who answers is told that nobody is reached; people can begin anew."""
    sokha = house.person()
    case = await house.in_danger(sokha)
    number = str(case["number"])
    await house.after(sokha.says("they keep my papers"))
    before = await house.opened(number)
    await fire.happens()
    with pytest.raises(OperatorError, match=r"is missing.*--without-server-key"):
        fire.restores()
    fire.restores(without=True)
    await house.open()
    await house.settled()

    assert (await house.opened(number)).texts() == before.texts()
    await house.after(house.desk(house.dara, "t", number))
    assert (await house.cases())[0]["assignee"] == "Dara"
    await house.after(house.dara.says("we are here", chat=house.group, reply_to=house.card(number)))
    assert house.says("delivery_failed", number=number) in house.group.messages()[-1].text
    await house.passes(hours=25)
    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"


async def test_a_restore_never_overwrites(house: House, fire: Fire) -> None:
    """Not a helpline that runs, not a database, not sealed files; each is left as it was."""
    await fire.happens()
    fire.keys_are_brought_back()
    fire.restores()
    with pytest.raises(OperatorError, match=r"helpline\.db is there already"):
        fire.restores()
    await house.open()
    with pytest.raises(LockedError):
        fire.restores()
    await house.stop()
    database_path(house.settings.database).unlink()
    (house.settings.data / "blobs").mkdir(exist_ok=True)
    (house.settings.data / "blobs" / ("0" * 32)).touch()
    with pytest.raises(OperatorError, match="blobs is there already"):
        fire.restores()


async def test_what_cannot_be_restored_leaves_the_folders_empty(house: House, fire: Fire) -> None:
    """Other words, a typing error, a file cut short, no backup at all, another organisation's key: told, not tried."""
    await fire.happens()
    words = house.keys.recovery.words
    short = house.folder / "short.backup"
    short.write_bytes(fire.file.read_bytes()[:-20])
    fire.keys_are_brought_back()
    for told, given in (
        ("another recovery key", {"words": new_recovery().words}),
        ("24 words", {"words": words.rpartition(" ")[0]}),
        ("altered|cut short", {"words": words, "file": short}),
        ("not a backup", {"words": words, "file": fire.words}),
        ("is not a file", {"words": words, "file": house.folder / "nothing"}),
    ):
        with pytest.raises(OperatorError, match=told):
            fire.restores(**given)
    (house.settings.keys / "server.key").write_bytes(b"k" * 32)
    with pytest.raises(OperatorError, match="not the key of this database"):
        fire.restores(words=words)
    with pytest.raises(OperatorError, match="leave --without-server-key out"):
        fire.restores(without=True)

    assert _left(house.settings.data) == ["helpline.db.lock"]
