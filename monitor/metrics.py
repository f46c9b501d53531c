"""What Prometheus can scrape: how much came in, how much came out, how long commits take, what waits where."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from monitor.alert import Alert, AlertChange, Page
from monitor.events import (
    DeliveryReported,
    Envelope,
    Gap,
    Ignored,
    Input,
    Observation,
    Output,
    Quarantined,
    Record,
    Unclaimed,
)
from monitor.vitals import Reading


class Metrics:
    """Counters over all released records, and gauges that ask when they are scraped."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._readings = self._counter("vigil_readings", "Readings judged", "origin")
        self._inputs = self._counter("vigil_inputs", "Inputs by kind", "kind")
        self._alerts = self._counter("vigil_alerts_raised", "Alerts raised", "kind", "priority")
        self._pages = self._counter("vigil_pages", "Pages sent", "reason")
        self._deliveries = self._counter("vigil_deliveries", "Attempts to deliver pages", "outcome")
        self._unused = self._counter("vigil_unused_messages", "Messages that changed nothing", "reason")
        self._missing = self._counter("vigil_missing_messages", "Sequence numbers that never came")

    def gauge(self, name: str, what: str, ask: Callable[[], float]) -> None:
        """Add a value that is asked for at each scrape."""
        Gauge(name, what, registry=self._registry).set_function(ask)

    def count(self, records: Sequence[Record]) -> None:
        """Count released records. Readings and inputs are added up first: counters cost more than counting."""
        readings: dict[str, int] = {}
        inputs: dict[type, int] = {}
        for record in records:
            body = record.body
            if type(body) is Reading:
                readings[body.origin] = readings.get(body.origin, 0) + 1
                continue
            kind = type(body)
            if type(record) is Envelope:
                inputs[kind] = inputs.get(kind, 0) + 1
            if kind is not Observation:
                self._count_rare(body)
        for origin, number in readings.items():
            self._readings.labels(origin).inc(number)
        for kind, number in inputs.items():
            self._inputs.labels(kind.__name__).inc(number)

    def _count_rare(self, body: Input | Output) -> None:
        match body:
            case Alert(change=AlertChange.RAISED):
                self._alerts.labels(body.kind, body.priority).inc()
            case Page():
                self._pages.labels(body.reason).inc()
            case DeliveryReported():
                self._deliveries.labels(body.outcome).inc()
            case Quarantined():
                self._unused.labels("quarantined").inc()
            case Ignored():
                self._unused.labels("ignored").inc()
            case Unclaimed():
                self._unused.labels("unclaimed").inc()
            case Gap():
                self._missing.inc(body.missing)

    def text(self) -> bytes:
        """The exposition, in Prometheus text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)
