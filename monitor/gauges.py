"""Every queue of a running process by name, for the metrics: nothing waits or is dropped unseen."""

from collections.abc import Callable, Mapping

from alerts.dispatch import Dispatcher
from devices.mqtt import MqttLink
from monitor.journal import JournalWriter, Recorder
from monitor.service import Service


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
    for name, (what, ask) in gauges.items():
        service.counts.gauge(name, what, ask)
