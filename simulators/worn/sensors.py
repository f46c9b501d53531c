"""What sensors make of what they touch: when they find nothing, when they doubt, and how they are wrong.

Everything is computed for many ticks at once and drawn from `Chance`, so that one tick alone gives the same values.
The ways of being wrong are those of pulse oximetry and of chest straps in general; their sizes are assumptions.
"""

from collections.abc import Callable, Iterable, Mapping
from math import inf

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from monitor.vitals import SIGNALS, Cause, Measured, Quality, Signal
from simulators.latent import Array, Body, Latent
from simulators.worn.roles import OXIMETER, STRAP

BLOCK = 600
"""Ticks that are prepared at once."""

MOVING = 0.3
"""Motion (0 to 1) from which values are doubted."""

LEAST_PULSE = 20.0
"""Beats per minute below which an oximeter finds no pulse: usual measuring ranges begin at 20 to 25."""

LEAST_PERFUSION, NO_PERFUSION = 0.3, 0.05
"""Per cent below which an oximeter doubts its values (0.3 to 0.4 in the clinical notes), and finds no pulse at all."""

ARTEFACT_SPO2 = 85.0
"""What an oximeter tends to when movement drowns the pulse: equal swings of red and infrared mean 85 %."""

NO_BEATS, NO_BREATHS = 10.0, 2.0
"""A minute: below these a strap counts none, and says zero."""

CADENCE = 130.0
"""Movements per minute that are taken for a pulse."""

UNNOTICED = 0.2
"""The share of an artefact's stretches that a sensor does not notice, so that its value passes as sound: assumption."""

HELD = 8
"""Ticks for which an artefact stays as it is: oximeters average over 2 to 16 s."""

Row = tuple[Measured, ...]
Flags = NDArray[np.bool_]


class Felt(Struct, frozen=True):
    """What a sensor feels of some ticks, from tick `start` on; shapes (ticks,).

    `shown`: what sound devices would show, in the signals' units. `motion`: 0 to 1. `contact`: whether the probe is in
    place, the cuff closed. `most_perfusion`: what is left of the perfusion under the sensor at most, %. `latent`: how
    whoever wears it really is, at these ticks and others beside them.
    """

    start: int
    shown: Mapping[Signal, Array]
    motion: Array
    contact: bool = True
    most_perfusion: float = inf
    latent: Latent | None = None

    def at(self, tick: int) -> "Felt":
        """One of the ticks, as arrays of one."""
        one = slice(tick - self.start, tick - self.start + 1)
        shown = {signal: values[one] for signal, values in self.shown.items()}
        return replace(self, start=tick, shown=shown, motion=self.motion[one])


class Chance(Struct, frozen=True):
    """Numbers from 0 to 1, shapes (ticks,): `slow` ones keep for HELD ticks, `quick` ones for one."""

    slow: Array
    quick: Array

    def at(self, offset: int) -> "Chance":
        """One of the ticks, as arrays of one."""
        one = slice(offset, offset + 1)
        return Chance(self.slow[one], self.quick[one])


Sense = Callable[[Felt, Chance], list[Row]]
"""What a device that always measures says at each tick."""


class Wearer:
    """Whoever wears devices, felt in blocks of BLOCK ticks."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._block: Felt | None = None

    def felt(self, tick: int) -> Felt:
        """The block that the tick lies in: the same object until another is asked for."""
        block = self._block
        if block is None or not 0 <= tick - block.start < BLOCK:
            start = tick - tick % BLOCK
            body = self._body
            shown, latent = body.shown(start, start + BLOCK), body.latent(start, start + BLOCK)
            block = self._block = Felt(start, shown, latent.motion, latent=latent)
        return block


def oximeter(felt: Felt, chance: Chance) -> list[Row]:
    """Saturation, pulse rate, perfusion index.

    No pulse to be found is said as such. Movement draws the saturation towards 85 % and the pulse towards its own
    cadence; a weak pulse scatters both. Perfusion itself is what is measured, and not doubted.
    """
    if not felt.contact:
        return _nothing(felt, OXIMETER, Cause.PROBE_OFF)
    perfusion, pulse = felt.shown[Signal.PERFUSION_INDEX], felt.shown[Signal.PULSE_RATE]
    saturation = felt.shown[Signal.SPO2]
    weak = np.clip(1 - perfusion / LEAST_PERFUSION, 0, 1)
    moving = felt.motion >= MOVING
    drawn = np.where(moving, felt.motion, 0) * chance.slow
    saturation = saturation + drawn * np.minimum(ARTEFACT_SPO2 - saturation, 0) - 10 * weak * chance.slow
    pulse = pulse + drawn * (CADENCE - pulse) + 40 * weak * (chance.quick - 0.5)
    lost = (felt.shown[Signal.PULSE_RATE] < LEAST_PULSE) | (perfusion < NO_PERFUSION)
    drowned = moving & (chance.quick < 0.3 * felt.motion)
    doubts = _doubts(
        (lost, Cause.NO_PULSE, True),
        (drowned, Cause.MOTION, True),
        (moving & _noticed(chance), Cause.MOTION, False),
        (weak > 0, Cause.LOW_PERFUSION, False),
    )
    shown = zip(
        _said(Signal.SPO2, saturation),
        _said(Signal.PULSE_RATE, pulse),
        _said(Signal.PERFUSION_INDEX, np.where(lost, 0, perfusion)),
        doubts,
        strict=True,
    )
    return [
        (
            _measured(Signal.SPO2, spo2, doubt),
            _measured(Signal.PULSE_RATE, rate, doubt),
            Measured(Signal.PERFUSION_INDEX, index),
        )
        for spo2, rate, index, doubt in shown
    ]


def strap(felt: Felt, chance: Chance) -> list[Row]:
    """Heart and respiration rate. A heart that stands still is a rate of zero; movement adds beats and breaths."""
    if not felt.contact:
        return _nothing(felt, STRAP, Cause.LEADS_OFF)
    moving = felt.motion >= MOVING
    drawn = np.where(moving, felt.motion, 0) * chance.slow
    heart = _or_none(felt.shown[Signal.HEART_RATE], NO_BEATS) + 35 * drawn
    breath = _or_none(felt.shown[Signal.RESPIRATION_RATE], NO_BREATHS) + 12 * drawn
    doubts = _doubts((moving & _noticed(chance), Cause.MOTION, False))
    shown = zip(_said(Signal.HEART_RATE, heart), _said(Signal.RESPIRATION_RATE, breath), doubts, strict=True)
    return [
        (_measured(Signal.HEART_RATE, beats, doubt), _measured(Signal.RESPIRATION_RATE, breaths, doubt))
        for beats, breaths, doubt in shown
    ]


def no_values(signals: Iterable[Signal], cause: Cause) -> Row:
    """A message without a value, and why."""
    return tuple(Measured(signal, None, Quality.INVALID, cause) for signal in signals)


def said(signal: Signal, value: float) -> float:
    """The value in the resolution of the signal, inside what is physically possible."""
    info = SIGNALS[signal]
    return float(round(min(max(value, info.lowest), info.highest), info.decimals))


Doubt = tuple[Quality, Cause]
_SURE: Doubt = (Quality.VALID, Cause.NONE)


def _noticed(chance: Chance) -> Flags:
    """Where a sensor notices that it is moved: for as long as an artefact stays as it is, whatever its size."""
    noticed: Flags = (chance.slow * 97) % 1 >= UNNOTICED
    return noticed


def _or_none(rates: Array, least: float) -> Array:
    return np.where(rates < least, 0.0, rates)


def _said(signal: Signal, values: Array) -> list[float]:
    info = SIGNALS[signal]
    # Adding zero makes a rounded -0.0 plain.
    return [*(np.round(np.clip(values, info.lowest, info.highest), info.decimals) + 0.0).tolist()]


def _measured(signal: Signal, value: float, doubt: Doubt) -> Measured:
    quality, cause = doubt
    return Measured(signal, None if quality is Quality.INVALID else value, quality, cause)


def _doubts(*reasons: tuple[Flags, Cause, bool]) -> list[Doubt]:
    """What is said of each tick: the first reason that holds there, as (where, cause, whether no value is left)."""
    doubts = [_SURE] * len(reasons[0][0])
    for where, cause, blank in reversed(reasons):
        doubt = (Quality.INVALID if blank else Quality.QUESTIONABLE, cause)
        for index in np.flatnonzero(where).tolist():
            doubts[index] = doubt
    return doubts


def _nothing(felt: Felt, signals: Iterable[Signal], cause: Cause) -> list[Row]:
    return [no_values(signals, cause)] * len(felt.motion)
