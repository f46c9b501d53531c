"""Units in which others give our signals, and how their numbers become numbers of ours."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from monitor.vitals import SIGNALS, Signal

MMHG_PER_KPA: Final = 7.500617
"""1 kPa in mmHg: 1 mmHg is 133.322 Pa (BIPM, The International System of Units, 8th edition, table 8)."""


class Conversion(Struct, frozen=True):
    """How a number of another unit becomes one of the signal's: `number * scale + offset` in `unit`."""

    unit: str
    scale: float = 1.0
    offset: float = 0.0


UNITS: Final[Mapping[str, Conversion]] = MappingProxyType(
    {
        "/min": Conversion("/min"),
        "bpm": Conversion("/min"),
        "Hz": Conversion("/min", 60),
        "%": Conversion("%"),
        "fraction": Conversion("%", 100),
        "mmHg": Conversion("mmHg"),
        "kPa": Conversion("mmHg", MMHG_PER_KPA),
        "°C": Conversion("°C"),
        "degC": Conversion("°C"),
        "°F": Conversion("°C", 5 / 9, -160 / 9),
        "degF": Conversion("°C", 5 / 9, -160 / 9),
        "K": Conversion("°C", 1, -273.15),
    }
)


def usable(signal: Signal) -> tuple[str, ...]:
    """The units in which a signal may be given."""
    return tuple(name for name, conversion in UNITS.items() if conversion.unit == SIGNALS[signal].unit)
