"""What arrives on a broker and what it means, topic by topic: for who sets devices up. Nothing is collected."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from devices import waveforms
from devices.mapped import Delivery, Mapper
from devices.mapping import DeviceMap
from devices.source import DeviceError
from devices.topics import LIVE_ROOT, REHEARSAL_ROOT, WAVEFORM, address, decode, printable
from monitor.events import DeviceStatus, Observation
from monitor.vitals import SIGNALS, Measured, Origin

MOST_TOPICS: Final = 500
"""Topics that are told apart; messages on further ones are only counted."""

OWN_FORMAT: Final = "Vigil's format"
_ROOTS = ((LIVE_ROOT, Origin.REAL), (REHEARSAL_ROOT, Origin.SIMULATED))


class Seen(Struct):
    """What came on one topic. `says` is what the last message means, or `why_not`; `sample` is its beginning."""

    topic: str
    messages: int = 0
    received_at: int = 0
    retained: bool = False
    read_by: str = ""
    device: str = ""
    says: str = ""
    why_not: str = ""
    sample: str = ""


class Watching:
    """Notes messages.

    Args:
        mappings: by name; each is tried alone, so that they may overlap.
        site: whose devices; anybody's when None.
        prefix: what stands before the topics of the mappings.
    """

    def __init__(self, mappings: Mapping[str, DeviceMap], site: str | None = None, prefix: str = "") -> None:
        self.messages = 0
        self.beyond = 0
        self._site = site
        self._mappers = {name: Mapper((mapping,), "watching", prefix) for name, mapping in mappings.items()}
        self._seen: dict[str, Seen] = {}

    @property
    def seen(self) -> Sequence[Seen]:
        """What came, by topic."""
        return [self._seen[topic] for topic in sorted(self._seen)]

    def note(self, topic: str, payload: bytes, received_at: int, *, retained: bool, repeated: bool) -> None:
        """Note a message; `received_at` in ns. Raises nothing."""
        self.messages += 1
        if topic not in self._seen and len(self._seen) >= MOST_TOPICS:
            self.beyond += 1
            return
        seen = self._seen.setdefault(topic, Seen(printable(topic)))
        seen.messages += 1
        seen.received_at, seen.retained = received_at, retained
        seen.sample = printable(payload[:480].decode(errors="backslashreplace"))
        seen.read_by, seen.device, seen.says, seen.why_not = "", "", "", ""
        try:
            self._explain(seen, topic, payload, Delivery(received_at, Origin.REAL, retained, repeated))
        except DeviceError as error:
            seen.device, seen.why_not = error.device, printable(error.reason)

    def _explain(self, seen: Seen, topic: str, payload: bytes, delivery: Delivery) -> None:
        for name, mapper in self._mappers.items():
            if mapper.match(topic) is not None:
                seen.read_by = name
                _fill(seen, mapper.decode(topic, payload, delivery))
                return
        for root, origin in _ROOTS:
            if topic.startswith(f"{root}/"):
                seen.read_by = OWN_FORMAT
                self._own(seen, topic, payload, delivery.received_at, root, origin)
                return
        seen.why_not = "no mapping is about this topic"

    def _own(self, seen: Seen, topic: str, payload: bytes, received_at: int, root: str, origin: Origin) -> None:
        site = self._site if self._site is not None else topic.removeprefix(f"{root}/").split("/")[0]
        device, kind = address(topic, root, site)
        if kind == WAVEFORM:
            chunk = waveforms.decode(device, payload, origin)
            seen.device, wave = device, chunk.waveform
            seen.says = f"{wave.channel}: {len(wave.samples)} samples, {float(chunk.rate):g}/s, in {wave.unit}"
        else:
            _fill(seen, decode(topic, payload, received_at, root=root, site=site, origin=origin))


def _fill(seen: Seen, said: Observation | DeviceStatus) -> None:
    seen.device = said.device
    if isinstance(said, Observation):
        seen.says = ", ".join(map(_value, said.values))
    else:
        seen.says = "online" if said.online else "offline"


def _value(measured: Measured) -> str:
    value = "no value" if measured.value is None else f"{measured.value:g} {SIGNALS[measured.signal].unit}"
    return f"{measured.signal} {value}" + (f" ({measured.quality}: {measured.cause})" if measured.cause else "")
