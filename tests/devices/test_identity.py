"""Who a device is: proof, not addresses; and the file that remembers it."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.identity import KnownDevice, Registry, RegistryError, Stranger, Who, settle

OX = KnownDevice("ox-1", "nonin_3230", "AA", serial="501", system_id="000001-0000000501", name="Nonin3230_501")
CUFF = KnownDevice("cuff-1", "and_ua651ble", "BB", serial="760", bonded=True)
NEW = KnownDevice("strap-1", "strap", "CC")
NAMELESS = KnownDevice("strap-2", "strap", "DD")
ALL = (OX, CUFF, NEW, NAMELESS)


def settled(model: str, address: str, who: Who, name: str = "") -> str:
    """Our id of who answered, or nothing."""
    verdict = settle(ALL, model, address, name, who)
    return verdict.id if isinstance(verdict, KnownDevice) else ""


@pytest.mark.parametrize(
    ("model", "address", "who", "device"),
    [
        ("nonin_3230", "AA", Who("501"), "ox-1"),
        ("nonin_3230", "ZZ", Who("501"), "ox-1"),
        ("nonin_3230", "ZZ", Who("", "000001-0000000501"), "ox-1"),
        ("nonin_3230", "AA", Who("502"), ""),
        ("nonin_3230", "ZZ", Who("502"), ""),
        ("nonin_3230", "AA", Who("501", "000001-0000000999"), ""),
        ("nonin_3230", "AA", Who(), ""),
        ("nonin_3230", "ZZ", Who(), ""),
        ("polar_h10", "ZZ", Who("501"), ""),
        ("and_ua651ble", "BB", Who(), "cuff-1"),
        ("and_ua651ble", "BB", Who(bonded=True), "cuff-1"),
        ("and_ua651ble", "BB", Who("780", bonded=True), ""),
        ("and_ua651ble", "ZZ", Who("760"), ""),
        ("and_ua651ble", "ZZ", Who("760", bonded=True), ""),
        ("nonin_3230", "AA", Who(bonded=True), ""),
        ("strap", "CC", Who("905"), "strap-1"),
        ("strap", "CC", Who(), "strap-1"),
        ("strap", "ZZ", Who("905"), ""),
    ],
)
def test_who_answered(model: str, address: str, who: Who, device: str) -> None:
    """A known address must not be contradicted, another address needs proof, and a bond cannot be claimed."""
    assert settled(model, address, who) == device


def test_a_stranger_is_told_with_what_it_said() -> None:
    """An engineer can find the device that answers in another's place."""
    verdict = settle(ALL, "nonin_3230", "AA", "", Who("502"))
    assert isinstance(verdict, Stranger)
    assert "ox-1" in verdict.reason
    assert "502" in verdict.reason


def test_the_first_connection_teaches_and_later_ones_only_move_the_address() -> None:
    """What a device once proved stays, whatever is said later by who has proved the same."""
    learned = settle(ALL, "strap", "CC", "Strap 9", Who("905"))
    assert learned == replace(NEW, serial="905", name="Strap 9")
    moved = settle((learned,), "strap", "EE", "", Who("905", "000001-0000000009"))
    assert moved == replace(learned, address="EE", system_id="000001-0000000009")


@pytest.mark.parametrize("serial", ["", "0000000", "-", "FFFFFF", "00-00"])
def test_what_makers_leave_in_for_all_proves_nothing(serial: str) -> None:
    """One character repeated is no serial number: two such devices are not one."""
    device = KnownDevice("ox-2", "nonin_3230", "EE", serial=serial)
    assert not device.proven
    assert isinstance(settle((device,), "nonin_3230", "ZZ", "", Who(serial)), Stranger)


def test_two_devices_with_one_serial_number_are_told_apart_by_nothing() -> None:
    """A maker who prints the same number on all gives no identity, and no reading goes to either by guess."""
    twins = (OX, replace(OX, id="ox-2", address="EE"))
    assert isinstance(settle(twins, "nonin_3230", "AA", "", Who("501")), Stranger)


WHOS = st.builds(Who, st.sampled_from(["", "501", "77", "78", "905"]), st.just(""), st.booleans())


@given(model=st.sampled_from([d.model for d in ALL]), address=st.sampled_from(["AA", "BB", "CC", "DD", "ZZ"]), who=WHOS)
def test_nobody_is_taken_for_a_device_that_it_contradicts(model: str, address: str, who: Who) -> None:
    """Law 13: whatever answers wherever, no device is believed to be one with another serial number."""
    verdict = settle(ALL, model, address, "", who)
    if isinstance(verdict, KnownDevice):
        assert who.serial in ("", verdict.serial)
        assert verdict.address == address


# --- the file


def test_what_is_remembered_is_there_after_a_restart(tmp_path: Path) -> None:
    """Everything learned comes back, in the order of ids."""
    registry = Registry(tmp_path / "devices")
    for device in ALL:
        registry.put(device)
    assert Registry(registry.path).devices == tuple(sorted(ALL, key=lambda device: device.id))
    assert registry.remove("ox-1")
    assert not registry.remove("ox-1")
    assert Registry(registry.path).get("ox-1") is None


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """Who could exchange devices could exchange people's values."""
    registry = Registry(tmp_path / "devices")
    registry.put(OX)
    assert registry.path.stat().st_mode & 0o777 == 0o600


def test_an_address_belongs_to_one_device(tmp_path: Path) -> None:
    """Who moves to an address takes it from whoever was there before."""
    registry = Registry(tmp_path / "devices")
    registry.put(OX)
    registry.put(replace(CUFF, address="AA"))
    assert registry.at("AA") == replace(CUFF, address="AA")
    assert registry.get("ox-1") == replace(OX, address="")


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '[{"id": "a b", "model": "m", "address": "A"}]', "\x00\xff"])
def test_a_damaged_file_is_told_and_not_overwritten(tmp_path: Path, text: str) -> None:
    """Nothing is guessed from a file that is none of ours, and whoever mends it finds it as it was."""
    path = tmp_path / "devices"
    path.write_text(text)
    with pytest.raises(RegistryError, match="is not a registry of devices"):
        Registry(path)
    assert path.read_text() == text


def test_two_devices_of_one_id_are_told(tmp_path: Path) -> None:
    """A file edited by hand may say one thing twice."""
    path = tmp_path / "devices"
    row = '{"id": "a", "model": "m", "address": "A"}'
    path.write_text(f"[{row}, {row}]")
    with pytest.raises(RegistryError, match="two devices of one id"):
        Registry(path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The message says which file, and what was remembered before stays."""
    registry = Registry(tmp_path / "nowhere" / "devices")
    with pytest.raises(RegistryError, match="cannot be written"):
        registry.put(OX)
    assert registry.devices == ()


def test_what_another_process_wrote_is_seen_and_kept(tmp_path: Path) -> None:
    """A command line that adds a device and a service that learns one do not overwrite each other."""
    service, command = Registry(tmp_path / "devices"), Registry(tmp_path / "devices")
    command.put(CUFF)
    service.put(OX)
    assert command.refresh()
    assert not command.refresh()
    assert command.devices == service.devices == (CUFF, OX)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Whoever reads while it is written gets one whole version."""
    registry = Registry(tmp_path / "devices")
    registry.put(OX)
    done = threading.Event()

    def write() -> None:
        for number in range(50):
            registry.put(KnownDevice(f"d-{number}", "strap", f"A{number}", serial="x" * number))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = [len(Registry(registry.path).devices)]
    while not done.is_set():
        seen.append(len(Registry(registry.path).devices))
    writer.join()
    assert seen == sorted(seen)
    assert len(Registry(registry.path).devices) == 51
