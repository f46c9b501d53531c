"""The MQTT collector: a link's messages become inputs, and are acknowledged when those are committed."""

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import NoReturn, Self

from devices.mqtt import Acknowledgement, Arrival, MqttLink, MqttSettings, acknowledge
from devices.mqtt import OnState as OnState
from devices.source import Collected, DeviceError, Feed
from devices.topics import decode, quarantine
from monitor.vitals import Origin


class MqttCollector:
    """A Source over one broker.

    Args:
        settings: the link's; its topics are the filters of `root` and `site`.
        feed: takes what is collected, at once.
        now: the instant (ns) at which bytes came.
        root: live or rehearsal topics.
        site: whose devices.
        origin: what everything on this link is, whatever a payload claims.
        on_state: hears how the link is.
        failed: hears when the link ended by a mistake of ours; it does not come back by itself then.
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
    ) -> None:
        self.link = MqttLink(settings, self._arrived, on_state)
        self._feed = feed
        self._now = now
        self._decode = partial(decode, root=root, site=site, origin=origin)
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
            body = self._decode(arrival.topic, arrival.payload, received_at)
        except DeviceError as error:
            refused = quarantine(arrival.topic, arrival.payload, error.reason, received_at, error.device)
            self._feed(Collected(refused, committed))
        else:
            self._feed(Collected(body, committed))

    def _commit(self, ack: Acknowledgement) -> None:
        """Gather what one commit holds, so that its acknowledgements leave in one write."""
        if not self._committed:
            asyncio.get_running_loop().call_soon(self._acknowledge)
        self._committed.append(ack)

    def _acknowledge(self) -> None:
        committed, self._committed = self._committed, []
        acknowledge(committed)
