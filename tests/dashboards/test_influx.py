"""Laws of feeding InfluxDB, held against the real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboards.influx_feed import ToLine
from dashboards.line_protocol import line
from monitor.events import Record, Told
from monitor.vitals import Cause, Origin, Quality, Reading, Signal
from tests.dashboards.influx_support import QUICK, START, Influx, Remote, Running, eventually, reading, readings, v1
from tests.servers import InfluxDB

pytestmark = [pytest.mark.server("influxdb"), pytest.mark.asyncio]

BROKEN = "vitals,session=s-1 this is not a line"


@pytest.fixture
def store(influxdb: InfluxDB) -> Influx:
    store = Influx(influxdb.url)
    store.create_database()
    return store


def with_broken_lines(*sequences: int) -> ToLine:
    """A producer of lines that is wrong for some readings."""

    def to_line(record: Record) -> str | None:
        broken = isinstance(record, Told) and isinstance(record.body, Reading) and record.body.sequence in sequences
        return BROKEN + f" {record.seq}" if broken else line(record)

    return to_line


async def test_every_reading_arrives_exactly_once(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """What the journal has, the store has, with its value and to the nanosecond."""
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit(*readings(12_000))
        await running.until_caught_up()
        running.commit([reading(12_000)])
        await running.until_caught_up()
    rows = store.rows("SELECT value, quality FROM vitals")
    expected = [body for number in range(12_001) if isinstance(body := reading(number).body, Reading)]
    assert rows == [[body.measured_at, body.value, "valid"] for body in expected]


async def test_a_store_on_another_machine_gets_the_same(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """InfluxDB reads compressed bodies as it reads plain ones."""
    async with Running(Remote(url=v1(influxdb.url).url, api="v1"), tmp_path) as running:
        running.commit(*readings(1_000))
        await running.until_caught_up()
    assert store.count() == 1_000


async def test_sending_again_changes_nothing(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """A journal that forgot what was acknowledged fills the store with the same points."""
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit(*readings(3_000))
        await running.until_caught_up()
        before = store.rows("SELECT * FROM vitals")
        running.rewind()
        await eventually(lambda: running.writer.progress.written == 6_000)
        await running.until_caught_up()
    assert store.rows("SELECT * FROM vitals") == before


async def test_a_restart_goes_on_where_it_was(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """Progress survives the process: nothing is missing and nothing acknowledged is sent twice."""
    running = Running(v1(influxdb.url), tmp_path)
    async with running:
        running.commit(*readings(1_000))
        await running.until_caught_up()
    async with running:
        running.commit([reading(number) for number in range(1_000, 1_500)])
        await running.until_caught_up()
        assert running.writer.progress.written == 500
    assert store.count() == 1_500


async def test_nothing_is_lost_while_the_database_is_killed(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """Killed twice in the middle of a stream and started again, the database has every reading exactly once."""
    batches: Iterator[list[Told]] = iter(readings(30_000, per_batch=100))
    async with Running(v1(influxdb.url), tmp_path) as running:
        for _ in range(2):
            for _ in range(100):
                running.commit(next(batches))
                await asyncio.sleep(0)
            await eventually(lambda: running.writer.progress.written > 0)
            await asyncio.to_thread(influxdb.kill)
            running.writer.progress.last_error = ""
            running.commit(next(batches))
            await eventually(lambda: running.writer.progress.last_error != "")
            await asyncio.to_thread(influxdb.start)
        running.commit(*batches)
        await running.until_caught_up()
    assert store.count() == 30_000


async def test_a_malformed_line_is_set_aside_alone(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """Lines that no store can take go to the dead letters with the server's reason; all others are stored."""
    running = Running(v1(influxdb.url), tmp_path, to_line=with_broken_lines(17, 800, 801))
    async with running:
        running.commit(*readings(1_000))
        await running.until_caught_up()
        dead = running.dead_letters
        assert [(each.position, each.line) for each in dead] == [
            (1, f"{BROKEN} 17"),
            (4, f"{BROKEN} 800"),
            (4, f"{BROKEN} 801"),
        ]
        assert all("unable to parse" in each.reason for each in dead)
        assert running.writer.progress.dead_letters == 3
        running.commit([reading(1_000)])
        await running.until_caught_up()
    assert store.count() == 998
    assert running.conditions.codes == [("store_rejected", True), ("store_rejected", False)]


async def test_a_field_of_another_type_is_set_aside(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """When somebody else made a field an integer, the lines that cannot be stored are kept as dead letters."""
    store.write(f"vitals,session=s-9 quality=1i {START}")
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit([reading(1)])
        await running.until_caught_up()
        (dead,) = running.dead_letters
        assert "field type conflict" in dead.reason
        assert dead.line == line(reading(1))


async def test_points_older_than_the_retention_hold_nothing_up(
    influxdb: InfluxDB, store: Influx, tmp_path: Path
) -> None:
    """What a store would not keep becomes dead letters, and what it would keep is stored."""
    store.ask("ALTER RETENTION POLICY autogen ON vigil DURATION 1d SHARD DURATION 1h")
    now = time.time_ns()
    fresh = Reading("s-1", "d", Signal.SPO2, 97.0, now, now, 1, Origin.REAL)
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit([reading(1), Told(2, 0, now, fresh), reading(3)])
        await running.until_caught_up()
        assert [dead.line for dead in running.dead_letters] == [line(reading(1)), line(reading(3))]
        assert all("retention policy" in dead.reason for dead in running.dead_letters)
    assert store.rows("SELECT value FROM vitals") == [[now, 97]]


async def test_late_readings_do_not_overwrite_what_was_judged(
    influxdb: InfluxDB, store: Influx, tmp_path: Path
) -> None:
    """A reading that came again, late, stands beside the one that limits have judged."""
    judged = Reading("s-1", "d", Signal.SPO2, 91.0, START, START, 1, Origin.REAL)
    late = Reading("s-1", "d", Signal.SPO2, 99.0, START, START, 2, Origin.REAL, Quality.QUESTIONABLE, Cause.LATE)
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit([Told(1, 0, START, judged), Told(2, 0, START, late)])
        await running.until_caught_up()
    assert store.rows("SELECT value, late FROM vitals") == [[START, 91, None], [START + 1, 99, True]]


async def test_a_missing_database_loses_nothing(influxdb: InfluxDB, tmp_path: Path) -> None:
    """Without its database the writer says so, keeps everything, and goes on when it is there."""
    async with Running(v1(influxdb.url), tmp_path) as running:
        running.commit(*readings(500))
        await eventually(lambda: ("store_refused", True) in running.conditions.codes)
        assert running.offset == 0
        store = Influx(influxdb.url)
        store.create_database()
        await running.until_caught_up()
    assert store.count() == 500
    assert running.conditions.codes == [("store_refused", True), ("store_refused", False)]
    assert "database not found" in running.conditions.heard[0][2]


async def test_wrong_credentials_keep_the_data(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused password is told without being shown; the right one then brings everything."""
    monkeypatch.setenv("INFLUXDB_HTTP_AUTH_ENABLED", "true")
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        Influx(server.url).ask("CREATE USER vigil WITH PASSWORD 'right' WITH ALL PRIVILEGES")
        store = Influx(server.url, auth=("vigil", "right"))
        store.create_database()
        async with Running(v1(server.url, username="vigil", password="wrong-one"), tmp_path) as running:
            running.commit(*readings(500))
            await eventually(lambda: ("store_refused", True) in running.conditions.codes)
            await asyncio.sleep(0.3)
            assert running.offset == 0
            assert "wrong-one" not in repr(running.conditions.heard) + running.writer.progress.last_error
        assert store.count() == 0
        async with Running(v1(server.url, username="vigil", password="right"), tmp_path) as running:
            await running.until_caught_up()
        assert store.count() == 500


async def test_an_absent_store_is_told_once_it_lasts(influxdb: InfluxDB, store: Influx, tmp_path: Path) -> None:
    """Being behind is told when it has lasted, once, and again when it is over."""
    influxdb.kill()
    async with Running(v1(influxdb.url), tmp_path, pace=replace(QUICK, behind=0.3)) as running:
        running.commit(*readings(500))
        await eventually(lambda: bool(running.conditions.heard))
        assert running.writer.progress.lag == 2
        await asyncio.to_thread(influxdb.start)
        await running.until_caught_up()
        await eventually(lambda: len(running.conditions.heard) == 2)
    assert running.conditions.codes == [("store_behind", True), ("store_behind", False)]
    assert "ConnectError" in running.conditions.heard[0][2]
    assert store.count() == 500
