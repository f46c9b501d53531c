"""The demo as its user has it: from the command line to its end, and what its journal then proves."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from monitor.alert import Alert
from monitor.events import (
    DeviceAssigned,
    DoseRecorded,
    Input,
    Output,
    SessionClosed,
    SessionOpened,
    Started,
    Unclaimed,
)
from monitor.journal import JournalError
from tests.e2e.evidence import assert_replays, assert_sound, bodies, open_alerts, records
from tests.e2e.running import VIGIL, Process, run, until

LASTS_S = 25
CRISIS = Path(__file__).with_name("crisis.toml")
Body = Input | Output


class Demo(Process):
    """`vigil demo` with its files in `folder`."""

    def __init__(self, folder: Path, *options: object, port: int = 0) -> None:
        folder.mkdir(exist_ok=True)
        self.journal = folder / "demo.journal"
        super().__init__(folder, [VIGIL, "demo", "--json", "--port", port, "--journal", self.journal, *options])

    def welcomed(self) -> bool:
        """Whether it has said where its page is."""
        assert not self.ended, self.complaints
        return "Vigil demo at" in self.complaints

    @property
    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads(self.output)
        return summary


@pytest.fixture(scope="module", autouse=True)
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that runs beside the first tests here, and ends by itself."""
    with Demo(tmp_path_factory.mktemp("demo"), "--for", LASTS_S) as process:
        yield process


def test_a_taken_port_is_one_sentence(running: Demo, tmp_path: Path) -> None:
    """Who starts a second demo learns which port is taken and what to do; nobody is paged for it."""
    until(running.welcomed)
    port = int(running.complaints.split("http://127.0.0.1:")[1].split()[0])
    with Demo(tmp_path, port=port) as second:
        assert second.wait() == 2
        said = "end the program that has it, or choose another for the page"
        assert second.complaints == f"vigil: port {port} is taken: {said}\n"


def test_a_demo_that_is_told_to_end_ends_well(tmp_path: Path) -> None:
    """By SIGTERM or Ctrl-C: everything is recorded and summed up, and the sessions are closed."""
    with Demo(tmp_path / "term") as term, Demo(tmp_path / "int") as interrupted:
        for process, number in ((term, signal.SIGTERM), (interrupted, signal.SIGINT)):
            until(process.welcomed)
            process.tell(number)
        for process in (term, interrupted):
            assert process.wait(20) == 0, process.complaints
            assert process.summary["sessions"] == 4
            assert "Traceback" not in process.complaints
            assert_sound(process.journal)


def test_a_killed_demo_goes_on_with_its_sessions(tmp_path: Path) -> None:
    """Killed while it begins and in the middle of an alert: every device is worn, every dose given once."""
    with Demo(tmp_path, "--scenario", CRISIS, "--for", 3) as process:
        kill_with_its_broker(process)
        kill_after(process, lambda body: isinstance(body, SessionOpened))
        kill_after(process, lambda body: isinstance(body, Alert) and body.rule == "systolic_high")
        raised = open_alerts(process.journal)
        process.start()
        assert process.wait() == 0, process.complaints
    assert "s-1/systolic_high/systolic/1" in raised
    resolved = {alert.id: alert for alert in bodies(process.journal, Alert) if not alert.open}
    assert raised.keys() <= resolved.keys() | open_alerts(process.journal).keys()
    assert resolved["s-1/systolic_high/systolic/1"].by == "nurse-1", "who answers now what was raised before"
    assert [opened.session for opened in bodies(process.journal, SessionOpened)] == ["s-1", "s-2"]
    assert sum(device.worn for device in bodies(process.journal, DeviceAssigned)) == 8
    assert len(bodies(process.journal, DoseRecorded)) == 2
    ended = bodies(process.journal, SessionClosed)[0].at
    assert [stray for stray in bodies(process.journal, Unclaimed) if stray.measured_at < ended] == []
    assert [start.outage > 0 for start in bodies(process.journal, Started)] == [False, True, True]
    assert_sound(process.journal)
    assert_replays(process.journal)


def kill_with_its_broker(process: Demo) -> None:
    """Kill it while it begins: its broker is a process too, and goes with it."""
    children = until(lambda: psutil.Process(process.pid).children(recursive=True))
    process.kill()
    until(lambda: not any(child.is_running() for child in children))


def kill_after(process: Demo, what: Callable[[Body], bool]) -> None:
    """Start it, and kill it as soon as one more of something is recorded."""
    before = recorded(process.journal, what)
    process.start()
    until(lambda: recorded(process.journal, what) > before)
    process.kill()


def recorded(journal: Path, what: Callable[[Body], bool]) -> int:
    with suppress(JournalError):
        return sum(what(record.body) for record in records(journal))
    return 0


@pytest.fixture(scope="module")
def demo(running: Demo) -> Demo:
    """A demo that has ended by itself."""
    assert running.wait() == 0, running.complaints
    return running


def test_a_demo_ends_by_itself_and_counts_what_its_journal_holds(demo: Demo) -> None:
    """The summary is of this run: what it counts is what was recorded."""
    kinds = [type(record.body).__name__ for record in records(demo.journal)]
    summary = demo.summary
    assert summary["readings"] == kinds.count("Reading") > 200
    assert summary["pages_delivered"] >= 1
    assert {alert.split("/")[1] for alert in summary["alerts"]} >= {"systolic_high"}
    assert summary["alerts_raised"] == summary["alerts_resolved"] == len(summary["alerts"])
    assert (summary["sessions"], summary["quarantined"]) == (4, kinds.count("Quarantined"))


def test_its_journal_is_whole(demo: Demo) -> None:
    """Vigil's own check says so, and by its own account nothing stepped back."""
    answer = run("journal", "check", demo.journal, "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["ok"]
    assert_sound(demo.journal)


@pytest.mark.parametrize(("speed", "seed"), [("max", "1"), ("20", "2")])
def test_replay_tells_what_was_told_live(demo: Demo, speed: str, seed: str) -> None:
    """Neither speed nor the order of hashing changes a byte."""
    again = ("replay", demo.journal, "--against", demo.journal, "--json", "--speed", speed)
    answer = run(*again, env={"PYTHONHASHSEED": seed})
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["equal"]


def test_two_replays_are_the_same_bytes(demo: Demo) -> None:
    first, second = (run("replay", demo.journal, env={"PYTHONHASHSEED": seed}).stdout for seed in "34")
    assert first == second != ""
