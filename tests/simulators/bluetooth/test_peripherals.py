"""Simulated devices against the drivers that ours are spoken to with: what was measured is what is understood."""

from __future__ import annotations

import pytest
from bleak import BleakScanner

from devices.drivers.driver import About, Samples
from devices.measurement import Measurement
from devices.quirks import Advertised, recognise
from monitor.events import Observation
from monitor.vitals import Cause, Measured, Quality, Signal
from simulators.peripherals.catalogue import KINDS, label
from simulators.peripherals.cuff import Cuff
from simulators.peripherals.oximeter import Oximeter
from simulators.peripherals.peripheral import Peripheral
from tests.simulators.bluetooth.listener import MODEL, Listener
from tests.simulators.bluetooth.room import NOON, Room, observed, oximetry, pressures, rate, room, until

pytestmark = pytest.mark.asyncio

TEMPERATURE = observed(Measured(Signal.TEMPERATURE, 37.4))

# What each says, and what is understood of it.
SAYS: dict[str, Observation] = {
    "strap": rate(72),
    "polar_h10": rate(72),
    "cuff": pressures(142),
    "and_ua651ble": pressures(142),
    "omron_bps": pressures(142),
    "oximeter": oximetry(96, 71),
    "nonin_3230": oximetry(96, 71),
    "berrymed_bm1000": oximetry(96, 71),
    "viatom_o2ring": oximetry(96, 71),
    "thermometer": TEMPERATURE,
}
OXIMETERS = ["oximeter", "nonin_3230", "berrymed_bm1000", "viatom_o2ring"]


async def heard(here: Room, model: str, device: Peripheral, *observations: Observation) -> Listener:
    """What is understood of a device that is connected to, and then measures."""
    listener = Listener(model)
    for each in observations if isinstance(device, Cuff) else ():
        await device.say(each)
    async with here.connected(device, pair=KINDS[model].bonds) as client:
        await listener.listen(client)
        for each in () if isinstance(device, Cuff) else observations:
            await device.say(each)
        await listener.write(client, listener.driver.poll(NOON))
        await until(lambda: listener.values)
    return listener


@pytest.mark.parametrize("model", KINDS)
async def test_a_device_is_taken_for_its_model(model: str) -> None:
    """What it advertises is recognised as the row that it stands for."""
    async with room() as here:
        device = await here.device(model)
        found = await BleakScanner.discover(timeout=0.1, return_adv=True, backend=here.bleak.scanner)
        _, told = found[device.address]
        advertised = Advertised(address=device.address, name=told.local_name or "", services=tuple(told.service_uuids))
        assert recognise(advertised) == MODEL[model]


@pytest.mark.parametrize(("model", "observation"), SAYS.items())
async def test_what_a_device_measured_is_what_is_understood(model: str, observation: Observation) -> None:
    """Every value that the model gives comes through bytes, radio and driver unchanged, and valid."""
    async with room() as here:
        listener = await heard(here, model, await here.device(model), observation)
    given = set(MODEL[model].signals)
    wanted = [each for each in observation.values if each.signal in given]
    if model in ("berrymed_bm1000", "viatom_o2ring"):
        wanted = wanted[:2]
    assert [*listener.values[0]] == wanted


@pytest.mark.parametrize("model", KINDS)
async def test_a_device_says_who_it_is(model: str) -> None:
    """Its serial number is read or told."""
    async with room() as here:
        listener = await heard(here, model, await here.device(model, 7), SAYS[model])
    assert label(model, 7).serial in {each.serial for each in listener.said if isinstance(each, About)}


@pytest.mark.parametrize("model", OXIMETERS)
async def test_a_probe_that_fell_off_is_told_as_that(model: str) -> None:
    """No value, and why, in the words of every oximeter."""
    off = oximetry(None, None, 0, Cause.PROBE_OFF)
    async with room() as here:
        listener = await heard(here, model, await here.device(model), off)
    spo2, pulse = listener.values[0][:2]
    assert spo2 == Measured(Signal.SPO2, None, Quality.INVALID, Cause.PROBE_OFF)
    assert pulse == Measured(Signal.PULSE_RATE, None, Quality.INVALID, Cause.PROBE_OFF)


async def test_a_strap_tells_as_much_time_in_intervals_as_has_passed() -> None:
    """The intervals of a minute add up to a minute, but for the beat that has begun."""
    async with room() as here:
        minute = [rate(77, second) for second in range(60)]
        listener = await heard(here, "strap", await here.device("strap"), *minute)
    intervals = [each for said in listener.said if isinstance(said, Measurement) for each in said.intervals]
    assert sum(intervals) / 1024 == pytest.approx(60, abs=60 / 77)


async def test_a_strap_off_the_chest_has_no_contact() -> None:
    """Leads off are told by the contact bit and no rate."""
    off = observed(Measured(Signal.HEART_RATE, None, Quality.INVALID, Cause.LEADS_OFF))
    async with room() as here:
        listener = await heard(here, "strap", await here.device("strap"), off)
    assert listener.values[0] == off.values


async def test_a_cuff_tells_all_that_it_stored_then_hangs_up_and_sleeps() -> None:
    """Each record is confirmed before the next, and the hang-up right behind the last takes none of them along."""
    async with room() as here:
        cuff = await here.device("and_ua651ble")
        assert isinstance(cuff, Cuff)
        listener = Listener("and_ua651ble")
        for systolic in (121, 122, 123):
            await cuff.say(pressures(systolic))
        client = await here.client(cuff, pair=True)
        await client.connect()
        await listener.listen(client)
        await until(lambda: not client.is_connected)
        assert [values[0].value for values in listener.values] == [121, 122, 123]
        assert (cuff.records, cuff.awake) == ([], False)


async def test_a_cuff_keeps_what_nobody_confirmed() -> None:
    """Records that were not heard are told at the next connection."""
    async with room() as here:
        cuff = await here.device("cuff")
        assert isinstance(cuff, Cuff)
        for systolic in (121, 122):
            await cuff.say(pressures(systolic))
        cuff.flaws.vanishes_after = 1
        first, second = Listener("cuff"), Listener("cuff")
        for listener in (first, second):
            await cuff.wake()
            client = await here.client(cuff)
            await client.connect()
            await listener.listen(client)
            await until(lambda client=client: not client.is_connected)  # type: ignore[misc] # bound at once
        told = [values[0].value for values in first.values + second.values]
        assert set(told) == {121, 122}
        assert cuff.records == []


async def test_a_cuff_goes_to_sleep_when_nobody_comes() -> None:
    """After its time awake it is silent, and wakes up with the next measurement."""
    async with room() as here:
        cuff = Cuff(here.radio, label("cuff", 1), awake_s=0.05)
        await cuff.say(pressures(130))
        assert cuff.awake
        await until(lambda: not cuff.awake)
        await cuff.say(pressures(131))
        assert cuff.awake
        assert len(cuff.records) == 2


async def test_an_oximeter_tells_its_records_when_asked_marked_as_stored() -> None:
    """Record access reports every stored measurement, says when that was all, and forgets them only when told to."""
    async with room() as here:
        oximeter = await here.device("oximeter")
        assert isinstance(oximeter, Oximeter)
        for spo2 in (93, 94, 95):
            oximeter.store(oximetry(spo2, 70))
        listener = Listener("oximeter")
        async with here.connected(oximeter) as client:
            await listener.listen(client)
            await until(lambda: any(isinstance(each, About) and each.drained for each in listener.said))
        stored = [each for each in listener.said if isinstance(each, Measurement) and each.stored]
        assert [each.values[0].value for each in stored] == [93, 94, 95]
        assert len(oximeter.records) == 3


async def test_the_ecg_of_a_strap_comes_as_long_as_it_was_measured() -> None:
    """Once told to, the H10 streams every sample of the seconds that pass."""
    async with room() as here:
        listener = await heard(here, "polar_h10", await here.device("polar_h10"), *[rate(60, n) for n in range(3)])
    assert sum(len(each.samples) for each in listener.said if isinstance(each, Samples)) == 3 * 130
