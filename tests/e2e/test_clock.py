"""The wall clock is stepped under a running Vigil: it goes on evenly, says so, and judges as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.events import ClockJumped
from monitor.vitals import SECOND
from tests.e2e.evidence import bodies
from tests.e2e.running import until
from tests.e2e.ward import Ward
from tests.servers import Mosquitto

pytestmark = [pytest.mark.server("mosquitto"), pytest.mark.server("faketime")]

HOUR_S = 3600
BUSY = {"recording_interrupted", "signal_stale"}
"""True where others use the machine: a stale signal is one without a value for two seconds. A recorder has no wall
clock, and what a step of an hour does to a signal lasts; both have tests of their own, in virtual time."""
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), Path("libfaketimeMT.so.1"))


class WallClock:
    """The wall clock of a process, so many seconds from the right time. Its other clocks are left alone."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "offset"
        self.env = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        self.step_to(0)

    def step_to(self, seconds: int) -> None:
        written = self._offset.with_suffix(".new")
        written.write_text(f"{seconds:+d}")
        written.rename(self._offset)


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Mosquitto, clock: WallClock) -> Iterator[Ward]:
    with Ward(tmp_path, mosquitto, env=clock.env) as ward:
        yield ward


def until_nothing_else(ward: Ward) -> None:
    """Wait until no signal is stale, and the step is all that is told."""
    until(lambda: ward.vigil.alerts().keys() <= {"clock_jumped", "recording_interrupted"})


def test_a_step_of_an_hour_fires_and_hides_nothing(ward: Ward, clock: WallClock) -> None:
    """Forward and back it is one low alert; no signal is stale, a crisis is told, and no instant steps back.

    Also not across a kill: where the journal is ahead of the clock time goes on, and that nobody watched is told.
    """
    clock.step_to(HOUR_S)
    jumped = ward.vigil.until_raised("clock_jumped")
    assert jumped["text"] == "The computer's clock was moved: 60 min forward"
    assert jumped["priority"] == "low"
    until_nothing_else(ward)
    clock.step_to(0)
    until(lambda: len(bodies(ward.journal, ClockJumped)) == 2)
    until_nothing_else(ward)
    ward.have_a_crisis()
    assert {page["alert"].split("/")[1] for page in ward.phones.pages} - BUSY == {"spo2_low"}
    ward.vigil.kill()
    clock.step_to(-HOUR_S)
    ward.vigil.start()
    ward.vigil.ready().until_raised("outage")
    ward.close()
    forward, back = (jump.by / SECOND for jump in bodies(ward.journal, ClockJumped))
    assert abs(forward - HOUR_S) < 5
    assert abs(back + HOUR_S) < 5
