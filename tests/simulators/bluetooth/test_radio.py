"""The virtual radio through unchanged bleak: what is heard, who is connected, and what survives giving up."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakDeviceNotFoundError, BleakError
from bumble.controller import Controller

from devices.uuids import uuid16
from tests.simulators.bluetooth.room import QUICK_MS, Room, rate, room

pytestmark = pytest.mark.asyncio

RATE = uuid16(0x2A37)


async def test_a_scan_finds_names_services_and_signal_strength() -> None:
    """What a device advertises is what a scan tells, each service once."""
    async with room() as here:
        strap = await here.device("strap")
        here.radio.set_rssi(strap.address, -77)
        found = await BleakScanner.discover(timeout=0.1, return_adv=True, backend=here.bleak.scanner)
        device, told = found[strap.address]
        assert (device.name, told.local_name) == (strap.label.name, strap.label.name)
        assert told.service_uuids == [uuid16(0x180D)]
        assert told.rssi == -77


async def test_a_service_of_a_maker_is_told_in_full() -> None:
    """A 128-bit service is advertised with its whole UUID."""
    async with room() as here:
        nonin = await here.device("nonin_3230")
        found = await BleakScanner.discover(timeout=0.1, return_adv=True, backend=here.bleak.scanner)
        assert found[nonin.address][1].service_uuids == ["46a970e0-0d5f-11e2-8b5e-0002a5d5c51b"]


async def test_a_scan_for_a_service_finds_only_devices_that_advertise_it() -> None:
    """A filter leaves out the others."""
    async with room() as here:
        strap, thermometer = await here.device("strap"), await here.device("thermometer")
        found = await BleakScanner.discover(timeout=0.1, service_uuids=[uuid16(0x1809)], backend=here.bleak.scanner)
        assert [device.address for device in found] == [thermometer.address] != [strap.address]


async def test_devices_do_not_hear_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An advertisement reaches the collector alone, so that the work grows with the devices, not their square."""
    heard: set[str] = set()
    original = Controller.on_ll_advertising_pdu

    def note(self: Controller, packet: object) -> None:
        heard.add(self.name)
        original(self, packet)  # type: ignore[arg-type] # whatever it is

    monkeypatch.setattr(Controller, "on_ll_advertising_pdu", note)
    async with room() as here:
        for number in range(3):
            await here.device("strap", number)
        await BleakScanner.discover(timeout=0.1, backend=here.bleak.scanner)
    assert heard == {"collector"}


async def test_discovery_tells_what_the_device_has() -> None:
    """Services, characteristics with their properties, the agreed MTU and the name are those of the device."""
    async with room() as here:
        strap = await here.device("strap")
        async with here.connected(strap) as client:
            characteristic = client.services.get_characteristic(RATE)
            assert characteristic is not None
            assert characteristic.properties == ["notify"]
            assert characteristic.service_uuid == uuid16(0x180D)
            assert [each.uuid for each in characteristic.descriptors] == [uuid16(0x2902)]
            assert client.mtu_size == 517
            assert client.name == strap.label.name
            assert await client.read_gatt_char(uuid16(0x2A25)) == strap.label.serial.encode()


async def test_what_was_sent_arrives_in_order_and_as_often() -> None:
    """Notifications keep their order; the same octets twice are two notifications."""
    async with room() as here:
        strap = await here.device("strap")
        got: list[int] = []
        async with here.connected(strap) as client:
            await client.start_notify(RATE, lambda _, octets: got.append(octets[1]))
            for bpm in (60, 60, 61, 60):
                await strap.say(rate(bpm))
            await client.read_gatt_char(uuid16(0x2A25))
            await client.stop_notify(RATE)
            await strap.say(rate(99))
        assert got == [60, 60, 61, 60]
        assert strap.sent == 4


async def test_two_devices_are_connected_at_once() -> None:
    """What one sends comes to its own client."""
    async with room() as here:
        first, second = await here.device("strap", 1), await here.device("strap", 2)
        got: list[tuple[str, int]] = []
        async with here.connected(first) as one, here.connected(second) as two:
            await one.start_notify(RATE, lambda _, octets: got.append(("first", octets[1])))
            await two.start_notify(RATE, lambda _, octets: got.append(("second", octets[1])))
            await second.say(rate(71))
            await first.say(rate(62))
            await one.read_gatt_char(uuid16(0x2A25))
        assert sorted(got) == [("first", 62), ("second", 71)]


async def test_a_device_out_of_reach_is_told_once() -> None:
    """When it vanishes the callback is called once, and nothing of the connection is left."""
    async with room() as here:
        strap = await here.device("strap")
        gone: list[BleakClient] = []
        client = BleakClient(await here.find(strap), gone.append, backend=here.bleak.client)
        await client.connect()
        await strap.vanish()
        await asyncio.sleep(0)
        assert gone == [client]
        assert not client.is_connected
        with pytest.raises(BleakError):
            _ = client.services


async def test_a_device_advertises_again_after_a_connection() -> None:
    """As long as it is awake it can be found and connected to again."""
    async with room() as here:
        strap = await here.device("strap")
        for _ in range(3):
            async with here.connected(strap) as client:
                assert client.is_connected


async def given_up(here: Room, address: str, after_s: float) -> None:
    """Connect, and be cancelled after a while."""
    client = BleakClient(address, timeout=5, backend=here.bleak.client)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(after_s):
            await client.connect()


async def test_giving_up_an_absent_device_leaves_the_radio_usable() -> None:
    """A connection that is cancelled, by the caller or by its own timeout, keeps no other from being made."""
    async with room() as here:
        strap = await here.device("strap")
        await given_up(here, "F0:00:00:00:00:99", 0.05)
        with pytest.raises(BleakDeviceNotFoundError):
            await BleakClient("F0:00:00:00:00:99", timeout=0.05, backend=here.bleak.client).connect()
        async with here.connected(strap) as client:
            assert client.is_connected


async def test_a_known_device_that_does_not_come_is_a_timeout() -> None:
    """Not found is said only of what was never heard."""
    async with room() as here:
        strap = await here.device("strap")
        client = await here.client(strap, within_s=0.05)
        await strap.power_off()
        with pytest.raises(TimeoutError):
            await client.connect()


@pytest.mark.parametrize("after_ms", [0, 1, 5, 15, 20, 22, 25, 30, 40])
async def test_whenever_a_connection_is_given_up_nothing_of_it_is_left(after_ms: int) -> None:
    """Cancelled while waiting, while connecting or while discovering: the device is free, and so is the radio."""
    async with room() as here:
        strap = await here.device("strap")
        address = (await here.find(strap)).address
        connecting = asyncio.create_task(BleakClient(address, backend=here.bleak.client).connect())
        await asyncio.sleep(after_ms / 1000)
        connecting.cancel()
        await asyncio.wait({connecting})
        await asyncio.sleep(0.05)
        if connecting.cancelled():
            assert strap.connection is None
            async with here.connected(strap) as client:
                assert client.is_connected


async def test_who_waits_for_a_turn_can_be_given_up_too() -> None:
    """A connection behind another, cancelled, does not end that one."""
    async with room() as here:
        strap = await here.device("strap")
        first = asyncio.create_task(BleakClient("F0:00:00:00:00:99", backend=here.bleak.client).connect())
        await asyncio.sleep(0)
        await given_up(here, strap.address, 0.05)
        assert not first.done()
        first.cancel()
        async with here.connected(strap) as client:
            assert client.is_connected


async def test_without_an_adapter_nothing_is_heard_and_links_are_lost() -> None:
    """An adapter that is pulled out ends connections and scans; one that is plugged in serves again."""
    async with room() as here:
        strap = await here.device("strap")
        async with here.connected(strap) as client:
            await here.radio.lose_adapter()
            assert not client.is_connected
        with pytest.raises(BleakBluetoothNotAvailableError):
            await BleakScanner.discover(timeout=0.1, backend=here.bleak.scanner)
        with pytest.raises(BleakError):
            await BleakClient(strap.address, backend=here.bleak.client).connect()
        here.radio.plug_adapter_in()
        async with here.connected(strap) as client:
            assert client.is_connected


async def test_a_closed_room_leaves_no_task_behind() -> None:
    """Whatever was going on, nothing of it runs on."""
    before = asyncio.all_tasks()
    async with room() as here:
        strap, cuff = await here.device("strap"), await here.device("cuff")
        scanner = BleakScanner(backend=here.bleak.scanner)
        await scanner.start()
        await (await here.client(strap)).connect()
        await (await here.client(cuff)).connect()
        await given_up(here, "F0:00:00:00:00:99", 0.02)
    await asyncio.sleep(2 * QUICK_MS / 1000)
    assert asyncio.all_tasks() == before
