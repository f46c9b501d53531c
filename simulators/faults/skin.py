"""Faults where a sensor touches its wearer: each changes what the sensor feels at one tick."""

from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from monitor.vitals import Signal
from simulators.faults.story import Moment
from simulators.worn.sensors import Felt

REFLOW_S = 12.0
"""Seconds after a cuff is let down until the hand's pulse is as before: with the cycle it makes 30 to 60 s."""

Touch = Callable[[Felt, float, Moment], Felt]
"""What a sensor feels, given what it would feel, and the fault's amount."""


def no_contact(felt: Felt, amount: float, moment: Moment) -> Felt:
    """The probe slips off, the strap dries, the cuff opens.

    An oximeter then says that it has no finger, a strap that it has no contact, a cuff that it failed; a thermometer
    notices nothing, and shows the air under the clothes.
    """
    return replace(felt, contact=False)


def motion(felt: Felt, amount: float, moment: Moment) -> Felt:
    """A hand that shakes, taps or grips: movement drowns the pulse in the oximeter's light and the strap's voltage.

    Oximeters drift towards 85 % and count movements as beats; straps add beats; cuffs fail.
    """
    return replace(felt, motion=np.maximum(felt.motion, amount))


def low_perfusion(felt: Felt, amount: float, moment: Moment) -> Felt:
    """Cold hands and vessels narrowed by MDMA: the pulse is too weak to be measured well."""
    return _with_perfusion(felt, amount)


def cuff_same_arm(felt: Felt, amount: float, moment: Moment) -> Felt:
    """The cuff is on the probe's arm: the finger has no pulse while it is inflated, and a weak one after.

    A usual cause of false alerts: many oximeters then say that there is no pulse.
    """
    since = moment.since_inflated_s
    if since >= REFLOW_S:
        return felt
    return _with_perfusion(felt, 0.0 if since == 0 else amount)


def _with_perfusion(felt: Felt, most: float) -> Felt:
    lowered = np.minimum(felt.shown[Signal.PERFUSION_INDEX], most)
    shown = {**felt.shown, Signal.PERFUSION_INDEX: lowered}
    return replace(felt, shown=shown, most_perfusion=min(felt.most_perfusion, most))
