"""The laws of the store: short, longer around alerts, bounded, and nobody's burden."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.vitals import SECOND
from monitor.waves import store as module
from monitor.waves.archive import WaveArchive
from monitor.waves.rows import NoWavesError, Stretch, WaveReader
from monitor.waves.rows import row as row_of
from monitor.waves.run import Run
from monitor.waves.store import WaveStore
from tests.monitor.waves.runs import BEGAN, SESSION, run

HOUR = 3600 * SECOND
pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def opened(path: Path, troubles: list[str] | None = None) -> AsyncIterator[WaveStore]:
    """A store that keeps an hour, and ten around alerts; all that it was given is written at the end."""
    store = WaveStore(path, HOUR, 10 * HOUR, ([] if troubles is None else troubles).append)
    try:
        yield store
    finally:
        await asyncio.to_thread(store.close, 10)
        await asyncio.sleep(0)


def kept(path: Path) -> list[Run]:
    with closing(WaveReader(path)) as reader:
        return list(reader.runs())


def at(hours: float) -> Run:
    """A run that came so many hours after the first."""
    return replace(run(0), received_at=run(0).received_at + int(hours * HOUR))


async def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    """Every sample and every mark, narrow or wide."""
    wide = replace(run(1), broken=True, wave=replace(run(1).wave, samples=(2**31 - 1, -(2**31), 0)))
    async with opened(tmp_path / "w") as store:
        store.take(run(0))
        store.take(wide)
    assert kept(tmp_path / "w") == [run(0), wide]


async def test_what_is_old_goes_but_not_what_was_around_an_alert(tmp_path: Path) -> None:
    """The stretch of an alert is kept for its own time, and goes after that."""
    begin = BEGAN + 2 * HOUR
    async with opened(tmp_path / "w") as store:
        store.take(Stretch("a", SESSION, begin - 30 * SECOND, begin + 30 * SECOND))
        for hours in (0, 2, 6, 11):
            store.take(at(hours))
    assert kept(tmp_path / "w") == [at(2), at(11)]
    async with opened(tmp_path / "w") as store:
        store.take(at(15))
    assert kept(tmp_path / "w") == [at(15)]


async def test_a_stretch_that_is_known_becomes_as_long_as_both(tmp_path: Path) -> None:
    """An alert that rose later keeps what was around both instants, and what lay between."""
    async with opened(tmp_path / "w") as store:
        for second in range(100):
            store.take(run(second))
        for middle in (30, 60):
            store.take(Stretch("a", SESSION, BEGAN + (middle - 10) * SECOND, BEGAN + (middle + 10) * SECOND))
    around = await WaveArchive(tmp_path / "w").around("a")
    assert around is not None
    assert [wave.at for wave in around] == [BEGAN + second * SECOND for second in range(20, 70)]
    assert await WaveArchive(tmp_path / "w").around("b") is None


async def test_a_full_queue_is_counted_and_delays_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk hangs, everything beyond the bound is dropped and counted; taking it returns at once."""
    hangs, began = threading.Event(), threading.Event()

    def hang(_: Run) -> tuple[object, ...]:
        began.set()
        hangs.wait()
        raise sqlite3.OperationalError("late")

    monkeypatch.setattr(module, "MOST_WAITING", 5)
    monkeypatch.setattr(module, "row", hang)
    async with opened(tmp_path / "w") as store:
        store.take(run(0))
        await asyncio.to_thread(began.wait)
        for second in range(1, 9):
            store.take(run(second))
        assert (store.waiting, store.counts.dropped) == (5, 3)
        hangs.set()
    assert store.counts.failed == 6


async def test_a_disk_that_fails_is_told_once_and_again_when_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble begins with a reason and ends with none; what could not be written is counted."""
    fails = iter([True, True, False])

    def row(each: Run) -> tuple[object, ...]:
        if next(fails):
            raise sqlite3.OperationalError("database or disk is full")
        return row_of(each)

    monkeypatch.setattr(module, "row", row)
    troubles: list[str] = []
    async with opened(tmp_path / "w", troubles) as store:
        for second in range(3):
            store.take(run(second))
    assert troubles == ["waveforms are not kept: database or disk is full", ""]
    assert (store.counts.failed, store.counts.kept) == (2, 1)


async def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "w"):
        assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o600


async def test_another_file_is_left_alone(tmp_path: Path) -> None:
    """What does not hold waveforms is neither written nor read."""
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE things (one TEXT)")
        other.execute("PRAGMA user_version = 3")
    for touch in (lambda: WaveStore(tmp_path / "other", 1, 1, print), lambda: WaveReader(tmp_path / "other")):
        with pytest.raises(NoWavesError, match="does not hold waveforms"):
            touch()
    (tmp_path / "text").write_text("hello " * 1000)
    with pytest.raises(NoWavesError, match="not a database"):
        WaveReader(tmp_path / "text")
    with pytest.raises(NoWavesError, match="no such file"):
        WaveReader(tmp_path / "none")
