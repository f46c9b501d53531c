"""What goes wrong with simulated devices, each flaw as a collector meets it."""

from __future__ import annotations

import asyncio
from datetime import UTC

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import AttributeValue
from bumble.device import Connection
from bumble.gatt import Characteristic

from devices.gatt import CurrentTime, DateTime, decode
from devices.measurement import Measurement
from devices.uuids import uuid16
from monitor.vitals import Signal
from simulators.peripherals.cuff import Cuff, CurrentTimeCuff
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.oximeter import Oximeter
from simulators.peripherals.table import Permissions, Properties, uuid
from simulators.peripherals.wall_clock import FACTORY, WallClock
from tests.simulators.bluetooth.listener import Listener
from tests.simulators.bluetooth.room import NOON, Room, oximetry, pressures, rate, room, until

pytestmark = pytest.mark.asyncio

RATE, SERIAL = uuid16(0x2A37), uuid16(0x2A25)
SLOW = "f0000000-0000-4000-8000-000000000001"
PRESSURE = pressures(130)


class Slow:
    """A characteristic that answers a read when it is told to, with the number of the read."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = asyncio.Event()

    async def read(self, connection: Connection) -> bytes:
        self.asked += 1
        mine = self.asked
        await self.go.wait()
        return bytes([mine])

    def characteristic(self) -> Characteristic[bytes]:
        return Characteristic(uuid(SLOW), Properties.READ, Permissions.READABLE, AttributeValue[bytes](self.read))


async def test_a_read_that_is_under_way_fails_when_the_device_vanishes() -> None:
    """It ends with an error at once, and not when a timeout of minutes has passed."""
    async with room() as here:
        strap, slow = await here.device("strap"), Slow()
        strap.offer(0x1800 + 0x99, slow.characteristic())
        async with here.connected(strap) as client:
            reading = asyncio.create_task(client.read_gatt_char(SLOW))
            await until(lambda: slow.asked)
            await strap.vanish()
            async with asyncio.timeout(1):
                with pytest.raises(BleakError, match="disconnected"):
                    await reading


async def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next() -> None:
    """A read that was given up keeps its answer to itself; the one after it gets its own."""
    async with room() as here:
        strap, slow = await here.device("strap"), Slow()
        strap.offer(0x1800 + 0x99, slow.characteristic())
        async with here.connected(strap) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await client.read_gatt_char(SLOW)
            slow.go.set()
            assert await client.read_gatt_char(SERIAL) == strap.label.serial.encode()
            assert await client.read_gatt_char(SLOW) == bytes([2])


async def test_a_device_may_vanish_behind_any_message() -> None:
    """So many messages come, then the link is lost, and the device is not heard any more."""
    async with room() as here:
        strap = await here.device("strap", flaws=Flaws(vanishes_after=2))
        got: list[bytes] = []
        async with here.connected(strap) as client:
            await client.start_notify(RATE, lambda _, octets: got.append(bytes(octets)))
            for _ in range(5):
                await strap.say(rate(70))
            await until(lambda: not client.is_connected)
        assert len(got) == strap.sent == 2
        assert not strap.awake


@pytest.mark.parametrize("after_ms", [0, 1, 2, 4, 8])
async def test_a_device_that_is_switched_off_while_it_comes_back_stays_silent(after_ms: int) -> None:
    """Whatever it was doing after a connection, it is heard no more, and can be switched on again."""
    async with room() as here:
        strap = await here.device("strap")
        async with here.connected(strap):
            pass
        await asyncio.sleep(after_ms / 1000)
        await strap.power_off()
        assert await BleakScanner.discover(timeout=0.1, backend=here.bleak.scanner) == []
        await strap.power_on()
        assert (await here.find(strap)).address == strap.address


async def test_a_mute_device_is_connected_and_silent() -> None:
    """It answers when asked and tells nothing by itself."""
    async with room() as here:
        strap = await here.device("strap", flaws=Flaws(mute=True))
        got: list[bytes] = []
        async with here.connected(strap) as client:
            await client.start_notify(RATE, lambda _, octets: got.append(bytes(octets)))
            await strap.say(rate(70))
            assert await client.read_gatt_char(SERIAL)
        assert (got, strap.sent) == ([], 0)


ZOMBIES = {"strap": rate(70), "oximeter": oximetry(97, 70), "nonin_3230": oximetry(97, 70), "cuff": PRESSURE}


@pytest.mark.parametrize("model", ZOMBIES)
async def test_a_zombie_sends_and_none_of_it_is_valid(model: str) -> None:
    """Messages go on coming, well formed, without a value."""
    async with room() as here:
        device, listener = await here.device(model, flaws=Flaws(zombie=True)), Listener(model)
        if isinstance(device, Cuff):
            await device.say(ZOMBIES[model])
        async with here.connected(device) as client:
            await listener.listen(client)
            if not isinstance(device, Cuff):
                await device.say(ZOMBIES[model])
            await until(lambda: listener.values)
    # An amplitude of nothing is what it is: perfusion is no value to judge a person by.
    assert all(each.value is None for each in listener.values[0] if each.signal is not Signal.PERFUSION_INDEX)


async def told_by(here: Room, device: Cuff | Oximeter, model: str) -> Measurement:
    """The first that it tells of what it has stored."""
    listener = Listener(model)
    async with here.connected(device) as client:
        await listener.listen(client)
        await until(lambda: listener.values)
    return next(each for each in listener.said if isinstance(each, Measurement))


async def test_a_clock_that_is_off_stamps_wrongly() -> None:
    """A record bears what the clock showed when it was made."""
    async with room() as here:
        cuff = await here.device("cuff", flaws=Flaws(clock_off_s=-3600))
        assert isinstance(cuff, Cuff)
        await cuff.say(pressures(130, at=NOON))
        assert (await told_by(here, cuff, "cuff")).stamp == "2025-06-15T14:06:40"


async def test_an_oximeter_whose_clock_was_never_set_says_so() -> None:
    """Its stamps are worth nothing, and the driver takes none."""
    async with room() as here:
        oximeter = await here.device("oximeter", flaws=Flaws(clock_set=False))
        assert isinstance(oximeter, Oximeter)
        oximeter.store(oximetry(97, 70))
        assert oximeter.records[0].timestamp == FACTORY
        told = await told_by(here, oximeter, "oximeter")
        assert (told.stamp, told.stored) == (None, True)


async def test_a_clock_that_was_set_is_right() -> None:
    """Date Time and Current Time both set it; nothing of the old error is left."""
    for kind, which, value in (
        ("cuff", 0x2A08, DateTime("2025-06-15T15:06:40")),
        ("omron_bps", 0x2A2B, CurrentTime(datetime="2025-06-15T15:06:40")),
    ):
        async with room() as here:
            cuff = await here.device(kind, flaws=Flaws(clock_off_s=86_400, clock_set=False))
            assert isinstance(cuff, Cuff)
            cuff.clock = WallClock(cuff.flaws, UTC, lambda: NOON)
            async with here.connected(cuff) as client:
                await client.write_gatt_char(uuid16(which), value.encode(), response=True)
            assert cuff.clock.shows() == "2025-06-15T15:06:40"


async def test_a_cuff_may_refuse_to_be_set() -> None:
    """With its own error, and the clock stays as it was."""
    async with room() as here:
        cuff = await here.device("omron_bps", flaws=Flaws(clock_off_s=60, refuses_clock=0x80))
        assert isinstance(cuff, CurrentTimeCuff)
        async with here.connected(cuff) as client:
            wanted = CurrentTime(datetime="2025-06-15T15:06:40")
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(uuid16(0x2A2B), wanted.encode(), response=True)
        assert int(refused.value.code) == 0x80
        assert cuff.flaws.clock_off_s == 60


async def test_a_cuff_of_current_time_tells_its_time_to_who_subscribes() -> None:
    """Without being asked, once."""
    async with room() as here:
        cuff = await here.device("omron_bps", flaws=Flaws(clock_set=False))
        told: list[object] = []
        async with here.connected(cuff) as client:
            await client.start_notify(uuid16(0x2A2B), lambda _, octets: told.append(decode(0x2A2B, bytes(octets))))
            await until(lambda: told)
        assert told == [CurrentTime(datetime=FACTORY)]


async def test_a_command_that_a_strap_does_not_know_is_refused_with_its_own_error() -> None:
    """Application errors come through with their code."""
    async with room() as here:
        strap = await here.device("strap")
        async with here.connected(strap) as client:
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(uuid16(0x2A39), b"\x07", response=True)
            await client.write_gatt_char(uuid16(0x2A39), b"\x01", response=True)
        assert int(refused.value.code) == 0x80


ANSWERS = {
    "0401": "05000200",  # how many
    "0101": "06000101",  # all of them
    "0201": "06000201",  # delete
    "0300": "06000301",  # stop
    "0901": "06000902",  # what nobody knows
}


@pytest.mark.parametrize(("asked", "answer"), ANSWERS.items())
async def test_record_access_answers_as_the_standard_says(asked: str, answer: str) -> None:
    """Every request ends with one answer that names it."""
    async with room() as here:
        oximeter = await here.device("oximeter")
        assert isinstance(oximeter, Oximeter)
        for _ in range(2):
            oximeter.store(oximetry(97, 70))
        got: list[str] = []
        async with here.connected(oximeter) as client:
            await client.start_notify(uuid16(0x2A52), lambda _, octets: got.append(octets.hex()))
            await client.write_gatt_char(uuid16(0x2A52), bytes.fromhex(asked), response=True)
            await until(lambda: got)
        assert got == [answer]
        assert len(oximeter.records) == (0 if asked == "0201" else 2)


async def test_record_access_wants_to_be_subscribed_to_first() -> None:
    """Who could not hear the answer is refused (0xFD)."""
    async with room() as here:
        oximeter = await here.device("oximeter")
        async with here.connected(oximeter) as client:
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(uuid16(0x2A52), b"\x01\x01", response=True)
        assert int(refused.value.code) == 0xFD
