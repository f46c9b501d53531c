"""What a decoded characteristic says about a person: values with their quality and cause, as tables of status bits."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from devices.gatt import (
    BloodPressure,
    Continuous,
    CuffFeatures,
    HeartRate,
    MeasurementStatus,
    SensorStatus,
    SpotCheck,
    Temperature,
    Value,
)
from monitor.vitals import Cause, Measured, Quality, Signal

_OK, _DOUBT, _BAD = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
Verdict = tuple[Quality, Cause]
_FINE: Final[Verdict] = (_OK, Cause.NONE)

_BADNESS = {_OK: 0, _DOUBT: 1, _BAD: 2}

_M, _S = MeasurementStatus, SensorStatus

# The first row that holds decides, so what says most about the person stands first.
SENSOR_ROWS: Sequence[tuple[int, Verdict]] = (
    (_S.SENSOR_DISCONNECTED | _S.UNCONNECTED_TO_USER | _S.SENSOR_DISPLACED, (_BAD, Cause.PROBE_OFF)),
    (_S.EQUIPMENT_MALFUNCTION | _S.SENSOR_MALFUNCTION | _S.UNKNOWN_SENSOR, (_BAD, Cause.SENSOR_FAULT)),
    (_S.NON_PULSATILE, (_BAD, Cause.NO_PULSE)),
    (_S.LOW_PERFUSION, (_DOUBT, Cause.LOW_PERFUSION)),
    (_S.ERRATIC | _S.INTERFERENCE | _S.IRREGULAR_PROCESSING, (_DOUBT, Cause.MOTION)),
    (_S.INADEQUATE_SIGNAL | _S.POOR_SIGNAL, (_DOUBT, Cause.WEAK_SIGNAL)),
    (_S.QUESTIONABLE_PULSE, (_DOUBT, Cause.DEVICE)),
)
MEASUREMENT_ROWS: Sequence[tuple[int, Verdict]] = (
    # A demonstration, a test and a calibration are nobody's.
    (_M.DEMONSTRATION | _M.TESTING | _M.CALIBRATING, (_BAD, Cause.DEVICE)),
    (_M.INVALID | _M.UNAVAILABLE, (_BAD, Cause.DEVICE)),
    (_M.QUESTIONABLE | _M.EARLY, (_DOUBT, Cause.DEVICE)),
)


class Measurement(Struct, frozen=True, kw_only=True):
    """One measurement of a device, not yet with its place in time.

    `stamp` is the device's own clock, ISO 8601 without a zone, None where it has none or says it is not set.
    `intervals` are those between beats in 1/1024 s, oldest first; the last ends when the measurement was sent.
    """

    values: tuple[Measured, ...]
    stamp: str | None = None
    stored: bool = False
    intervals: tuple[int, ...] = ()


def measurement(value: Value, features: CuffFeatures | None = None) -> Measurement | None:
    """What `value` says of a person; None for what says nothing: a battery, a name, a cuff still measuring."""
    match value:
        case HeartRate():
            return Measurement(values=(_heart_rate(value),), intervals=value.rr_1024)
        case BloodPressure():
            return Measurement(values=_pressures(value, features), stamp=value.timestamp)
        case SpotCheck():
            stamp = None if value.clock_not_set else value.timestamp
            return Measurement(values=_oximetry(value), stamp=stamp, stored=_stored(value))
        case Continuous():
            return Measurement(values=_oximetry(value), stored=_stored(value))
        case Temperature():
            quality: Verdict = _FINE if value.celsius is not None else (_BAD, Cause.MEASUREMENT_FAILED)
            return Measurement(values=(Measured(Signal.TEMPERATURE, value.celsius, *quality),), stamp=value.timestamp)
        case _:
            return None


def _heart_rate(value: HeartRate) -> Measured:
    """A strap that finds no beats sends zero, which is no rate; one that cannot tell its contact is not off."""
    if value.sensor_contact is False:
        bpm = float(value.bpm) or None
        return Measured(Signal.HEART_RATE, bpm, _DOUBT if bpm else _BAD, Cause.LEADS_OFF)
    if value.bpm:
        return Measured(Signal.HEART_RATE, float(value.bpm))
    return Measured(Signal.HEART_RATE, None, _BAD, Cause.NO_PULSE if value.sensor_contact else Cause.WEAK_SIGNAL)


def _pressures(value: BloodPressure, features: CuffFeatures | None) -> tuple[Measured, ...]:
    """The three pressures. Cuffs that do not measure the mean send zero for it or nothing."""
    quality = _cuff_verdict(value, features)
    given = ((Signal.SYSTOLIC, value.systolic), (Signal.DIASTOLIC, value.diastolic), (Signal.MEAN_PRESSURE, value.map))
    if value.systolic is None and value.diastolic is None:
        return tuple(Measured(signal, None, _BAD, Cause.MEASUREMENT_FAILED) for signal, _ in given)
    return tuple(Measured(signal, mmhg, *quality) for signal, pressure in given if (mmhg := value.mmhg(pressure)))


def _cuff_verdict(value: BloodPressure, features: CuffFeatures | None) -> Verdict:
    status = value.status
    if status is None:
        return _FINE
    if features is not None:
        status = features.known(status)
    if status.body_movement:
        return _DOUBT, Cause.MOTION
    # An irregular pulse makes a cuff less exact, and its reading no less worth hearing.
    doubtful = status.cuff_loose or status.improper_position or status.irregular_pulse
    return (_DOUBT, Cause.DEVICE) if doubtful else _FINE


def _oximetry(value: SpotCheck | Continuous) -> tuple[Measured, ...]:
    quality, cause = _oximeter_verdict(value)
    given = ((Signal.SPO2, value.spo2), (Signal.PULSE_RATE, value.pr))
    said = [_one(signal, number, quality, cause) for signal, number in given]
    if value.pai is not None:
        said.append(_one(Signal.PERFUSION_INDEX, value.pai, quality, cause))
    return tuple(said)


def _one(signal: Signal, number: float | None, quality: Quality, cause: Cause) -> Measured:
    if number is None or quality is _BAD:
        return Measured(signal, None, _BAD, cause or Cause.WEAK_SIGNAL)
    return Measured(signal, number, quality, cause)


def _oximeter_verdict(value: SpotCheck | Continuous) -> Verdict:
    """The worse of what the sensor's and the measurement's bits say."""
    sensor = _first(SENSOR_ROWS, value.device_sensor_status or 0)
    taken = _first(MEASUREMENT_ROWS, value.measurement_status or 0)
    return max(sensor, taken, key=lambda verdict: _BADNESS[verdict[0]])


def _first(rows: Sequence[tuple[int, Verdict]], bits: int) -> Verdict:
    return next((verdict for mask, verdict in rows if bits & mask), _FINE)


def _stored(value: SpotCheck | Continuous) -> bool:
    return bool((value.measurement_status or 0) & _M.FROM_STORAGE)
