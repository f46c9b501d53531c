"""`python -m monitor.waves.compiling`: compiles what computes numbers from waveforms, and leaves it on the disk.

Some seconds of nobody are computed with, each kind of number once.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType

from monitor.signal.chain import Chain
from monitor.vitals import SECOND, Origin, Waveform
from monitor.waves.run import Run
from monitor.waves.warming import note_compiled

RATES: Mapping[str, int] = MappingProxyType({"ecg": 250, "red": 125, "infrared": 125, "impedance": 25})
EVERY_S: Mapping[str, int] = MappingProxyType({"impedance": 3})
"""How long a breath lasts."""
LASTS_S = 12
KINDER = 19
"""How much everybody else goes first."""


def nobody(device: str, *channels: str) -> list[Run]:
    """Every channel goes up and down once a second, or as often as it breathes."""
    return [_run(device, channel, RATES[channel], second) for second in range(LASTS_S) for channel in channels]


def _run(device: str, channel: str, rate: int, second: int) -> Run:
    size = EVERY_S.get(channel, 1) * rate
    samples = tuple(10_000 + abs((second * rate + number) % size - size // 2) for number in range(rate))
    wave = Waveform("", device, channel, "", second * SECOND, SECOND // rate, 0.001, samples, Origin.SIMULATED)
    return Run(wave, 0, second, 0, broken=second == 0, late=False, timed=True)


def compile_all() -> None:
    """Compile each kind of number."""
    # With impedance nothing else is looked at for breaths.
    Chain(2).push([*nobody("a", *RATES), *nobody("b", "ecg", "infrared")])
    note_compiled()


if __name__ == "__main__":
    os.nice(KINDER)
    compile_all()
