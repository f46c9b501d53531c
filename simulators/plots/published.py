"""What was measured in people: published changes of vital signs after a dose, to hold the simulated ones against.

All are changes from before the dose, in the signal's unit. The numbers are those of the project's clinical notes, which
say for each how it was read; those without a study are marked there as general knowledge, and so here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from monitor.session import Route
from monitor.vitals import Signal

NO_CHANGE = "no significant change"


class Finding(Struct, frozen=True):
    """One published change: `minutes` after the dose, from and until; `spread`: from and to, where one is given."""

    source: str
    signal: Signal
    minutes: tuple[float, float]
    change: float
    spread: tuple[float, float] | None = None
    note: str = ""
    of_maxima: bool = False
    """The mean of each person's highest reading, not of the readings of one time."""


class Crossing(Struct, frozen=True):
    """A reading at or above a level; with `risen`, above the first one by at least that much."""

    signal: Signal
    at_least: float
    risen: bool = False


class Rate(Struct, frozen=True):
    """In how many people any of the crossings was read at least once; `percent` as published, from and to."""

    source: str
    what: str
    percent: tuple[float, float]
    any_of: tuple[Crossing, ...]


class Published(Struct, frozen=True, kw_only=True):
    """What is known of one drug by one route. Times in minutes from the dose, from and until."""

    drug: str
    route: Route
    dose: str
    """What the simulated people take, in words."""
    amounts_mg: tuple[float, ...]
    """The doses taken, by turns."""
    hours: float
    """How long the course is followed."""
    peak: tuple[float, float]
    """When the effect on the circulation is largest."""
    near_baseline: tuple[float, float]
    timing: str
    """Where the times come from."""
    findings: tuple[Finding, ...] = ()
    rates: tuple[Rate, ...] = ()
    read_min: tuple[float, ...] = ()
    """When readings are taken for maxima and rates; of the trials as far as it is known, else an assumption."""
    age: int = 40
    """Of everybody, in years."""


_BP = Signal.SYSTOLIC, Signal.DIASTOLIC
_MAS = "Mas 1999, 125 mg, n = 8, over placebo"
_LESTER = "Lester 2000, 1.5 mg/kg, n = 8"
_KOLBRICH = "Kolbrich 2008, 1.0 and 1.6 mg/kg, n = 8"
_TYPICAL = "typical range, 125 mg (general knowledge)"
_EMORY = "684 infusions (PMID 29525051)"
_GUANGZHOU = "741 infusions (Guangzhou)"
_YALE = "2342 infusions (Yale)"
_SZARMACH = "Szarmach 2020 (PMC7605942)"
_FANG = "Fang 2019, n = 27"
_ADULT = "trials, mean of maxima, 18-64 years"
_OLDER = "trials, mean of maxima, from 65 years"
_ADJUSTED = "trials at 40 min, over placebo"
_BACK = "trials, back in range (PMID 31994024)"
_VIZELI = "Vizeli & Liechti 2017, n = 166 (PMID 28443695)"
_LABEL = "label of esketamine"
_POSTER = "phase 3 trials (congress poster, 2019)"
_CRISIS = Crossing(Signal.SYSTOLIC, 180), Crossing(Signal.DIASTOLIC, 110)
_RISEN = Crossing(Signal.SYSTOLIC, 40, risen=True), Crossing(Signal.DIASTOLIC, 25, risen=True)

PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        "mdma-oral": Published(
            drug="mdma",
            route=Route.ORAL,
            dose="75 or 125 mg of MDMA by mouth",
            # As the calibration assumes: the mean is then near the 110 mg of the amplitudes.
            amounts_mg=(75, 125, 125),
            hours=8,
            peak=(60, 120),
            near_baseline=(360, 360),
            timing="peak: Kolbrich 2008; near baseline: reviews",
            findings=(
                Finding(_MAS, Signal.SYSTOLIC, (60, 120), 40),
                Finding(_MAS, Signal.HEART_RATE, (60, 120), 30),
                Finding(_LESTER, Signal.SYSTOLIC, (60, 60), 25),
                Finding(_LESTER, Signal.DIASTOLIC, (60, 60), 7),
                Finding(_LESTER, Signal.HEART_RATE, (60, 60), 28),
                Finding(_KOLBRICH, Signal.SPO2, (60, 120), 0, note=NO_CHANGE),
                Finding(_KOLBRICH, Signal.TEMPERATURE, (60, 120), 0, note=NO_CHANGE),
                Finding(_TYPICAL, Signal.TEMPERATURE, (60, 240), 0.5, (0.2, 0.8)),
            ),
            rates=(
                Rate(_VIZELI, "systolic above 160", (33, 33), (Crossing(Signal.SYSTOLIC, 161),)),
                Rate(_VIZELI, "heart rate above 100", (29, 29), (Crossing(Signal.HEART_RATE, 101),)),
                Rate(_VIZELI, "temperature above 38", (19, 19), (Crossing(Signal.TEMPERATURE, 38.1),)),
            ),
            read_min=(30, 60, 90, 120, 150, 180, 240, 300, 360),
        ),
        "ketamine-intravenous": Published(
            drug="ketamine",
            route=Route.INTRAVENOUS,
            dose="0.5 mg/kg of ketamine (35 mg) infused over 40 min",
            amounts_mg=(35,),
            hours=3,
            peak=(30, 40),
            near_baseline=(60, 100),
            timing="the cohorts",
            findings=(
                Finding(_EMORY, Signal.SYSTOLIC, (30, 30), 3.28),
                Finding(_EMORY, Signal.DIASTOLIC, (30, 30), 3.17),
                Finding(_GUANGZHOU, Signal.SYSTOLIC, (30, 40), 7.4),
                Finding(_GUANGZHOU, Signal.DIASTOLIC, (30, 40), 6.0),
                Finding(_GUANGZHOU, Signal.HEART_RATE, (30, 40), 1.9),
                Finding(_YALE, Signal.SYSTOLIC, (40, 40), 16.0, (16.0 - 11.2, 16.0 + 11.2)),
                Finding(_YALE, Signal.DIASTOLIC, (40, 40), 11.0, (11.0 - 8.45, 11.0 + 8.45)),
                *(Finding(_SZARMACH, signal, (90, 90), 0, note="at baseline again") for signal in _BP),
                Finding(_FANG, Signal.SPO2, (40, 40), 0, note=NO_CHANGE),
            ),
            rates=(Rate(_YALE, "180 or 110 and more", (0.98, 0.98), _CRISIS),),
            read_min=(10, 20, 30, 40),
        ),
        "ketamine-intramuscular": Published(
            drug="ketamine",
            route=Route.INTRAMUSCULAR,
            dose="0.75 mg/kg of ketamine (52.5 mg) into a muscle",
            amounts_mg=(52.5,),
            hours=3,
            peak=(15, 30),
            near_baseline=(60, 90),
            timing="general knowledge",
        ),
        "ketamine-sublingual": Published(
            drug="ketamine",
            route=Route.SUBLINGUAL,
            dose="a 100 mg ketamine lozenge",
            amounts_mg=(100,),
            hours=4,
            peak=(40, 60),
            near_baseline=(120, 150),
            timing="general knowledge",
        ),
        "esketamine-intranasal": Published(
            drug="esketamine",
            route=Route.INTRANASAL,
            dose="56 or 84 mg of esketamine as a spray",
            amounts_mg=(56, 84),
            hours=5,
            peak=(40, 40),
            near_baseline=(90, 240),
            timing="peak: label; baseline: trials 1.5 h, label 4 h",
            findings=(
                Finding(_ADULT, Signal.SYSTOLIC, (40, 40), 13.3, of_maxima=True),
                Finding(_ADULT, Signal.DIASTOLIC, (40, 40), 8.7, of_maxima=True),
                Finding(_ADJUSTED, Signal.SYSTOLIC, (40, 40), 8, (7, 9)),
                Finding(_ADJUSTED, Signal.DIASTOLIC, (40, 40), 5, (4, 6)),
                *(Finding(_BACK, signal, (90, 90), 0, note="at baseline again") for signal in _BP),
            ),
            rates=(
                Rate(_LABEL, "systolic risen by 40 or diastolic by 25", (8, 19), _RISEN),
                Rate(_POSTER, "180 or 110 and more", (2.0, 4.9), _CRISIS),
            ),
            read_min=(40, 60, 90, 120),
        ),
        "esketamine-intranasal-older": Published(
            drug="esketamine",
            route=Route.INTRANASAL,
            dose="56 or 84 mg of esketamine as a spray, at 70 years",
            amounts_mg=(56, 84),
            hours=5,
            peak=(40, 40),
            near_baseline=(90, 240),
            timing="peak: label; baseline: trials 1.5 h, label 4 h",
            findings=(
                Finding(_OLDER, Signal.SYSTOLIC, (40, 40), 16.0, of_maxima=True),
                Finding(_OLDER, Signal.DIASTOLIC, (40, 40), 9.5, of_maxima=True),
            ),
            rates=(Rate(_POSTER, "180 or 110 and more", (11.1, 11.1), _CRISIS),),
            read_min=(40, 60, 90, 120),
            age=70,
        ),
    }
)
"""By the name of the figure."""
