"""Laws about the source itself: which modules are pure, how large things may be, and what must give a reason."""

from __future__ import annotations

import ast
import io
import os
import re
import statistics
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("monitor", "devices", "alerts", "dashboards", "simulators")
GENERATED = {"node_modules", "static", "__pycache__"}

# Everything between a source and an outlet. Modules that are not written yet match nothing.
PURE = (
    "monitor/vitals.py",
    "monitor/session.py",
    "monitor/people.py",
    "monitor/protocol.py",
    "monitor/plain_toml.py",
    "monitor/alert.py",
    "monitor/heart.py",
    "monitor/events.py",
    "monitor/commands.py",
    "monitor/stage.py",
    "monitor/driver.py",
    "monitor/router.py",
    "monitor/intake.py",
    "monitor/device_clock.py",
    "monitor/sequences.py",
    "monitor/freshness.py",
    "monitor/phases.py",
    "monitor/derived.py",
    "monitor/tuning.py",
    "monitor/whatif/*.py",
    "monitor/waves/run.py",
    "monitor/waves/strips.py",
    "monitor/waves/rerun.py",
    "monitor/signal/*.py",
    "monitor/hearts/choosing.py",
    "monitor/hearts/comparison.py",
    "monitor/hearts/evidence.py",
    "monitor/hearts/places.py",
    "monitor/pipeline.py",
    "alerts/climb.py",
    "alerts/pager_health.py",
    "alerts/rota.py",
    "alerts/technical.py",
    "alerts/wording.py",
    "dashboards/line_protocol.py",
    "dashboards/live/board.py",
    "dashboards/live/equipment.py",
    "dashboards/live/numbers.py",
    "alerts/rules.py",
    "alerts/conditions.py",
    "alerts/lifecycle.py",
    "alerts/desk.py",
    "alerts/escalation.py",
    "devices/topics.py",
    "devices/units.py",
    "devices/patterns.py",
    "devices/mapping.py",
    "devices/fields.py",
    "devices/mapped.py",
    "devices/waveforms.py",
    "devices/chunks.py",
    "devices/waveform_intake.py",
    "devices/gatt/*.py",
    "devices/measurement.py",
    "devices/backoff.py",
    "devices/turns.py",
    "devices/liveness.py",
    "devices/numbering.py",
    "devices/neighbours.py",
)
# Clock, randomness, I/O, concurrency, logging and environment.
IMPURE_IMPORTS = {
    *("os", "io", "sys", "pathlib", "shutil", "tempfile", "socket", "sqlite3", "subprocess", "httpx2", "stamina"),
    *("asyncio", "contextvars", "threading", "multiprocessing", "signal"),
    *("time", "random", "secrets", "uuid", "logging", "structlog"),
}
# `hash` of a text differs between processes, so an output that depends on it could not be replayed.
IMPURE_CALLS = {"open", "print", "input", "hash", "breakpoint", "exec", "eval"}
CLOCK_ATTRIBUTES = {"now", "utcnow", "today"}
CLOCK_CLASSES = {"datetime", "date"}

MAX_FILE_LINES = 400
MEDIAN_FILE_LINES = 150
MAX_FUNCTION_LINES = 60
MEDIAN_FUNCTION_LINES = 8
MAX_BROAD_EXCEPTS = 9

WAIVER = re.compile(r"#\s*(?:noqa|type:\s*ignore)(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|\[[\w\-, ]+\])?(?P<reason>.*)")


def files(folders: tuple[str, ...], *suffixes: str) -> Iterator[Path]:
    """The files of ours below `folders` with one of the suffixes."""
    for folder in folders:
        for parent, below, names in os.walk(ROOT / folder):
            below[:] = sorted(set(below) - GENERATED)
            yield from (Path(parent, name) for name in sorted(names) if name.endswith(suffixes))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name(path))


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def impurities(module: ast.AST) -> Iterator[str]:
    """What a module does that a pure one must not, each as `line: what`."""
    for node in ast.walk(module):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names if alias.name.split(".")[0] in IMPURE_IMPORTS]
            case ast.ImportFrom(module=str(source)):
                found = [source] if source.split(".")[0] in IMPURE_IMPORTS else []
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                found = ["async"]
            case ast.Call(func=ast.Name(id=called)):
                found = [f"{called}()"] if called in IMPURE_CALLS else []
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
                found = [f"{owner}.{attribute}"] if owner in CLOCK_CLASSES and attribute in CLOCK_ATTRIBUTES else []
            case _:
                continue
        line = getattr(node, "lineno", 0)
        yield from (f"{line}: {what}" for what in found)


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it may hide any fault: one that ends by raising it again hides none."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    caught = handler.type
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"}) for kind in kinds
    )


def comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


PYTHON = tuple(files((*PACKAGES, "tests"), ".py"))
SHIPPED = tuple(files(PACKAGES, ".py"))
SOURCES = tuple(files((*PACKAGES, "tests"), ".py", ".ts", ".tsx"))
# Parsed before any test runs: where threads or generated examples move the interpreter's recursion limit meanwhile,
# Python 3.11 may refuse to parse what is sound.
for _path in PYTHON:
    tree(_path)
PURE_FILES = tuple(path for pattern in PURE for path in sorted(ROOT.glob(pattern)))


@pytest.mark.parametrize("path", PURE_FILES, ids=name)
def test_the_core_is_pure(path: Path) -> None:
    """No clock, I/O, await, randomness, logging or environment stands between a source and the outlets."""
    assert list(impurities(tree(path))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import Random",
        "def f():\n    from asyncio import sleep",
        "async def f(): ...",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "open('x')",
        "hash('x')",
    ],
)
def test_the_purity_law_finds_each_impurity(source: str) -> None:
    """The law above can fail: every way out of the pure core is recognised."""
    assert list(impurities(ast.parse(source)))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_file_is_long(path: Path) -> None:
    """A file holds one noun and is read in one sitting."""
    assert line_count(path) <= MAX_FILE_LINES


def test_the_usual_file_is_short() -> None:
    """Half of all files fit on three screens."""
    assert statistics.median(map(line_count, SOURCES)) <= MEDIAN_FILE_LINES


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_no_function_is_long(path: Path) -> None:
    """A function is seen whole."""
    long = {function.name: function_lines(function) for function in functions(path)}
    assert {each: lines for each, lines in long.items() if lines > MAX_FUNCTION_LINES} == {}


def test_the_usual_function_is_short() -> None:
    """Half of the functions that are shipped are eight lines or fewer."""
    lengths = [function_lines(function) for path in SHIPPED for function in functions(path)]
    assert statistics.median(lengths or [0]) <= MEDIAN_FUNCTION_LINES


def test_broad_excepts_are_few() -> None:
    """Only the boundary of a task may catch everything; elsewhere it would hide a fault that somebody must hear of."""
    broad = [
        f"{name(path)}:{node.lineno}"
        for path in SHIPPED
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert len(broad) <= MAX_BROAD_EXCEPTS, broad


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_every_waiver_gives_its_reason(path: Path) -> None:
    """A checker is silenced only with the reason on the same line."""
    unexplained = [
        f"{line}: {comment}"
        for line, comment in comments(path.read_text(encoding="utf-8"))
        if (waiver := WAIVER.search(comment)) and not re.search(r"[a-z]{2,} [a-z]", waiver["reason"])
    ]
    assert unexplained == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_by_hash_and_name_no_address(lock: str) -> None:
    """Where packages come from is the installer's configuration; what they are is ours, to the byte."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.split(r"\n(?=\S)", text.strip())
    assert [pin for pin in pins if not re.match(r"[\w.\-]+==\S+", pin) or "--hash=sha256:" not in pin] == []
    assert re.findall(r"://|--index|--find-links| @ ", text) == []
