"""What disturbs numbers, disturbs waveforms at the same times: each fault's counterpart, and how loud noise is.

All of it is assumed but where a source is named. Nothing here was set by what the rules or the signal processing make
of it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from monitor.signal.sensor import Sensor
from simulators.faults import FaultKind
from simulators.waves.channels import Channel
from simulators.waves.noise import Noise, NoiseKind
from simulators.waves.ppg import Calibration
from simulators.worn.roles import Role


class Where(StrEnum):
    """What of a fault reaches the waveforms."""

    SKIN = "skin"
    """What the sensor touches gives another waveform."""
    CHUNKS = "chunks"
    """Chunks are lost, late, early, repeated, or say what is not so."""
    NOWHERE = "nowhere"
    """It acts on devices that send numbers in both cases."""


class Effect(Struct, frozen=True):
    """A fault's counterpart, in words and by where it is played."""

    where: Where
    what: str


K = FaultKind
EFFECTS: Mapping[FaultKind, Effect] = MappingProxyType(
    {
        K.PROBE_OFF: Effect(
            Where.SKIN, "light at its bright end, or dark but for the noise; electrodes at an end, or humming"
        ),
        K.MOTION: Effect(Where.SKIN, "the noise of motion as loud as the fault says, in every channel of the device"),
        K.LOW_PERFUSION: Effect(Where.SKIN, "pulses as small as the fault says; the noise stays"),
        K.CUFF_SAME_ARM: Effect(
            Where.SKIN, "no pulses while it is inflated and small ones after; blood that cannot leave dims the light"
        ),
        K.FAILED_CUFF: Effect(Where.NOWHERE, "cuffs send numbers"),
        K.SWAPPED_DEVICES: Effect(Where.SKIN, "the waveform of whoever wears the device"),
        K.STUCK_VALUE: Effect(Where.CHUNKS, "the same samples again and again"),
        K.CLOCK_SKEW: Effect(Where.CHUNKS, "stamps that are wrong"),
        K.CLOCK_JUMP: Effect(Where.CHUNKS, "stamps that jump"),
        K.ZOMBIE_LINK: Effect(Where.CHUNKS, "none come, and the device says that it is online"),
        K.BATTERY_DEATH: Effect(Where.CHUNKS, "none come after a while, then those of another boot"),
        K.FLOOD: Effect(Where.CHUNKS, "each second in so many pieces"),
        K.DROPOUT: Effect(Where.CHUNKS, "some are lost"),
        K.CORRUPT_PAYLOAD: Effect(Where.CHUNKS, "some are refused"),
        K.DUPLICATES: Effect(Where.CHUNKS, "some come twice"),
        K.REORDERING: Effect(Where.CHUNKS, "some are overtaken"),
        K.STORED_RECORDS: Effect(Where.CHUNKS, "lost: devices store numbers, and no waveforms"),
        K.LATE_BACKLOG: Effect(Where.CHUNKS, "late, all at once"),
        K.BROKER_LOSS: Effect(Where.CHUNKS, "late, all at once"),
    }
)

SENT: Mapping[Role, tuple[Channel, ...]] = MappingProxyType(
    {Role.OXIMETER: (Channel.RED, Channel.INFRARED), Role.STRAP: (Channel.ECG, Channel.IMPEDANCE)}
)
"""What each device sends in place of numbers: straps that tell a respiration rate measure impedance."""

_LIGHT, _CURRENT = Noise(NoiseKind.WHITE, 46), Noise(NoiseKind.WHITE, 30)
FRONT_END: Mapping[Channel, Noise] = MappingProxyType(
    {Channel.RED: _LIGHT, Channel.INFRARED: _LIGHT, Channel.IMPEDANCE: _CURRENT}
)
"""The sensor's own, whatever meets it: of the light some 0.005 % of what a finger lets through."""

NOISES: Mapping[Channel, tuple[Noise, ...]] = MappingProxyType(
    {
        # Ambulatory recordings are disturbed by 24 to -6 dB (Moody, Muldrow and Mark 1984, the noise stress test): at
        # rest somewhat better than their quietest, with the most violent movement worse than the middle of that range.
        Channel.ECG: (
            Noise(NoiseKind.WANDER, 18),
            Noise(NoiseKind.MUSCLE, 30),
            Noise(NoiseKind.MAINS_50, 30),
            Noise(NoiseKind.MOTION, 0, moving=True),
            Noise(NoiseKind.MUSCLE, 6, moving=True),
        ),
        # Motion drowns the pulse: three times its height.
        Channel.INFRARED: (_LIGHT, Noise(NoiseKind.MOTION, -10, moving=True)),
        # Moving the trunk and the arms changes the chest's impedance twice as much as a quiet breath does.
        Channel.IMPEDANCE: (_CURRENT, Noise(NoiseKind.MOTION, -6, moving=True)),
    }
)
"""Ratios of signal to noise (dB): at motion 1 where it is of moving, and falling with it (getting up is 0.6). The
noise of the infrared is in the red, too. The signal is that of the first minute."""

HOLDS_FOR = 4.0
"""Full scale of the light, as a part of what a finger lets through: a sensor without one is at this end, or dark."""
DARK = 0.01
"""What else of the light finds its way to a sensor that lies somewhere."""
CONGESTED, CONGESTED_S = 0.03, 10.0
"""The part of the light that blood takes which cannot leave the hand, at most, and how fast that comes and goes."""
RAIL = 5.0
"""Where an amplifier ends whose electrodes hang in the air, mV or ohm."""
HUM_MV = 1.0
"""What electrodes pick up that hang in the air but for a cable: mains."""
LOOSE_AT_AN_END = 0.5
"""The part of the times that a sensor without contact is at the end of its range; else it is dark, or hums."""

CALIBRATION = Calibration()
"""The curve by which the light is made."""
SENSOR = Sensor(at_zero=CALIBRATION.at_zero, slope=CALIBRATION.slope, dark=0.1, bright=0.99 * HOLDS_FOR)
"""What a site would configure of such a sensor: the same curve, so that saturations are as right as they can be."""
