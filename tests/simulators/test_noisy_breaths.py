"""Respiration rates in noise are judged as those without it are."""

import pytest

from simulators.signal_scoring.noisy_breaths import (
    ALONE,
    KINDS,
    WHAT,
    DisturbedBreaths,
    breaths_scores,
    disturbed_breaths,
)
from simulators.signal_scoring.pulses import own_pulses
from tests.simulators.annotated_records import breath_record


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[DisturbedBreaths]]:
    """A simulated record, and what is told of it under each condition."""
    path = str(breath_record(tmp_path_factory.mktemp("breaths")))
    return path, disturbed_breaths(path)


def test_undisturbed_they_are_those_of_the_first_table(disturbed: tuple[str, list[DisturbedBreaths]]) -> None:
    """Of both sources; and without an ECG the light tells something else."""
    path, (undisturbed, *_) = disturbed
    own = own_pulses(path).rates
    told = undisturbed.rates
    assert undisturbed.condition == "none"
    for what in ("impedance", "modulation"):
        assert told[what].value == pytest.approx(own[what].value, nan_ok=True)
        assert told[what].confidence == pytest.approx(own[what].confidence)
    assert told[ALONE].confidence.tolist() != told["modulation"].confidence.tolist()


def test_motion_costs_trust(disturbed: tuple[str, list[DisturbedBreaths]]) -> None:
    """Four times as strong as the signals, nothing is told; undisturbed, impedance always is, and right."""
    scores = {(score.condition, score.what): score.told for part in disturbed[1] for score in breaths_scores([part])}
    assert len(scores) == (1 + 4 * len(KINDS)) * len(WHAT)
    assert scores["none", "impedance"].coverage == 1
    assert scores["none", "impedance"].mean < 1
    assert all(scores["motion -6 dB", what].coverage == 0 for what in WHAT)
