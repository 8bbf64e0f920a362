"""Places that lose or damage a database are known by name."""

from pathlib import Path

import pytest

from bot.store import folder


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("tmpfs", "in memory"),
        ("nfs4", "another machine"),
        ("cifs", "another machine"),
        ("ext4", None),
        ("overlay", None),
    ],
)
def test_risky_file_systems_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, said: str | None
) -> None:
    """A warning names the place, the kind and the remedy; a plain disk gets none."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path}/the\\040data {kind} rw 0 0\n")
    monkeypatch.setattr(folder, "MOUNTS", mounts)
    found = folder.risky_filesystem(tmp_path / "the data" / "helpline.db")

    assert (said is None) == (found is None)
    assert said is None or (said in (found or "") and kind in (found or "") and "HELPLINE_DATA" in (found or ""))


def test_nothing_is_said_where_mounts_are_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On systems without /proc there is no false alarm."""
    monkeypatch.setattr(folder, "MOUNTS", tmp_path / "missing")

    assert folder.risky_filesystem(tmp_path) is None
