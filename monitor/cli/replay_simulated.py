"""Stories and recorded numerics as the inputs of an engine: what a journal of them would hold."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from alerts.protocols import protocol_text
from devices.topics import observation_key
from monitor.cli.exits import Refused
from monitor.cli.replay_sources import Source
from monitor.commands import AssignDevice, OpenSession
from monitor.events import Envelope, Input, Record, Started
from monitor.journal import Stored
from monitor.protocol import ProtocolError
from monitor.vitals import SECOND, Origin
from simulators.actions import STAFF
from simulators.play import START, run, take
from simulators.recordings import Recording, RecordingError, load_recording, mappings, observations, read_recording
from simulators.recordings import names as recordings
from simulators.scenario import load_scenario
from simulators.scenario import names as stories
from simulators.story import Scenario, ScenarioError

SITE: Final = "recording"
SESSION: Final = "recorded"
"""The session of whoever is in a file of numerics, whatever the file's name: equal numbers give equal outputs."""


def simulated(recording: str, mapping: str | None) -> Source:
    """A story or a recording of ours by its name, `draw:…`, or a file of numerics by its path. Raises Refused."""
    try:
        story = named_story(recording, mapping)
        return _of_numerics(_numerics(recording, mapping)) if story is None else _of_story(story, recording)
    except (RecordingError, ScenarioError, ProtocolError) as error:
        raise Refused(str(error)) from None


def named_story(recording: str, mapping: str | None) -> Scenario | None:
    """The story of that name, path or draw; None when it names something else. Raises ScenarioError."""
    story = recording.startswith("draw:") or Path(recording).suffix == ".toml" or recording in stories()
    return load_scenario(recording) if story and mapping is None else None


def _numerics(recording: str, mapping: str | None) -> Recording:
    if mapping is not None:
        return read_recording(Path(recording), mapping)
    if recording in recordings():
        return load_recording(recording)
    if Path(recording).is_file():
        ready = ", ".join(mappings())
        raise Refused(f"{recording} is no journal: say what its numbers mean by --mapping (ready ones are {ready})")
    raise Refused(f"{recording}: there is no such journal or file, and no story or recording of ours of that name")


def _of_story(story: Scenario, name: str) -> Source:
    played = run(take(story, name), protocol_text)
    return _given(played.envelopes, START + int((story.duration_s or 0) * SECOND))


def _of_numerics(recording: Recording) -> Source:
    inputs = enumerate(_inputs(recording, protocol_text("default")), start=1)
    envelopes = [Envelope(SITE, seq, at, session, key, body) for seq, (at, session, key, body) in inputs]
    return _given(envelopes, START + recording.seconds * SECOND)


def _inputs(recording: Recording, protocol: str) -> Iterator[tuple[int, str, str, Input]]:
    """A session is opened with the devices on, and they send; nobody answers anything."""
    by = STAFF[0].id
    yield START, "", "", Started("recorded", SITE, STAFF, protocol, origin=Origin.SIMULATED)
    yield START, SESSION, "open", OpenSession("open", by, SESSION, "1", protocol)
    for worn in recording.devices:
        request = f"wear-{worn.device}"
        yield START, SESSION, request, AssignDevice(request, by, SESSION, worn.device)
    for observation in observations(recording, START):
        yield observation.received_at, "", observation_key(observation), observation


def _given(envelopes: Sequence[Envelope], end: int) -> Source:
    return Source(Origin.SIMULATED, START, end, lambda: _batched(envelopes, end))


def _batched(envelopes: Sequence[Envelope], end: int) -> Iterator[Stored]:
    """A batch for each second, and an empty one for the end."""
    position = 0
    for position, (_, records) in enumerate(groupby(envelopes, lambda each: each.at // SECOND), start=1):
        batch: list[Record] = [*records]
        yield Stored(position, batch[-1].at, batch)
    yield Stored(position + 1, end, [])
