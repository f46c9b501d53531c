"""The Bluetooth collector on the virtual radio: real advertisements, ATT and pairing, devices that come and go."""

import asyncio
from pathlib import Path
from time import time_ns

import pytest

pytest.importorskip("bumble", reason="the virtual radio is an extra: bluetooth-sim")

from devices.identity import KnownDevice
from monitor.events import AssignDevice, DeviceStatus, Observation, Quarantined, Routed
from monitor.router import Router
from monitor.vitals import SECOND, Measured, Origin, Signal
from simulators.peripherals.catalogue import KINDS, label
from simulators.peripherals.cuff import Cuff
from simulators.peripherals.flaws import Flaws, Refusal
from simulators.peripherals.peripheral import Peripheral
from tests.devices.ble_ward import Ward, until, ward
from tests.simulators.bluetooth.room import QUICK_MS, observed, pressures, rate

pytestmark = pytest.mark.asyncio

FIRST = {
    Signal.HEART_RATE: (Signal.HEART_RATE, 72.0),
    Signal.SPO2: (Signal.SPO2, 97.0),
    Signal.SYSTOLIC: (Signal.SYSTOLIC, 121.0),
    Signal.TEMPERATURE: (Signal.TEMPERATURE, 36.8),
}
EVERYTHING = {
    **dict(FIRST.values()),
    Signal.PULSE_RATE: 71.0,
    Signal.PERFUSION_INDEX: 4.0,
    Signal.DIASTOLIC: 79.0,
    Signal.MEAN_PRESSURE: 93.0,
}


async def say_until(device: Peripheral, here: Ward, ours: str, number: int = 1) -> None:
    """Have a strap tell its rate until so many observations of it have come."""
    bpm = 60
    while len(here.all(Observation, ours)) < number:
        bpm += 1
        await device.say(rate(bpm))
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("model", KINDS)
async def test_every_model_that_is_simulated_is_heard(model: str, tmp_path: Path) -> None:
    """From its advertisement to an observation: recognised, paired where it wants that, asked and understood."""
    async with ward(tmp_path) as here:
        device = await here.room.device(model)
        here.know(device, "d-1")
        async with here.collector(), asyncio.timeout(15):
            while not here.all(Observation, "d-1"):
                now = time_ns()
                said = observed(*(Measured(signal, value) for signal, value in EVERYTHING.items()), at=now)
                await device.say(said)
                await asyncio.sleep(0.2)
        heard = here.all(Observation, "d-1")[0]
        assert heard.values[0].signal in FIRST
        assert heard.values[0].value == pytest.approx(FIRST[heard.values[0].signal][1], abs=1)
        assert heard.origin is Origin.SIMULATED


async def test_a_held_link_hands_on_everything_in_order(tmp_path: Path) -> None:
    """What a strap sends once it is subscribed arrives, once each, numbered, in one boot."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector():
            await say_until(strap, here, "strap-1")
            before = len(here.values("strap-1"))
            sent = [float(60 + number) for number in range(100)]
            for bpm in sent:
                await strap.say(rate(bpm))
            await until(lambda: len(here.values("strap-1")) == before + len(sent))
    heard = here.all(Observation, "strap-1")
    assert here.values("strap-1")[before:] == sent
    assert [each.sequence for each in heard] == list(range(len(heard)))
    assert len({each.boot for each in heard}) == 1


async def test_a_cuff_that_wakes_tells_all_that_it_has_stored(tmp_path: Path) -> None:
    """It wants a bond, has three measurements, hangs up when it is done: nothing is lost, and no fault is told."""
    async with ward(tmp_path) as here:
        cuff = await here.room.device("and_ua651ble")
        assert isinstance(cuff, Cuff)
        await cuff.power_off()
        here.know(cuff, "cuff-1")
        now = time_ns()
        cuff.records = [cuff.measurement(pressures(s, now - back * SECOND)) for s, back in ((111, 7200), (112, 3600))]
        async with here.collector() as collector:
            await cuff.say(pressures(113, now))
            await until(lambda: len(here.values("cuff-1")) == 3)
            await until(lambda: not collector.connected)
            assert collector.counts.failures == 0
    records = here.all(Observation, "cuff-1")
    assert [(each.values[0].value, each.stored, each.record) for each in records] == [
        (111, True, True),
        (112, True, True),
        (113, False, True),
    ]
    assert records[-1].device_time == now // SECOND * SECOND
    known = here.registry.get("cuff-1")
    assert known is not None
    assert known.bonded
    assert [status.trouble for status in here.all(DeviceStatus)] == [""] * len(here.all(DeviceStatus))


async def test_a_cuff_that_wakes_again_is_heard_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bond is used again, and its second measurement is new."""
    monkeypatch.setattr("devices.ble.SETTLED_S", 0.0)  # a cuff that stays awake is left alone for a while
    async with ward(tmp_path) as here:
        cuff = await here.room.device("and_ua651ble")
        here.know(cuff, "cuff-1")
        async with here.collector() as collector:
            for systolic in (120.0, 125.0):
                await cuff.say(pressures(systolic, time_ns()))
                await until(lambda: not cuff.awake and not collector.connected)
    first, second = here.all(Observation, "cuff-1")
    assert (first.values[0].value, second.values[0].value) == (120, 125)
    assert first.boot != second.boot
    assert not second.stored


@pytest.mark.parametrize("refusal", [Refusal.INSUFFICIENT_AUTHENTICATION, Refusal.INSUFFICIENT_ENCRYPTION])
async def test_a_device_that_refuses_to_tell_strangers_is_paired(refusal: Refusal, tmp_path: Path) -> None:
    """A refused subscription is answered by pairing, and then asked again."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap", flaws=Flaws(refusal=refusal))
        here.know(strap, "strap-1")
        async with here.collector():
            await say_until(strap, here, "strap-1")
        known = here.registry.get("strap-1")
    assert known is not None
    assert known.bonded


async def test_a_lost_link_comes_back_as_another_boot(tmp_path: Path) -> None:
    """Out of reach and back: the loss is told, then values again, numbered anew."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector():
            await say_until(strap, here, "strap-1", 3)
            await strap.vanish()
            await until(lambda: here.all(DeviceStatus)[-1].trouble)
            assert not here.all(DeviceStatus)[-1].online
            lost = len(here.values("strap-1"))
            await strap.power_on()
            await say_until(strap, here, "strap-1", lost + 2)
    assert here.all(DeviceStatus)[-1].trouble == ""
    assert len({each.boot for each in here.all(Observation, "strap-1")}) == 2


async def test_a_device_that_vanishes_between_two_messages_is_no_fault(tmp_path: Path) -> None:
    """Whatever was under way when it went, the collector goes on."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap", flaws=Flaws(vanishes_after=5))
        here.know(strap, "strap-1")
        async with here.collector():
            await say_until(strap, here, "strap-1", 5)
            await until(lambda: not here.all(DeviceStatus)[-1].online)
            await strap.power_on()
            await say_until(strap, here, "strap-1", 7)


async def test_what_cannot_be_understood_is_told_and_the_link_goes_on(tmp_path: Path) -> None:
    """A payload that is none is quarantined with its octets; of many within a second one is told, all are counted."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await say_until(strap, here, "strap-1")
            (rates,) = (
                c for s in strap.device.gatt_server.services for c in s.characteristics if "2A37" in str(c.uuid)
            )
            for _ in range(50):
                await strap.notify(rates, b"\x01\x48")
            await until(lambda: collector.counts.refused == 50)
            heard = len(here.values("strap-1"))
            await say_until(strap, here, "strap-1", heard + 1)
    refused = here.all(Quarantined, "strap-1")
    assert refused[0].sample == "01 48"
    assert len(refused) < 5


# --- who it is


async def test_strangers_are_listed_and_left_alone(tmp_path: Path) -> None:
    """A device that is none of ours is never connected, however well Vigil knows its kind."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        async with here.collector() as collector:
            await until(collector.nearby)
            await asyncio.sleep(0.3)
            (near,) = collector.nearby()
            assert (near.address, near.model, near.known) == (strap.address, "strap", "")
            assert collector.counts.attempts == 0


async def test_a_device_that_is_adopted_is_heard_and_one_that_is_forgotten_is_not(tmp_path: Path) -> None:
    """Assigning a device needs its address once; letting it go ends the connection."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        async with here.collector() as collector:
            with pytest.raises(LookupError):
                await collector.adopt("strap-1", "00:00:00:00:00:00")
            await until(collector.nearby)
            await collector.adopt("strap-1", strap.address)
            await say_until(strap, here, "strap-1")
            assert await collector.forget("strap-1")
            await until(lambda: not collector.connected)
            assert collector.nearby()[0].known == ""
    assert here.registry.devices == ()


async def test_a_device_under_another_address_is_recognised(tmp_path: Path) -> None:
    """Private addresses change: the serial number says that it is the same, and the values go on under its id."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1", serial=strap.label.serial, name=strap.label.name)
        await strap.change_address()
        async with here.collector():
            await say_until(strap, here, "strap-1")
        known = here.registry.get("strap-1")
    assert known is not None
    assert known.address == strap.address


async def test_another_device_of_the_same_kind_is_asked_once_and_left_alone(tmp_path: Path) -> None:
    """While ours is missing, one like it is asked who it is; when it is not ours, nothing of it is believed."""
    async with ward(tmp_path) as here:
        other = await here.room.device("strap")
        here.registry.put(KnownDevice("strap-1", "strap", "00:00:00:00:00:00", serial="strap-99999"))
        async with here.collector() as collector:
            await until(lambda: here.all(Quarantined))
            await other.say(rate(70))
            await asyncio.sleep(1.0)
            assert collector.counts.connections == 1
    assert here.all(Observation) == []
    assert "none of our devices" in here.all(Quarantined)[0].reason


async def test_another_device_at_a_known_address_is_not_believed(tmp_path: Path) -> None:
    """Law 13: what answers where our strap was, and is not our strap, gives nobody a heart rate; it is told why."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1", serial="strap-77777")
        async with here.collector():
            await until(lambda: here.all(Quarantined))
            await strap.say(rate(70))
    assert here.all(Observation) == []
    assert strap.label.serial in here.all(Quarantined)[0].reason
    assert here.all(DeviceStatus, "strap-1")[-1].trouble


# --- what a kill can lose


class HistoryCuff(Cuff):
    """A cuff that tells its whole history at every connection, as those of Medisana do."""

    async def _drain(self) -> None:
        for record in list(self.records):
            await self.indicate(self._pressure, record.encode())
        await self.power_off()


async def test_records_that_a_kill_lost_before_the_commit_are_taken_once(tmp_path: Path) -> None:
    """What a device keeps is neither lost nor doubled by a process that dies between hearing and recording it."""
    async with ward(tmp_path) as here:
        cuff = HistoryCuff(here.room.radio, label("cuff", 7, QUICK_MS))
        here.registry.put(KnownDevice("cuff-1", "cuff", cuff.label.address))
        now = time_ns()
        cuff.records = [cuff.measurement(pressures(110 + n, now - n * 3600 * SECOND)) for n in range(3)]
        router = Router(Origin.SIMULATED)
        router.receive(AssignDevice("r", "nurse-1", "s-1", "cuff-1"), now - 9 * 3600 * SECOND)
        committed = router.snapshot()
        taken: list[list[float | None]] = []
        # Killed before the commit, then after it: the second process begins where the first had begun.
        for died_before_commit in (True, False, False):
            router = Router(Origin.SIMULATED)
            router.restore(committed)
            here.fed.clear()
            await cuff.wake()
            async with here.collector():
                await until(lambda: len(here.all(Observation)) == 3)
            items = [item for each in here.all(Observation) for item in router.receive(each, time_ns())]
            taken.append([item.observation.values[0].value for item in items if isinstance(item, Routed)])
            if not died_before_commit:
                committed = router.snapshot()
    assert taken == [[112, 111, 110], [112, 111, 110], []]
