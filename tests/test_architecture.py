"""The house rules that a machine can check: who may import whom, the purity of core, and sizes a reader can hold.

Each rule is a function from source to faults, so that it can be shown to fail on a bad example before it is trusted on
the house. Changing a rule here is a decision about the architecture: say so.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent / "bot"

EDGES = {"tg", "store", "vault", "console", "content", "sandbox", "report"}
MAY_IMPORT = {
    "": set(),
    "core": {"core"},
    "service": {"service", "core"},
    **{edge: {edge, "service", "core"} for edge in EDGES},
    "settings": {"core.errors"},
    "wiring": {"wiring", "core", "service", "settings", *EDGES},
    "cli": {"cli", "core", "service", "settings", "wiring", *EDGES},
}
OWNERS = {
    "telegram": "tg",
    "sqlalchemy": "store",
    "alembic": "store",
    "sqlite3": "store",
    "nacl": "vault",
    "zxcvbn": "vault",
    "uvicorn": "console",
    "prometheus_client": "console",
    "PIL": "console",
    "av": "console",
}

CORE_LIBRARIES = {"pydantic", "rapidfuzz", "phonenumbers", "bot"}
# The standard library without what waits, looks around, remembers or rolls dice.
# fmt: off
IMPURE = {
    "asyncio", "concurrent", "multiprocessing", "threading", "subprocess", "signal", "select", "selectors",
    "os", "io", "pathlib", "glob", "shutil", "tempfile", "fileinput", "mmap", "shelve", "sqlite3", "logging",
    "socket", "ssl", "http", "urllib.request",
    "time", "random", "secrets", "uuid",
    "platform", "getpass", "importlib", "ctypes",
}
# fmt: on
IMPURE_NAMES = {
    "open",
    "print",
    "input",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}

FILE_LINES = 400
FUNCTION_LINES = 50
NESTING = 4
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
WAITS = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)

MODULES = {
    ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(HOUSE.rglob("*.py"))
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Give each imported thing by its whole dotted name, wherever in the file it is imported."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from (f"{'.' * level}{module or ''}.{alias.name}" for alias in names)


def within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def room_of(module: str) -> str:
    """Give the room of a module of ours: the first name after `bot`, nothing for `bot` itself."""
    return module.partition(".")[2].partition(".")[0]


def wrong_imports(module: str, tree: ast.AST) -> Iterator[str]:
    """Find imports that the module's room may not have."""
    room = room_of(module)
    if room not in MAY_IMPORT:
        yield f"{module}: no such room; the rooms are in MAY_IMPORT"
        return
    for name in imports(tree):
        top = name.partition(".")[0]
        ours = within(name, "bot")
        if not top:
            yield f"{module}: relative import {name}"
        elif ours and not within(name, *(f"bot.{room}" for room in MAY_IMPORT[room])):
            yield f"{module}: may not import {name}"
        elif OWNERS.get(top, room) != room:
            yield f"{module}: {top} belongs to {OWNERS[top]}"
        elif room == "core" and not ours and not is_pure(name):
            yield f"{module}: core may not import {name}"


def is_pure(name: str) -> bool:
    """Whether core may import it."""
    top = name.partition(".")[0]
    return top in CORE_LIBRARIES or (top in sys.stdlib_module_names and not within(name, *IMPURE))


def cycles(trees: dict[str, ast.AST]) -> Iterator[str]:
    """Find a ring of modules that import each other, imports for types included."""
    graph = {
        module: {target for name in imports(tree) if (target := module_of(name, trees))}
        for module, tree in trees.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield " imports ".join(reversed(error.args[1]))


def module_of(name: str, known: dict[str, ast.AST]) -> str | None:
    """Give the module a dotted name lies in; None if it is not one of ours."""
    if name in known:
        return name
    parent = name.rpartition(".")[0]
    return module_of(parent, known) if parent else None


def aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Give what each imported or built-in name stands for: `dt` for `datetime.datetime`."""
    yield from ((name, name) for name in vars(builtins))
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.partition(".")[0]
                    yield (alias.asname, alias.name) if alias.asname else (top, top)
            case ast.ImportFrom(module=module, names=names):
                yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in names)


def dotted_names(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Give each name that is read, with its aliases resolved, called or not."""
    meaning = dict(aliases(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            root, dot, rest = ast.unparse(node).partition(".")
            if root in meaning:
                yield meaning[root] + dot + rest, node


def impurities(module: str, tree: ast.AST) -> Iterator[str]:
    """Find what core may not do: wait, ask a clock, open a file, look up a time zone."""
    if room_of(module) != "core":
        return
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    yield from (f"{module}:{node.lineno}: core awaits nothing" for node in ast.walk(tree) if isinstance(node, WAITS))
    for name, node in dotted_names(tree):
        if name in IMPURE_NAMES or (within(name, "zoneinfo.ZoneInfo") and node in called):
            yield f"{module}:{node.lineno}: core may not use {name}; let it be passed in"


def environment_readers(module: str, tree: ast.AST) -> Iterator[str]:
    """Find reading of the environment outside the settings."""
    if module != "bot.settings":
        used = {name for name, _ in dotted_names(tree)} | set(imports(tree))
        yield from (f"{module}: only bot.settings reads {name}" for name in used if within(name, *ENVIRONMENT))


def depth(node: ast.AST, *, so_far: int = 0) -> int:
    """Count how deep blocks lie in each other; `elif` goes no deeper, and a function within starts anew."""
    deepest = so_far
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, (*FUNCTIONS, ast.ClassDef)):
                continue
            is_elif = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
            deepest = max(deepest, depth(child, so_far=so_far + (isinstance(child, BLOCKS) and not is_elif)))
    return deepest


def sizes(module: str, tree: ast.AST) -> Iterator[str]:
    """Find functions that a reader can not hold."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module}.{node.name}: {lines} lines, more than {FUNCTION_LINES}"
            if depth(node) > NESTING:
                yield f"{module}.{node.name}: blocks {depth(node)} deep, more than {NESTING}"


def undocumented(module: str, tree: ast.AST) -> Iterator[str]:
    """Find modules and public classes and functions without a docstring. What only overrides has its parent's."""
    match tree:
        case ast.Module(body=body) | ast.ClassDef(body=body):
            if ast.get_docstring(tree) is None:
                yield f"{module}: no docstring"
            for child in body:
                if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and child.name[0] != "_":
                    yield from undocumented(f"{module}.{child.name}", child)
        case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
            overrides = any(ast.unparse(each).endswith(("override", ".setter", "overload")) for each in decorators)
            if not overrides and ast.get_docstring(tree) is None:
                yield f"{module}: no docstring"


RULES: list[Callable[[str, ast.AST], Iterator[str]]] = [
    wrong_imports,
    impurities,
    environment_readers,
    sizes,
    undocumented,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Callable[[str, ast.AST], Iterator[str]]) -> None:
    """Every file of the house keeps every rule."""
    faults = [fault for module, path in MODULES.items() for fault in rule(module, parsed(path))]

    assert not faults, "\n".join(faults)


def test_no_modules_import_each_other() -> None:
    """The house can be read from the bottom up: no module needs one that needs it."""
    assert list(cycles({module: parsed(path) for module, path in MODULES.items()})) == []


def test_files_stay_short() -> None:
    """A file is something one reads in one go."""
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}

    assert {module: lines for module, lines in lengths.items() if lines > FILE_LINES} == {}


def parsed(path: Path) -> ast.Module:
    """Parse one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def blocks(*openings: str) -> str:
    """Write a function whose blocks lie in each other."""
    body = [f"{'    ' * (level + 1)}{opening}:" for level, opening in enumerate(openings)]
    return "\n".join(["def f():", *body, "    " * (len(openings) + 1) + "pass"])


@pytest.mark.parametrize(
    ("rule", "module", "source"),
    [
        (wrong_imports, "bot.core.a", "from bot.service import inbox"),
        (wrong_imports, "bot.core.a", "from bot import service"),
        (wrong_imports, "bot.core.a", "import bot.tg.send"),
        (wrong_imports, "bot.core.a", "from bot.settings import Settings"),
        (wrong_imports, "bot.core.a", "from . import b"),
        (wrong_imports, "bot.core.a", "from .b import c"),
        (wrong_imports, "bot.core.a", "import yaml"),
        (wrong_imports, "bot.core.a", "from os import path"),
        (wrong_imports, "bot.core.a", "import time"),
        (wrong_imports, "bot.core.a", "import urllib.request"),
        (wrong_imports, "bot.core.a", "def f():\n    from asyncio import sleep"),
        (wrong_imports, "bot.core.a", "if TYPE_CHECKING:\n    from pathlib import Path"),
        (wrong_imports, "bot.core.a", "import sqlalchemy"),
        (wrong_imports, "bot.service.a", "from bot.store import tables"),
        (wrong_imports, "bot.service.a", "from bot.wiring import build"),
        (wrong_imports, "bot.service.a", "import telegram.error"),
        (wrong_imports, "bot.tg.a", "from bot.vault.sealing import seal"),
        (wrong_imports, "bot.tg.a", "import nacl.public"),
        (wrong_imports, "bot.vault.a", "from sqlite3 import connect"),
        (wrong_imports, "bot.console.a", "from sqlalchemy import select"),
        (wrong_imports, "bot.content.a", "import alembic"),
        (wrong_imports, "bot.wiring", "from telegram import Bot"),
        (wrong_imports, "bot.wiring", "from bot import cli"),
        (wrong_imports, "bot.settings", "from bot.core.flow import Flow"),
        (wrong_imports, "bot", "from bot.core import flow"),
        (wrong_imports, "bot.utils", ""),
        (impurities, "bot.core.a", "async def f():\n    pass"),
        (impurities, "bot.core.a", "x = [await y for y in z]"),
        (impurities, "bot.core.a", "text = open('a').read()"),
        (impurities, "bot.core.a", "from datetime import datetime\nnow = datetime.now(UTC)"),
        (impurities, "bot.core.a", "from datetime import datetime as d\nclock = d.utcnow"),
        (impurities, "bot.core.a", "import datetime\nday = datetime.date.today()"),
        (impurities, "bot.core.a", "import datetime as d\nmade: object = Field(default_factory=d.datetime.today)"),
        (impurities, "bot.core.a", "from zoneinfo import ZoneInfo\nzone = ZoneInfo('Asia/Bangkok')"),
        (impurities, "bot.core.a", "import zoneinfo\nzone = zoneinfo.ZoneInfo.no_cache('Asia/Bangkok')"),
        (environment_readers, "bot.cli", "import os\nhome = os.environ['HOME']"),
        (environment_readers, "bot.core.a", "from os import getenv"),
        (environment_readers, "bot.tg.a", "import os as system\nsystem.getenv('TZ')"),
        (sizes, "bot.core.a", "def f():\n" + "    pass\n" * 50),
        (sizes, "bot.core.a", "class A:\n    async def f(self):\n" + "        pass\n" * 50),
        (sizes, "bot.core.a", blocks("if a", "for b in c", "while d", "with e", "if g")),
        (sizes, "bot.core.a", blocks("if a", "if b", "if c", "match d", "case e", "if g")),
        (undocumented, "bot.core.a", "x = 1"),
        (undocumented, "bot.core.a", "'''A.'''\nclass B:\n    x: int"),
        (undocumented, "bot.core.a", "'''A.'''\nclass B:\n    '''B.'''\n    def c(self): ..."),
        (undocumented, "bot.core.a", "'''A.'''\nasync def b(): ..."),
    ],
)
def test_each_rule_can_fail(rule: Callable[[str, ast.AST], Iterator[str]], module: str, source: str) -> None:
    """A rule that never fails proves nothing: each finds its bad example, once."""
    assert len(list(rule(module, ast.parse(source)))) == 1


@pytest.mark.parametrize(
    ("rule", "module", "source"),
    [
        (wrong_imports, "bot.core.a", "import re\nfrom urllib.parse import quote\nfrom bot.core import flow"),
        (wrong_imports, "bot.core.a", "from zoneinfo import ZoneInfo\nimport pydantic, rapidfuzz.fuzz, phonenumbers"),
        (wrong_imports, "bot.tg.a", "import asyncio, telegram\nfrom bot.service.ports import Sender"),
        (wrong_imports, "bot.store.migrations.versions.0001_first", "from alembic import op\nimport sqlalchemy as sa"),
        (wrong_imports, "bot.cli", "from bot import wiring, settings\nfrom bot.sandbox import server"),
        (impurities, "bot.core.a", "from zoneinfo import ZoneInfo\ndef f(zone: ZoneInfo): return now.astimezone(zone)"),
        (impurities, "bot.core.a", "case.open(now)\nopen_cases = state.now"),
        (impurities, "bot.service.a", "async def f():\n    await g(open('a'))"),
        (environment_readers, "bot.settings", "import os\nos.environ"),
        (environment_readers, "bot.cli", "import os\nos.getpid()"),
        (sizes, "bot.core.a", "def f():\n" + "    pass\n" * 49),
        (sizes, "bot.core.a", blocks("if a", "for b in c", "while d", "with e")),
        (sizes, "bot.core.a", "def f():\n    if a:\n        b\n" + "    elif a:\n        b\n" * 9),
        (sizes, "bot.core.a", blocks("if a", "if b", "def g()", "if c", "if d", "if e")),
        (undocumented, "bot.core.a", "'''A.'''\ndef _b(): ...\nclass _C:\n    def d(self): ..."),
        (undocumented, "bot.core.a", "'''A.'''\nclass B:\n    '''B.'''\n    @override\n    def c(self): ..."),
    ],
)
def test_each_rule_leaves_good_code_alone(
    rule: Callable[[str, ast.AST], Iterator[str]], module: str, source: str
) -> None:
    """What the house allows is not found fault with."""
    assert list(rule(module, ast.parse(source))) == []


def test_a_ring_of_imports_is_found() -> None:
    """Two modules that import each other are named, and a chain is not."""
    a, b, c = "from bot.core import b", "def f():\n    from bot.core.c import x", "import bot.core.a"

    def found(**sources: str) -> list[str]:
        return list(cycles({f"bot.core.{name}": ast.parse(source) for name, source in sources.items()}))

    assert found(a=a, b=b, c="") == []
    assert len(found(a=a, b=b, c=c)) == 1
