"""Every row of the quirks on the virtual radio: on a device of its own, or played by a standard one."""

from pathlib import Path
from time import time_ns

import pytest

pytest.importorskip("bumble", reason="the virtual radio is an extra: bluetooth-sim")

from msgspec.structs import replace

from devices.identity import KnownDevice
from devices.quirks import MODELS, recognise
from monitor.events import Observation
from monitor.vitals import SECOND
from simulators.peripherals.catalogue import KINDS, label
from simulators.peripherals.cuff import Cuff
from simulators.peripherals.flaws import Flaws, Refusal
from simulators.peripherals.oximeter import Oximeter
from tests.devices.ble_people import HistoryCuff
from tests.devices.ble_ward import until, ward
from tests.devices.test_quirks import SEEN
from tests.simulators.bluetooth.room import QUICK_MS, oximetry, pressures

PLAYED = {
    "and_ub1100ble": Cuff,
    "medisana_bu": HistoryCuff,
    "boso_medicus": HistoryCuff,
    "masimo_mightysat": Oximeter,
}
"""Rows that say no more than a standard device and its habits can show; `KINDS` have a device of their own."""

ONLY_BYTES = {"beurer_bm85", "choicemmed"}
"""Known from captures, which the decoders are held to: nothing speaks the Beurer's byte order, and but for its name the
ChoiceMMed is the generic oximeter, which has a device of its own."""


def test_every_row_is_tried_or_said_not_to_be() -> None:
    """A new row comes with a device to try it on, or stands among those that have published bytes only."""
    assert {model.id for model in MODELS} == set(KINDS) | set(PLAYED) | ONLY_BYTES


@pytest.mark.asyncio
@pytest.mark.parametrize("model", PLAYED)
async def test_a_row_without_a_device_of_its_own_is_heard_from_a_standard_one(model: str, tmp_path: Path) -> None:
    """Under the name of the row: recognised as that, connected its way, both measurements taken, and let go."""
    async with ward(tmp_path) as here:
        bonds = model.startswith("and_")
        flaws = Flaws(refusal=Refusal(0x05 if bonds else 0), hangs_up_before_bond=bonds)
        written = replace(label("cuff", 5, QUICK_MS), name=SEEN[model].name, model=model)
        device = PLAYED[model](here.room.radio, written, flaws)
        here.registry.put(KnownDevice("d-1", model, device.address))
        async with here.collector() as collector:
            at = time_ns()
            if isinstance(device, Oximeter):
                device.store(oximetry(97, 61))
                device.store(oximetry(96, 62))
                await device.power_on()
            else:
                device.records.append(device.measurement(pressures(97, at - 3600 * SECOND)))
                await device.say(pressures(96, at))
            await until(lambda: len(here.all(Observation, "d-1")) == 2)
            near = collector.nearby()[0]
            assert (near.model, near.known) == (model, "d-1")
            await until(lambda: not collector.connected)
            assert collector.counts.failures == 0
    assert recognise(SEEN[model]) is not None
    assert here.values("d-1") == [97, 96]
