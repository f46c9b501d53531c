"""Waveforms of simulated people over a real MQTT link, a second at a time, as straps and oximeters would send them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Protocol

from devices.topics import REHEARSAL_ROOT, WAVEFORM, topic
from devices.waveforms import Chunk, encode
from monitor.vitals import SECOND
from simulators.story import Script
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel, Worn
from simulators.worn.roles import Role

SENT: Mapping[Role, Sequence[Channel]] = MappingProxyType(
    {Role.STRAP: (Channel.ECG,), Role.OXIMETER: (Channel.RED, Channel.INFRARED)}
)
"""Which device sends what."""


class Publish(Protocol):
    """The sending side of an MQTT link."""

    async def __call__(self, topic: str, payload: bytes, qos: int = 1) -> None: ...


class Clock(Protocol):
    """Real time, or a test's."""

    def now(self) -> int:
        """ns since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds, at once if there are none."""
        ...


async def send_waveforms(scripts: Iterable[Script], publish: Publish, clock: Clock, *, site: str) -> None:
    """Send everybody's waveforms in real time, until cancelled. What cannot be sent in its second is lost."""
    async with asyncio.TaskGroup() as group:
        for script in scripts:
            group.create_task(_send(script, publish, clock, site), name=f"waveforms {script.id}")


async def _send(script: Script, publish: Publish, clock: Clock, site: str) -> None:
    waves, began = Waveforms(script.body(), script.seed), clock.now()
    devices = {Role.STRAP: script.devices.strap, Role.OXIMETER: script.devices.oximeter}
    worn = {device: (Worn(script.id, device, began), SENT[role]) for role, device in devices.items()}
    second = 0
    while True:
        await clock.sleep((began - clock.now()) / SECOND + second + 1)
        for device, (wearer, channels) in worn.items():
            for channel in channels:
                # A minute is drawn at a time, which takes a while.
                payload = await asyncio.to_thread(_payload, waves, channel, wearer, second)
                with suppress(OSError):
                    await publish(topic(device, WAVEFORM, root=REHEARSAL_ROOT, site=site), payload, qos=0)
        second = max(second + 1, (clock.now() - began) // SECOND)


def _payload(waves: Waveforms, channel: Channel, worn: Worn, second: int) -> bytes:
    rate = CHANNELS[channel].rate_hz
    samples = waves.samples(channel, second * rate, (second + 1) * rate)
    wave = worn.waveform(channel, second * rate, samples)
    return encode(Chunk.of(wave, worn.began // SECOND % 2**32, second))
