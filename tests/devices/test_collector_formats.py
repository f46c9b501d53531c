"""What is not JSON of ours, through a real mosquitto: mapped messages are new only once, waveforms arrive whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from devices.chunks import Break, Gap
from devices.collector import MqttCollector
from devices.mapped import Mapper
from devices.mapping import read_mapping
from devices.mqtt_reasons import LinkError, Reason
from devices.source import Collected
from devices.topics import LIVE_ROOT, REHEARSAL_ROOT, topic, topic_filters, waveform_filter
from devices.waveform_intake import WaveformIntake
from devices.waveforms import Chunk, encode
from monitor.events import Observation, Quarantined
from monitor.router import Router
from monitor.vitals import SECOND, Origin
from simulators.waveforms import Waveforms
from simulators.waves.channels import Channel, Worn
from tests.devices.broker_clients import publisher, settings, until
from tests.servers import Mosquitto
from tests.simulators.written_body import Written

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto")]

NOW = 1_790_000_000 * SECOND
MAPPING = read_mapping("""
title = "a gateway"
[[message]]
topic = "lab/{name}/timed"
device = "lab-{name}"
payload = "json"
time = { field = "t", form = "seconds" }
values = [{ signal = "spo2", field = "spo2", unit = "%" }]
[[message]]
topic = "lab/{name}/plain"
device = "lab-{name}"
payload = "number"
values = [{ signal = "heart_rate", unit = "bpm" }]
""")


class Site:
    """A collector of a live site, or of a rehearsal, and what it collected; nothing is committed by itself."""

    def __init__(self, port: int, origin: Origin = Origin.REAL, boot: str = "b", **intake: Any) -> None:
        root = REHEARSAL_ROOT if origin is Origin.SIMULATED else LIVE_ROOT
        mapper = Mapper([MAPPING], boot)
        self.inputs: list[Collected] = []
        self.faults: list[BaseException] = []
        wanted = settings(
            port,
            topics=(*topic_filters(root, "berlin"), *mapper.kept_topics),
            passing_topics=(waveform_filter(root, "berlin"), *mapper.passing_topics),
        )
        self.collector = MqttCollector(
            wanted,
            self.inputs.append,
            lambda: NOW,
            root=root,
            site="berlin",
            origin=origin,
            on_state=lambda state, detail: None,
            failed=self.faults.append,
            mapper=mapper,
            waveforms=WaveformIntake(**intake),
        )

    @property
    def observations(self) -> list[Observation]:
        return [each.body for each in self.inputs if isinstance(each.body, Observation)]

    def commit(self) -> None:
        for each in self.inputs:
            each.committed()

    async def sever(self) -> None:
        """Break the connection as a cable would, and wait until there is a new one."""
        link = self.collector.link
        wanted = link.counts.reconnects + 1
        (await link.connected()).abort(LinkError(Reason.CLOSED))
        await until(lambda: link.counts.reconnects == wanted)


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    async with site.collector:
        await site.collector.link.connected()
        yield site
    assert site.faults == []


async def test_mapped_messages_become_inputs(mosquitto: Mosquitto) -> None:
    """With a time and without: the device, the value and the origin are right, and equal payloads are two values."""
    async with running(Site(mosquitto.port)) as site, publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/timed", b'{"t": 1789999999, "spo2": 97}')
        await gateway.publish("lab/ox/plain", b"72")
        await gateway.publish("lab/ox/plain", b"72")
        await until(lambda: len(site.observations) == 3)
    assert [(each.device, each.sequence, each.device_time) for each in site.observations] == [
        ("lab-ox", 0, NOW - SECOND),
        ("lab-ox", 1, None),
        ("lab-ox", 2, None),
    ]
    assert all(each.origin is Origin.REAL and not each.stored for each in site.observations)


async def test_what_does_not_map_is_quarantined_and_committed(mosquitto: Mosquitto) -> None:
    """Nothing is stuck behind a message that nobody understands."""
    async with running(Site(mosquitto.port)) as site, publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/timed", b'{"spo2": 97}')
        await until(lambda: site.inputs)
        site.commit()
        await until(lambda: site.collector.link.counts.acknowledged == 1)
    body = site.inputs[0].body
    assert isinstance(body, Quarantined)
    assert (body.device, body.source) == ("lab-ox", "lab/ox/timed")
    assert body.reason.startswith("there is no time at t")


async def test_what_the_broker_had_kept_is_stored(mosquitto: Mosquitto) -> None:
    """A retained value may be a year old, whatever it looks like."""
    async with publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/plain", b"72", retain=True)
        await gateway.publish("lab/ox/timed", b'{"t": 1, "spo2": 97}', retain=True)
        async with running(Site(mosquitto.port)) as site:
            await until(lambda: len(site.observations) == 2)
            await gateway.publish("lab/ox/plain", b"73", retain=True)
            await until(lambda: len(site.observations) == 3)
    assert [each.stored for each in site.observations] == [True, True, False]


def routed(observations: list[Observation]) -> list[str]:
    router = Router(Origin.REAL)
    return [getattr(router.receive(each, NOW)[-1], "reason", "new") for each in observations]


async def test_what_is_sent_again_after_a_broken_connection_counts_once(mosquitto: Mosquitto) -> None:
    """The broker repeats what was not acknowledged; the router knows it by its time and its values."""
    async with running(Site(mosquitto.port)) as site, publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/timed", b'{"t": 1, "spo2": 97}')
        await gateway.publish("lab/ox/timed", b'{"t": 2, "spo2": 97}')
        await until(lambda: len(site.observations) == 2)
        await site.sever()
        await until(lambda: len(site.observations) == 4)
    assert routed(site.observations) == ["new", "new", "duplicate record", "duplicate record"]


async def test_what_is_sent_again_to_the_next_process_counts_once(mosquitto: Mosquitto) -> None:
    """Killed before it could acknowledge: its successor gets it again, under another boot, and it is no new value."""
    first, second = Site(mosquitto.port, boot="b"), Site(mosquitto.port, boot="c")
    async with publisher(mosquitto.port) as gateway:
        async with running(first):
            await gateway.publish("lab/ox/timed", b'{"t": 1, "spo2": 97}')
            await until(lambda: first.observations)
        async with running(second):
            await until(lambda: second.observations)
    assert routed([*first.observations, *second.observations]) == ["new", "duplicate record"]


async def test_what_has_no_time_does_not_wait_for_us(mosquitto: Mosquitto) -> None:
    """While we are away, a value with a time is kept; one without would look new when it comes, and is not."""
    async with running(Site(mosquitto.port)):
        pass
    async with publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/plain", b"40")
        await gateway.publish("lab/ox/timed", b'{"t": 1, "spo2": 80}')
    async with running(Site(mosquitto.port)) as site, publisher(mosquitto.port) as gateway:
        await gateway.publish("lab/ox/plain", b"72")
        await until(lambda: len(site.observations) == 2)
    assert [each.values[0].value for each in site.observations] == [80, 72]


# --- waveforms


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.gaps: list[tuple[Gap, ...]] = []

    def __call__(self, chunk: Chunk, gaps: tuple[Gap, ...]) -> None:
        self.chunks.append(chunk)
        self.gaps.append(gaps)

    def has(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.chunks) >= count


def ecg_chunks() -> list[Chunk]:
    """Ten seconds of a simulated ECG, half a second in each."""
    waveforms = Waveforms(Written(), "an ECG")
    cut = waveforms.chunks(Channel.ECG, Worn("s1", "ecg-4", NOW), 0, 2500, 125)
    return [Chunk.of(wave, boot=1, sequence=n) for n, wave in enumerate(cut)]


async def send(port: int, root: str, payloads: list[bytes]) -> None:
    async with publisher(port) as device:
        for payload in payloads:
            await device.publish(topic("ecg-4", "waveform", root=root, site="berlin"), payload)


async def test_an_ecg_arrives_sample_by_sample(mosquitto: Mosquitto) -> None:
    """What the electrodes gave is what the signal chain gets; none of it is an input of the journal."""
    heard, sent = Heard(), ecg_chunks()
    async with running(Site(mosquitto.port, Origin.SIMULATED, sink=heard)) as site:
        await send(mosquitto.port, REHEARSAL_ROOT, [encode(each) for each in sent])
        await until(heard.has(len(sent)))
    assert heard.chunks == sent
    assert heard.gaps == [()] * len(sent)
    assert site.inputs == []
    assert site.collector.waveforms.counts.samples == 2500


async def test_lost_chunks_are_told(mosquitto: Mosquitto) -> None:
    """Of twenty chunks three are lost in two places: two gaps, of the right length."""
    heard, sent = Heard(), ecg_chunks()
    kept = [each for each in sent if each.sequence not in (4, 5, 11)]
    async with running(Site(mosquitto.port, Origin.SIMULATED, sink=heard)):
        await send(mosquitto.port, REHEARSAL_ROOT, [encode(each) for each in kept])
        await until(heard.has(len(kept)))
    assert [gap for gaps in heard.gaps for gap in gaps] == [
        Gap(Break.MISSING, 2, SECOND),
        Gap(Break.MISSING, 1, SECOND // 2),
    ]


async def test_simulated_waveforms_are_refused_live(mosquitto: Mosquitto) -> None:
    """Live and rehearsal never meet, in waveforms neither; what is refused is counted and quarantined."""
    async with running(Site(mosquitto.port)) as site:
        await send(mosquitto.port, LIVE_ROOT, [encode(ecg_chunks()[0])])
        await until(lambda: site.inputs)
    body = site.inputs[0].body
    assert isinstance(body, Quarantined)
    assert (body.device, body.reason) == ("ecg-4", "simulated data on a root that is not for them")
    assert site.collector.waveforms.counts.refused == 1
