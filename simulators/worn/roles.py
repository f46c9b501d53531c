"""What a device is to the person who wears it, and what such a device measures."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta

from monitor.vitals import Signal

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]

OXIMETER = (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX)
STRAP = (Signal.HEART_RATE, Signal.RESPIRATION_RATE)
CUFF = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
THERMOMETER = (Signal.TEMPERATURE,)


class Role(StrEnum):
    """A kind of device, or the whole site's equipment."""

    OXIMETER = "oximeter"
    STRAP = "strap"
    CUFF = "cuff"
    THERMOMETER = "thermometer"
    SITE = "site"


MEASURED_BY: Mapping[Role, tuple[Signal, ...]] = MappingProxyType(
    {
        Role.OXIMETER: OXIMETER,
        Role.STRAP: STRAP,
        Role.CUFF: CUFF,
        Role.THERMOMETER: THERMOMETER,
        Role.SITE: (*OXIMETER, *STRAP, *CUFF, *THERMOMETER),
    }
)
"""The signals of each, in the order in which one message holds them."""
