"""A file that is no recording is refused with its name, the place and what would mend it, and nothing else happens."""

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.recordings import RecordingError, read_recording
from tests.simulators.recorded_files import write_csv, write_edf, write_wfdb

HEADER = "Time [s], HR, PULSE, RESP, SpO2\n"
ROW = "0,70,70,14,97\n"

TABLES = {
    "nothing": ("", "no row of values"),
    "only names": (HEADER, "no row of values"),
    "another column": (
        HEADER.replace("HR", "HF") + ROW,
        "no column 'HR' for heart_rate; there are 'Time .*, 'HF'.*`from`",
    ),
    "no time": (HEADER.replace("[s]", "") + ROW, r"no column 'Time \[s\]' for the time"),
    "a column twice": (HEADER.replace("PULSE", "HR") + ROW, "2 columns are named 'HR': rename"),
    "a short row": (HEADER + ROW + "1,70\n", "line 3 has 2 fields and the header 5"),
    "a text": (HEADER + "0,70,fast,14,97\n", "line 2, column 'PULSE': 'fast' is no number: add it to `missing`"),
    "infinity": (HEADER + "0,70,inf,14,97\n", "line 2, column 'PULSE': 'inf' is no number"),
    "impossible": (
        HEADER + "0,70,70,14,127\n",
        "line 2, column 'SpO2': 127 gives 127; possible for spo2 is 0 to 100 %",
    ),
    "no number in time": (
        HEADER + "now,70,70,14,97\n",
        r"line 2, column 'Time \[s\]': 'now' is not a time in the form",
    ),
    "time not finite": (HEADER + "nan,70,70,14,97\n", "'nan' is not a time"),
    "time steps back": (HEADER + ROW + "-1,70,70,14,97\n", "line 3, column .*: not after the line before: sort"),
    "time twice": (HEADER + ROW + ROW, "line 3, column .*: not after the line before"),
    "a year": (HEADER + ROW + "31557600,70,70,14,97\n", "it lasts .* s; above 0 and at most"),
    "a quote without end": (HEADER + '0,70,"70,14,97\n', "line 2 has 3 fields"),
    "a field without end": (HEADER + '0,70,"' + "7" * 200_000, "no table after line 1: field larger"),
}


@pytest.mark.parametrize(("table", "said"), TABLES.values(), ids=TABLES)
def test_a_broken_table_is_refused(tmp_path: Path, table: str, said: str) -> None:
    """By line and column, as an editor counts them."""
    path = tmp_path / "broken.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(RecordingError, match=f"broken.csv: .*{said}"):
        read_recording(path, "bidmc")


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "a.csv").write_bytes((HEADER + ROW).encode("utf-16"))
    with pytest.raises(RecordingError, match=r"a\.csv: .*save the table as UTF-8"):
        read_recording(tmp_path / "a.csv", "bidmc")


def test_an_impossible_number_is_refused_by_channel_and_sample(tmp_path: Path) -> None:
    """Also where there are no lines."""
    with pytest.raises(RecordingError, match=r"channel 'SpO2', sample 2 \(at 2 s\): .*spo2 is 0 to 100"):
        read_recording(write_edf(tmp_path / "a.edf", {"SpO2": [97, 97, 130, 97]}), "edf_sleep")
    with pytest.raises(RecordingError, match=r"signal 'HR', sample 1 \(at 1 s\): .*heart_rate is 0 to 300"):
        read_recording(write_wfdb(tmp_path / "b", {"HR": [70, 400]}), "mimic_numerics")


def test_a_channel_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """What to write in the mapping is then known."""
    with pytest.raises(RecordingError, match=r"no channel 'SpO2' or 'SaO2'.* for spo2; there are 'Sat'"):
        read_recording(write_edf(tmp_path / "a.edf", {"Sat": [97.0]}), "edf_sleep")
    with pytest.raises(RecordingError, match="no signal of the mapping is there; there are 'ABP'"):
        read_recording(write_wfdb(tmp_path / "b", {"ABP": [97.0]}), "mimic_numerics")


@pytest.mark.parametrize("mapping", ["bidmc", "edf_sleep", "mimic_numerics"])
def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path, mapping: str) -> None:
    """In every format."""
    with pytest.raises(RecordingError, match=r"gone.*(No such file|no such)"):
        read_recording(tmp_path / "gone", mapping)


@pytest.mark.parametrize(
    ("package", "mapping", "write"), [("pyedflib", "edf_sleep", write_edf), ("wfdb", "mimic_numerics", write_wfdb)]
)
def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, mapping: str, write: Callable[[Path], Path]
) -> None:
    """With the command that installs it. What is missing is made to be: importing it fails as it would."""
    path = write(tmp_path / "a")
    monkeypatch.setitem(sys.modules, package, None)
    extra = "edf" if package == "pyedflib" else "wfdb"
    with pytest.raises(RecordingError, match=rf"pip install 'vigil-monitor\[{extra}\]'"):
        read_recording(path, mapping)


WRITERS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "csv": ("bidmc", write_csv),
    "edf": ("edf_sleep", write_edf),
    "wfdb": ("mimic_numerics", write_wfdb),
}


@pytest.mark.parametrize("format", WRITERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), cut=st.floats(0, 1), changes=st.integers(0, 12))
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, format: str, seed: int, cut: float, changes: int) -> None:
    """Cut anywhere, bytes changed anywhere: a recording, or a RecordingError."""
    mapping, write = WRITERS[format]
    path = write(tmp_path / "a")
    content, chance = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(changes):
        content[chance.randrange(len(content))] = chance.choice(
            (0, 0x20, 0x2D, 0x30, 0x39, 0x7F, 0xFF, chance.randrange(256))
        )
    path.write_bytes(content[: int(len(content) * (cut if seed % 2 else 1))])
    with suppress(RecordingError):
        assert read_recording(path, mapping).seconds > 0
