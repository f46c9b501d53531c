"""Where recordings are found: ours by name, anybody's by mapping and path."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from monitor.vitals import Signal
from simulators.recordings.channels import Channel, recorded
from simulators.recordings.csv import read_csv
from simulators.recordings.edf import read_edf
from simulators.recordings.journal import read_journal
from simulators.recordings.mapping import RecordingMap, load_mapping
from simulators.recordings.recording import Recording, RecordingError
from simulators.recordings.wfdb import read_wfdb

FOLDER: Final = Path(__file__).parents[1] / "data"
OURS: Final = "vigil"
"""The mapping of our own files: a column `second`, and columns named as the signals."""

READERS: Final[Mapping[str, Callable[[Path, RecordingMap], dict[Signal, Channel]]]] = MappingProxyType(
    {"csv": read_csv, "edf": read_edf, "wfdb": read_wfdb}
)


def names() -> list[str]:
    """The recordings that are here."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def read_recording(path: Path, mapping: str | Path) -> Recording:
    """Read a file through a mapping (a ready one's name, or a path).

    Raises:
        RecordingError: with the file, the place of the mistake and what would be right.
    """
    read = load_mapping(mapping)
    return recorded(path.stem, path, read, READERS[read.format](path, read))


@cache
def load_recording(name: str) -> Recording:
    """One of ours by its name; any as `mapping:path`; a session of a journal as `journal/session:path`.

    Raises:
        RecordingError: there is none of that name, or it cannot be played.
    """
    kind, colon, path = name.partition(":")
    source, _, session = kind.partition("/")
    if colon and source == "journal":
        return read_journal(Path(path), session)
    if colon:
        return read_recording(Path(path), kind)
    if name not in names():
        there = f"there are {', '.join(names())}; others are named mapping:path"
        raise RecordingError(f"recording '{name}'", f"there is none of that name; {there}")
    return read_recording(FOLDER / f"{name}.csv", OURS)
