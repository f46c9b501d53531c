"""Chunks of samples as they arrive: drawn when a message of a front end has found its way, or not."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise

from msgspec.structs import replace

from devices.chunks import Break, Gap
from devices.waveform_intake import WaveformIntake
from devices.waveforms import Chunk
from monitor.events import Observation
from monitor.vitals import SECOND, Origin, Waveform
from monitor.waves.run import Run
from simulators.from_waveforms.causes import SENT
from simulators.from_waveforms.sampling import Sampler
from simulators.waves.channels import CHANNELS, Channel
from simulators.worn.roles import Role


class Sending:
    """The front ends of one run: what arrives of them, in the order and with the marks that the service gives.

    Args:
        devices: what each samples, and what it is.
        prefix: put before the names of devices, so that those of several runs can be told apart.
    """

    def __init__(self, devices: Mapping[str, tuple[Role, Sampler]], prefix: str = "") -> None:
        self._devices = devices
        self._prefix = prefix
        self._intake = WaveformIntake(self._take)
        self._known: set[tuple[str, str]] = set()
        self._runs: list[Run] = []
        self._now = 0

    def receive(self, messages: Iterable[Observation], now: int) -> list[Run]:
        """The runs of samples in the messages that arrive at `now` (ns). Stored ones hold none."""
        self._now, self._runs = now, []
        live = (each for each in messages if not each.stored)
        for _, same in groupby(live, lambda each: (each.device, each.boot, each.values)):
            for chunk in self._chunks([*same]):
                self._intake.receive(chunk)
        return self._runs

    def _chunks(self, same: list[Observation]) -> Iterator[Chunk]:
        """A second that comes in one message, or in as many pieces as there are."""
        last = same[-1]
        second = last.values[0].value
        if second is None or second < 0 or last.device_time is None:
            return
        role, sampler = self._devices[last.device]
        for channel in SENT[role]:
            samples, begin = sampler.second(channel, int(second)), last.device_time - SECOND
            for message, part in zip(same, _parts(len(samples), len(same)), strict=True):
                yield Chunk.of(
                    self._wave(last.device, channel, begin, samples, part), int(last.boot, 16), message.sequence
                )

    def _wave(self, device: str, channel: Channel, begin: int, samples: tuple[int, ...], part: slice) -> Waveform:
        info = CHANNELS[channel]
        period = SECOND // info.rate_hz
        name, start = self._prefix + device, begin + part.start * period
        return Waveform("", name, channel, info.unit, start, period, info.scale, samples[part], Origin.SIMULATED)

    def _take(self, chunk: Chunk, gaps: tuple[Gap, ...]) -> None:
        late = any(gap.what is Break.BEHIND for gap in gaps)
        channel = chunk.waveform.device, chunk.waveform.channel
        broken = bool(gaps) or channel not in self._known
        self._known.add(channel)
        self._runs.append(Run(chunk.waveform, chunk.boot, chunk.sequence, self._now, broken, late, timed=True))

    def own(self, told: Observation) -> Observation:
        """An observation under the device's own name."""
        return replace(told, device=told.device.removeprefix(self._prefix))


def _parts(samples: int, parts: int) -> Iterator[slice]:
    bounds = [samples * number // parts for number in range(parts + 1)]
    return (slice(begin, stop) for begin, stop in pairwise(bounds))
