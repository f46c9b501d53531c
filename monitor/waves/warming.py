"""Some seconds of nobody: who has computed with them once has compiled everything that people need."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from monitor.signal.chain import Chain
from monitor.vitals import SECOND, Origin, Waveform
from monitor.waves.run import Run

RATES: Mapping[str, int] = MappingProxyType({"ecg": 250, "red": 125, "infrared": 125, "impedance": 25})
TOGETHER: Sequence[Sequence[str]] = (("ecg",), ("red", "infrared"), ("impedance",))
LASTS_S = 5


def warmings() -> Iterator[Callable[[], object]]:
    """What is to be called once, one after the other; each may take seconds."""
    for channels in TOGETHER:
        yield partial(Chain(1).push, [_run(channel, RATES[channel]) for channel in channels])


def _run(channel: str, rate: int) -> Run:
    samples = tuple(1000 + abs(number % rate - rate // 2) for number in range(LASTS_S * rate))
    wave = Waveform("", "nobody", channel, "", 0, SECOND // rate, 0.001, samples, Origin.SIMULATED)
    return Run(wave, 0, 0, 0, broken=True, late=False, timed=True)
