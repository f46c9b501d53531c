"""Signals worked out from others in the same observation."""

from monitor.vitals import Measured, Quality, Signal


def with_mean_pressure(values: tuple[Measured, ...]) -> tuple[Measured, ...]:
    """Add the mean arterial pressure (mmHg) to a cuff's values when the cuff gave none.

    Mean = diastolic + (systolic - diastolic) / 3, the usual estimate; the device's own mean is better and kept. Nothing
    is worked out from an invalid pressure, and a doubt about either is a doubt about the mean.
    """
    by_signal = {measured.signal: measured for measured in values}
    systolic, diastolic = by_signal.get(Signal.SYSTOLIC), by_signal.get(Signal.DIASTOLIC)
    if systolic is None or diastolic is None or Signal.MEAN_PRESSURE in by_signal:
        return values
    if systolic.value is None or diastolic.value is None or Quality.INVALID in (systolic.quality, diastolic.quality):
        return values
    mean = round(diastolic.value + (systolic.value - diastolic.value) / 3)
    worse = systolic if systolic.quality is not Quality.VALID else diastolic
    return (*values, Measured(Signal.MEAN_PRESSURE, float(mean), worse.quality, worse.cause))
