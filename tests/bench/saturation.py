"""As many QoS 1 messages as a real broker can deliver: what one reading costs until it is judged and committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.bench.context import Context
from tests.bench.figures import Figure, at_most, figure
from tests.bench.measured import SHAPES, measured

ROUNDS = 5
MESSAGES = 20_000
WARM = 3_000
SIGNALS = {"1 signal": 1, "5 signals": 5}


def run(context: Context) -> Iterator[Figure]:
    """The service and what it is compared with in turn, so that whatever the machine does happens to all."""
    cpu: dict[tuple[str, str], list[float]] = defaultdict(list)
    interruptions: list[float] = []
    with measured(context, stamps=False) as processes:
        for number in range(ROUNDS):
            context.say(f"saturation: round {number + 1} of {ROUNDS}")
            for name, process in processes.items():
                for shape in SHAPES:
                    process.burst(shape, WARM)
                    seconds, interrupted = process.burst(shape, MESSAGES)
                    cpu[name, shape].append(seconds / MESSAGES / SIGNALS[shape] * 1e6)
                    if name == "service":
                        interruptions.append(interrupted)
    yield from _figures(cpu)
    what = "times that recording took longer than 250 ms in all rounds"
    yield figure("saturation", what, "", [sum(interruptions)], at_most(0))


def _figures(cpu: dict[tuple[str, str], list[float]]) -> Iterator[Figure]:
    one, five = SHAPES
    above = [ours - bare for ours, bare in zip(cpu["service", one], cpu["gmqtt", one], strict=True)]
    link = [ours - bare for ours, bare in zip(cpu["service", one], cpu["link", one], strict=True)]
    yield _cpu("service less stock client that acknowledges late, 1 signal a message", above, 20)
    yield _cpu("service less our bare link, 1 signal a message", link)
    yield _cpu("service, 1 signal a message, in all", cpu["service", one])
    yield _cpu("stock client that acknowledges late, 1 signal a message", cpu["gmqtt", one])
    yield _cpu("our bare link, 1 signal a message", cpu["link", one])
    yield _cpu("service, 5 signals a message, in all", cpu["service", five], 15)
    yield _cpu("stock client that acknowledges late, 5 signals a message", cpu["gmqtt", five])


def _cpu(what: str, rounds: list[float], target: float | None = None) -> Figure:
    unit = "µs/reading"
    return figure("saturation", f"CPU: {what}", unit, rounds, None if target is None else at_most(target))
