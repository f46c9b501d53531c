"""How long after its publication a message is judged, and committed, at rates a site may have."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.context import Context
from tests.bench.figures import Figure, at_most, figure, percentile
from tests.bench.measured import Measured, measured
from tests.bench.saturation import SIGNALS

ROUNDS = 3
SECONDS = 4
RATES = (1_000, 5_000)
CASES = [(rate, shape) for shape in ("5 signals", "1 signal") for rate in RATES]
AIM_MS = 10.0


def run(context: Context) -> Iterator[Figure]:
    """The service beside our bare link: what the broker and the machine take is in both."""
    rounds: dict[tuple[int, str, str, int], list[float]] = {}
    with measured(context, stamps=True) as processes:
        for process in (processes["service"], processes["link"]):
            process.pace("1 signal", 1_000, 1_000)
        for number in range(ROUNDS):
            for rate, shape in CASES:
                context.say(f"latency: round {number + 1} of {ROUNDS}, {rate} readings/s, {shape} a message")
                for what, milliseconds in _both(processes, rate, shape):
                    for percent in (50, 99):
                        figures = rounds.setdefault((rate, shape, what, percent), [])
                        figures.append(percentile(milliseconds, percent))
    for (rate, shape, what, percent), found in rounds.items():
        aimed = at_most(AIM_MS) if (rate, what, percent) == (5_000, "judged", 99) else None
        yield figure("latency", f"published to {what}, {rate:,}/s, {shape} a message, p{percent}", "ms", found, aimed)


def _both(processes: dict[str, Measured], rate: int, shape: str) -> Iterator[tuple[str, list[float]]]:
    per_s = rate / SIGNALS[shape]
    messages = round(per_s * SECONDS)
    judged, committed = processes["service"].pace(shape, per_s, messages)
    yield "judged", judged
    yield "committed", committed
    yield "our bare link", processes["link"].pace(shape, per_s, messages)[0]
