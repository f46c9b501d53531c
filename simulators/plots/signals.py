"""Draws beats that are found in records of MIT-BIH: `python -m simulators.plots.signals DATA [FOLDER]`.

DATA holds mitdb/, as for `vigil signal score`. Needs matplotlib (the extra `plots`).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from simulators.plots import beats
from simulators.plots.figures import FigureError, save
from simulators.recordings.annotated import SUFFIX, RecordError, read_beats

FILE = "signal-beats.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulators.plots.signals", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder with records in mitdb/")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/plots"), help="where the figure is written")
    options = parser.parse_args(arguments)
    wanted = sorted({stretch.record for stretch in beats.STRETCHES})
    paths = {name: options.data / "mitdb" / f"{name}{SUFFIX}" for name in wanted}
    try:
        records = {name: read_beats(path) for name, path in paths.items() if path.exists()}
        options.folder.mkdir(parents=True, exist_ok=True)
        save(beats.draw(records), options.folder / FILE)
    except (FigureError, RecordError, LookupError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
