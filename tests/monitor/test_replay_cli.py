"""`vigil replay`: a journal, a story and a file of numerics are all printed the same way, whole or in part."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from alerts.protocols import protocol_text
from monitor.cli.exits import Refused
from monitor.cli.replay import run_replay
from monitor.cli.replay_wanted import Wanted
from monitor.events import Record
from monitor.journal import Journal
from monitor.results import result_line
from monitor.vitals import SECOND
from simulators.play import run, take
from simulators.scenario import load_scenario
from tests.laws.world import START, World
from tests.simulators.recorded_files import write_csv, write_every_format

Replayed = Callable[..., bytes]
STORY = """
title = "A minute of somebody"
by = "nurse-1"
duration_s = 90
[[session]]
id = "s-1"
room = "1"
seed = "1"
devices = { oximeter = "ox", strap = "ecg", cuff = "cuff", thermometer = "temp" }
"""


@pytest.fixture
def replayed(capsysbinary: pytest.CaptureFixture[bytes]) -> Replayed:
    """What is printed for a recording."""

    def printed(recording: str | Path, wanted: Wanted = Wanted(), as_json: bool = False) -> bytes:  # noqa: B008 - a frozen value is the same for everybody
        run_replay(str(recording), wanted, as_json=as_json)
        return capsysbinary.readouterr().out

    return printed


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of two people to whom things happen for some minutes."""
    world = World().play(
        [(4 + n % 4, ("oximeter", "cuff", "strap", "acknowledge")[n % 4], n, 5 * n) for n in range(60)]
    )
    inputs: list[Record] = [*world.envelopes]
    with closing(Journal.open(tmp_path / "a.journal")) as written:
        for first in range(0, len(inputs), 7):
            part = inputs[first : first + 7]
            written.append(part, part[-1].at)
    return tmp_path / "a.journal"


def instants(lines: bytes) -> list[int]:
    return [json.loads(line)["at"] for line in lines.splitlines()]


@pytest.mark.parametrize("text", ["30", "0:00:30", "00:30", "30.0"])
def test_seeking_prints_the_rest_of_the_whole(journal: Path, replayed: Replayed, text: str) -> None:
    """`--from`, as seconds or as a clock: the bytes that a whole replay ends with."""
    whole, rest = replayed(journal), replayed(journal, Wanted(begin=text))
    assert whole.endswith(rest)
    assert len(whole) > len(rest) > 0
    assert min(instants(rest)) >= START + 30 * SECOND > instants(whole[: -len(rest)])[-1]


def test_an_end_prints_the_beginning_of_the_whole(journal: Path, replayed: Replayed) -> None:
    """`--to`: with `--from` of the same instant, the two parts are the whole."""
    before, after = replayed(journal, Wanted(end="1:00")), replayed(journal, Wanted(begin="1:00"))
    assert before + after == replayed(journal)
    assert before
    assert after


def test_laps_are_equal(journal: Path, replayed: Replayed) -> None:
    """`--loop`: each lap is the recording from its beginning, to the byte."""
    lap = replayed(journal, Wanted(begin="10", end="1:00"))
    assert replayed(journal, Wanted(begin="10", end="1:00", laps=3)) == 3 * lap


def test_only_what_concerns_a_session_is_printed(journal: Path, replayed: Replayed) -> None:
    """In the order and with the numbers of the whole."""
    lines = [line for line in replayed(journal).splitlines() if json.loads(line)["output"].get("session") == "s-1"]
    assert replayed(journal, Wanted(session="s-1")).splitlines() == lines


def test_a_pace_prints_the_same_bytes(tmp_path: Path, replayed: Replayed) -> None:
    """Eight seconds a hundred times faster."""
    path = write_csv(tmp_path / "a.csv")
    assert replayed(path, Wanted(mapping="bidmc", speed="100")) == replayed(path, Wanted(mapping="bidmc"))


def test_a_story_is_printed_as_it_was_told(tmp_path: Path, replayed: Replayed) -> None:
    """A story by its path: what the engine tells when the story is played, staff and all."""
    path = tmp_path / "story.toml"
    path.write_text(STORY, encoding="utf-8")
    told = run(take(load_scenario(path), "story"), protocol_text).told
    assert replayed(path).splitlines() == [result_line(one) for one in told]


def test_a_file_says_the_same_in_every_format(tmp_path: Path, replayed: Replayed) -> None:
    """Equal numbers as CSV, EDF+ and WFDB are equal bytes, whatever the files are called."""
    files = write_every_format(tmp_path).values()
    printed = {replayed(path, Wanted(mapping=str(mapping))) for path, mapping in files}
    assert len(printed) == 1
    assert printed.pop().count(b'"type":"reading"') > 20


def test_a_recording_of_ours_has_a_name(replayed: Replayed) -> None:
    """And is replayed without a mapping; `--json` counts what would be printed."""
    counted = json.loads(replayed("bidmc_10", Wanted(end="60"), as_json=True))
    assert counted["by_type"]["reading"] == 4 * 60


REFUSED: dict[str, tuple[str, Wanted, str]] = {
    "nothing there": ("gone", Wanted(), "gone: there is no such journal or file, and no story"),
    "no mapping": ("a.csv", Wanted(), r"no journal: say what its numbers mean by --mapping \(ready ones are bidmc"),
    "no such mapping": ("a.csv", Wanted(mapping="x"), "x: there is no such mapping; ready ones are"),
    "a wrong mapping": ("a.csv", Wanted(mapping="edf_sleep"), r"a\.csv: not an EDF that can be read"),
    "no such draw": ("draw:tea/quiet/1", Wanted(), "tea"),
    "a story with no such protocol": ("story.toml", Wanted(), "there is no protocol 'gone': name a file, or one of"),
    "no time": ("bidmc_10", Wanted(begin="soon"), "--from is HH:MM:SS, or seconds from the start.*'soon'"),
    "after the end": ("bidmc_10", Wanted(end="8:01"), "--to 8:01 is after the end: the recording lasts 480 s"),
    "the wrong way": ("bidmc_10", Wanted(begin="20", end="10"), "--to is not after --from"),
    "no speed": ("bidmc_10", Wanted(speed="0"), "--speed is a number above 0, or max"),
}


@pytest.mark.parametrize(("recording", "wanted", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recording: str, wanted: Wanted, said: str
) -> None:
    """With the way out."""
    write_csv(tmp_path / "a.csv")
    (tmp_path / "story.toml").write_text(STORY.replace("seed = ", 'protocol = "gone"\nseed = ', 1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=said):
        run_replay(recording, wanted)


@pytest.mark.parametrize("wanted", [Wanted(begin="1"), Wanted(end="1"), Wanted(laps=2)])
def test_a_part_is_compared_with_nothing(journal: Path, wanted: Wanted) -> None:
    """`--against` is about whole results: the rest would always differ."""
    with pytest.raises(Refused, match="leave out --from, --to and --loop"):
        run_replay(str(journal), wanted, against=journal)
