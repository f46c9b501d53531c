"""Where every signal is disturbed, no rate is told, and why."""

from __future__ import annotations

import numpy as np

from monitor.signal.breathing import HIDDEN, Modulated
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, light, person


def test_disturbed_light_alone_is_no_silence_without_a_cause() -> None:
    """A hand that moves as much as its pulse, and no ECG: once half a minute was seen, no value, for motion."""
    samples = light(person(Noise(NoiseKind.MOTION, -6)), 60)
    bank, rows = Modulated(LIGHT_HZ, LIGHT_HZ), np.zeros(1, np.intp)
    told = [
        next(iter(bank.measured(rows, [each, np.full_like(each, np.nan)]))) for each in np.split(samples, 60, axis=1)
    ]
    assert not any(told[:31])
    due = [each for each in told[31:] if each]
    assert len(due) > 5
    assert all(each == HIDDEN for each in due)
