"""What goes wrong on a ward, on the virtual radio: the adapter goes, devices go mute, and the process ends midway."""

import asyncio
from pathlib import Path
from time import time_ns

import pytest
from msgspec.structs import replace

pytest.importorskip("bumble", reason="the virtual radio is an extra: bluetooth-sim")

from bumble.device import Connection

from devices import neighbours
from devices.identity import KnownDevice
from devices.quirks import MODELS
from monitor.events import DeviceStatus, Observation, SiteCondition
from simulators.peripherals.flaws import Flaws
from tests.devices.ble_ward import until, ward
from tests.devices.test_ble import say_until
from tests.simulators.bluetooth.room import pressures, rate

pytestmark = pytest.mark.asyncio


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Straps of which a valid value is expected within half a second."""
    models = {model.id: replace(model, first_value_s=0.5) for model in MODELS}
    monkeypatch.setattr(neighbours, "_MODELS", models)


async def test_an_adapter_that_is_pulled_out_is_told_and_comes_back(tmp_path: Path) -> None:
    """Its connections are lost, the site is told, and when it is there again everything goes on by itself."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector():
            await say_until(strap, here, "strap-1")
            await here.room.radio.lose_adapter()
            await until(lambda: here.all(SiteCondition))
            here.room.radio.plug_adapter_in()
            await until(lambda: len(here.all(SiteCondition)) == 2)
            await say_until(strap, here, "strap-1", len(here.values("strap-1")) + 1)
    lost, back = here.all(SiteCondition)
    assert (lost.code, lost.present, back.code, back.present) == ("bluetooth_lost", True, "bluetooth_lost", False)
    assert "No Bluetooth adapters" in lost.detail


async def test_without_an_adapter_the_collector_starts_and_says_so(tmp_path: Path) -> None:
    """A machine whose Bluetooth is off watches by all other means, and begins when it is switched on."""
    async with ward(tmp_path) as here:
        here.room.radio.present = False
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector():
            await until(lambda: here.all(SiteCondition))
            here.room.radio.plug_adapter_in()
            await say_until(strap, here, "strap-1")
    assert [condition.present for condition in here.all(SiteCondition)] == [True, False]


@pytest.mark.usefixtures("quick")
async def test_a_link_that_says_nothing_is_closed_told_and_opened_again(tmp_path: Path) -> None:
    """Connected is no sign of life: a mute strap is told in words, and heard when it speaks again."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap", flaws=Flaws(mute=True))
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await until(lambda: collector.counts.connections >= 2)
            told = here.all(DeviceStatus, "strap-1")
            assert told[-1].trouble == "it was connected and sent no values"
            assert not told[-1].online
            strap.flaws.mute = False
            await say_until(strap, here, "strap-1")
    assert here.all(DeviceStatus, "strap-1")[-1].trouble == ""


@pytest.mark.usefixtures("quick")
async def test_a_link_that_sends_nothing_valid_is_told_and_kept_for_a_while(tmp_path: Path) -> None:
    """A strap without contact is alive: its link is kept, and told by its last valid value."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await say_until(strap, here, "strap-1")
            strap.flaws.zombie = True

            async def doubted() -> None:
                while not here.all(DeviceStatus, "strap-1")[-1].trouble:
                    await strap.say(rate(70))
                    await asyncio.sleep(0.05)

            await asyncio.wait_for(doubted(), 10)
            assert collector.connected == 1
            assert collector.counts.connections == 1
            strap.flaws.zombie = False
            heard = len(here.values("strap-1"))
            await say_until(strap, here, "strap-1", heard + 2)
            assert here.all(DeviceStatus, "strap-1")[-1].trouble == ""


async def test_a_device_that_is_gone_before_it_is_connected_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that hangs is cut; the device that answers has its turn meanwhile and after."""
    monkeypatch.setattr("devices.radio.CONNECT_S", 0.5)
    async with ward(tmp_path) as here:
        gone, strap = await here.room.device("strap", 1), await here.room.device("strap", 2)
        here.know(gone, "gone-1")
        async with here.collector() as collector:
            await until(lambda: gone.address in {near.address for near in collector.nearby()})
            await gone.power_off()
            await until(lambda: collector.counts.failures)
            here.know(strap, "strap-1")
            await say_until(strap, here, "strap-1")
    assert here.all(DeviceStatus, "gone-1")[-1].trouble


@pytest.mark.parametrize("after_s", [0.0, 0.01, 0.03, 0.05, 0.08, 0.12, 0.3])
async def test_ending_at_any_moment_leaves_nothing_behind(after_s: float, tmp_path: Path) -> None:
    """Cancelled while it listens, connects, pairs or talks: no task, no connection, and the radio is free."""
    async with ward(tmp_path) as here:
        strap, cuff = await here.room.device("strap"), await here.room.device("and_ua651ble")
        here.know(strap, "strap-1")
        here.know(cuff, "cuff-1")
        async with here.collector():
            await asyncio.sleep(after_s)
        assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("bluetooth")] == []
        await until(lambda: strap.connection is None and cuff.connection is None)
        async with here.collector():
            await say_until(strap, here, "strap-1")


async def test_a_device_of_an_unknown_model_is_left_alone(tmp_path: Path) -> None:
    """A registry written by a newer version may name models that this one does not know."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.registry.put(KnownDevice("x-1", "a_model_of_tomorrow", strap.address))
        async with here.collector() as collector:
            await until(collector.nearby)
            await asyncio.sleep(0.2)
            assert collector.counts.attempts == 0
    assert here.all(Observation) == []


async def test_a_device_that_left_is_not_attempted_until_it_is_heard_again(tmp_path: Path) -> None:
    """What was heard before a connection ended says nothing of being there after it: nobody waits for who is gone."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await say_until(strap, here, "strap-1")
            await strap.vanish()
            await until(lambda: not collector.connected)
            await asyncio.sleep(1.5)
            assert collector.counts.attempts == 1
            await strap.power_on()
            await say_until(strap, here, "strap-1", len(here.values("strap-1")) + 1)


async def test_a_cuff_that_wakes_does_not_wait_for_an_attempt_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A strap that shows itself and does not answer keeps the radio for 25 s; a cuff is gone within a minute."""
    monkeypatch.setattr("devices.ble.GIVE_WAY_S", 0.2)
    async with ward(tmp_path) as here:
        strap, cuff = await here.room.device("strap"), await here.room.device("cuff")
        await cuff.power_off()
        here.know(strap, "strap-1")
        here.know(cuff, "cuff-1")
        connect = here.room.radio.connect

        async def hang(address: str) -> Connection:
            return await connect("F0:00:00:00:00:99" if address == strap.address else address)

        monkeypatch.setattr(here.room.radio, "connect", hang)
        async with here.collector() as collector, asyncio.timeout(10):
            await until(lambda: collector.counts.attempts == 1)
            await cuff.say(pressures(121, time_ns()))
            await until(lambda: here.values("cuff-1") == [121])
    assert here.all(DeviceStatus, "strap-1")[-1].trouble == "connecting took too long"
