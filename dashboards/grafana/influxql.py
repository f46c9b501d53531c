"""The questions that boards ask, in the InfluxQL that InfluxDB 1.x, 2.x and 3 understand, with Grafana's macros."""

from collections.abc import Sequence
from typing import Any, Final, Self

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from monitor.vitals import SIGNALS, Quality, Signal

DATASOURCE: Final = DataSourceRef(type_val="influxdb", uid="${datasource}")

_TRUSTED: Final = f"\"quality\" <> '{Quality.INVALID}'"


def _select(fields: str, measurement: str, *conditions: str, group: str = "", fill: str = "") -> str:
    """A question about the session and the time that are chosen on the board."""
    where = " AND ".join([*conditions, "\"session\" = '$session'", "$timeFilter"])
    asked = f'SELECT {fields} FROM "{measurement}" WHERE {where}'  # noqa: S608 - made of constants of this module
    return asked + (f" GROUP BY {group}" if group else "") + (f" fill({fill})" if fill else "")


SESSIONS: Final = 'SHOW TAG VALUES FROM "vitals" WITH KEY = "session"'
ORIGINS: Final = _select('count("quality")', "vitals", group='"origin"')
LAST: Final = _select('last("value") AS "last", "quality"', "vitals", _TRUSTED, group='"signal", "device", "origin"')
ALERTS: Final = _select('"level"', "events", "\"kind\" = 'alert'", group='"rule", "signal"')


def trend(signal: Signal) -> str:
    """A signal over time, a series for each device and origin.

    Continuous ones by interval, lowest and highest, so that no extreme is averaged away and a gap stays a gap.
    """
    conditions = (f"\"signal\" = '{signal}'", _TRUSTED)
    if not SIGNALS[signal].continuous:
        return _select('"value"', "vitals", *conditions, group='"device", "origin"')
    fields = 'min("value") AS "lowest", max("value") AS "highest"'
    return _select(fields, "vitals", *conditions, group='time($__interval), "device", "origin"', fill="null")


def events(kinds: Sequence[str], changes: Sequence[str] = ()) -> str:
    """What events of some kinds say; of alerts, those with some changes."""
    changed = [_one_of("change", changes)] if changes else []
    return _select('"text"', "events", _one_of("kind", kinds), *changed)


def _one_of(name: str, values: Sequence[str]) -> str:
    return "(" + " OR ".join(f"\"{name}\" = '{value}'" for value in values) + ")"


class Query(Dataquery, Builder[Dataquery]):
    """A target of Grafana's InfluxDB data source in InfluxQL, for which the SDK has no model."""

    def __init__(self, text: str, ref: str = "A", **more: Any) -> None:
        self._json = {"refId": ref, "datasource": DATASOURCE, "rawQuery": True, "query": text, **more}

    def build(self) -> Self:
        """Targets are given as builders."""
        return self

    def to_json(self) -> dict[str, Any]:
        """As it stands in a board."""
        return self._json
