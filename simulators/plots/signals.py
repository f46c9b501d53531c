"""Draws what is found in recordings: `python -m simulators.plots.signals DATA [FOLDER]`.

Beats in records of MIT-BIH, pulses in records of BIDMC. DATA holds mitdb/ and bidmc/, as for `vigil signal score`.
Needs matplotlib (the extra `plots`).
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from simulators.plots import beats, pulses
from simulators.plots.figures import FigureError, save
from simulators.recordings.annotated import SUFFIX, RecordError, read_beats, read_breaths
from simulators.signal_scoring.score import BEATS_IN, BREATHS_IN

BEATS_FILE, PULSES_FILE = "signal-beats.png", "signal-pulses.png"
Record = TypeVar("Record")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulators.plots.signals", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with records in mitdb/ and bidmc/")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/plots"), help="where figures are written")
    options = parser.parse_args(arguments)
    try:
        records = _read(options.data / BEATS_IN, read_beats, (each.record for each in beats.STRETCHES))
        waves = _read(options.data / BREATHS_IN, read_breaths, (each.record for each in pulses.STRETCHES))
        options.folder.mkdir(parents=True, exist_ok=True)
        save(beats.draw(records), options.folder / BEATS_FILE)
        save(pulses.draw(waves), options.folder / PULSES_FILE)
    except (FigureError, RecordError, LookupError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _read(folder: Path, read: Callable[[Path], Record], names: Iterable[str]) -> dict[str, Record]:
    """The records of a folder that are wanted and there."""
    paths = {name: folder / f"{name}{SUFFIX}" for name in names if name}
    return {name: read(path) for name, path in paths.items() if path.exists()}


if __name__ == "__main__":
    sys.exit(main())
