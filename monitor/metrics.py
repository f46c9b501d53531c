"""What Prometheus can scrape: how much came in, how much came out, how long commits take, what waits where."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from monitor.alert import Alert, AlertChange, Page
from monitor.events import DeliveryReported, Envelope, Gap, Ignored, Quarantined, Record, Unclaimed
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
        self._of_kind: dict[type, Counter] = {}

    def gauge(self, name: str, what: str, ask: Callable[[], float]) -> None:
        """Add a value that is asked for at each scrape."""
        Gauge(name, what, registry=self._registry).set_function(ask)

    def count(self, record: Record) -> None:
        """Count one released record."""
        body = record.body
        if isinstance(record, Envelope):
            kind = self._of_kind.get(type(body))
            if kind is None:
                kind = self._of_kind[type(body)] = self._inputs.labels(type(body).__name__)
            kind.inc()
            if isinstance(body, DeliveryReported):
                self._deliveries.labels(body.outcome).inc()
            elif isinstance(body, Quarantined):
                self._unused.labels("quarantined").inc()
        elif isinstance(body, Reading):
            self._readings.labels(body.origin).inc()
        elif isinstance(body, Alert):
            if body.change is AlertChange.RAISED:
                self._alerts.labels(body.kind, body.priority).inc()
        elif isinstance(body, Page):
            self._pages.labels(body.reason).inc()
        elif isinstance(body, Ignored | Unclaimed):
            self._unused.labels("unclaimed" if isinstance(body, Unclaimed) else "ignored").inc()
        elif isinstance(body, Gap):
            self._missing.inc(body.missing)

    def text(self) -> bytes:
        """The exposition, in Prometheus text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)
