"""Figures: matplotlib, asked for only when somebody draws, and one look for everything we draw."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OURS = "#0072B2"
MARKED = "#D55E00"
COLOURS = ("#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000", "#56B4E9")
"""Colours that stay apart for people who see fewer of them (Okabe & Ito 2008)."""
MARKERS = ("o", "s", "D", "^", "v", "P")
KINDS = ("svg", "png")


class FigureError(RuntimeError):
    """No figure can be drawn or saved; the message says what would help."""


def blank(width: float, height: float) -> "Figure":
    """An empty figure, in inches. No window is ever opened.

    Raises:
        FigureError: matplotlib is not installed.
    """
    try:
        from matplotlib import rcParams
        from matplotlib.figure import Figure
    except ImportError:
        raise FigureError("Plots need matplotlib: pip install 'vigil-monitor[plots]'") from None
    # The same figure is the same file, so that a change of one is a change of what it shows.
    rcParams.update({"svg.hashsalt": "vigil", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as the end of the path says.

    Raises:
        FigureError: it is no kind of file that we write, or it cannot be written.
    """
    kind = path.suffix.removeprefix(".")
    if kind not in KINDS:
        raise FigureError(f"{path}: a plot ends in {' or '.join(f'.{each}' for each in KINDS)}")
    metadata = {"Date": None} if kind == "svg" else None
    try:
        figure.savefig(path, dpi=100, metadata=metadata)
    except OSError as error:
        raise FigureError(f"{path}: {error.strerror}") from None
