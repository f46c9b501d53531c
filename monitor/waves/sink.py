"""Where the waveforms of a service go: into numbers, into the store, and onto the page."""

from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices.chunks import Break, Gap
from devices.source import Collected
from devices.waveform_intake import WaveformIntake
from devices.waveforms import Chunk
from monitor.alert import Alert, AlertChange
from monitor.events import Observation, Record
from monitor.service import Service
from monitor.vitals import SECOND, Signal, Waveform
from monitor.waves.deriving import Deriving
from monitor.waves.rows import Stretch
from monitor.waves.run import MOST_DEVICES, Run
from monitor.waves.store import WaveStore
from monitor.waves.strips import Strips
from monitor.waves.warming import Warming, compiled

if TYPE_CHECKING:
    from devices.drivers.driver import Samples
    from monitor.signal.chain import SensorOf

AROUND = 30 * SECOND
"""So much before and after an alert is kept with it."""


class Waves:
    """Hands every run on to who wants it. Belongs to the service's event loop.

    `by_mqtt` and `by_radio` are what the collectors fill.

    Args:
        sensor_of: the optical sensor of a device, if it is known. Without it nobody's is.
    """

    def __init__(self, service: Service, store: WaveStore | None, sensor_of: "SensorOf | None" = None) -> None:
        self.by_mqtt = WaveformIntake(partial(self._take, timed=True))
        self.by_radio = WaveformIntake(partial(self._take, timed=False))
        self.deriving = Deriving(self._told, self._fault, sensor_of)
        self.store = store
        self._service = service
        self._warming: Warming | None = None
        self._strips = Strips()
        self._own: dict[str, set[Signal]] = {}
        self._boot = service.now() // SECOND
        self._sequences: dict[str, int] = {}

    def warm(self) -> None:
        """Have ready what computes with the first waveform. The first time on a machine that takes a minute."""
        with suppress(OSError):  # then whoever comes first waits
            self._warming = None if compiled() else Warming()

    def samples(self, device: str, run: "Samples", received_at: int) -> None:
        """Take what came by Bluetooth. Such a device numbers nothing: its clock tells what is missing."""
        number = self._sequences[device] = self._sequences.get(device, 0) + 1
        start = run.last - (len(run.samples) - 1) * run.period
        wave = Waveform(
            "", device, run.channel, run.unit, start, run.period, run.scale, run.samples, self._service.mode
        )
        self.by_radio.receive(Chunk(self._boot, number, Fraction(SECOND, run.period), wave))

    def collect(self, collected: Collected) -> None:
        """A feed that notes which signals a device tells itself, and hands everything on to be judged."""
        if type(collected.body) is Observation:
            self._heard(collected.body)
        self._service.collect(collected)

    def _heard(self, observation: Observation) -> None:
        """The device is believed: what it tells once, is never computed for it again."""
        own = self._own.pop(observation.device, None) or set()
        own.update(measured.signal for measured in observation.values)
        self._own[observation.device] = own
        if len(self._own) > MOST_DEVICES:
            del self._own[next(iter(self._own))]

    def released(self, records: Sequence[Record]) -> None:
        """Keep what was around the alerts in a batch."""
        if self.store is None:
            return
        for record in records:
            alert = record.body
            if type(alert) is Alert and alert.change in (AlertChange.RAISED, AlertChange.ROSE) and alert.session:
                at = alert.changed_at
                self.store.take(Stretch(alert.id, alert.session, at - AROUND, at + AROUND))

    def close(self) -> None:
        """Take no more."""
        self.deriving.close()
        if self._warming is not None:
            self._warming.close()
        if self.store is not None:
            self.store.close()

    def _take(self, chunk: Chunk, gaps: tuple[Gap, ...], *, timed: bool) -> None:
        wave, now = chunk.waveform, self._service.now()
        wave = replace(wave, session=self._service.wearer(wave.device) or "")
        late = any(gap.what is Break.BEHIND for gap in gaps)
        run = self.deriving.take(Run(wave, chunk.boot, chunk.sequence, now, bool(gaps), late, timed))
        if self.store is not None:
            self.store.take(run)
        strip = self._strips.take(run)
        if strip is not None:
            self._service.hub.show(strip)

    def _told(self, observation: Observation) -> None:
        """An observation with what the device does not tell itself. Signs of the rhythm no device tells."""
        own = self._own.get(observation.device, set())
        values = tuple(measured for measured in observation.values if measured.signal not in own)
        if values or observation.rhythm:
            self._service.collect(Collected(replace(observation, values=values), _nobody))

    def _fault(self, device: str, reason: str) -> None:
        self._service.condition("engine_fault", bool(reason), reason, device)


def _nobody() -> None:
    """Nobody waits for the commit: a waveform is not sent again."""
