"""Tables: one row an instant, one column a signal."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.recordings.channels import MOST_S, Channel, refuse_waveform
from simulators.recordings.mapping import Missing, RecordingMap, Times
from simulators.recordings.recording import RecordingError

DAY_S: Final = 86_400.0
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d(?:\.\d+)?)")

Row: TypeAlias = tuple[int, list[str]]
"""The line of the file it ends on, and its fields."""


def read_csv(path: Path, mapping: RecordingMap) -> dict[Signal, Channel]:
    """The channels of a table. Raises RecordingError with the line and the column of a mistake."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, rows = _table(path, csv.reader(file, delimiter=mapping.delimiter, skipinitialspace=True))
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise RecordingError(path, f"byte {error.start} is not UTF-8: save the table as UTF-8") from None
    if mapping.time is None:
        raise RecordingError(path, "the mapping says nothing of the time: it needs [time]")
    times = _times(path, mapping.time, header, rows)
    interval_s = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    channels: dict[Signal, Channel] = {}
    for signal, column in mapping.chosen(header, path, "column").items():
        refuse_waveform(path, column, 1 / interval_s)
        codes = next(each.missing for each in mapping.signal if each.signal is signal)
        values = _values(path, rows, header.index(column), column, (*mapping.missing, *codes))
        channels[signal] = Channel(times, values, interval_s, 0.0, _places(rows, column))
    return channels


def _table(path: Path, reader: Iterator[list[str]]) -> tuple[list[str], list[Row]]:
    """The header and the rows that are not empty."""
    rows: list[Row] = []
    try:
        for fields in reader:
            if any(fields):
                rows.append((reader.line_num, fields))  # type: ignore[attr-defined]  # csv.reader has it, its type is private
            if len(rows) > MOST_S + 1:
                raise RecordingError(path, f"it has more than {MOST_S} rows: cut it into shorter recordings")
    except csv.Error as error:
        raise RecordingError(path, f"no table after line {rows[-1][0] if rows else 0}: {error}") from None
    if len(rows) < 2:
        raise RecordingError(path, "there is no row of values below the names of the columns")
    header = [name.strip() for name in rows[0][1]]
    for name, times in Counter(header).items():
        if name and times > 1:
            raise RecordingError(path, f"{times} columns are named '{name[:40]}': rename all but one")
    for line, fields in rows[1:]:
        if len(fields) != len(header):
            raise RecordingError(path, f"line {line} has {len(fields)} fields and the header {len(header)}")
    return header, rows[1:]


def _times(path: Path, time: Times, header: list[str], rows: list[Row]) -> Array:
    """Seconds from the first row, each above the one before."""
    column = time.column
    if column not in header:
        raise RecordingError(path, f"there is no column '{column}' for the time: correct `column` below [time]")
    read, place = TIME_FORMS[time.form], header.index(column)
    seconds: list[float] = []
    for line, fields in rows:
        try:
            seconds.append(read(fields[place].strip()))
        except (ValueError, OverflowError):
            wrong = f"'{fields[place][:40]}' is not a time in the form {time.form}"
            raise RecordingError(path, f"line {line}, column '{column}': {wrong}") from None
    seconds = [*_over_midnight(seconds)] if time.form == "clock" else seconds
    for (earlier, later), (line, _) in zip(pairwise(seconds), rows[1:], strict=True):
        if not earlier < later:
            raise RecordingError(path, f"line {line}, column '{column}': not after the line before: sort the rows")
    return np.array(seconds) - seconds[0]


def _over_midnight(clock: list[float]) -> Iterator[float]:
    """Clock times as seconds that go on: one that is more than half a day back is of the next day."""
    day, before = 0.0, clock[0]
    for seconds in clock:
        day += DAY_S if seconds < before - DAY_S / 2 else 0.0
        before = seconds
        yield day + seconds


def _clock(text: str) -> float:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23:
        raise ValueError(text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def _iso8601(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _finite(text: str) -> float:
    number = float(text)
    if not abs(number) < float("inf"):
        raise ValueError(text)
    return number


TIME_FORMS: Final[dict[str, Callable[[str], float]]] = {
    "seconds": _finite,
    "iso8601": _iso8601,
    "clock": _clock,
}


def _values(path: Path, rows: list[Row], place: int, column: str, missing: Missing) -> Array:
    texts = {"", "nan", *(code.lower() for code in missing if isinstance(code, str))}
    values = np.full(len(rows), np.nan)
    for n, (line, fields) in enumerate(rows):
        text = fields[place].strip()
        if text.lower() in texts:
            continue
        try:
            values[n] = _finite(text)
        except ValueError:
            raise RecordingError(
                path,
                f"line {line}, column '{column}': '{text[:40]}' is no number: add it to `missing` if it means none",
            ) from None
    return values


def _places(rows: list[Row], column: str) -> Callable[[int], str]:
    return lambda n: f"line {rows[n][0]}, column '{column}'"
