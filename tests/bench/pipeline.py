"""The pure pipeline alone: readings per second of one core through `Engine.receive`, nothing around it."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

from devices.topics import observation_key
from monitor.events import SITE as NOBODY
from monitor.events import Envelope
from monitor.pipeline import Engine
from monitor.vitals import SECOND, Origin
from tests.bench.context import Context
from tests.bench.figures import Figure, at_least, figure
from tests.bench.site import FIVE_SIGNALS, ONE_SIGNAL, SITE, Shape, messages, openings, started, wearing

START = 1_790_000_000 * SECOND
READINGS = 40_000
ROUNDS = 7
CASES = [
    (sessions, name, shape)
    for sessions in (1, 50)
    for name, shape in (("1 signal", ONE_SIGNAL), ("5 signals", FIVE_SIGNALS))
]


def run(context: Context) -> Iterator[Figure]:
    """Every case in turn, several times: what the machine does meanwhile happens to all."""
    speeds: dict[tuple[int, str], list[float]] = {(sessions, name): [] for sessions, name, _ in CASES}
    for number in range(ROUNDS):
        context.say(f"pipeline: round {number + 1} of {ROUNDS}")
        for sessions, name, shape in CASES:
            speeds[sessions, name].append(_readings_per_s(shape, sessions))
    for (sessions, name), rounds in speeds.items():
        what = f"readings judged per CPU second, sessions: {sessions}, {name} a message"
        yield figure("pipeline", what, "1/s", rounds, at_least(100_000))


def _readings_per_s(shape: Shape, sessions: int) -> float:
    worn = wearing(shape, sessions)
    engine = Engine(Origin.SIMULATED)
    envelopes: list[Envelope] = []
    for body in (started(), *openings(worn, START)):
        engine.receive(Envelope(SITE, len(envelopes) + 1, START, getattr(body, "session", NOBODY), "", body))
    for device, number, at in messages(worn, START + SECOND, READINGS // (5 * sessions)):
        observation = device.says(number, at - 20_000_000, at)
        envelopes.append(Envelope(SITE, len(envelopes) + 2, at, NOBODY, observation_key(observation), observation))
    receive, readings = engine.receive, 0
    gc.collect()
    began = time.process_time()
    for envelope in envelopes:
        readings += len(receive(envelope))
    return readings / (time.process_time() - began)
