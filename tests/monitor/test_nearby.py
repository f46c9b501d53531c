"""What people are shown of what Bluetooth hears."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboards.live.bluetooth import CannotError, Strength, UnheardError, strength
from devices.ble import BleCollector
from devices.identity import Registry
from devices.neighbours import Nearby
from devices.radio import Adapter
from monitor.nearby import HEARD_FOR, LONGEST_NAME, MOST_SHOWN, Names, NearbyDevices, shown
from monitor.vitals import SECOND, Origin

NOW = 1_790_000_000 * SECOND
ADDRESS = "F0:00:00:00:00:01"


def heard(address: str = ADDRESS, model: str = "strap", rssi: int = -60, at: int = NOW, name: str = "H") -> Nearby:
    return Nearby(address, name, model, rssi, at)


@pytest.mark.parametrize(
    ("rssi", "word"),
    [
        (-30, Strength.STRONG),
        (-65, Strength.STRONG),
        (-66, Strength.FAIR),
        (-80, Strength.FAIR),
        (-81, Strength.WEAK),
        (-127, Strength.WEAK),
    ],
)
def test_a_signal_strength_has_a_word(rssi: int, word: Strength) -> None:
    """Nurses read no dBm."""
    assert strength(rssi) is word


@pytest.mark.parametrize(
    ("each", "times"),
    [(heard(), 1), (heard(model=""), 0), (heard(at=NOW - HEARD_FOR), 1), (heard(at=NOW - HEARD_FOR - 1), 0)],
)
def test_what_is_unknown_or_silent_is_not_shown(each: Nearby, times: int) -> None:
    """People's phones are nobody's business, and what has gone cannot be taken in."""
    assert len(shown([each], Names(), NOW)) == times


def test_of_too_many_the_nearest_are_shown() -> None:
    """A fair next door hides no device of ours."""
    every = [heard(f"{index:03}", rssi=-index) for index in range(2 * MOST_SHOWN)]
    assert {each.rssi for each in shown(every[::-1], Names(), NOW)} == {-index for index in range(MOST_SHOWN)}


def test_the_order_stays_while_signals_come_and_go() -> None:
    """What is under the thumb does not change places."""
    names = Names()
    before = shown([heard("1", rssi=-40), heard("2", rssi=-70)], names, NOW)
    after = shown([heard("2", rssi=-40), heard("1", rssi=-70)], names, NOW)
    assert [each.nearby for each in before] == [each.nearby for each in after]


def test_a_name_says_nothing_of_the_address() -> None:
    """It is the same for as long as the process runs, and another in the next one."""
    names, other = Names(), Names()
    assert names.of(ADDRESS) == names.of(ADDRESS)
    assert names.of(ADDRESS) != other.of(ADDRESS)


def test_a_name_from_the_air_is_shortened_and_obeyed_by_no_terminal() -> None:
    """Anybody may advertise anything."""
    (each,) = shown([heard(name="\x1b[2J" + "x" * 300)], Names(), NOW)
    assert each.name.isprintable()
    assert len(each.name) <= LONGEST_NAME


def collector(folder: Path) -> BleCollector:
    """One that does not run: nothing is heard, and its registry cannot be written where the folder does not exist."""
    registry, zone = Registry(folder / "devices"), ZoneInfo("UTC")
    return BleCollector(Adapter(Origin.SIMULATED), registry, print, lambda: NOW, zone=zone, failed=print)


@pytest.mark.asyncio
async def test_a_device_that_is_not_heard_cannot_be_taken_in(tmp_path: Path) -> None:
    """It must be awake to be connected, and the sentence says so."""
    with pytest.raises(UnheardError, match="switch it on"):
        await NearbyDevices(collector(tmp_path), lambda: NOW).take_in("a1", "oximeter-1", "ak")


@pytest.mark.asyncio
async def test_a_registry_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The reason goes to whoever asked, not into a fault of the service."""
    with pytest.raises(CannotError, match="cannot be written"):
        await NearbyDevices(collector(tmp_path / "gone"), lambda: NOW).forget("oximeter-1", "ak")
