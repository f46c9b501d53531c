"""The MQTT collector: a link's messages become inputs, and are acknowledged when those are committed."""

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import NoReturn, Self

from msgspec.structs import replace

from devices.mapped import Delivery, Mapper
from devices.mqtt import Acknowledgement, Arrival, MqttLink, MqttSettings, acknowledge
from devices.mqtt import OnState as OnState
from devices.source import Collected, DeviceError, Feed
from devices.topics import WAVEFORM, address, decode, quarantine
from devices.waveform_intake import WaveformIntake
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Origin


class MqttCollector:
    """A Source over one broker.

    Args:
        settings: the link's; its topics are the filters of `root` and `site`, and of the `mapper`.
        feed: takes what is collected, at once.
        now: the instant (ns) at which bytes came.
        root: live or rehearsal topics.
        site: whose devices.
        origin: what everything on this link is, whatever a payload claims.
        on_state: hears how the link is.
        failed: hears when the link ended by a mistake of ours; it does not come back by itself then.
        mapper: reads what is not in our format.
        waveforms: takes the waveforms, which are no inputs of the journal.
    """

    def __init__(
        self,
        settings: MqttSettings,
        feed: Feed,
        now: Callable[[], int],
        *,
        root: str,
        site: str,
        origin: Origin,
        on_state: OnState,
        failed: Callable[[BaseException], None],
        mapper: Mapper | None = None,
        waveforms: WaveformIntake | None = None,
    ) -> None:
        self.waveforms = waveforms or WaveformIntake()
        self.link = MqttLink(settings, self._arrived, on_state)
        self._feed = feed
        self._now = now
        self._address = partial(address, root=root, site=site)
        self._decode = partial(decode, root=root, site=site, origin=origin)
        self._origin = origin
        self._mapper = mapper
        self._failed = failed
        self._committed: list[Acknowledgement] = []

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.link.run(), name="mqtt collector")
        self._running.add_done_callback(self._ended)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._acknowledge()
        self._running.cancel()
        await asyncio.wait({self._running})

    def _ended(self, running: asyncio.Task[NoReturn]) -> None:
        if not running.cancelled() and (error := running.exception()) is not None:
            self._failed(error)

    def _arrived(self, arrival: Arrival) -> None:
        received_at = self._now()
        committed = partial(self._commit, arrival.ack)
        try:
            body = self._read(arrival, received_at)
        except DeviceError as error:
            refused = quarantine(arrival.topic, arrival.payload, error.reason, received_at, error.device)
            self._feed(Collected(refused, committed))
            return
        if body is None:
            committed()
        else:
            self._feed(Collected(body, committed))

    def _read(self, arrival: Arrival, received_at: int) -> Observation | DeviceStatus | None:
        """What a message says; None for a waveform, which went its way. Raises DeviceError."""
        topic, payload = arrival.topic, arrival.payload
        if self._mapper is not None and self._mapper.match(topic) is not None:
            delivery = Delivery(received_at, self._origin, arrival.retain, arrival.duplicate)
            return self._mapper.decode(topic, payload, delivery)
        if topic.endswith(f"/{WAVEFORM}"):
            device, _ = self._address(topic)
            self.waveforms.take(device, payload, self._origin)
            return None
        body = self._decode(topic, payload, received_at)
        return replace(body, stored=True) if type(body) is Observation and _has_waited(arrival, body) else body

    def _commit(self, ack: Acknowledgement) -> None:
        """Gather what one commit holds, so that its acknowledgements leave in one write."""
        if not self._committed:
            asyncio.get_running_loop().call_soon(self._acknowledge)
        self._committed.append(ack)

    def _acknowledge(self) -> None:
        committed, self._committed = self._committed, []
        acknowledge(committed)


def _has_waited(arrival: Arrival, observation: Observation) -> bool:
    """Whether the broker kept it for a time that nobody knows: it came before us, or comes again without a stamp."""
    return arrival.retain or (arrival.duplicate and observation.device_time is None)
