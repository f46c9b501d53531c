"""Noise at a stated ratio, and speed: what the score of the signal processing adds to records."""

from pathlib import Path

import numpy as np
import pytest

from monitor.signal.judging import Agreement
from monitor.vitals import Cause, Measured, Quality, Signal
from simulators.signal_scoring import noisy, peers
from simulators.signal_scoring.beats import own_beats
from simulators.signal_scoring.noisy import IN_ECG, RATIOS_DB, Condition, added, conditions
from simulators.signal_scoring.speed import BEATS, CHAINS, CHUNKS_MS, NUMERICS, PARTS, SUM, speeds
from simulators.waves.noise import NoiseKind
from tests.monitor.signal.hearts import recorded
from tests.simulators.annotated_records import beat_record


@pytest.mark.parametrize("kind", [kind for kind in IN_ECG if kind is not NoiseKind.POPS])
def test_noise_has_the_ratio_that_is_stated(kind: NoiseKind) -> None:
    """Power around the mean over power of the noise, within 1 dB; nothing at an infinite ratio; a gap stays one."""
    lead = recorded().samples[0]
    for snr_db in RATIOS_DB:
        disturbance = added(lead, 360, "seed", Condition(kind, snr_db)) - lead
        assert 10 * np.log10(lead.var() / disturbance.var()) == pytest.approx(snr_db, abs=1)
    assert np.array_equal(added(lead, 360, "seed", Condition(kind, np.inf)), lead)
    gap = lead.copy()
    gap[100:200] = np.nan
    assert np.array_equal(np.isnan(added(gap, 360, "seed", Condition(kind, 0.0))), np.isnan(gap))


def test_a_peer_that_raises_gave_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It found nothing, which is not the same as nothing said: the record is counted."""
    find = {"fails": lambda library, samples, rate_hz: samples[len(samples)], "finds": lambda *_: [100, 200]}
    monkeypatch.setattr(peers, "BEATS", {name: peers.Peer("math", "math", each) for name, each in find.items()})
    told = peers.peer_beats(str(beat_record(tmp_path)))
    assert {name: (score.gave_up, score.beats.wide.found) for name, score in told.items()} == {
        "fails": (True, 0),
        "finds": (False, 2),
    }


def test_no_beat_of_a_disturbed_record_is_left_out(tmp_path: Path) -> None:
    """Not even those after the last window of a rate: undisturbed, the count is that of the first table."""
    path = str(beat_record(tmp_path, seconds=59))
    own = own_beats(path, 1)
    assert own is not None
    assert noisy.disturbed_beats(path)[0].agreed == own.beats.wide


def test_each_window_is_told_doubtful_or_silent() -> None:
    """Errors are of what is told as valid; windows whose truth nobody knows count nowhere."""
    rates = [
        Measured(Signal.HEART_RATE, 71.0, Quality.VALID, Cause.NONE),
        Measured(Signal.HEART_RATE, 90.0, Quality.QUESTIONABLE, Cause.MOTION),
        Measured(Signal.HEART_RATE, None, Quality.INVALID, Cause.LEADS_OFF),
        None,
    ]
    of_record = noisy.Disturbed("noise", Agreement(9, 10, 10), np.array([70.0, 70.0, 70.0, 70.0]), rates)
    unknown = noisy.Disturbed("noise", Agreement(1, 1, 1), np.full(4, np.nan), rates)
    score = noisy.noise_score([of_record, unknown])
    assert (score.told.coverage, score.told.mean) == (0.25, 1.0)
    assert (score.doubtful, score.silent) == (0.25, {"leads_off": 0.25})
    assert score.f1 == pytest.approx(10 / 11)


def test_undisturbed_the_service_tells_every_rate(tmp_path: Path) -> None:
    """In its own words: valid, of the annotated beats, from the first whole window on."""
    undisturbed = noisy.disturbed_beats(str(beat_record(tmp_path)))[0]
    known = np.isfinite(undisturbed.truth)
    assert [told.quality for told, true in zip(undisturbed.told, known, strict=True) if told and true] == [
        Quality.VALID
    ] * int(known.sum())
    assert noisy.noise_score([undisturbed]).told.mean < 2.0


def test_every_kind_is_tried_at_every_ratio() -> None:
    """And nothing first."""
    names = [each.name for each in conditions(IN_ECG)]
    assert names[0] == "none"
    assert len(set(names)) == 1 + len(IN_ECG) * len(RATIOS_DB)


def test_the_sum_takes_as_long_as_all_parts() -> None:
    """Every part and chain at both sizes of chunks; people a core are the inverse of time, so the times add up."""
    told = {(each.part, each.chunk_ms): each.people for each in speeds(rows=2, seconds=6, rounds=1)}
    assert set(told) == {(part, ms) for part in (*PARTS, NUMERICS, *CHAINS, SUM) for ms in CHUNKS_MS}
    for ms in CHUNKS_MS:
        parts = sum(1 / told[part, ms] for part in (*PARTS, NUMERICS) if part != BEATS)
        assert told[SUM, ms] == pytest.approx(1 / parts)
