"""Draws what drugs do to simulated people beside what was published: `python -m simulators.plots [FOLDER]`.

Prints, as a Markdown table, every published number and ours. Needs matplotlib (the extra `plots`).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from simulators.plots.agreement import rows
from simulators.plots.courses import draw
from simulators.plots.figures import FigureError, save
from simulators.plots.published import PUBLISHED
from simulators.plots.trial import trial

FOLDER = Path("docs/plots")
PEOPLE = 500


def plot_drugs(folder: Path, people: int) -> Iterator[str]:
    """Write a figure for each drug and route, and yield the lines of the table.

    Raises:
        FigureError: a figure cannot be drawn or saved.
    """
    yield "| Drug | What | Published | Simulated | Source |"
    yield "|---|---|---|---|---|"
    for name, published in PUBLISHED.items():
        taken = trial(published, people)
        save(draw(published, taken), folder / f"{name}.png")
        for row in rows(published, taken):
            yield f"| {name} | {row.what} | {row.published} | {row.simulated} | {row.source} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulators.plots", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("docs/plots"), help="where the figures are written"
    )
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many simulated people take each drug")
    options = parser.parse_args(arguments)
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        for line in plot_drugs(options.folder, options.people):
            sys.stdout.write(f"{line}\n")
    except (FigureError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
