"""The helpline backs itself up each night, tests a backup each week, and says so when either, or the disk, fails."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.restoring import verified
from bot.core.errors import OperatorError
from bot.service.backing_up import superfluous
from bot.service.nights import LOW_DISK, MADE, TESTED
from bot.vault.recovery import new_recovery
from tests.whole.house import House


def backups(house: House) -> list[str]:
    """Name the backups that lie there."""
    return sorted(path.name for path in house.settings.backups.glob("*"))


async def nights(house: House, count: int) -> None:
    """Let nights pass, each with its backup."""
    for _ in range(count):
        made = await house.store.desk.get(MADE)
        house.clock.put_forward(timedelta(days=1))
        await house.until(lambda made=made: _is_newer(house, made))  # type: ignore[misc] # mypy does not infer it
        await house.settled()


async def _is_newer(house: House, made: str | None) -> bool:
    return await house.store.desk.get(MADE) != made


async def _are(house: House, count: int) -> bool:
    return len(backups(house)) == count


def alarms(house: House, code: str) -> int:
    """Count how often the group was told of an alarm."""
    return sum(house.says("alarm", name=code) in message.text for message in house.group.messages())


def words_in(folder: Path, words: str) -> Path:
    """Write recovery words into a file, as `init --out` does."""
    file = folder / "words"
    file.write_text(f"passphrase: something\nrecovery words: {words}\n", encoding="utf-8")
    return file


async def test_each_night_has_a_backup_and_each_week_a_test(house: House) -> None:
    """At three in the morning; the first is tested, and then one a week later, not the six between."""
    tested = []
    for _ in range(8):
        await nights(house, 1)
        tested.append(await house.store.desk.get(TESTED))

    assert len(set(tested[:7])) == 1
    assert tested[7] != tested[6]
    assert backups(house)[-1].startswith(f"helpline-{house.clock.now():%Y%m%d}-0500")
    assert list(house.settings.data.glob("scratch-*")) == []


async def test_a_backup_opens_with_the_recovery_words_alone(house: House, tmp_path: Path) -> None:
    """Words from paper, in any shape; other words are told from damage."""
    await house.in_danger(house.person())
    await nights(house, 1)
    (name,) = backups(house)
    restored = verified(house.settings, house.settings.backups / name, words_in(tmp_path, house.keys.recovery.words))

    assert (restored.rows["cases"], restored.missing) == (1, 0)
    with pytest.raises(OperatorError, match="another recovery key"):
        verified(house.settings, house.settings.backups / name, words_in(tmp_path, new_recovery().words))


async def test_a_night_that_fails_is_told_and_tried_again(house: House) -> None:
    """The old backup stays, people are served, and once the reason is gone the next try makes up for it."""
    await nights(house, 1)
    first = backups(house)
    blocked = house.settings.backups.rename(house.folder / "moved")
    house.settings.backups.write_text("in the way")
    house.clock.put_forward(timedelta(days=1))
    await house.eventually(lambda: alarms(house, "backup_failed") == 1)
    sokha = house.person()
    await house.after(sokha.says("/start"))
    assert house.step(sokha) == "start.menu"

    house.settings.backups.unlink()
    blocked.rename(house.settings.backups)
    house.clock.put_forward(timedelta(hours=7))
    await house.until(lambda: _are(house, 2))
    assert first[0] in backups(house)


async def test_a_missed_night_is_made_up_for_at_the_start(house: House) -> None:
    """A machine that is off each night would never have a backup."""
    await nights(house, 1)
    await house.stop()
    house.clock.put_forward(timedelta(hours=30))
    await house.open()

    await house.until(lambda: _are(house, 2))


async def test_an_old_backup_and_a_full_disk_raise_alarms(house: House) -> None:
    """Two days without a backup, and less than 1 GiB of room, are told to the group."""
    await house.store.desk.put(MADE, (house.clock.now() - timedelta(days=3)).isoformat())
    nights = house.helpline.nights
    assert nights is not None
    await nights.look()
    await house.eventually(lambda: alarms(house, "backup_old") == 1)

    nights._free = lambda: LOW_DISK - 1  # a disk cannot be filled for a test
    await nights.look()
    await house.eventually(lambda: alarms(house, "disk_low") == 1)


async def test_only_one_backup_is_made_at_a_time(house: House) -> None:
    """A second one is refused at once, and works when the first is done or given up."""
    made = house.helpline.backups
    assert made is not None
    first = await made.sealed()
    await anext(first)
    with pytest.raises(OperatorError, match="being made"):
        await made.sealed()
    await first.aclose()

    assert await made.make(test=True) in backups(house)


async def test_raised_alarms_and_backups_are_told_to_commands(house: House) -> None:
    """`check` asks a running helpline for them."""
    await house.helpline.alarm("backup_failed")
    await house.helpline.alarm("provisional_key")
    await nights(house, 1)
    told = await house.helpline.office.answer({"do": "health"})

    assert [code for code, _ in told["alarms"]] == []
    await house.helpline.alarm("disk_low")
    told = await house.helpline.office.answer({"do": "health"})
    assert ([code for code, _ in told["alarms"]], told["tested"]) == (["disk_low"], told["made"])


def test_seven_days_and_four_weeks_are_kept() -> None:
    """The newest of each; a day with three counts once, and what is older than four weeks is gone."""
    begin = datetime(2026, 3, 1, 20, tzinfo=UTC)
    made = [(begin + timedelta(days=day, hours=hour), f"{day}.{hour}") for day in range(60) for hour in (0, 1)]
    gone = set(superfluous(made))
    kept = [name for _, name in made if name not in gone]

    assert kept == ["41.1", "48.1", *(f"{day}.1" for day in range(53, 60))]
    assert superfluous(made[:1]) == superfluous([]) == []
