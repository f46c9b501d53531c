"""Metrics count what was released."""

from monitor.events import Envelope, Gap, Quarantined, Record, Told
from monitor.metrics import Metrics
from monitor.vitals import Origin, Reading, Signal


def test_what_passes_is_counted_by_kind() -> None:
    """Readings, inputs, unused and missing messages each have their counter."""
    metrics = Metrics()
    reading = Reading("s", "d", Signal.SPO2, 97.0, 1, 1, 1, Origin.SIMULATED)
    records: list[Record] = [
        Envelope("site", 1, 1, "", "", Quarantined("topic", "not JSON", 1)),
        Told(1, 0, 1, reading),
        Told(1, 1, 1, reading),
        Told(1, 2, 1, Gap("d", 9, 4)),
    ]
    metrics.count(records)
    text = metrics.text().decode()
    for line in (
        'vigil_readings_total{origin="simulated"} 2.0',
        'vigil_inputs_total{kind="Quarantined"} 1.0',
        'vigil_unused_messages_total{reason="quarantined"} 1.0',
        "vigil_missing_messages_total 4.0",
    ):
        assert line in text


def test_gauges_are_asked_when_scraped() -> None:
    """A gauge shows the value of now."""
    metrics, held = Metrics(), [1.0]
    metrics.gauge("vigil_held_records", "Records not committed yet", lambda: held[0])
    held[0] = 7.0
    assert "vigil_held_records 7.0" in metrics.text().decode()
