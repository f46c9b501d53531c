"""Every queue of a running process by name, for the metrics: nothing waits or is dropped unseen."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from alerts.dispatch import Dispatcher
from devices.mqtt import MqttLink
from devices.waveform_intake import WaveformCounts
from monitor.hearts.comparing import Comparing
from monitor.journal import JournalWriter, Recorder
from monitor.service import Service
from monitor.waves.sink import Waves

if TYPE_CHECKING:
    from devices.ble import BleCollector


def watch_queues(
    recorder: Recorder, writer: JournalWriter, dispatcher: Dispatcher, link: MqttLink, service: Service
) -> None:
    """Add a gauge for everything that can wait, be lost, or be slow."""
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
        "vigil_recorder_held_records": ("Judged and not committed yet", lambda: recorder.held),
        "vigil_recorder_unacknowledged": ("Messages that wait for a commit", lambda: recorder.unacknowledged),
        "vigil_recorder_lost_records": ("Records that could not be kept", lambda: recorder.lost_records),
        "vigil_recorder_acknowledged_unrecorded": (
            "Messages acknowledged before their commit, while recording was interrupted",
            lambda: recorder.acknowledged_unrecorded,
        ),
        "vigil_commits": ("Commits of the journal", lambda: recorder.commits),
        "vigil_commit_seconds_last": ("How long the last commit took", lambda: recorder.last_commit_s),
        "vigil_commit_seconds_max": ("How long the slowest commit took", lambda: recorder.max_commit_s),
        "vigil_writer_waiting": ("Jobs that wait for the journal's writer", lambda: writer.waiting),
        "vigil_pages_waiting": ("Pages that wait for their pager", lambda: sum(dispatcher.queued.values())),
        "vigil_mqtt_received": ("Messages received", lambda: link.counts.received),
        "vigil_mqtt_acknowledged": ("Messages acknowledged", lambda: link.counts.acknowledged),
        "vigil_mqtt_unacknowledged": ("Messages not acknowledged yet", lambda: link.unacknowledged),
        "vigil_mqtt_reconnects": ("Times the broker link came back", lambda: link.counts.reconnects),
        "vigil_page_tabs": ("Open live pages", lambda: service.hub.tabs),
    }
    _add(gauges, service)


def watch_bluetooth(collector: "BleCollector", service: Service) -> None:
    """Add a gauge for everything that comes, fails or is lost by Bluetooth."""
    counts = collector.counts
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
        "vigil_bluetooth_advertisements": ("Advertisements heard", lambda: counts.advertisements),
        "vigil_bluetooth_attempts": ("Connections attempted", lambda: counts.attempts),
        "vigil_bluetooth_connections": ("Connections made", lambda: counts.connections),
        "vigil_bluetooth_failures": ("Attempts and connections that failed", lambda: counts.failures),
        "vigil_bluetooth_connected": ("Devices that are connected", lambda: collector.connected),
        "vigil_bluetooth_payloads": ("Notifications that were understood", lambda: counts.payloads),
        "vigil_bluetooth_observations": ("Observations handed on", lambda: counts.observations),
        "vigil_bluetooth_refused": ("Notifications that cannot be used", lambda: counts.refused),
        "vigil_bluetooth_dropped": ("Notifications that came while too many waited", lambda: counts.dropped),
    }
    _add(gauges, service)


def _add(gauges: Mapping[str, tuple[str, Callable[[], float]]], service: Service) -> None:
    for name, (what, ask) in gauges.items():
        service.counts.gauge(name, what, ask)


def watch_hearts(hearts: Comparing, service: Service) -> None:
    """Add a gauge for the rates that wait to be compared."""
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
        "vigil_hearts_waiting": ("Heart and pulse rates that wait to be compared", lambda: hearts.waiting),
        "vigil_hearts_dropped": ("Heart and pulse rates that found no place", lambda: hearts.dropped),
    }
    _add(gauges, service)


def watch_waveforms(waves: Waves, service: Service) -> None:
    """Add a gauge for everything that can become of a waveform."""
    _watch_intake("", waves.by_mqtt.counts, service)
    _watch_intake("bluetooth_", waves.by_radio.counts, service)
    derived = waves.deriving
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
        "vigil_deriving_waiting": ("Chunks that wait to be computed with", lambda: derived.waiting),
        "vigil_deriving_observations": ("Observations computed from waveforms", lambda: derived.counts.derived),
        "vigil_deriving_dropped": ("Chunks that found no place in the queue", lambda: derived.counts.dropped),
        "vigil_deriving_unused": ("Chunks that cannot be computed with here", lambda: derived.counts.unused),
        "vigil_deriving_faults": ("Chunks at which computing failed", lambda: derived.counts.faults),
    }
    _add(gauges, service)
    if (store := waves.store) is not None:
        kept: Mapping[str, tuple[str, Callable[[], float]]] = {
            "vigil_waves_waiting": ("Chunks that wait to be kept", lambda: store.waiting),
            "vigil_waves_kept": ("Chunks that were kept", lambda: store.counts.kept),
            "vigil_waves_dropped": ("Chunks that found no place in the queue", lambda: store.counts.dropped),
            "vigil_waves_failed": ("Chunks and stretches that could not be written", lambda: store.counts.failed),
        }
        _add(kept, service)


def _watch_intake(link: str, counts: WaveformCounts, service: Service) -> None:
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
        f"vigil_{link}waveform_chunks": ("Chunks of waveforms that came in order or not", lambda: counts.chunks),
        f"vigil_{link}waveform_samples": ("Samples in them", lambda: counts.samples),
        f"vigil_{link}waveform_gaps": ("Chunks that did not follow the one before", lambda: sum(counts.gaps.values())),
        f"vigil_{link}waveform_repeated": ("Chunks that had come before", lambda: counts.repeated),
        f"vigil_{link}waveform_refused": ("Chunks that could not be read", lambda: counts.refused),
        f"vigil_{link}waveform_unused": ("Chunks that nobody took", lambda: counts.unused),
    }
    _add(gauges, service)
