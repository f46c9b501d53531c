"""Drivers by name: one row of `devices/quirks.py` names the one that speaks with its model."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import MappingProxyType

from devices.drivers.driver import Driver
from devices.drivers.standard import StandardDriver
from devices.quirks import Model

DRIVERS: Mapping[str, Callable[[Model, tzinfo], Driver]] = MappingProxyType(
    {
        "standard": lambda model, zone: StandardDriver(model.clock, zone),
    }
)


def make_driver(model: Model, zone: tzinfo) -> Driver:
    """A driver for one connection to a device of this model; `zone` is what its clock shows."""
    return DRIVERS[model.driver](model, zone)
