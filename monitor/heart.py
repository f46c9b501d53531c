"""Who tells the rate of a person's heart, who contradicts it, and what its rhythm shows."""

from enum import StrEnum

from msgspec import Struct

from monitor.vitals import Origin, RhythmSign


class RateSource(StrEnum):
    """What a rate of the heart comes from."""

    NOBODY = ""
    ECG = "ecg"
    """Heart rate that we find in the ECG."""
    PULSE = "pulse"
    """Pulse rate that we find in light."""
    MONITOR_ECG = "monitor_ecg"
    """Heart rate that a device tells."""
    MONITOR_PULSE = "monitor_pulse"
    """Pulse rate that a device tells."""
    CUFF = "cuff"
    """Pulse rate of a cuff measurement."""


class RateSign(StrEnum):
    """What is wrong with it."""

    NOTHING = ""
    DISAGREEMENT = "disagreement"
    """Another good source contradicts it."""
    WEAK = "weak"
    """No source is good."""
    NOTHING_TOLD = "nothing_told"


class HeartSource(Struct, frozen=True, tag="heart_source", omit_defaults=True):
    """An input: which source of a session's heart rate is believed from now on.

    Sources are compared before the journal, so what became of it is recorded and never computed again.
    `against`, `against_device`: the good source that contradicts it most, and `other` what that one tells (/min, 0
    where it finds no beats). `origin`: of the process that compared.
    """

    session: str
    source: RateSource = RateSource.NOBODY
    device: str = ""
    sign: RateSign = RateSign.NOTHING_TOLD
    against: RateSource = RateSource.NOBODY
    against_device: str = ""
    other: float | None = None
    origin: Origin = Origin.REAL


class RhythmSeen(Struct, frozen=True, gc=False, tag="rhythm_seen"):
    """An output: a second in which the ECG of a device shows something of its wearer's rhythm. Most show nothing."""

    session: str
    device: str
    signs: tuple[RhythmSign, ...]
    measured_at: int
    origin: Origin
