"""What a journal proves: what is in it, compared with what was acknowledged, told and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from monitor.alert import Alert, Page
from monitor.events import DeliveryReported, Envelope, Record, Started, Told
from monitor.journal import Journal
from monitor.journal.check import check
from monitor.recovery import states_after
from monitor.replay import replay
from monitor.results import differences, recorded_lines, result_line
from monitor.vitals import Origin, Reading, Signal
from tests.e2e.phones import Call

T = TypeVar("T")


def records(journal: Path) -> list[Record]:
    """Everything that is committed, in order; the journal may be in use."""
    with Journal.reader(journal) as reader:
        return [record for stored in reader.read() for record in stored.records]


def bodies(journal: Path, kind: type[T]) -> list[T]:
    """The inputs or outputs of one kind, in order."""
    return [record.body for record in records(journal) if isinstance(record.body, kind)]


def measured(journal: Path, device: str) -> Counter[int]:
    """How often each number of a device became a reading of the saturation."""
    told = (body for body in bodies(journal, Reading) if (body.device, body.signal) == (device, Signal.SPO2))
    return Counter(reading.sequence for reading in told)


def assert_measured_once(journal: Path, device: str, acknowledged: Iterable[int]) -> None:
    """Everything acknowledged became a reading, and nothing became one twice."""
    counts = measured(journal, device)
    assert sorted(set(acknowledged) - counts.keys()) == []
    assert [number for number, times in counts.items() if times != 1] == []


def open_alerts(journal: Path) -> dict[str, Alert]:
    """The alerts that are open at the end, by id."""
    last = {alert.id: alert for alert in bodies(journal, Alert)}
    return {alert.id: alert for alert in last.values() if alert.open}


def pages(journal: Path) -> dict[str, Page]:
    return {page.id: page for page in bodies(journal, Page)}


def unreported(journal: Path) -> dict[str, Page]:
    """The pages of which no report came."""
    reported = {report.page for report in bodies(journal, DeliveryReported)}
    return {name: page for name, page in pages(journal).items() if name not in reported}


def assert_sound(journal: Path) -> None:
    """It is whole, its checkpoints are proven by replay, and its numbering and time never step back."""
    assert check(journal, states_after).problems == []
    found = records(journal)
    seqs = [record.seq for record in found if isinstance(record, Envelope)]
    assert seqs == [*range(1, len(seqs) + 1)]
    places = [(record.seq, record.ordinal) for record in found if isinstance(record, Told)]
    assert places == sorted(set(places))
    at = [record.at for record in found]
    assert at == sorted(at)


def assert_replays(journal: Path, origin: Origin = Origin.SIMULATED) -> None:
    """A replay tells what was told live, to the byte."""
    with Journal.reader(journal) as recording:
        replayed = map(result_line, replay(recording.read(), origin))
        assert [*differences(replayed, recorded_lines(records(journal)))] == []


def assert_told_as_recorded(journal: Path, received: Iterable[dict[str, Any]]) -> None:
    """Every page that arrived is in the journal, with the same content under the same id.

    Of one that left unrecorded, because the disk took its time, that is not demanded where the service was killed.
    """
    recorded, killed = pages(journal), len(bodies(journal, Started)) > 1
    for page in received:
        if killed and page["unrecorded"]:
            continue
        ours = recorded[page["id"]]
        assert (page["text"], page["person"], page["version"], page["reason"]) == (
            ours.text,
            ours.person,
            ours.version,
            ours.reason,
        )


def assert_keys_are_unique(calls: Iterable[Call]) -> None:
    """A receiver that tells a person once for each key tells everything."""
    contents: dict[str, str] = {}
    for call in calls:
        assert contents.setdefault(call.key, call.page["text"]) == call.page["text"]
