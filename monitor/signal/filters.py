"""Filters that go on where they stopped, one sample after the other, for many rows."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from monitor.signal.compiled import compiled

Array = NDArray[np.float64]


def band_pass(low_hz: float, high_hz: float, order: int, sample_rate: float) -> Array:
    """Sections of a causal Butterworth band-pass of an order per edge, shape (order, 6).

    Raises ValueError when the band does not lie below half the sample rate.
    """
    return np.asarray(signal.butter(order, (low_hz, high_hz), "bandpass", fs=sample_rate, output="sos"), np.float64)


def low_and_high_pass(low_hz: float, low_order: int, high_hz: float, high_order: int, sample_rate: float) -> Array:
    """Sections of causal Butterworth filters that pass what is above `low_hz` and below `high_hz`, shape (sections, 6).

    Raises ValueError when an edge does not lie below half the sample rate.
    """
    high_pass = signal.butter(low_order, low_hz, "highpass", fs=sample_rate, output="sos")
    low_pass = signal.butter(high_order, high_hz, "lowpass", fs=sample_rate, output="sos")
    return np.vstack([high_pass, low_pass])


def delay_at(sections: Array, hz: float, sample_rate: float) -> float:
    """By how many samples sections hold a frequency back."""
    return float(sum(signal.group_delay((each[:3], each[3:]), [hz], fs=sample_rate)[1][0] for each in sections))


@compiled
def filtered(sections: Array, memory: Array, sample: float) -> float:
    """One more sample through the sections; `memory` (sections, 2) is moved on (transposed direct form II)."""
    for number in range(sections.shape[0]):
        section, kept = sections[number], memory[number]
        passed = section[0] * sample + kept[0]
        kept[0] = section[1] * sample - section[4] * passed + kept[1]
        kept[1] = section[2] * sample - section[5] * passed
        sample = passed
    return sample


@compiled
def filter_in_place(sections: Array, memory: Array, samples: Array) -> None:
    """Samples (n,) through the sections, as `filtered` does one by one: section by section it is several times faster.

    `memory` (sections, 2) is moved on.
    """
    for number in range(sections.shape[0]):
        now, before, earlier, _, past, older = sections[number]
        one, two = memory[number]
        for index in range(len(samples)):
            sample = samples[index]
            passed = now * sample + one
            one = before * sample - past * passed + two
            two = earlier * sample - older * passed
            samples[index] = passed
        memory[number, 0], memory[number, 1] = one, two
