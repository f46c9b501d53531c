"""How a reading changes a tile: what replaces what, and what never does."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from dashboards.live.views import CuffView, NumberView, SessionView
from monitor.events import Freshness
from monitor.vitals import SECOND, SIGNALS, Cause, Quality, Reading, Signal

OUTSHINES = 10 * SECOND
"""How long a better value of one device is kept against a worse one of another, so that a tile does not flicker."""

_CUFF_PARTS: Mapping[Signal, str] = MappingProxyType(
    {Signal.SYSTOLIC: "systolic", Signal.DIASTOLIC: "diastolic", Signal.MEAN_PRESSURE: "mean"}
)
# Asked of every reading, and looking a member up takes 90 ns.
_LATE, _INVALID = Cause.LATE, Quality.INVALID
_BADNESS = (Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID).index


def with_reading(session: SessionView, reading: Reading) -> SessionView:
    """The tile after a reading. A late one is no news and changes nothing."""
    if reading.cause is _LATE:
        return session
    if reading.signal in _CUFF_PARTS:
        return replace(session, cuff=_with_pressure(session.cuff, reading))
    shown = session.numbers.get(reading.signal) or blank(reading.signal)
    if _outshone(shown, reading):
        return session
    return _with_number(session, _with_value(shown, reading))


def with_freshness(session: SessionView, freshness: Freshness) -> SessionView:
    """The tile after an expected signal came, went stale, was lost or is overdue."""
    signal, state, since = freshness.signal, freshness.state, freshness.since
    if signal in _CUFF_PARTS:
        return replace(session, cuff=replace(session.cuff, freshness=state, since=since))
    shown = session.numbers.get(signal) or blank(signal)
    number = replace(shown, freshness=state, since=since, last_valid_at=freshness.last_valid_at)
    return _with_number(session, number)


def blank(signal: Signal) -> NumberView:
    """A signal of which nothing is known yet."""
    info = SIGNALS[signal]
    return NumberView(
        signal=signal, label=info.label, unit=info.unit, decimals=info.decimals, continuous=info.continuous
    )


def _with_number(session: SessionView, number: NumberView) -> SessionView:
    return replace(session, numbers={**session.numbers, number.signal: number})


def _with_value(shown: NumberView, reading: Reading) -> NumberView:
    usable = reading.value is not None and reading.quality is not _INVALID
    return replace(
        shown,
        value=reading.value if usable else None,
        quality=reading.quality,
        cause=reading.cause,
        measured_at=reading.measured_at,
        received_at=reading.received_at,
        device=reading.device,
        origin=reading.origin,
    )


def _outshone(shown: NumberView, reading: Reading) -> bool:
    """Whether another device's shown value is better and still recent."""
    if shown.measured_at is None or shown.device == reading.device:
        return False
    recent = reading.measured_at - shown.measured_at < OUTSHINES
    return recent and _BADNESS(shown.quality) < _BADNESS(reading.quality)


def _with_pressure(cuff: CuffView, reading: Reading) -> CuffView:
    same = (cuff.device, cuff.measured_at) == (reading.device, reading.measured_at)
    if reading.value is not None and reading.quality is not Quality.INVALID:
        measured = cuff if same else _new_measurement(cuff, reading)
        worse = _worse(measured, reading.quality, reading.cause)
        return replace(worse, **{_CUFF_PARTS[reading.signal]: reading.value})
    if same:
        return _worse(cuff, Quality.QUESTIONABLE, reading.cause)
    return replace(cuff, failed_at=reading.measured_at, failed_cause=reading.cause)


def _new_measurement(before: CuffView, reading: Reading) -> CuffView:
    measured = CuffView(
        measured_at=reading.measured_at,
        received_at=reading.received_at,
        device=reading.device,
        origin=reading.origin,
        freshness=before.freshness,
        since=before.since,
    )
    if before.failed_at != reading.measured_at:
        return measured
    return _worse(measured, Quality.QUESTIONABLE, before.failed_cause)


def _worse(cuff: CuffView, quality: Quality, cause: Cause) -> CuffView:
    """The cuff with the worse of its own quality and this one: a triple is as good as its worst part."""
    return replace(cuff, quality=quality, cause=cause) if _BADNESS(quality) > _BADNESS(cuff.quality) else cuff
