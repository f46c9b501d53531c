"""What the doctor finds out about Bluetooth, on a scripted radio."""

from pathlib import Path

import pytest
from bleak.exc import BleakError

from devices.ble_check import check_bluetooth
from devices.broker_check import Finding, Level
from devices.identity import KnownDevice, Registry
from tests.devices.scripted_radio import World

pytestmark = pytest.mark.asyncio


async def found(world: World, registry: Path) -> dict[str, Finding]:
    return {each.subject: each for each in await check_bluetooth(world.radio(), registry, listen_s=0.05)}


async def test_a_radio_that_hears_and_a_registry_are_well(tmp_path: Path) -> None:
    """Nothing to do."""
    path = tmp_path / "devices"
    Registry(path).put(KnownDevice("strap-1", "strap", "A"))
    checked = await found(World("A", "B"), path)
    assert {subject: each.level for subject, each in checked.items()} == dict.fromkeys(checked, Level.OK)
    assert "2 devices" in checked["bluetooth"].message


async def test_what_does_not_work_is_an_error_with_its_fix(tmp_path: Path) -> None:
    """No adapter, and a file that is no registry: each a sentence."""
    world, path = World(), tmp_path / "devices"
    world.daemon = BleakError("No Bluetooth adapters found.")
    path.write_text("{")
    checked = await found(world, path)
    assert [each.level for each in checked.values()] == [Level.ERROR, Level.ERROR]
    assert "No Bluetooth adapters" in checked["bluetooth"].message
    assert checked["bluetooth"].fix


async def test_what_may_be_wrong_is_a_warning(tmp_path: Path) -> None:
    """A silent room, nobody known, or a registry that others can read."""
    path = tmp_path / "devices"
    assert [each.level for each in (await found(World(), path)).values()] == [Level.WARNING, Level.WARNING]
    Registry(path).put(KnownDevice("strap-1", "strap", "A"))
    path.chmod(0o644)
    assert (await found(World("A"), path))["devices"].fix == f"chmod 600 {path}"
