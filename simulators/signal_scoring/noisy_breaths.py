"""Respiration rates in noise: what is still told when recordings are disturbed, and how far it can be believed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from monitor.signal.judging import Errors
from monitor.signal.rates import Rates
from monitor.signal.respiration import BreathingRate, ModulatedBreathing
from simulators.latent import Array
from simulators.recordings.annotated import BreathRecord, read_breaths
from simulators.signal_scoring.noisy import Condition, added, conditions
from simulators.signal_scoring.pulses import IMPEDANCE, LEAD, PLETH, RATES, Windows, breath_truth, joint, told_at
from simulators.waves.noise import NoiseKind

KINDS = (NoiseKind.WHITE, NoiseKind.MOTION, NoiseKind.WANDER)
"""Wander lies where breaths lie: only what it does not move, and that breaths last, tells it from them."""
ALONE = "modulation, light alone"
WHAT = ("impedance", "modulation", ALONE)


class DisturbedBreaths(Struct, frozen=True, eq=False):
    """Of one record under one condition: the windows of each of WHAT."""

    condition: str
    rates: Mapping[str, Windows]


class BreathsScore(Struct, frozen=True):
    """Of all records under one condition. `told`: rates that are trusted; its coverage is part of all windows."""

    condition: str
    what: str
    told: Errors


def disturbed_breaths(path: str) -> list[DisturbedBreaths]:
    """A record of BIDMC: each channel with noise of its own, at one ratio.

    Raises:
        RecordError: the record cannot be read, or lacks a waveform.
    """
    record = read_breaths(Path(path), (PLETH, IMPEDANCE, LEAD))
    return [DisturbedBreaths(each.name, _rates(record, each)) for each in conditions(KINDS)]


def breaths_scores(parts: Sequence[DisturbedBreaths]) -> list[BreathsScore]:
    """All records of one condition as one."""
    condition = parts[0].condition
    return [
        BreathsScore(condition, what, joint([each.rates[what] for each in parts]).errors(_least(what))) for what in WHAT
    ]


def _rates(record: BreathRecord, condition: Condition) -> dict[str, Windows]:
    """Each as a whole: chunks change nothing."""
    rate_hz = record.rate_hz
    chest, light, heart = (_disturbed(record, name, condition) for name in (IMPEDANCE, PLETH, LEAD))
    rates: dict[str, Rates] = {
        "impedance": BreathingRate(rate_hz, 1).push(chest),
        "modulation": ModulatedBreathing(rate_hz, rate_hz, 1).push(light, heart),
        ALONE: ModulatedBreathing(rate_hz, rate_hz, 1).push(light, np.full_like(heart, np.nan)),
    }
    ends, truth = breath_truth(record)
    return {what: told_at([told], ends, truth) for what, told in rates.items()}


def _disturbed(record: BreathRecord, name: str, condition: Condition) -> Array:
    return added(record.signals[name], record.rate_hz, f"{record.name}/{name}", condition)[None]


def _least(what: str) -> float:
    return RATES[what.split(",")[0]]
