"""A mapping: which column or channel of a file is which signal, in which unit, and which device sends it. TOML.

The fields are explained in `docs/replay.md`; ready ones are in `simulators/mappings/`.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, ValidationError, field

from devices.units import UNITS, Conversion, usable
from monitor.plain_toml import read_toml
from monitor.vitals import Signal
from simulators.recordings.recording import RecordingError

FOLDER: Final = Path(__file__).parents[1] / "mappings"

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
Missing = tuple[str | float, ...]


class Mapped(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"names": "from"}):
    """One signal: its `names` in files (`from`; the first that is there counts), and what its numbers mean."""

    signal: Signal
    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    unit: str
    """Of the file's numbers, after `number * scale + offset`: one of UNITS."""
    scale: float = 1.0
    offset: float = 0.0
    missing: Missing = ()
    """What stands for no value in this signal, besides what does so everywhere in the file."""
    device: Id
    needed: bool = True
    """Whether a file without it is refused."""

    def conversion(self) -> Conversion:
        """From the file's numbers to the signal's unit, in one step."""
        unit = UNITS[self.unit]
        return Conversion(unit.unit, self.scale * unit.scale, self.offset * unit.scale + unit.offset)


class Times(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The column of a table that says when: seconds, ISO 8601, or the clock (HH:MM:SS, over midnight too)."""

    column: str
    form: Literal["seconds", "iso8601", "clock"]


class Sending(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a device sends: every so many seconds; or `on_change`, when one of its values appears or is another."""

    every_s: Annotated[int, Meta(ge=1, le=86_400)] = 1
    on_change: bool = False


class RecordingMap(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole mapping file."""

    title: str
    format: Literal["csv", "edf", "wfdb"]
    time: Times | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    missing: Missing = ()
    """What stands for no value anywhere in the file; an empty field and NaN always do."""
    hold_s: Annotated[float, Meta(gt=0)] | None = None
    """How long a value stands for the seconds after it; one and a half sample intervals when absent."""
    device: dict[Id, Sending] = field(default_factory=dict)
    """Devices that do not send every second."""
    signal: Annotated[tuple[Mapped, ...], Meta(min_length=1)]

    def chosen(self, names: Collection[str], where: Path, what: str) -> dict[Signal, str]:
        """Which of a file's `names` (of columns, channels: `what`) is which signal.

        Raises:
            RecordingError: a signal that is needed is not there, or none is.
        """
        found = {each.signal: name for each in self.signal for name in each.names[::-1] if name in names}
        for each in self.signal:
            if each.needed and each.signal not in found:
                wanted = " or ".join(f"'{name}'" for name in each.names)
                raise RecordingError(where, f"there is no {what} {wanted} for {each.signal}; {_there(names)}")
        if not found:
            raise RecordingError(where, f"no {what} of the mapping is there; {_there(names)}")
        return found


def _there(names: Collection[str]) -> str:
    shown = ", ".join(f"'{name[:40]}'" for name in [*names][:30])
    return f"there are {shown or 'none'}: correct `from` in the mapping"


def mappings() -> list[str]:
    """The names of the ready mappings."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_mapping(name: str | Path) -> RecordingMap:
    """Read a ready mapping by its name, or any by its path (`.toml`).

    Raises:
        RecordingError: with the file, the place of the mistake and what would be right.
    """
    path = Path(name) if Path(name).suffix == ".toml" else FOLDER / f"{Path(name).name}.toml"
    try:
        mapping = read_toml(path.read_text(encoding="utf-8"), RecordingMap)
    except FileNotFoundError:
        raise RecordingError(name, f"there is no such mapping; ready ones are {', '.join(mappings())}") from None
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise RecordingError(path, str(error)) from None
    except ValueError as error:
        raise RecordingError(path, f"not valid TOML: {error}") from None
    if mistakes := [*_mistakes(mapping)]:
        raise RecordingError(path, "; ".join(mistakes))
    return mapping


def _mistakes(mapping: RecordingMap) -> Iterator[str]:
    if (mapping.format == "csv") != (mapping.time is not None):
        yield "a CSV needs [time], and only a CSV: the other formats say themselves when their values are"
    signals = [each.signal for each in mapping.signal]
    for n, each in enumerate(mapping.signal):
        if each.signal in signals[:n]:
            yield f"signal[{n}]: {each.signal} is there twice"
        if each.unit not in usable(each.signal):
            yield f"signal[{n}]: {each.signal} comes in {', '.join(usable(each.signal))}, not in '{each.unit}'"
    for name in mapping.device.keys() - {each.device for each in mapping.signal}:
        yield f"device '{name}' sends no signal: remove it, or name it in a [[signal]]"
