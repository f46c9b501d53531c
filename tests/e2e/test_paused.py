"""A process that stands still, as on a machine that sleeps or is moved, is an outage like any other."""

from __future__ import annotations

import signal
import time

import pytest

from monitor.events import Started
from tests.e2e.evidence import bodies
from tests.e2e.running import until
from tests.e2e.ward import Ward

pytestmark = pytest.mark.server("mosquitto")

PAUSE_S = 6


def test_a_pause_is_told_and_makes_up_for_nothing(ward: Ward) -> None:
    """One alert says how long; no signal is lost that has been sent, and no page of those meanwhile is made up for."""
    ward.oximeter.course = lambda _: 80.0
    until(lambda: ward.phones.about("Oxygen"))
    ward.vigil.tell(signal.SIGSTOP)
    time.sleep(PAUSE_S)
    calls = len(ward.phones.calls)
    ward.vigil.tell(signal.SIGCONT)
    outage = ward.vigil.until_raised("outage")
    assert outage["text"].startswith("Nobody was watched by Vigil for ")
    about_oxygen = [call for call in ward.phones.calls[calls:] if "Oxygen" in call.page["text"]]
    assert len(about_oxygen) <= 2
    until(lambda: ward.vigil.alerts().keys() == {"outage", "spo2_low"})
    ward.oximeter.course = lambda _: 97.0
    ward.vigil.until_latched("spo2_low")
    ward.close()
    assert [start.outage > 0 for start in bodies(ward.journal, Started)] == [False, True]
