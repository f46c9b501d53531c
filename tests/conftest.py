"""Fixtures for real servers, and what a run says about those it could not use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers import InfluxDB, Mosquitto, require

# Virtual time makes examples cheap, a shared machine makes them slow: their duration says nothing.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile("default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Campaigns take minutes: they run only when they are asked for, `-m campaign` or `make campaign`."""
    items.sort(key=_place)
    if config.option.markexpr:
        return
    campaigns = [item for item in items if item.get_closest_marker("campaign")]
    config.hook.pytest_deselected(items=campaigns)
    items[:] = [item for item in items if item not in campaigns]


def _place(item: pytest.Item) -> tuple[bool, str, int, str]:
    """Real processes first, so that they share the machine with each other and less with those that compute.

    Then as written, and the same in every process, also where the cases of a test come from a set.
    """
    path, line, _ = item.location
    return "e2e" not in item.path.parts, path, line or 0, item.nodeid


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("server"):
        for name in marker.args:
            require(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    for reason, count in skipped.items():
        terminalreporter.write_line(f"skipped: {count} tests: {reason.removeprefix('Skipped: ')}", yellow=True)


@pytest.fixture
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server


@pytest.fixture
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxDB]:
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        yield server


@pytest.fixture
def chromium() -> Path:
    """The browser that Playwright is to start (`executable_path`)."""
    return Path(require("chromium"))
