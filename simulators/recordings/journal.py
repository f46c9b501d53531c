"""A session of a journal as a recorded person: the values that were judged, without what else was told."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from monitor.events import Told
from monitor.journal import Journal, JournalError
from monitor.vitals import SECOND, SIGNALS, Reading, Signal
from simulators.recordings.channels import Channel, recorded
from simulators.recordings.mapping import Mapped, RecordingMap, Sending
from simulators.recordings.recording import Recording, RecordingError


def read_journal(path: Path, session: str = "") -> Recording:
    """What the devices of a session measured; the session may be left out where the journal has only one.

    A signal that several devices measured is taken from the one that gave most values.

    Raises:
        RecordingError: it cannot be read, or holds no values of such a session.
    """
    try:
        with closing(Journal.open(path, read_only=True)) as journal:
            sessions = [each.session for each in journal.sessions() if each.session]
            chosen = session or (sessions[0] if len(sessions) == 1 else "")
            if chosen not in sessions:
                raise RecordingError(path, f"name one of its sessions: {', '.join(sessions) or 'there are none'}")
            readings = [*_readings(journal, chosen)]
    except JournalError as error:
        raise RecordingError(path, str(error)) from None
    if not readings:
        raise RecordingError(path, f"session '{chosen}' has no values")
    return _recording(path, chosen, readings)


def _readings(journal: Journal, session: str) -> Iterator[Reading]:
    for stored in journal.read(session=session):
        for record in stored.records:
            body = record.body
            if isinstance(record, Told) and isinstance(body, Reading) and body.session == session:
                yield body


def _recording(path: Path, session: str, readings: list[Reading]) -> Recording:
    first = min(reading.measured_at for reading in readings)
    by_signal = {signal: _of_one_device(r for r in readings if r.signal is signal) for signal in Signal}
    channels = {signal: _channel(found, first) for signal, found in by_signal.items() if found}
    mapped = tuple(
        Mapped(signal=signal, names=(signal,), unit=SIGNALS[signal].unit, device=by_signal[signal][0].device)
        for signal in channels
    )
    now_and_then = {each.device for each in mapped if not SIGNALS[each.signal].continuous}
    devices = {device: Sending(on_change=True) for device in now_and_then}
    mapping = RecordingMap(title=session, format="csv", hold_s=1.5, device=devices, signal=mapped)
    return recorded(f"{path.stem}/{session}", path, mapping, channels)


def _of_one_device(readings: Iterable[Reading]) -> list[Reading]:
    by_device: dict[str, list[Reading]] = {}
    for reading in readings:
        by_device.setdefault(reading.device, []).append(reading)
    return max(by_device.values(), key=len, default=[])


def _channel(readings: list[Reading], first: int) -> Channel:
    readings = sorted({reading.measured_at: reading for reading in readings}.values(), key=lambda r: r.measured_at)
    times = np.array([(reading.measured_at - first) / SECOND for reading in readings])
    values = np.array([_judged(reading) for reading in readings])
    return Channel(times, values, 1.0, 0.0, lambda n: f"{readings[n].signal} at {times[n]:g} s")


def _judged(reading: Reading) -> float:
    return reading.value if reading.judged and reading.value is not None else float("nan")
