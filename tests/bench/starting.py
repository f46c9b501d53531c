"""Starting: how long until somebody is watched again, what it takes in memory, and how quick the command line is."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from monitor.vitals import SECOND
from tests.bench.context import SESSIONS, Context
from tests.bench.figures import Figure, at_most, figure
from tests.bench.publisher import Publisher, Stream
from tests.bench.site import DEMO, wearing
from tests.servers import Mosquitto, free_port

ROUNDS = 3
HELP_ROUNDS = 9
LIVE_S = 10
GIVES_UP_S = 60.0
POLL_S = 0.01
VIGIL = Path(sys.executable).with_name("vigil")

CONFIGURATION = """\
site = "bench"
mode = "rehearsal"
[journal]
path = '{journal}'
[mqtt]
port = {broker}
[page]
port = {page}
[[pager]]
name = "console"
kind = "console"
[[person]]
id = "nurse-1"
roles = ["nurse"]
pagers = ["console"]
"""


def run(context: Context) -> Iterator[Figure]:
    """The installed command, as a service manager runs it."""
    seconds = [_help_s() for _ in range(HELP_ROUNDS)]
    yield figure("start", "CPU: vigil --help", "s", seconds, at_most(0.3))
    folder = context.folder / "start"
    folder.mkdir()
    with Mosquitto(folder) as broker:
        context.say("start: an empty journal")
        empty = [_ready_s(folder, folder / f"{number}.journal", broker.port) for number in range(ROUNDS)]
        yield figure("start", "vigil run until ready, new journal", "s", empty)
        journal = context.site_journal
        context.say(f"start: the journal of {SESSIONS} sessions")
        full = [_ready_s(folder, journal, broker.port) for _ in range(ROUNDS)]
        yield figure("start", f"vigil run until ready, journal of {SESSIONS} sessions x 8 h", "s", full)
        context.say(f"start: {SESSIONS} sessions live for {LIVE_S} s")
        memory, share = _live(folder, journal, broker.port)
        yield figure("start", f"resident memory, {SESSIONS} sessions live as in the demo", "MiB", [memory])
        yield figure("start", f"CPU of one core, {SESSIONS} sessions live as in the demo", "%", [share])


def _help_s() -> float:
    process = subprocess.Popen([VIGIL, "--help"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if process_failed := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"vigil --help ended with {process_failed}")
    return used.ru_utime + used.ru_stime


@contextmanager
def _running(folder: Path, journal: Path, broker: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """`vigil run`, ready, and how long (s) that took. Killed in the end: the next one finds the same journal."""
    page, configuration = free_port(), folder / "vigil.toml"
    configuration.write_text(CONFIGURATION.format(journal=journal, broker=broker, page=page))
    with (folder / "run.log").open("ab") as log:
        began = time.monotonic()
        process = subprocess.Popen([VIGIL, "run", "--config", configuration], stdout=log, stderr=log)
    try:
        while not _is_ready(page):
            if process.poll() is not None or time.monotonic() - began > GIVES_UP_S:
                raise RuntimeError(f"vigil run is not ready: {(folder / 'run.log').read_text()[-2000:]}")
            time.sleep(POLL_S)
        yield process, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _is_ready(page: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", page, timeout=1)
    with ExitStack() as stack:
        stack.callback(connection.close)
        with suppress(OSError):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
    return False


def _ready_s(folder: Path, journal: Path, broker: int) -> float:
    with _running(folder, journal, broker) as (_, seconds):
        return seconds


def _live(folder: Path, journal: Path, broker: int) -> tuple[float, float]:
    """Memory (MiB) and share of a core (%) of a process whose sessions send as the demo's devices do."""
    worn = [device for device in wearing(DEMO, SESSIONS) if device.every == SECOND]
    with _running(folder, journal, broker) as (process, _), Publisher(broker) as publisher:
        every, stream = SECOND // len(worn), Stream(worn, "bench", boot="b2")
        packets = stream.packets(LIVE_S * len(worn), every, time.time_ns())
        service = psutil.Process(process.pid)
        before = service.cpu_times()
        publisher.pace(packets, time.monotonic_ns(), every)
        spent = service.cpu_times()
        cpu = spent.user + spent.system - before.user - before.system
        return service.memory_info().rss / 2**20, cpu / LIVE_S * 100
