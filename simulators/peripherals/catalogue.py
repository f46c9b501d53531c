"""Simulated devices by the model that Vigil takes them for: what each is called, and what it wants."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from simulators.peripherals.berrymed_bm1000 import BerryMedBM1000
from simulators.peripherals.cuff import Cuff, CurrentTimeCuff
from simulators.peripherals.flaws import Flaws, Refusal
from simulators.peripherals.label import Label
from simulators.peripherals.nonin_3230 import Nonin3230
from simulators.peripherals.oximeter import Oximeter
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.polar_h10 import PolarH10
from simulators.peripherals.strap import Strap
from simulators.peripherals.thermometer import Thermometer
from simulators.peripherals.viatom_o2ring import ViatomO2Ring
from simulators.radio import ADVERTISED_EVERY_MS, Radio
from simulators.worn.roles import Role


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of device. `name` holds the place of its number; `bonds`: nobody hears it without a bond."""

    made: Callable[[Radio, Label, Flaws], Peripheral]
    name: str
    maker: str
    bonds: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "and_ua651ble": Kind(made=Cuff, name="A&D_UA-651BLE_{:04}", maker="A&D", bonds=True),
        "omron_bps": Kind(made=CurrentTimeCuff, name="BLESmart_{:04}", maker="Omron", bonds=True),
        "polar_h10": Kind(made=PolarH10, name="Polar H10 {:08}", maker="Polar"),
        "nonin_3230": Kind(made=Nonin3230, name="Nonin3230_{:04}", maker="Nonin"),
        "berrymed_bm1000": Kind(made=BerryMedBM1000, name="BerryMed", maker="BerryMed"),
        "viatom_o2ring": Kind(made=ViatomO2Ring, name="O2Ring {:04}", maker="Viatom"),
        "strap": Kind(made=Strap, name="Strap {:04}", maker="Simulated"),
        "cuff": Kind(made=Cuff, name="Cuff {:04}", maker="Simulated"),
        "oximeter": Kind(made=Oximeter, name="Oximeter {:04}", maker="Simulated"),
        "thermometer": Kind(made=Thermometer, name="Thermometer {:04}", maker="Simulated"),
    }
)
"""Keys: ids of rows of `devices/quirks.py`."""

USUAL: Mapping[Role, str] = MappingProxyType(
    {
        Role.OXIMETER: "nonin_3230",
        Role.STRAP: "strap",
        Role.CUFF: "and_ua651ble",
        Role.THERMOMETER: "thermometer",
    }
)
"""What somebody wears of each role, where nothing else is said."""

MOST: Final = 0xFFFF
"""Devices that can be told apart by their number."""


def label(model: str, number: int, every_ms: float = ADVERTISED_EVERY_MS) -> Label:
    """What is written on the device of this model with this number, 0 to MOST."""
    kind = KINDS[model]
    place = [*KINDS].index(model)
    address = f"F0:00:00:{place:02X}:{number >> 8:02X}:{number & 0xFF:02X}"
    serial = f"{model}-{number:05}"
    name = kind.name.format(number)
    return Label(name=name, address=address, serial=serial, maker=kind.maker, model=model, every_ms=every_ms)


def make(
    radio: Radio, model: str, number: int = 1, flaws: Flaws | None = None, *, every_ms: float = ADVERTISED_EVERY_MS
) -> Peripheral:
    """A device of a model, switched off. It wants a bond where its kind does, unless `flaws` say something else.

    Raises:
        KeyError: nothing is simulated for this model.
    """
    kind = KINDS[model]
    if flaws is None:
        refusal = Refusal.INSUFFICIENT_AUTHENTICATION if kind.bonds else Refusal.NONE
        flaws = Flaws(refusal=refusal, hangs_up_before_bond=kind.bonds)
    return kind.made(radio, label(model, number, every_ms), flaws)
