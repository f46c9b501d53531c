"""What each reading says of the heart."""

from math import isnan

import pytest

from monitor.events import Observation
from monitor.hearts.evidence import DOUBTFUL, NO_PULSE, VALID, evidence
from monitor.signal.chain import BOOT
from monitor.signal.fusion import Limits, Source
from monitor.vitals import Cause, Measured, Origin, Quality, Reading, Signal

HEART, PULSE = Signal.HEART_RATE, Signal.PULSE_RATE


def observed(signal: Signal, boot: str = "a", *beside: Signal) -> Observation:
    values = tuple(Measured(each, 70.0) for each in (signal, *beside))
    return Observation("d-1", boot, 1, None, 5, values, Origin.SIMULATED)


def read(
    signal: Signal = HEART, value: float | None = 70.0, quality: Quality = Quality.VALID, cause: Cause = Cause.NONE
) -> Reading:
    return Reading("s-1", "d-1", signal, value, 4, 5, 1, Origin.SIMULATED, quality, cause)


@pytest.mark.parametrize(
    ("observation", "source"),
    [
        (observed(HEART, BOOT + "1.2"), Source.ECG),
        (observed(HEART), Source.MONITOR_ECG),
        (observed(PULSE, BOOT + "1.2"), Source.PULSE),
        (observed(PULSE), Source.MONITOR_PULSE),
        (observed(PULSE, "a", Signal.SPO2), Source.MONITOR_PULSE),
        (observed(PULSE, "a", Signal.SYSTOLIC), Source.CUFF),
        (observed(PULSE, "a", Signal.MEAN_PRESSURE), Source.CUFF),
    ],
)
def test_a_source_is_known_by_its_signal_and_its_message(observation: Observation, source: Source) -> None:
    """By whether we computed it, and by what came with it."""
    found = evidence(read(observation.values[0].signal), observation)
    assert found is not None
    assert (found.source, found.session, found.device, found.at) == (source, "s-1", "d-1", 4)


def test_other_signals_say_nothing_of_the_heart() -> None:
    """Nor does what came late: it is not new."""
    assert evidence(read(Signal.SPO2), observed(Signal.SPO2)) is None
    assert evidence(read(quality=Quality.QUESTIONABLE, cause=Cause.LATE), observed(HEART)) is None


def worth(reading: Reading) -> tuple[float, float]:
    found = evidence(reading, observed(HEART))
    assert found is not None
    return found.value, found.confidence


@pytest.mark.parametrize("cause", Cause)
def test_a_doubtful_value_is_worth_less_than_a_valid_one(cause: Cause) -> None:
    """Whatever the doubt; only where the doubt is not about the value can it contradict others."""
    if cause is Cause.LATE:
        return
    value, confidence = worth(read(quality=Quality.QUESTIONABLE, cause=cause))
    assert value == 70.0
    assert 0 < confidence < VALID
    assert (confidence >= Limits().good) == (cause in (Cause.LOW_BATTERY, Cause.FUTURE_STAMP))


def test_every_doubt_that_has_a_worth_is_a_cause() -> None:
    """And a valid value can contradict, as can a pulse that is not found."""
    assert set(DOUBTFUL) <= set(Cause)
    assert worth(read()) == (70.0, VALID)
    assert VALID > NO_PULSE >= Limits().good


@pytest.mark.parametrize("cause", set(Cause) - {Cause.NO_PULSE, Cause.LATE})
def test_an_invalid_value_is_none(cause: Cause) -> None:
    """With whatever number it came."""
    value, confidence = worth(read(value=70.0, quality=Quality.INVALID, cause=cause))
    assert isnan(value)
    assert confidence == 0


def test_a_probe_that_finds_no_pulse_says_that_there_are_no_beats() -> None:
    """It may contradict electrodes; it is a finding, not silence."""
    assert worth(read(value=None, quality=Quality.INVALID, cause=Cause.NO_PULSE)) == (0.0, NO_PULSE)
