"""What the page draws is a second, small, and as high as it was."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from monitor.vitals import SECOND
from monitor.waves.run import Run
from monitor.waves.strips import PAIRS, Strips
from simulators.waves.channels import Channel
from tests.monitor.waves.runs import run


def test_peaks_stay_as_high_as_they_are() -> None:
    """Few points, and the extremes of the second among them."""
    samples = run(3).wave.samples
    strip = Strips().take(run(3))
    assert strip is not None
    assert len(strip.points) <= 2 * PAIRS
    assert (max(strip.points), min(strip.points)) == pytest.approx((max(samples) / 1000, min(samples) / 1000))


def quarter(number: int) -> Run:
    whole = run(number // 4)
    size = len(whole.wave.samples) // 4
    at = number % 4 * size
    wave = replace(whole.wave, samples=whole.wave.samples[at : at + size])
    return replace(whole, wave=wave, broken=number == 6)


def test_short_runs_are_gathered_to_a_second_and_never_over_a_gap() -> None:
    """What was waiting when something is missing is not drawn beside what follows."""
    strips = Strips()
    drawn = [(number, strip) for number in range(12) if (strip := strips.take(quarter(number))) is not None]
    # 62 samples of 4 ms are a little less than a quarter.
    assert [(number, strip.broken) for number, strip in drawn] == [(4, False), (10, True)]
    assert all(strip.lasts >= SECOND for _, strip in drawn)


def test_what_is_nobodys_is_not_drawn() -> None:
    """Nor what came late, nor what has no shape to look at."""
    strips = Strips()
    assert strips.take(run(0, session="")) is None
    assert strips.take(replace(run(0), late=True)) is None
    assert strips.take(run(0, channel=Channel.RED)) is None
