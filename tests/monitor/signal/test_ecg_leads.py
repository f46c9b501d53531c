"""Where one of two leads is missing, the other one does; what is cut where, and when, changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.ecg import BeatDetector
from monitor.signal.filters import Array
from monitor.signal.judging import agreement, matched
from tests.monitor.signal.hearts import recorded
from tests.monitor.signal.test_ecg import SIZES, found_in, same

OFF_S = [(10.0, 20.0), (0.0, 5.0), (0.5, 1.5), (20.0, 60.0), (30.0, 30.1)]
"""While learnt, from the start, while learning, until the end, for a moment."""


def with_a_lead_off(lead: int, begin_s: float, end_s: float) -> Array:
    """The recorded heart, one of its leads missing for a while."""
    ecg = recorded()
    samples = ecg.samples[None].copy()
    samples[0, lead, round(begin_s * ecg.rate_hz) : round(end_s * ecg.rate_hz)] = np.nan
    return samples


@pytest.mark.parametrize(("begin_s", "end_s"), OFF_S)
@pytest.mark.parametrize("lead", [0, 1])
def test_one_lead_suffices_while_the_other_is_off(lead: int, begin_s: float, end_s: float) -> None:
    """Whenever a lead comes off and is back, every beat is found, and no other, and the row goes on."""
    ecg, detector = recorded(), BeatDetector(360, 1, leads=2)
    at_s = detector.push(with_a_lead_off(lead, begin_s, end_s)).at / 360
    beats_s = ecg.beats_s[ecg.beats_s < 59.7]
    assert detector.began[0] == 0
    assert len(at_s) == len(beats_s) == len(matched(beats_s, at_s, 0.15))


def test_leads_may_come_off_in_turn() -> None:
    """Each lead is off for four of eight seconds, now the one and now the other: no beat is lost."""
    ecg = recorded()
    samples = ecg.samples[None].copy()
    for turn in range(6):
        samples[0, turn % 2, (5 + 8 * turn) * 360 : (9 + 8 * turn) * 360] = np.nan
    at_s = found_in(samples, 360, leads=2).at / 360
    assert agreement(ecg.beats_s[ecg.beats_s < 59.7], at_s, 0.15).f1 == 1.0


@settings(max_examples=15, deadline=None)
@given(sizes=SIZES, lead=st.integers(0, 1), off_s=st.sampled_from(OFF_S))
def test_cutting_changes_nothing_while_a_lead_is_off(sizes: list[int], lead: int, off_s: tuple[float, float]) -> None:
    """Where a lead comes off and is back, too, a stream may be cut anywhere."""
    samples = with_a_lead_off(lead, *off_s)
    assert same(found_in(samples, 360, leads=2), found_in(samples, 360, sizes, leads=2))


def test_no_lead_ends_the_row() -> None:
    """When the other lead comes off, too, the row begins anew with the first that is back."""
    samples = with_a_lead_off(0, 10.0, 20.0)
    samples[0, 1, 15 * 360 : 25 * 360] = np.nan
    detector = BeatDetector(360, 1, leads=2)
    found = detector.push(samples)
    assert detector.began[0] == 20 * 360
    anew = found_in(samples[..., 20 * 360 :], 360, leads=2)
    assert found.chosen(found.at > 20 * 360).at == pytest.approx(anew.at + 20 * 360, abs=1e-6)
