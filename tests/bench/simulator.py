"""Simulated people alone: what a day of a thousand of them costs one core, and a trial of forty thousand."""

from __future__ import annotations

import time
from collections.abc import Iterator

from monitor.session import Route
from simulators.courses import Given
from simulators.patient import Patient
from simulators.people.background import BLOCK_TICKS
from simulators.people.crowd import Crowd
from tests.bench.context import Context
from tests.bench.figures import Figure, at_most, figure

DAY = 86_400
PEOPLE = 20
CROWD = 40_000
EDGES = 25
LIVE_TICKS = 600
ROUNDS = 5
DOSES = (Given(drug="mdma", amount_mg=110, route=Route.ORAL, at_s=0),)


def run(context: Context) -> Iterator[Figure]:
    """A sample of the thousand in every round, block by block as a replay asks, and second by second as a rehearsal."""
    days, ticks, crowds = [], [], []
    for number in range(ROUNDS):
        context.say(f"simulator: round {number + 1} of {ROUNDS}")
        days.append(_seconds_of_a_thousand_days(number))
        ticks.append(_microseconds_of_a_live_tick(number))
        crowds.append(_seconds_of_a_crowd(number))
    a_day = "CPU time of a day of 1,000 people, every signal shown at 1 Hz"
    yield figure("simulator", a_day, "s", days, at_most(60))
    yield figure("simulator", "CPU time of one person's next second, asked alone", "µs", ticks)
    yield figure("simulator", f"CPU time of six hours of {CROWD:,} people, every 15 min", "s", crowds)


def _seconds_of_a_thousand_days(number: int) -> float:
    began = time.process_time()
    for n in range(PEOPLE):
        patient = Patient(f"{number}/{n}", DOSES)
        for start in range(0, DAY, BLOCK_TICKS):
            patient.shown(start, start + BLOCK_TICKS)
    return (time.process_time() - began) * 1000 / PEOPLE


def _microseconds_of_a_live_tick(number: int) -> float:
    people = [Patient(f"live/{number}/{n}", DOSES) for n in range(PEOPLE)]
    began = time.process_time()
    for tick in range(LIVE_TICKS):
        for patient in people:
            patient.shown(tick, tick + 1)
    return (time.process_time() - began) * 1e6 / (PEOPLE * LIVE_TICKS)


def _seconds_of_a_crowd(number: int) -> float:
    began = time.process_time()
    Crowd([f"crowd/{number}/{n}" for n in range(CROWD)], DOSES).resting(EDGES)
    return time.process_time() - began
