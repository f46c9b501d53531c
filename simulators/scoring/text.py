"""Tables of text, and how estimates are written in them."""

from msgspec import Struct

from simulators.scoring.intervals import Estimate

NOTHING = "–"
Row = tuple[str, ...]


class Table(Struct, frozen=True):
    """One table: what it shows, how to read it, and its cells."""

    title: str
    about: str
    columns: Row
    rows: tuple[Row, ...]


def share(estimate: Estimate) -> str:
    """A proportion with its interval, in per cent."""
    if estimate.value is None:
        return NOTHING
    return f"{100 * estimate.value:.1f} ({100 * estimate.low:.1f}–{100 * estimate.high:.1f})"


def per_hour(estimate: Estimate) -> str:
    """A rate with its interval."""
    if estimate.value is None:
        return NOTHING
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"
