"""A protocol's limits as the coloured lines of a panel."""

from collections.abc import Iterator
from math import inf, isfinite

from grafana_foundation_sdk.models.dashboard import Threshold

from monitor.alert import Priority
from monitor.protocol import Limit, TreatmentProtocol
from monitor.vitals import SIGNALS, Signal

NORMAL = "green"
COLOURS = {Priority.HIGH: "red", Priority.MEDIUM: "yellow", Priority.LOW: "light-blue"}
"""IEC 60601-1-8: red for high, yellow for medium, cyan for low priority."""


def thresholds(protocol: TreatmentProtocol, signal: Signal) -> list[Threshold]:
    """Where a value's colour changes, from below, by the limits that hold in every phase.

    Limits are compared with the value as it is shown, so the lines stand half a step of its last digit beside them.
    """
    limits = [limit for rule in protocol.rule if rule.signal is signal for limit in rule.limit if not limit.phases]
    decimals = SIGNALS[signal].decimals
    half = 0.5 * 10**-decimals
    spans = [(span, limit.priority) for limit in limits for span in _span(limit, half)]
    edges = sorted({edge for span, _ in spans for edge in span if isfinite(edge)})
    steps: list[Threshold] = []
    for edge in (-inf, *edges):
        crossed = [priority for (start, end), priority in spans if start <= edge < end]
        colour = COLOURS[max(crossed, key=lambda priority: priority.rank)] if crossed else NORMAL
        if not steps or steps[-1].color != colour:
            steps.append(Threshold(value=round(edge, decimals + 1) if isfinite(edge) else None, color=colour))
    return steps


def _span(limit: Limit, half: float) -> Iterator[tuple[float, float]]:
    """From which value on (included) to which (excluded) a limit is crossed; causes have no value."""
    if limit.at_most is not None:
        yield -inf, limit.at_most + half
    if limit.at_least is not None:
        yield limit.at_least - half, inf
