"""An electrocardiogram: one lead, P, QRS and T drawn as Gaussian bells around the peak of every QRS complex.

After McSharry, Clifford, Tarassenko and Smith (2003), IEEE Transactions on Biomedical Engineering 50:289: bells whose
distance from R grows with the square root of the interval. Their places, widths and heights here are ours, set so that
intervals are those of adults at rest (PR 160 ms, QRS 90 ms, QT 400 ms at 60 /min) and the shapes resemble lead II.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from simulators.latent import Array
from simulators.people.randomness import generator
from simulators.waves import chance
from simulators.waves.beats import Beats, Kind
from simulators.waves.bells import Bells, Grid, drawn
from simulators.waves.timeline import Stretch


class Wave(Struct, frozen=True):
    """A bell: its place after R (s) and its width (s) at 60 /min, its height (mV).

    `stretches`: with the square root of the interval; QRS complexes do not. `atrial`: absent in fibrillation.
    """

    after_s: float
    width_s: float
    height_mv: float
    stretches: bool = False
    atrial: bool = False


_QRS = (Wave(-0.028, 0.010, -0.10), Wave(0.0, 0.011, 1.0), Wave(0.030, 0.011, -0.20))
_T = (Wave(0.25, 0.050, 0.14, stretches=True), Wave(0.305, 0.035, 0.20, stretches=True))

WAVES: Mapping[Kind, Sequence[Wave]] = MappingProxyType(
    {
        Kind.NORMAL: (Wave(-0.165, 0.022, 0.12, stretches=True, atrial=True), *_QRS, *_T),
        # From elsewhere in the atria: another P wave, the usual complex.
        Kind.ATRIAL: (Wave(-0.145, 0.016, -0.07, stretches=True, atrial=True), *_QRS, *_T),
        # No P wave, a complex of some 140 ms, and a T wave that points the other way.
        Kind.VENTRICULAR: (
            Wave(-0.055, 0.018, 0.12),
            Wave(0.0, 0.034, 1.5),
            Wave(0.120, 0.036, -0.30),
            Wave(0.29, 0.065, -0.55, stretches=True),
        ),
    }
)
SHORTEST_S, LONGEST_S = 0.35, 1.5
"""Waves stretch no further with the interval than between these."""

QRS_DEPTH = 0.06
"""The breath turns the heart: by how much of it a complex grows and shrinks."""
FLUTTER_MV = 0.05
FLUTTER_HZ = (5.0, 7.5)
"""Fibrillatory waves: their height, and the range of their mean frequency (between 4 and 9 Hz in people)."""
FLUTTER_WANDERS = 0.3
"""By how many waves their phase wanders within a second."""


class Lead:
    """How one person's beats look in one lead: every height within 25 % of the table, every width within 10 %."""

    def __init__(self, seed: str) -> None:
        traits = generator(f"{seed}/lead")
        count = sum(map(len, WAVES.values()))
        self._seed = seed
        self._gain = traits.uniform(0.75, 1.6)
        self._heights = traits.uniform(0.75, 1.25, count)
        self._width = traits.uniform(0.9, 1.1)
        self._flutter_hz = traits.uniform(*FLUTTER_HZ)

    def drawn(self, beats: Beats, stretch: Stretch, grid: Grid) -> Array:
        """The undisturbed lead in mV, shape (samples,). `beats`: all that may reach into the grid."""
        signal = drawn([*self._bells(beats, stretch)], grid)
        if stretch.irregular.any():
            signal += self._fluttering(stretch, grid)
        return signal

    def _bells(self, beats: Beats, stretch: Stretch) -> Sequence[Bells]:
        waves = [(kind, wave) for kind, of_kind in WAVES.items() for wave in of_kind]
        scale = self._gain * (1 + QRS_DEPTH * np.sin(stretch.breath(beats.at_s)))
        longer = np.sqrt(np.clip(beats.usual_s, SHORTEST_S, LONGEST_S))
        bells = []
        for (kind, wave), height in zip(waves, self._heights, strict=True):
            of_kind = beats.kind == kind
            stretched = longer[of_kind] if wave.stretches else np.ones(np.count_nonzero(of_kind))
            weight = 1 - beats.irregular[of_kind] if wave.atrial else 1.0
            at_s = beats.at_s[of_kind] + wave.after_s * stretched
            heights = wave.height_mv * height * weight * scale[of_kind]
            bells.append(Bells(at_s, self._width * wave.width_s * stretched, heights))
        return bells

    def _fluttering(self, stretch: Stretch, grid: Grid) -> Array:
        """The fibrillatory waves between beats, in mV: steep on one side, of a frequency that wanders."""
        t_s = grid.times
        first, stop = int(t_s[0]), int(t_s[-1]) + 2
        wandering = FLUTTER_WANDERS * chance.normal(f"{self._seed}/flutter", first, stop)
        turns = self._flutter_hz * t_s + np.interp(t_s, np.arange(first, stop), wandering)
        shape = np.sin(2 * np.pi * turns) + 0.35 * np.sin(4 * np.pi * turns)
        return FLUTTER_MV * self._gain * stretch.glide(stretch.irregular, t_s) * shape
