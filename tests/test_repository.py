"""What may not stand in the repository at all, and what has to agree in it."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# In a checkout, what git would take; in an unpacked archive, all but what ./helpline and its user make.
MADE_HERE = {".git", ".venv", ".try", "data", "keys", ".env", "__pycache__"}
CACHES = re.compile(r"\.\w+_cache|\.hypothesis")

REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|--(extra-)?index[-]url|--find[-]links"
)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(home|root|tmp|work|Users)/\w|[A-Z]:\\\\?Users\\")


def repository_files() -> list[Path]:
    """Give every file that belongs to the repository."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        ours = [path for path in paths if not MADE_HERE & {*path.parts} and not any(map(CACHES.fullmatch, path.parts))]
    else:
        ours = [Path(name) for name in listed.split("\0") if name]
    return [ROOT / path for path in ours if (ROOT / path).is_file()]


def offending_lines(pattern: re.Pattern[str]) -> list[str]:
    """Give place and line of each match in the repository's text files."""
    found = []
    for path in repository_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a font, a picture, a voice
        place = path.relative_to(ROOT)
        found += [f"{place}:{number}: {line[:160]}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return found


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (REGISTRY, "--" + "index-url https://mirror.example/simple", "index"),
        (REGISTRY, "https://files.python" + "hosted.org/packages/x.whl", "python"),
        (MACHINE_PATH, "see /ho" + "me/sokha/helpline", "https://example.org/home/page"),
        (MACHINE_PATH, "/tm" + "p/x", "tests/tmp/x"),
        (MACHINE_PATH, "'C:\\Us" + "ers\\Sokha'", "C:\\"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], bad: str, good: str) -> None:
    """Each pattern finds the bad example and leaves the good one."""
    assert pattern.search(bad)
    assert not pattern.search(good)


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE_PATH], ids=["no registry", "no machine's path"])
def test_the_repository_runs_anywhere(pattern: re.Pattern[str]) -> None:
    """No file names a package registry or a folder that exists on one machine only."""
    assert len(repository_files()) > 10  # or the test looked in the wrong place
    assert offending_lines(pattern) == []


def test_the_requirements_are_those_of_the_project() -> None:
    """What ./helpline installs are the pins of pyproject.toml, and everything has a hash."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, groups = project["project"]["dependencies"], project["dependency-groups"]
    extra = project["project"]["optional-dependencies"]["postgres"]
    files = ("", "-dev", "-postgres", "-e2e")
    run_set, dev_set, postgres_set, e2e_set = (pins(f"requirements{name}.txt") for name in files)

    assert {without_extras(pin) for pin in run} <= run_set
    assert {without_extras(pin) for pin in extra} | run_set <= postgres_set
    assert {without_extras(pin) for pin in groups["dev"]} | postgres_set <= dev_set
    assert {without_extras(pin) for pin in groups["e2e"]} | dev_set <= e2e_set


def without_extras(pin: str) -> str:
    """Give a pin as a requirements file has it, where an extra is a pin of its own."""
    return re.sub(r"\[.*\]", "", pin)


def pins(name: str) -> set[str]:
    """Read the pins of a requirements file; each must carry a hash."""
    entries = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    assert all("--hash=sha256:" in entry for entry in entries)
    return {entry.split()[0] for entry in entries}


def test_every_alarm_is_explained() -> None:
    """Operators are told a code, and what it means; docs/running.md says of each what to do, and of no other."""
    raised = re.compile(
        r'(?:alarm\(|alarm, |alarms\.append\(|missing=|(?:UNREACHABLE|FAILED) = )"([a-z_]+)"'
        r'|"(provisional_key|no_group)"'
    )
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    codes = {code for found in raised.findall(sources) for code in found if code}
    phrases = (ROOT / "flows" / "phrases.yaml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    table = page.partition("## Alarms")[2].partition("## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    assert {code for row in rows for code in re.findall("`([a-z_]+)`", row)} == codes
    assert set(re.findall("^  alarm_([a-z_]+):", phrases, re.MULTILINE)) == codes
