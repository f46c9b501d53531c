"""Who a Bluetooth device is: its serial number and System ID, or our bond with it; never its address, which may change.

`settle` is pure. The `Registry` keeps what was learned in a file that only its owner can read.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from msgspec import DecodeError, Meta, Struct, json
from msgspec.structs import replace

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]


class RegistryError(ValueError):
    """The registry cannot be used; the message says why and what to do."""


class Who(Struct, frozen=True):
    """What a device said of its identity in one connection; `bonded`: we have paired with it, now or before."""

    serial: str = ""
    system_id: str = ""
    bonded: bool = False


class KnownDevice(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A device of this site. `id` is ours, `model` a row of the quirks; the rest is learned at its first connection.

    `address` is where it was last, `name` what it advertised then: hints, not proof.
    """

    id: Id
    model: str
    address: str
    serial: str = ""
    system_id: str = ""
    bonded: bool = False
    name: str = ""

    @property
    def proven(self) -> bool:
        """Whether there is anything to know it by again at another address."""
        return any(map(_identity, self._says))

    def is_(self, who: Who) -> bool | None:
        """Whether `who` is this device; None when nothing proves it, and nothing contradicts it."""
        both = zip(self._says, (who.serial, who.system_id), strict=True)
        pairs = [(ours, told) for ours, told in both if ours and told]
        if any(ours != told for ours, told in pairs):
            return False
        return True if any(_identity(ours) for ours, _ in pairs) else None

    @property
    def _says(self) -> tuple[str, str]:
        return self.serial, self.system_id


class Stranger(Struct, frozen=True):
    """Who answered is none of ours, or cannot be told from others: `reason` is a sentence."""

    reason: str


def _identity(text: str) -> str:
    """The text, unless it is one that makers leave in for all: empty, or one character repeated."""
    return text if len(set(text.replace("-", ""))) > 1 else ""


def settle(devices: Sequence[KnownDevice], model: str, address: str, name: str, who: Who) -> KnownDevice | Stranger:
    """Which of `devices` answered at `address`, with what is known of it from now on.

    An address that is known must not be contradicted; another address needs proof.
    """
    named = [device for device in devices if device.model == model and device.is_(who)]
    here = next((device for device in devices if device.address == address), None)
    if len(named) > 1:
        names = " and ".join(device.id for device in named)
        return Stranger(f"{names} say the same of themselves: their maker gave them no identity")
    if named and named[0].bonded and named[0].address != address:
        # The operating system tells one that we are bonded with by one address, whatever it uses on the air.
        return Stranger(f"it says that it is {named[0].id}, and has not the keys of our bond with that")
    if named:
        return _learned(named[0], address, name, who)
    if here is None:
        return Stranger("it is none of our devices")
    if here.is_(who) is False:
        return Stranger(
            f"another device answers where {here.id} was: serial number '{who.serial}', not '{here.serial}'"
        )
    if here.proven and not here.bonded:
        return Stranger(f"it is where {here.id} was, and did not say who it is")
    return _learned(here, address, name, who)


def _learned(device: KnownDevice, address: str, name: str, who: Who) -> KnownDevice:
    return replace(
        device,
        address=address,
        name=name or device.name,
        serial=device.serial or who.serial,
        system_id=device.system_id or who.system_id,
        bonded=device.bonded or who.bonded,
    )


class Registry:
    """The devices of this site, kept in a file. Other processes may change it: `refresh` sees that.

    Raises:
        RegistryError: the file cannot be read or written, or is not a registry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._devices: dict[str, KnownDevice] = {}
        self._version: tuple[int, int] | None = None
        self.refresh()

    @property
    def devices(self) -> Sequence[KnownDevice]:
        """All of them, in the order of their ids."""
        return tuple(self._devices.values())

    def get(self, device: str) -> KnownDevice | None:
        """The device with this id of ours."""
        return self._devices.get(device)

    def at(self, address: str) -> KnownDevice | None:
        """The device that was last at this address."""
        return next((device for device in self._devices.values() if device.address == address), None)

    def refresh(self) -> bool:
        """Read the file again if it was changed; whether it was."""
        version = self._on_disk()
        if version == self._version:
            return False
        self._devices = {device.id: device for device in _read(self.path)}
        self._version = version
        return True

    def put(self, device: KnownDevice) -> None:
        """Remember a device, in place of what was known of its id. An address belongs to one device only.

        Waits for the disk, like `remove`: a process that watches people calls it from a thread.
        """
        if self._devices.get(device.id) != device:
            with self._changing() as devices:
                for other in [each for each in devices.values() if each.address == device.address != ""]:
                    devices[other.id] = replace(other, address="")
                devices[device.id] = device

    def remove(self, device: str) -> bool:
        """Forget a device; whether it was known."""
        with self._changing() as devices:
            return devices.pop(device, None) is not None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, KnownDevice]]:
        """Read, change and write without another process in between; the file is whole at every instant."""
        try:
            with self.path.with_name(f"{self.path.name}.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.refresh()
                devices = dict(self._devices)
                yield devices
                self._devices = dict(sorted(devices.items()))
                _write(self.path, self.devices)
                self._version = self._on_disk()
        except OSError as error:
            raise RegistryError(f"{self.path} cannot be written: {error.strerror}") from None

    def _on_disk(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RegistryError(f"{self.path} cannot be read: {error.strerror}") from None
        return status.st_mtime_ns, status.st_ino


def _read(path: Path) -> list[KnownDevice]:
    try:
        devices = json.decode(path.read_bytes(), type=list[KnownDevice])
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RegistryError(f"{path} cannot be read: {error.strerror}") from None
    except DecodeError as error:
        hint = "put back a copy, or move it away and add the devices again"
        raise RegistryError(f"{path} is not a registry of devices ({error}): {hint}") from None
    if len({device.id for device in devices}) < len(devices):
        raise RegistryError(f"{path} has two devices of one id: take one out")
    return devices


def _write(path: Path, devices: Sequence[KnownDevice]) -> None:
    """Atomic: a new file beside it, on the disk, then in its place."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(json.format(json.encode(devices), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
