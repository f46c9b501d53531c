"""Where the waveforms of a service go: judged, kept and shown, each without the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboards.live.board import Board
from devices.drivers.driver import Samples
from devices.source import Collected
from monitor.config import load
from monitor.events import Observation, SiteCondition
from monitor.pipeline import Engine
from monitor.service import Service
from monitor.signal.chain import Chain, is_derived
from monitor.vitals import SECOND, Measured, Origin, RhythmSign, Signal
from monitor.waves.rows import WaveReader
from monitor.waves.run import Run
from monitor.waves.sink import Waves
from monitor.waves.store import WaveStore
from simulators.waves.channels import CHANNELS, Channel
from tests.laws.world import started
from tests.monitor.test_runner import Kept, SteppedClock
from tests.monitor.waves.runs import PERSON

pytestmark = pytest.mark.asyncio

STRAP, ECG_HZ = "strap-1", CHANNELS[Channel.ECG].rate_hz


class Site:
    """A service on a clock that a test moves, with everything that it recorded."""

    def __init__(self, folder: Path) -> None:
        self.clock, self._kept, self.path = SteppedClock(), Kept(), folder / "w"
        engine = Engine(Origin.SIMULATED)
        self.service = Service(load(mode="rehearsal"), engine, Board(Origin.SIMULATED, "site"), self.clock)
        self.service.attach(self._kept, 1, started)
        self.service.runner.start(0)
        self.service.runner.stop()
        self.waves = Waves(self.service, WaveStore(self.path, 10**18, 10**18, print))

    def recorded(self, kind: type[Observation | SiteCondition]) -> list[Observation | SiteCondition]:
        return [record.body for record in self._kept.records if isinstance(record.body, kind)]

    def derived(self) -> list[Observation]:
        return [each for each in self.recorded(Observation) if isinstance(each, Observation) and is_derived(each)]

    async def strap_sends(self, *seconds: int) -> None:
        """ECG by Bluetooth, stamped by a clock that began when the strap did."""
        for second in seconds:
            self.clock.instant += SECOND
            samples = PERSON.samples(Channel.ECG, second * ECG_HZ, (second + 1) * ECG_HZ)
            steps = tuple(round(sample * 1000) for sample in samples)
            period = SECOND // ECG_HZ
            last = (second + 1) * SECOND - period
            run = Samples(channel="ecg", unit="mV", period=period, scale=0.001, samples=steps, last=last)
            self.waves.samples(STRAP, run, self.clock.instant)
        while self.waves.deriving.waiting:  # noqa: ASYNC110 - it has no event, because nobody but a test waits for it
            await asyncio.sleep(0.005)

    async def runs(self) -> list[Run]:
        """What is kept in the end."""
        await asyncio.to_thread(self.waves.close)
        with closing(WaveReader(self.path)) as reader:
            return list(reader.runs())


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    one = Site(folder)
    yield one
    await asyncio.to_thread(one.waves.close)


async def test_a_strap_without_a_time_of_day_is_placed_where_its_samples_came(tmp_path: Path) -> None:
    """Its clock orders and numbers them; it says nothing of when it was."""
    async with site(tmp_path) as one:
        await one.strap_sends(*range(15))
        derived = one.derived()
        assert {each.device_time for each in derived} == {None}
        assert [each.sequence for each in derived] == list(range(derived[0].sequence, 15))
        assert not any(run.broken for run in (await one.runs())[1:])


async def test_samples_that_did_not_come_by_bluetooth_are_a_gap(tmp_path: Path) -> None:
    """Nothing numbers them, so the device's clock tells."""
    async with site(tmp_path) as one:
        await one.strap_sends(*range(8), *range(10, 15))
        assert [run.sequence for run in await one.runs() if run.broken] == [1, 9]


async def test_what_a_device_tells_itself_is_not_computed_for_it(tmp_path: Path) -> None:
    """From its first number on; other signals and other devices are computed as before."""
    async with site(tmp_path) as one:
        await one.strap_sends(*range(10))
        before = len(one.derived())
        own = Observation(
            STRAP, "a", 0, None, one.clock.instant, (Measured(Signal.HEART_RATE, 70.0),), Origin.SIMULATED
        )
        one.waves.collect(Collected(own, lambda: None))
        await one.strap_sends(*range(10, 45))
        signals = {value.signal for each in one.derived()[before:] for value in each.values}
        assert before > 0
        assert signals == {Signal.RESPIRATION_RATE}
        assert own in one.recorded(Observation)


async def test_signs_of_the_rhythm_are_told_beside_a_rate_of_the_devices_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A strap tells its rate itself, and what we find in its ECG besides goes on: with no value of ours."""
    push, signs = Chain.push, (RhythmSign.IRREGULAR,)

    def pushed(self: Chain, pieces: list[Run]) -> list[Observation]:
        return [replace(each, rhythm=signs) for each in push(self, pieces)]

    monkeypatch.setattr(Chain, "push", pushed)
    async with site(tmp_path) as one:
        own = Observation(
            STRAP, "a", 0, None, one.clock.instant, (Measured(Signal.HEART_RATE, 70.0),), Origin.SIMULATED
        )
        one.waves.collect(Collected(own, lambda: None))
        await one.strap_sends(*range(12))
        assert {(each.values, each.rhythm) for each in one.derived()} == {((), signs)}


async def test_a_mistake_of_ours_is_told_of_its_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a condition that begins and ends; what came is kept all the same."""
    push, fails = Chain.push, iter([False] * 4 + [True] + [False] * 20)

    def pushed(self: Chain, pieces: list[Run]) -> list[Observation]:
        if next(fails):
            raise ArithmeticError("ours")
        return push(self, pieces)

    monkeypatch.setattr(Chain, "push", pushed)
    async with site(tmp_path) as one:
        for second in range(15):
            await one.strap_sends(second)
        conditions = [
            (each.code, each.subject, each.present)
            for each in one.recorded(SiteCondition)
            if isinstance(each, SiteCondition)
        ]
        assert conditions == [("engine_fault", STRAP, True), ("engine_fault", STRAP, False)]
        assert len(await one.runs()) == 15
