"""How sessions of each treatment usually go: doses, schedule of the cuff, phases, and what people do in them.

Doses and intervals are those of published practice and of the default protocol (clinical notes, 1.1-1.3 and 6.3);
how often people stand up, sob or dance is an assumption. Minutes count from the first dose.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from monitor.session import Phase, Route
from simulators.patterns import Pattern


class Treatment(StrEnum):
    """What sessions are drawn of."""

    MDMA = "mdma"
    KETAMINE_IV = "ketamine_iv"
    KETAMINE_IM = "ketamine_im"
    KETAMINE_SL = "ketamine_sl"
    ESKETAMINE = "esketamine"
    MDMA_KETAMINE = "mdma_ketamine"


class Dosing(Struct, frozen=True, kw_only=True):
    """A dose that may be given: one of `amounts_mg`, at a minute within `at_min`, in so many of all sessions.

    `half`: half of the first dose instead of an amount, as a booster is.
    """

    drug: str
    route: Route
    amounts_mg: tuple[float, ...] = ()
    half: bool = False
    at_min: tuple[float, float] = (0, 0)
    chance: float = 1.0


class Habit(Struct, frozen=True):
    """What happens in ordinary sessions, `per_hour`, from the minute `from_min` on."""

    kind: Pattern
    per_hour: float
    from_min: float = 0.0


class Usual(Struct, frozen=True, kw_only=True):
    """How a treatment goes. `lasts_min` from the first dose to the end.

    `cuff_s`: seconds between cuffs, each from a minute on. `phases`: to which phase people move the session, minutes
    after the last dose.
    """

    doses: tuple[Dosing, ...]
    lasts_min: float
    cuff_s: tuple[tuple[float, float], ...]
    phases: tuple[tuple[float, Phase], ...] = ()
    habits: tuple[Habit, ...] = ()


_MOVING = (Habit(Pattern.STANDING_UP, 0.3, 90), Habit(Pattern.TOILET, 0.3, 60))
_FEELING = (Habit(Pattern.SOBBING, 0.4, 45), Habit(Pattern.DANCING, 0.08, 60), Habit(Pattern.PANIC, 0.04, 20))
_SEDATED = (Habit(Pattern.MICRO_DESATURATION, 0.3, 5), Habit(Pattern.SOBBING, 0.15, 25))
_MDMA = Dosing(drug="mdma", route=Route.ORAL, amounts_mg=(75, 80, 100, 120, 125))
_BOOSTER = Dosing(drug="mdma", route=Route.ORAL, half=True, at_min=(105, 105), chance=0.6)

USUAL: Mapping[Treatment, Usual] = MappingProxyType(
    {
        Treatment.MDMA: Usual(
            doses=(_MDMA, _BOOSTER),
            lasts_min=465,
            cuff_s=((0, 900), (225, 1800)),
            habits=(*_MOVING, *_FEELING, Habit(Pattern.BREATH_HOLD, 0.05)),
        ),
        Treatment.KETAMINE_IV: Usual(
            doses=(Dosing(drug="ketamine", route=Route.INTRAVENOUS, amounts_mg=(30, 35, 40)),),
            lasts_min=120,
            cuff_s=((0, 600), (60, 900)),
            phases=((45, Phase.DESCENDING), (90, Phase.RECOVERY)),
            habits=(*_SEDATED, Habit(Pattern.TOILET, 0.3, 90)),
        ),
        Treatment.KETAMINE_IM: Usual(
            doses=(Dosing(drug="ketamine", route=Route.INTRAMUSCULAR, amounts_mg=(35, 50, 70)),),
            lasts_min=120,
            cuff_s=((0, 600), (60, 900)),
            phases=((35, Phase.DESCENDING), (80, Phase.RECOVERY)),
            habits=(*_SEDATED, Habit(Pattern.TOILET, 0.3, 90)),
        ),
        Treatment.KETAMINE_SL: Usual(
            doses=(Dosing(drug="ketamine", route=Route.SUBLINGUAL, amounts_mg=(100, 150, 200)),),
            lasts_min=150,
            cuff_s=((0, 600), (60, 900)),
            phases=((75, Phase.DESCENDING), (120, Phase.RECOVERY)),
            habits=(*_SEDATED, Habit(Pattern.TOILET, 0.3, 100)),
        ),
        Treatment.ESKETAMINE: Usual(
            doses=(Dosing(drug="esketamine", route=Route.INTRANASAL, amounts_mg=(56, 84)),),
            lasts_min=125,
            cuff_s=((0, 600), (60, 900)),
            phases=((60, Phase.DESCENDING), (95, Phase.RECOVERY)),
            habits=(*_SEDATED, Habit(Pattern.TOILET, 0.3, 75)),
        ),
        Treatment.MDMA_KETAMINE: Usual(
            doses=(_MDMA, Dosing(drug="ketamine", route=Route.INTRAMUSCULAR, amounts_mg=(35, 50), at_min=(75, 240))),
            lasts_min=465,
            cuff_s=((0, 900), (75, 300), (300, 900), (390, 1800)),
            habits=(*_MOVING, *_FEELING, *_SEDATED),
        ),
    }
)
"""Every treatment. With both drugs the cuff keeps the closer schedule of the two, ketamine's until an hour after it."""
