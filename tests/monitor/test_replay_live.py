"""`vigil replay --live`, as its user has it: a recording on the page, over a broker, and nobody who could be paged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from monitor.cli.exits import Refused
from monitor.cli.replay_live import run_live
from monitor.cli.replay_wanted import Wanted
from monitor.events import DeviceAssigned, Observation, Record, SessionClosed, SessionOpened, Started, Unclaimed
from monitor.heart import RhythmSeen
from monitor.journal import Journal
from monitor.vitals import SECOND, Origin, Reading, RhythmSign
from simulators.recordings.journal import read_journal
from tests.e2e.evidence import assert_replays, assert_sound, bodies
from tests.e2e.running import VIGIL, Process, until
from tests.laws.world import World
from tests.simulators.recorded_files import ORDINARY, write_csv


class Rehearsal(Process):
    """`vigil replay --live` with its journal in `folder`."""

    def __init__(self, folder: Path, recording: Path | str, *options: object) -> None:
        folder.mkdir(exist_ok=True)
        self.journal = folder / "live.journal"
        live = ["--live", "--json", "--port", 0, "--journal", self.journal]
        super().__init__(folder, [VIGIL, "replay", recording, *live, *options])

    def url(self) -> str:
        """Where its page is, once it says so."""
        assert not self.ended, self.complaints
        return next((word for word in self.complaints.split() if word.startswith("http://")), "")

    def get(self, path: str) -> Any:
        return httpx2.get(f"{until(self.url)}{path}", trust_env=False, timeout=30).json()

    @property
    def summary(self) -> dict[str, Any]:
        assert self.wait() == 0, self.complaints
        summary: dict[str, Any] = json.loads(self.output)
        return summary


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Eight recorded seconds, four times over, on the page."""
    folder = tmp_path_factory.mktemp("live")
    path = write_csv(folder / "somebody.csv", {name: [*values] * 4 for name, values in ORDINARY.items()})
    with Rehearsal(folder, path, "--mapping", "bidmc", "--speed", 8, "--loop", 2) as process:
        yield process


def test_a_recording_is_on_the_page(rehearsed: Rehearsal) -> None:
    """The process is ready, says that nobody is watched, and shows the recorded numbers as simulated."""
    assert rehearsed.get("/readyz")["ready"] is True
    assert rehearsed.get("/api/v1/board")["site"]["origin"] == "simulated"
    origins = until(lambda: {number["origin"] for number in numbers(rehearsed) if number["value"] is not None})
    assert origins == {"simulated"}


def numbers(rehearsed: Rehearsal) -> list[dict[str, Any]]:
    """What is shown of the recorded person."""
    return [number for each in rehearsed.get("/api/v1/sessions") for number in each["numbers"].values()]


def test_it_ends_with_the_recording_and_nothing_is_lost(rehearsed: Rehearsal) -> None:
    """Each lap is somebody of its own; what was recorded was judged, and what was recorded of that replays."""
    summary = rehearsed.summary
    values = sum(value == value for values in ORDINARY.values() for value in values)
    assert summary["sessions"] == 2
    assert [each.session for each in bodies(rehearsed.journal, SessionOpened)] == ["recorded", "recorded-2"]
    assert [each.session for each in bodies(rehearsed.journal, SessionClosed)] == ["recorded", "recorded-2"]
    told = [each for each in bodies(rehearsed.journal, Reading) if each.value is not None]
    assert len(told) == 2 * 4 * values
    assert {each.origin for each in told} == {Origin.SIMULATED}
    assert bodies(rehearsed.journal, Unclaimed) == []
    assert_sound(rehearsed.journal)
    assert_replays(rehearsed.journal)


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A journal of two people who were watched for a while; of one the ECG was looked at in the end."""
    world = World().play([(3, ("oximeter", "strap")[n % 2], n, 7 * n) for n in range(40)])
    world.wait(20 * SECOND)
    world.put(Observation("ecg-s-1", "waveform:1", 9, None, world.now, (), Origin.SIMULATED, rhythm=tuple(RhythmSign)))
    inputs: list[Record] = [*world.envelopes]
    with closing(Journal.open(tmp_path / "ward.journal")) as written:
        written.append(inputs, inputs[-1].at)
        written.append([*world.told], world.now)
    return tmp_path / "ward.journal"


def test_a_journal_is_rehearsed_as_it_was(ward: Path, tmp_path: Path) -> None:
    """Its sessions are opened, its devices put on, and what they sent is sent again, in order, ten times faster."""
    with Rehearsal(tmp_path / "live", ward, "--speed", 10) as process:
        assert process.summary["sessions"] == 2
        assert {each.session for each in bodies(process.journal, SessionOpened)} == {"s-1", "s-2"}
        assert len([each for each in bodies(process.journal, DeviceAssigned) if each.worn]) == 8
        sent = [(each.device, each.sequence, each.values) for each in bodies(process.journal, Observation)]
        assert sent == [(each.device, each.sequence, each.values) for each in bodies(ward, Observation)]
        assert bodies(process.journal, Started)[0].origin is Origin.SIMULATED
        assert [each.signs for each in bodies(process.journal, RhythmSeen)] == [tuple(RhythmSign)]


def test_a_part_of_one_session_is_rehearsed(ward: Path, tmp_path: Path) -> None:
    """`--session`, `--from`, `--to`: the devices of nobody else, and nothing of before or after."""
    with Rehearsal(tmp_path / "live", ward, "--speed", 10, "--session", "s-2", "--from", 10, "--to", 30) as process:
        assert process.summary["sessions"] == 1
        sent = {(each.device, each.sequence) for each in bodies(process.journal, Observation)}
        first = bodies(ward, Observation)[0].received_at
        wanted = [each for each in bodies(ward, Observation) if each.device.endswith("s-2")]
        part = {(e.device, e.sequence) for e in wanted if 9 <= (e.received_at - first) / 10**9 <= 31}
        assert 0 < len(sent) < len(wanted)
        assert sent <= part


def test_a_session_of_a_journal_is_a_recording(ward: Path) -> None:
    """So that a story may have it worn by somebody; gaps stay gaps."""
    recording = read_journal(ward, "s-1")
    values = {each.value for each in bodies(ward, Reading) if each.session == "s-1" and each.judged}
    for signal in recording.signals:
        shown = {value for value in recording.levels[signal].tolist() if value == value}
        assert shown
        assert shown <= values


REFUSED = {
    "as fast as can be": ("bidmc_10", Wanted(speed="max"), "--live is for people to watch"),
    "too fast": ("bidmc_10", Wanted(speed="101"), "at most 100"),
    "a part of a story": ("demo", Wanted(begin="5"), "a story is rehearsed whole"),
    "nothing there": ("gone", Wanted(), "gone: there is no such journal or file"),
    "after the end": ("bidmc_10", Wanted(begin="1:00:00"), "after the end"),
}


@pytest.mark.parametrize(("recording", "wanted", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_rehearsed_is_a_sentence(tmp_path: Path, recording: str, wanted: Wanted, said: str) -> None:
    """Before anything runs."""
    with pytest.raises(Refused, match=said):
        run_live(recording, wanted, against=None, port=0, journal=tmp_path / "x.journal", as_json=True)


def test_a_rehearsal_never_adds_to_a_journal(ward: Path) -> None:
    """The recording itself least of all."""
    with pytest.raises(Refused, match="records to a new journal"):
        run_live(str(ward), Wanted(), against=None, port=0, journal=ward, as_json=True)
