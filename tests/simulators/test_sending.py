"""Simulated people send waveforms as their devices would."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from devices.topics import REHEARSAL_ROOT, address
from devices.waveforms import Chunk, decode
from monitor.vitals import SECOND, Origin
from simulators.scenario import load_scenario
from simulators.waves.channels import Channel
from simulators.waves.sending import send_waveforms
from tests.simulators.virtual import START

SECONDS = 4


class Broker:
    """Takes what is sent, in virtual time; ends the sending after some seconds."""

    def __init__(self) -> None:
        self.instant = START
        self.chunks: list[Chunk] = []

    def now(self) -> int:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.instant += max(0, round(seconds * SECOND))
        if self.instant > START + SECONDS * SECOND:
            raise asyncio.CancelledError

    async def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        assert qos == 0
        device, _ = address(topic, root=REHEARSAL_ROOT, site="site")
        self.chunks.append(decode(device, payload, Origin.SIMULATED))
        if len(self.chunks) == 2:
            raise TimeoutError("a link that is lost for a moment")


@pytest.mark.asyncio
async def test_straps_and_oximeters_send_a_second_at_a_time() -> None:
    """Each channel is in order, whole, marked as simulated; what cannot be sent does not end it."""
    broker = Broker()
    script = load_scenario("demo").session[0]
    with suppress(asyncio.CancelledError):
        await send_waveforms([script], broker.publish, broker, site="site")
    sent: dict[tuple[str, str], list[Chunk]] = {}
    for chunk in broker.chunks:
        sent.setdefault((chunk.waveform.device, chunk.waveform.channel), []).append(chunk)
    strap, oximeter = script.devices.strap, script.devices.oximeter
    assert sent.keys() == {(strap, Channel.ECG), (oximeter, Channel.RED), (oximeter, Channel.INFRARED)}
    for chunks in sent.values():
        assert [chunk.sequence for chunk in chunks] == list(range(SECONDS))
        assert all(later.waveform.start == before.end for before, later in pairwise(chunks))
        assert {chunk.waveform.origin for chunk in chunks} == {Origin.SIMULATED}
