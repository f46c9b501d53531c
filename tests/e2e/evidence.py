"""What a journal proves, read as an auditor would: from its batches, and by Vigil's own commands in new processes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from monitor.alert import Alert, Page
from monitor.events import DeliveryReported, Envelope, Record, Told
from monitor.journal import Journal
from monitor.vitals import Reading, Signal
from tests.e2e.phones import Call
from tests.e2e.running import run

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
    assert [*set(acknowledged) - counts.keys()] == []
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


def instants(journal: Path) -> list[int]:
    """The instants (ns) of all records, in order."""
    return [record.at for record in records(journal)]


def assert_sound(journal: Path) -> None:
    """Vigil finds the journal whole, checkpoints proven by replay, and its numbering and time without a step back."""
    answer = run("journal", "check", journal, "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = records(journal)
    seqs = [record.seq for record in found if isinstance(record, Envelope)]
    assert seqs == [*range(1, len(seqs) + 1)]
    places = [(record.seq, record.ordinal) for record in found if isinstance(record, Told)]
    assert places == sorted(set(places))
    at = instants(journal)
    assert at == sorted(at)


def assert_replays(journal: Path, *options: str, seed: str = "0") -> None:
    """A replay tells what was told live, to the byte."""
    answer = run("replay", journal, "--against", journal, "--json", *options, env={"PYTHONHASHSEED": seed})
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["equal"]


def assert_told_as_recorded(journal: Path, received: Iterable[dict[str, Any]]) -> None:
    """Every page that arrived is in the journal, with the same content under the same id."""
    recorded = pages(journal)
    for page in received:
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
