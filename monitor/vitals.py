"""What is measured: signals with their codes and units, readings, and how far each may be trusted.

LOINC, IEEE 11073-10101 (MDC) and UCUM codes: public code tables; 15002x is the non-invasive pressure group.
Plausible ranges say what is physically possible, never what is normal: limits for alerts live in the protocols.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

SECOND = 1_000_000_000
"""Nanoseconds in a second: every instant and duration in Vigil is integer nanoseconds, UTC since 1970."""


class Signal(StrEnum):
    """One measured quantity of one person; its unit never varies."""

    HEART_RATE = "heart_rate"
    PULSE_RATE = "pulse_rate"
    SPO2 = "spo2"
    PERFUSION_INDEX = "perfusion_index"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MEAN_PRESSURE = "mean_pressure"
    RESPIRATION_RATE = "respiration_rate"
    TEMPERATURE = "temperature"
    ETCO2 = "etco2"


class Quality(StrEnum):
    """How far a value can be trusted. Questionable values are judged; invalid ones carry no value."""

    VALID = "valid"
    QUESTIONABLE = "questionable"
    INVALID = "invalid"


class Cause(StrEnum):
    """Why a value is questionable or invalid."""

    NONE = ""
    PROBE_OFF = "probe_off"
    LEADS_OFF = "leads_off"
    LOW_PERFUSION = "low_perfusion"
    MOTION = "motion"
    NO_PULSE = "no_pulse"
    """The probe is on and finds no pulse: physiological until somebody has looked."""
    SENSOR_FAULT = "sensor_fault"
    MEASUREMENT_FAILED = "measurement_failed"
    LOW_BATTERY = "low_battery"
    WEAK_SIGNAL = "weak_signal"
    IMPOSSIBLE = "impossible"
    """Outside the plausible range: the number is kept in the journal, never judged."""
    CUFF_JUMP = "cuff_jump"
    LATE = "late"
    """Measured before something already judged, or too long ago: kept, neither raises nor clears."""
    FUTURE_STAMP = "future_stamp"
    DISAGREEMENT = "disagreement"
    """Two sources contradict each other, such as the pressures of one cuff."""
    DEVICE = "device"
    """The device itself marks the value, without saying why."""


class RhythmSign(StrEnum):
    """What the beats in an ECG show besides their rate. It is no diagnosis, and asystole is the cause `no_pulse`."""

    IRREGULAR = "irregular"
    """Intervals as uneven as in atrial fibrillation: early beats in turns can be, too."""
    PAUSE = "pause"
    """No beat for 3 s."""
    SUDDEN_TACHYCARDIA = "sudden_tachycardia"
    """From one beat to the next the heart has become fast."""


class Origin(StrEnum):
    """Where a value comes from. It belongs to the value and is shown from source to pixel."""

    REAL = "real"
    SIMULATED = "simulated"
    PROBE = "probe"


class SignalInfo(Struct, frozen=True, kw_only=True):
    """The fixed facts of a signal: how it is named, coded, printed, and what is physically possible."""

    label: str
    unit: str
    ucum: str
    loinc: str
    mdc: int
    mdc_name: str
    lowest: float
    highest: float
    decimals: int = 0
    continuous: bool = True
    """False for what is measured now and then, such as cuff pressure."""


def _rate(label: str, loinc: str, mdc: int, mdc_name: str, lowest: float, highest: float) -> SignalInfo:
    return SignalInfo(
        label=label,
        unit="/min",
        ucum="/min",
        loinc=loinc,
        mdc=mdc,
        mdc_name=mdc_name,
        lowest=lowest,
        highest=highest,
    )


def _pressure(label: str, loinc: str, mdc: int, mdc_name: str, lowest: float, highest: float) -> SignalInfo:
    return SignalInfo(
        label=label,
        unit="mmHg",
        ucum="mm[Hg]",
        loinc=loinc,
        mdc=mdc,
        mdc_name=mdc_name,
        lowest=lowest,
        highest=highest,
        continuous=False,
    )


SIGNALS: Mapping[Signal, SignalInfo] = MappingProxyType(
    {
        Signal.HEART_RATE: _rate("HR", "8867-4", 147842, "MDC_ECG_HEART_RATE", 0, 300),
        Signal.PULSE_RATE: _rate("PR", "8889-8", 149530, "MDC_PULS_OXIM_PULS_RATE", 0, 300),
        Signal.SPO2: SignalInfo(
            label="SpO2",
            unit="%",
            ucum="%",
            loinc="59408-5",
            mdc=150456,
            mdc_name="MDC_PULS_OXIM_SAT_O2",
            lowest=0,
            highest=100,
        ),
        Signal.PERFUSION_INDEX: SignalInfo(
            label="PI",
            unit="%",
            ucum="%",
            loinc="61006-3",
            mdc=150488,
            mdc_name="MDC_BLD_PERF_INDEX",
            lowest=0,
            highest=30,
            decimals=1,
        ),
        Signal.SYSTOLIC: _pressure("SYS", "8480-6", 150021, "MDC_PRESS_BLD_NONINV_SYS", 20, 350),
        Signal.DIASTOLIC: _pressure("DIA", "8462-4", 150022, "MDC_PRESS_BLD_NONINV_DIA", 10, 250),
        Signal.MEAN_PRESSURE: _pressure("MAP", "8478-0", 150023, "MDC_PRESS_BLD_NONINV_MEAN", 10, 300),
        Signal.RESPIRATION_RATE: _rate("RR", "9279-1", 151562, "MDC_RESP_RATE", 0, 120),
        Signal.TEMPERATURE: SignalInfo(
            label="Temp",
            unit="°C",
            ucum="Cel",
            loinc="8310-5",
            mdc=150344,
            mdc_name="MDC_TEMP",
            lowest=15,
            highest=46,
            decimals=1,
            continuous=False,
        ),
        Signal.ETCO2: SignalInfo(
            label="EtCO2",
            unit="mmHg",
            ucum="mm[Hg]",
            loinc="19889-5",
            mdc=151708,
            mdc_name="MDC_AWAY_CO2_ET",
            lowest=0,
            highest=150,
        ),
    }
)
"""The facts of every signal. A rate of zero is possible (asystole, apnoea); a pressure of zero is not a measurement."""


class Measured(Struct, frozen=True, array_like=True, gc=False):
    """One signal inside an observation, as the device said it."""

    signal: Signal
    value: float | None
    quality: Quality = Quality.VALID
    cause: Cause = Cause.NONE


# Every reading is asked several times whether it is judged: looking a member up costs more than comparing it.
_INVALID, _LATE = Quality.INVALID, Cause.LATE


class Reading(Struct, frozen=True, gc=False, tag="reading", omit_defaults=True):
    """One value of one signal of one person, judged once.

    `measured_at` is the device's time after skew correction; `received_at` is when Vigil had it. Both in ns, UTC.
    """

    session: str
    device: str
    signal: Signal
    value: float | None
    measured_at: int
    received_at: int
    sequence: int
    origin: Origin
    quality: Quality = Quality.VALID
    cause: Cause = Cause.NONE

    @property
    def judged(self) -> bool:
        """Whether limits look at it: it has a value and is neither invalid nor late."""
        return self.value is not None and self.quality is not _INVALID and self.cause is not _LATE


class Waveform(Struct, frozen=True, tag="waveform"):
    """A run of samples of one signal on a regular grid: integers times `scale`, in `unit`."""

    session: str
    device: str
    channel: str
    unit: str
    start: int
    period: int
    scale: float
    samples: tuple[int, ...]
    origin: Origin
