"""Key files are whole or absent, and of use only while nobody else can read them."""

import os

import pytest

from bot.core.errors import MachineError, OperatorError
from bot.vault.key_files import KeyFolder

SECRET = bytes(range(1, 33))


@pytest.fixture
def filled(folder: KeyFolder) -> KeyFolder:
    """Give a folder that holds one key."""
    folder.create("a.key", SECRET)
    return folder


def test_a_key_is_written_for_its_owner_only(filled: KeyFolder) -> None:
    """File and folder are closed to others from the first moment, whatever the umask."""
    modes = [path.stat().st_mode & 0o777 for path in (filled.path, filled.path / "a.key")]

    assert modes == [0o700, 0o600]
    assert filled.load("a.key", size=32) == SECRET


def test_a_loose_umask_opens_nothing(folder: KeyFolder) -> None:
    """A deployer's umask of 0 does not make a key readable."""
    before = os.umask(0)
    try:
        folder.create("a.key", SECRET)
    finally:
        os.umask(before)

    assert folder.load("a.key", size=32) == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_key_file_open_to_others_is_refused(filled: KeyFolder, mode: int) -> None:
    """A key that others may have read is not used; the message holds the mode and the mending command."""
    path = filled.path / "a.key"
    path.chmod(mode)

    with pytest.raises(OperatorError, match=rf"mode {mode:04o}\): run `chmod 600 {path}`"):
        filled.load("a.key", size=32)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o710])
def test_a_key_folder_open_to_others_is_refused(filled: KeyFolder, mode: int) -> None:
    """A folder that others can enter is not used, neither to read nor to write."""
    filled.path.chmod(mode)

    for act in (lambda: filled.load("a.key", size=32), lambda: filled.create("b.key", SECRET)):
        with pytest.raises(OperatorError, match=rf"mode {mode:04o}\): run `chmod 700 {filled.path}`"):
            act()


def test_an_empty_folder_is_closed_rather_than_refused(folder: KeyFolder) -> None:
    """A fresh volume, made open to all by the machine, serves without any command."""
    folder.path.mkdir(mode=0o755)

    folder.create("a.key", SECRET)

    assert folder.path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds 0 bytes instead of 32"),
        (SECRET[:31], "holds 31 bytes instead of 32"),
        (SECRET + b"\n", "holds at least 33 bytes instead of 32"),
        (bytes(32), "holds only zeros"),
    ],
)
def test_a_damaged_key_file_is_refused(filled: KeyFolder, content: bytes, said: str) -> None:
    """A short, long or blanked key says where it lies, what is wrong and what to do, and nothing of the key."""
    (filled.path / "a.key").write_bytes(content)

    with pytest.raises(OperatorError, match=rf"a\.key {said}: put the copy you keep of it back"):
        filled.load("a.key", size=32)


def test_a_pipe_or_a_folder_in_the_place_of_a_key_is_refused(filled: KeyFolder) -> None:
    """What is not a plain file is refused without waiting on it."""
    os.mkfifo(filled.path / "pipe.key", 0o600)
    (filled.path / "folder.key").mkdir(mode=0o700)

    for name in ("pipe.key", "folder.key"):
        with pytest.raises(OperatorError, match=r"\.key is not a plain file"):
            filled.load(name, size=32)


def test_a_file_in_the_place_of_the_folder_is_refused(folder: KeyFolder) -> None:
    """A wrong HELPLINE_KEYS is named, with the setting to mend."""
    folder.path.write_text("not a folder")

    with pytest.raises(OperatorError, match="set HELPLINE_KEYS"):
        folder.create("a.key", SECRET)


def test_a_sick_disk_is_the_machines_fault(folder: KeyFolder) -> None:
    """What the operator did not cause is told apart, so that the work is tried again."""
    folder.path.symlink_to(folder.path)

    with pytest.raises(MachineError, match="look at the disk"):
        folder.load("a.key", size=32)


def test_an_existing_key_is_kept_and_no_trace_is_left(filled: KeyFolder) -> None:
    """Creating never replaces, and leaves no half-written file beside it."""
    with pytest.raises(OperatorError, match="exists and is kept"):
        filled.create("a.key", bytes(32))

    assert filled.load("a.key", size=32) == SECRET
    assert [path.name for path in filled.path.iterdir()] == ["a.key"]


def test_a_destroyed_key_is_overwritten_before_it_goes(filled: KeyFolder) -> None:
    """Even another name of the same file holds nothing of the key afterwards; doing it twice is no error."""
    path = filled.path / "a.key"
    os.link(path, filled.path / "other name")

    filled.destroy("a.key")
    filled.destroy("a.key")

    assert not path.exists()
    assert (filled.path / "other name").read_bytes() == bytes(32)


def test_a_key_half_destroyed_counts_as_gone(filled: KeyFolder) -> None:
    """Where the power failed after the overwriting, nothing is left to hold."""
    assert filled.holds("a.key")

    (filled.path / "a.key").write_bytes(bytes(32))

    assert not filled.holds("a.key")
    assert not filled.holds("never made")
