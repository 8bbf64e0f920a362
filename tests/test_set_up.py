"""./helpline sets up once, mends what was interrupted and says what is missing: with a Python that only takes notes."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TOOLS = ("cat", "cksum", "cp", "dirname", "grep", "ln", "mkdir", "mv", "readlink", "rm")
# Notes what it is asked to make, install or run. A file `broken` beside the notes holds the word that makes it fail.
PYTHON = """#!/bin/sh
case "$1 $2" in
    *version_info*) exit 0 ;;
    *ensurepip*) [ ! -e "$NOTES/no-venv" ]; exit ;;
    "-c import pip") exit 0 ;;
esac
shift
echo "$*" >>"$NOTES/log"
case "$*" in
    venv*) mkdir -p "$3/bin"; rm -f "$3"/*.installed; cp "$0" "$3/bin/python" ;;
esac
[ ! -e "$NOTES/broken" ] || case "$*" in *"$(cat "$NOTES/broken")"*) exit 7 ;; esac
"""


@dataclass(frozen=True)
class Machine:
    """A checkout in a folder of its own, and a PATH with a few tools and that Python."""

    checkout: Path
    notes: Path
    path: Path

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start ./helpline from an unrelated folder, without a home."""
        return subprocess.Popen(
            [str(self.checkout / "helpline"), *arguments],
            cwd=self.notes,
            env={"PATH": str(self.path), "NOTES": str(self.notes), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **settings: str) -> tuple[int, str]:
        """Run ./helpline; give its exit code and what it said."""
        process = self.start(*arguments, **settings)
        out, error = process.communicate(timeout=30)
        return process.returncode, out + error

    def log(self) -> list[str]:
        """Take what Python noted since last asked: sets made and installed by their file, commands whole."""
        log = self.notes / "log"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line.rpartition("/" if line.startswith("venv") else " -r ")[2] for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Make a fresh checkout on a machine that has Python and no uv."""
    machine = Machine(tmp_path / "a checkout", tmp_path / "notes", tmp_path / "bin")
    for folder in (machine.checkout, machine.notes, machine.path):
        folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (machine.path / tool).symlink_to(found)
    for name, content in (("python3", PYTHON), ("sleep", "#!/bin/sh\n")):
        (machine.path / name).write_text(content, encoding="utf-8")
        (machine.path / name).chmod(0o755)
    shutil.copy(ROOT / "helpline", machine.checkout)
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-postgres.txt", "requirements-e2e.txt"):
        (machine.checkout / name).write_text(name, encoding="utf-8")
    return machine


def test_the_first_run_sets_up_and_the_second_only_runs(machine: Machine) -> None:
    """Whatever is typed first works, from any folder, and nothing is installed twice."""
    assert machine.run("case", "K7 Q", "--save")[0] == 0
    assert machine.log() == [".venv", "requirements.txt", "bot.cli case K7 Q --save"]

    assert machine.run("cases") == (0, "")
    assert machine.log() == ["bot.cli cases"]


def test_tests_add_to_the_set_up(machine: Machine) -> None:
    """What tests need comes on top, and plain commands keep it."""
    machine.run("cases")
    machine.log()

    assert machine.run("test", "-k", "one two")[0] == 0
    assert machine.log() == [
        "requirements-dev.txt",
        "ruff check",
        "ruff format --check",
        "mypy --strict",
        "bot.cli check --content",
        "pytest -k one two",
    ]
    machine.run("cases")
    assert machine.log() == ["bot.cli cases"]


def test_benchmarks_have_what_tests_have(machine: Machine) -> None:
    """`bench` is a command of the program and wants the larger set."""
    machine.run("bench", "step")

    assert machine.log() == [".venv", "requirements-dev.txt", "bot.cli bench step"]


@pytest.mark.parametrize("line", ["{}", "export {}", "HELPLINE_DATA=data\n  HELPLINE_DATABASE = '{}"])
def test_the_driver_of_postgresql_comes_by_itself(machine: Machine, line: str) -> None:
    """Where .env names PostgreSQL its driver is installed too, once; tests had it already, and keep what they have."""
    setting = "HELPLINE_DATABASE=postgresql://helpline@db/helpline"
    text = line.format(setting.partition("=")[2] if "DATABASE" in line else setting)
    (machine.checkout / ".env").write_text(f"# PostgreSQL\n{text}\n", encoding="utf-8")

    assert machine.run("run")[0] == 0
    assert machine.log() == [".venv", "requirements-postgres.txt", "bot.cli run"]
    machine.run("run")
    assert machine.log() == ["bot.cli run"]
    machine.run("test", "--version")
    assert machine.log()[0] == "requirements-dev.txt"


def test_the_environment_says_whether_the_driver_is_needed(machine: Machine) -> None:
    """The environment goes before .env; what is only remarked there counts for nothing."""
    (machine.checkout / ".env").write_text("#HELPLINE_DATABASE=postgresql://db/helpline\n", encoding="utf-8")
    machine.run("run")
    assert machine.log() == [".venv", "requirements.txt", "bot.cli run"]
    machine.run("run", HELPLINE_DATABASE="postgresql://db/helpline")
    assert machine.log() == ["requirements-postgres.txt", "bot.cli run"]

    (machine.checkout / ".env").write_text("HELPLINE_DATABASE=postgresql://db/helpline\n", encoding="utf-8")
    (machine.checkout / "requirements-postgres.txt").write_text("another release", encoding="utf-8")
    machine.run("run", HELPLINE_DATABASE="sqlite:///helpline.db")
    assert machine.log() == ["bot.cli run"]


@pytest.mark.parametrize("change", ["requirements", "python"])
def test_a_change_sets_up_anew(machine: Machine, change: str) -> None:
    """After an upgrade, of the requirements or of Python, nothing old is left in use."""
    machine.run("cases")
    machine.log()
    if change == "requirements":
        (machine.checkout / "requirements.txt").write_text("other", encoding="utf-8")
    else:
        (machine.checkout / ".venv/bin/python").unlink()

    machine.run("cases")

    assert machine.log() == [".venv", "requirements.txt", "bot.cli cases"]


def test_an_interrupted_set_up_is_made_again(machine: Machine) -> None:
    """A half installed .venv and the lock of a killed process do not stay in the way."""
    (machine.notes / "broken").write_text("pip install", encoding="utf-8")
    assert machine.run("cases")[0] != 0
    (machine.notes / "broken").unlink()
    machine.log()
    gone = subprocess.Popen(["true"])
    gone.wait()
    (machine.checkout / ".venv.lock").symlink_to(str(gone.pid))

    assert machine.run("cases")[0] == 0
    assert machine.log() == [".venv", "requirements.txt", "bot.cli cases"]
    assert not (machine.checkout / ".venv.lock").is_symlink()


def test_two_at_once_set_up_once(machine: Machine) -> None:
    """Several first commands at the same moment all work, and one of them installs."""
    processes = [machine.start("cases") for _ in range(4)]

    for process in processes:
        process.communicate(timeout=30)
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert sorted(machine.log()) == [".venv", *["bot.cli cases"] * 4, "requirements.txt"]


def test_whoever_holds_the_lock_is_waited_for_but_not_for_ever(machine: Machine) -> None:
    """A lock that never opens ends in a message with the way out, not in silence."""
    (machine.checkout / ".venv.lock").symlink_to(str(os.getpid()))

    code, said = machine.run("cases")

    assert code == 1
    assert f"still waiting for process {os.getpid()}" in said
    assert machine.log() == []


@pytest.mark.parametrize("missing", ["python", "venv"])
def test_what_is_missing_is_said_with_the_command(machine: Machine, missing: str) -> None:
    """Without Python or its venv module there is one command each for Debian, Ubuntu and Fedora."""
    if missing == "python":
        (machine.path / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    else:
        (machine.notes / "no-venv").touch()

    code, said = machine.run("try")

    assert code == 1
    assert all(part in said for part in ("Debian", "Ubuntu", "sudo apt", "Fedora", "sudo dnf"))
    assert machine.log() == []


@pytest.mark.parametrize("step", ["ruff check", "ruff format", "mypy", "check --content", "pytest -q"])
def test_the_first_failure_stops(machine: Machine, step: str) -> None:
    """Each step of the tests can fail them, and none runs after the one that did."""
    (machine.notes / "broken").write_text(step, encoding="utf-8")

    assert machine.run("test", "-q")[0] == 7
    assert step in machine.log()[-1]


def test_further_suites_run_when_they_exist(machine: Machine) -> None:
    """A suite is run alone; one that does not exist yet is said to be missing, with exit code 2."""
    assert machine.run("test", "--faults")[0] == 2

    (machine.checkout / "tests/faults").mkdir(parents=True)
    machine.log()

    assert machine.run("test", "--faults", "-x")[0] == 0
    assert machine.log() == ["pytest tests/faults -x"]
    code, said = machine.run("test", "--faults", "--browser")
    assert code == 2 and said.endswith("helpline: no such suite yet: tests/browser\n")
    assert machine.log() == ["requirements-e2e.txt"]
