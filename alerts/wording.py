"""What a page says: short enough for a lock screen, and without anything that names a person."""

from monitor.alert import Alert
from monitor.vitals import SECOND, SIGNALS, Origin

_INFO = {signal.value: info for signal, info in SIGNALS.items()}
_MINUTE = 60 * SECOND


def page_text(alert: Alert) -> str:
    """An alert in one line, such as `HIGH · Room 3 · SpO2 low: 84 % (≤ 87 %) · raised 14:32 UTC`."""
    return " · ".join([*_marks(alert), alert.priority.upper(), _place(alert), _what(alert), _since(alert)])


def over_text(alert: Alert) -> str:
    """The quiet line at the end, such as `OVER · Room 3 · SpO2 low · raised 14:32 UTC, over 14:40 UTC`."""
    over = f"{_since(alert)}, over {_time(alert.changed_at)}"
    return " · ".join([*_marks(alert), "OVER", _place(alert), alert.text, over])


def _marks(alert: Alert) -> list[str]:
    return [] if alert.origin is Origin.REAL else [alert.origin.upper()]


def _place(alert: Alert) -> str:
    if alert.room:
        return f"Room {alert.room}"
    return f"Session {alert.session}" if alert.session else "Site"


def _what(alert: Alert) -> str:
    limit = f" ({alert.limit})" if alert.limit else ""
    if alert.value is None:
        return f"{alert.text}{limit}"
    info = _INFO.get(alert.signal)
    value = f"{alert.value:.{info.decimals}f} {info.unit}" if info else f"{alert.value:g}"
    return f"{alert.text}: {value}{limit}"


def _since(alert: Alert) -> str:
    return f"raised {_time(alert.raised_at)}"


def _time(instant: int) -> str:
    hours, minutes = divmod(instant // _MINUTE % (24 * 60), 60)
    return f"{hours:02}:{minutes:02} UTC"
