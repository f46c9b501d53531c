"""Drivers by name: one row of `devices/quirks.py` names the one that speaks with its model."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import MappingProxyType

from devices.drivers.berrymed_bm1000 import BerryMedBM1000
from devices.drivers.driver import Driver
from devices.drivers.nonin_3230 import Nonin3230
from devices.drivers.polar_h10 import PolarH10
from devices.drivers.standard import StandardDriver
from devices.drivers.viatom_o2ring import ViatomO2Ring
from devices.quirks import Model

DRIVERS: Mapping[str, Callable[[Model, tzinfo], Driver]] = MappingProxyType(
    {
        "standard": lambda model, zone: StandardDriver(model.clock, zone),
        "berrymed_bm1000": lambda model, zone: BerryMedBM1000(),
        "nonin_3230": lambda model, zone: Nonin3230(),
        "polar_h10": lambda model, zone: PolarH10(zone),
        "viatom_o2ring": lambda model, zone: ViatomO2Ring(),
    }
)


def make_driver(model: Model, zone: tzinfo) -> Driver:
    """A driver for one connection to a device of this model; `zone` is what its clock shows."""
    return DRIVERS[model.driver](model, zone)
