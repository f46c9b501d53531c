"""How alike two sizes are."""

from monitor.signal.compiled import compiled


@compiled
def alike(one: float, other: float) -> float:
    """The smaller as a part of the larger: 1 when they are equal, 0 when one is nothing or they have opposite signs."""
    smaller, larger = min(one, other), max(one, other)
    return max(smaller / larger, 0.0) if larger > 0 else 0.0
