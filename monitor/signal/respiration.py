"""Respiration rate from thoracic impedance, breath by breath, or from what breathing does to the pulse wave and ECG.

Only impedance can tell apnoea: a modulation that is gone may be a hand that moved.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.signal.breaths import BreathDetector
from monitor.signal.clocks import Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.modulation import BASELINE, ENERGY, KINDS, POWER, PULSES, SERIES_HZ, Modulation
from monitor.signal.rates import RateMeter, Rates, Window
from monitor.signal.spectra import AROUND, prepare, rates_of

WINDOW = Window(length_s=32, step_s=4, shortest=0.4, longest=2.5)
"""Windows of 32 s, as studies on BIDMC judge by. Breaths are less regular than pulses."""
TRUSTED, TRUSTED_MODULATION = 0.5, 0.3
"""From these confidences on: 99 and 82 of 100 windows of the seen half of BIDMC have them."""
LIGHT, LIGHT_BESIDE, HEART, DRIFT = 0.5, 0.2, 0.5, 0.25
"""Light is disturbed when less of it than this is pulses, beside an undisturbed ECG less than the second; an ECG when
less of it than this is beats, and its baseline moves by more than this part of its QRS complexes: irregular hearts beat
unlike, and are no disturbance. Looked for on all seen records of BIDMC, with and without simulated motion."""
SWAY, SWAY_OF_HEART = 1.0, 0.5
"""A baseline is not moved by breaths alone when it moves by more than these parts of its pulses, or of its QRS
complexes: breaths move the light less than hearts do. Assumption of ours."""
SERIES = 4
"""Of baselines and heights, of light and ECG."""
SLOW, FAST = 10.0, 28.0
"""Rates per minute below and above which baselines wander, and motion begins, more often than adults breathe so."""
WORTH, FAST_IS_WORTH, SLOW_IS_WORTH = np.array([0, 0.5, 0.75, 1, 1]), np.array([0, 0.2, 0.25, 0.5, 0.5]), 0.75
"""What a confidence is worth when so many series move, and how far it counts then: one sensor alone tells of no fast
breaths. Chosen on seen records of BIDMC with simulated motion and noise, nobody of whom breathes slowly or fast: what
true rates lose by it was seen on simulated people only."""
LASTS_S, PASSING_IS_WORTH = 16.0, 0.5
"""A rate that was another half a window before is worth less: chance has peaks, too, but not the same again. Ours."""
APNOEA_S = 20.0
"""A pause in breathing of so long is apnoea in adults: what bedside monitors are set to when they leave the factory."""


class BreathingRate:
    """Respiration rate from impedance, per row, every 4 s over 32 s: /min, confidence, seconds since a breath."""

    def __init__(self, sample_rate: float, rows: int) -> None:
        self._breaths = BreathDetector(sample_rate, rows)
        self._meter = RateMeter(WINDOW, sample_rate, rows)

    def push(self, samples: Array, rows: Rows | None = None) -> Rates:
        """The estimates that the next samples (rows, samples) make due, of all rows or of distinct ones.

        In any unit; NaN starts a row anew.
        """
        return self._meter.push(self._breaths.push(samples, rows), samples.shape[1], rows)

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._breaths.reset(rows)
        self._meter.reset(rows)


class ModulatedBreathing:
    """Respiration rate without impedance, per row, every 4 s over 32 s.

    From the baselines of the pulse wave and, where there is one, of the ECG, and from the height of pulses and QRS
    complexes, which nothing that wanders moves: each weighted by how far its power lies around one frequency, nothing
    of what is disturbed. Each row has a clock of its own.
    """

    def __init__(self, pleth_rate: float, ecg_rate: float, rows: int) -> None:
        self._pleth, self._ecg = Modulation(pleth_rate, rows), Modulation(ecg_rate, rows, complexes=True)
        self._recent = np.full((rows, 2 * KINDS, round(WINDOW.length_s * SERIES_HZ)), np.nan)
        self._told = np.full((rows, round(LASTS_S / WINDOW.step_s)), np.nan)
        self._step = round(WINDOW.step_s * SERIES_HZ)
        self._taken = np.zeros(rows, np.intp)

    def push(self, pleth: Array, ecg: Array, rows: Rows | None = None) -> Rates:
        """The estimates that the next samples make due, of all rows or of distinct ones.

        Shapes (rows, samples), of the same stretch of time, each at its rate; NaN where there is no signal. Raises
        ValueError when the stretches differ.
        """
        which = np.arange(len(self._taken)) if rows is None else rows
        (light, counts), (heart, others) = self._pleth.push(pleth, which), self._ecg.push(ecg, which)
        if not np.array_equal(counts, others):
            raise ValueError("pulse wave and ECG must be of the same time and rows")
        due = (self._taken[which] + counts) // self._step - self._taken[which] // self._step
        windows = np.empty((due.sum(), SERIES, self._recent.shape[2]))
        number = np.empty(len(windows))
        _collect(which, counts, light, heart, self._step, self._taken, self._recent, windows, number)
        value, confidence, moving = rates_of(windows)
        confidence *= np.where(value > FAST, FAST_IS_WORTH[moving], WORTH[moving])
        confidence *= np.where(value < SLOW, SLOW_IS_WORTH, 1.0)
        row, nobody_knows = np.repeat(which, due), np.full(len(value), np.nan)
        _doubt_passing(row, value, confidence, self._told)
        return Rates(row.astype(np.int32), number * WINDOW.step_s, value, confidence.astype(np.float32), nobody_knows)

    def hidden(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether these rows had signals all the last window long, and every one was disturbed, shape (rows,)."""
        whole = ~np.isnan(self._recent[rows]).any(axis=2)
        hidden: NDArray[np.bool_] = whole.any(axis=1) & np.isnan(self._told[rows, -1])
        return hidden

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._pleth.reset(rows)
        self._ecg.reset(rows)
        self._recent[rows] = self._told[rows] = np.nan


@compiled
def _collect(
    rows: Rows,
    counts: Rows,
    light: Array,
    heart: Array,
    step: int,
    taken: Rows,
    recent: Array,
    windows: Array,
    number: Array,
) -> None:
    """Move new values into the recent ones; at each step they are a window, row by row."""
    due = 0
    for position, row in enumerate(rows):
        kept = recent[row]
        for index in range(counts[position]):
            kept[:, :-1] = kept[:, 1:]
            kept[:KINDS, -1], kept[KINDS:, -1] = light[position, :, index], heart[position, :, index]
            taken[row] += 1
            if taken[row] % step == 0:
                _window(kept[:KINDS], kept[KINDS:], windows[due])
                number[due] = taken[row] // step
                due += 1


@compiled
def _window(light: Array, heart: Array, window: Array) -> None:
    """What moves as breaths do in what is not disturbed."""
    steady = np.mean(heart[PULSES]) >= HEART or _moves_less(heart, DRIFT)
    shining = np.mean(light[PULSES]) >= (LIGHT_BESIDE if steady else LIGHT)
    window[:] = np.nan
    if shining:
        window[0] = light[ENERGY]
        if _moves_less(light, SWAY):
            window[1] = light[BASELINE]
    if steady:
        window[2] = heart[ENERGY]
        if _moves_less(heart, SWAY_OF_HEART):
            window[3] = heart[BASELINE]
    prepare(window)


@compiled
def _moves_less(kinds: Array, part: float) -> bool:
    """Whether a baseline moves by less than this part of what beats."""
    return bool(np.std(kinds[BASELINE]) < part * np.sqrt(np.mean(kinds[POWER])))


@compiled
def _doubt_passing(rows: Rows, value: Array, confidence: Array, told: Array) -> None:
    """Less confidence in rates that were others before; `told` (rows, rates) is moved on. What is not known is none."""
    for number, row in enumerate(rows):
        before = told[row]
        if abs(value[number] - before[0]) > AROUND:
            confidence[number] *= PASSING_IS_WORTH
        before[:-1] = before[1:]
        before[-1] = value[number]
