"""Pairing on the virtual radio: real keys, real refusals, and what a bond is good for."""

from __future__ import annotations

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError

from devices.uuids import uuid16
from simulators.peripherals.flaws import Flaws, Refusal
from tests.simulators.bluetooth.room import rate, room

pytestmark = pytest.mark.asyncio

RATE, PRESSURE = uuid16(0x2A37), uuid16(0x2A35)
REFUSALS = [each for each in Refusal if each]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_subscription_without_encryption_is_refused_until_paired(refusal: Refusal) -> None:
    """The refusal comes with its own code; once paired the same connection may subscribe, and hears all once."""
    async with room() as here:
        strap = await here.device("strap", flaws=Flaws(refusal=refusal))
        got: list[bytes] = []
        async with here.connected(strap) as client:
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.start_notify(RATE, lambda _, octets: got.append(bytes(octets)))
            assert int(refused.value.code) == refusal
            assert not await strap.notify(strap.battery, b"\x01")
            await client.pair()
            await client.start_notify(RATE, lambda _, octets: got.append(bytes(octets)))
            await strap.say(rate(70))
            await client.read_gatt_char(uuid16(0x2A25))
        assert len(got) == 1


async def test_a_cuff_that_is_asked_before_it_is_bonded_hangs_up() -> None:
    """Discovery without a bond ends the connection, at once and with an error; pairing first works."""
    async with room() as here:
        cuff = await here.device("and_ua651ble")
        with pytest.raises(BleakError):
            await (await here.client(cuff)).connect()
        async with here.connected(cuff, pair=True) as client:
            assert client.services.get_characteristic(PRESSURE) is not None


async def test_a_bond_encrypts_every_later_connection() -> None:
    """Who is bonded need not pair again, and is refused nothing."""
    async with room() as here:
        cuff = await here.device("and_ua651ble")
        async with here.connected(cuff, pair=True):
            pass
        for _ in range(2):
            async with here.connected(cuff) as client:
                await client.start_notify(uuid16(0x2A19), lambda *_: None)


async def test_a_device_that_lost_its_keys_is_a_stranger_that_must_be_forgotten_first() -> None:
    """The old bond fails; after it was taken back, pairing makes a new one."""
    async with room() as here:
        cuff = await here.device("and_ua651ble")
        async with here.connected(cuff, pair=True):
            pass
        await cuff.forget_bonds()
        client = await here.client(cuff, pair=True)
        with pytest.raises(BleakError):
            await client.connect()
        await client.unpair()
        async with here.connected(cuff, pair=True) as again:
            assert again.is_connected


async def test_only_a_bonded_device_is_known_by_its_identity_when_its_address_changes() -> None:
    """A stranger appears under its new address, one that is bonded under the old, and is connected by that."""
    async with room() as here:
        strap = await here.device("strap")
        identity = strap.address
        await strap.change_address()
        assert (await here.find(strap)).address == strap.address != identity
        async with here.connected(strap, pair=True):
            pass
        for _ in range(2):
            await strap.change_address()
            found = await here.find(strap)
            assert found.address == identity != strap.address
            async with here.connected(strap) as client:
                assert client.is_connected
