"""What can happen to somebody in a session: adverse courses, and near misses that must stay quiet.

Definitions are published clinical ones, for the latent course as an ideal device would print it. They are no limits:
a protocol is judged by them and never read for them. `latest_s` is when telling counts as missed, not an aim; the
aims are those of the clinical notes, section 5 (low saturation 20 s, apnoea 25 s, heart rate 45 s, pressure the next
measurement and 120 s).

Rule ids: a rule about one signal is `<signal>_high` or `<signal>_low` (`respiration_low` for the respiration rate), the
rule about a pulse not found is `pulse_lost`; a rule about a pattern carries the pattern's name.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct

from monitor.alert import Priority
from monitor.vitals import Signal


class Pattern(StrEnum):
    """One kind of event, by the name that clinicians use."""

    HYPERTENSIVE_URGENCY = "hypertensive_urgency"
    HYPERTENSIVE_CRISIS = "hypertensive_crisis"
    HYPOTENSION = "hypotension"
    TACHYCARDIA = "tachycardia"
    BRADYCARDIA = "bradycardia"
    VASOVAGAL = "vasovagal"
    ARREST = "arrest"
    ATRIAL_FIBRILLATION = "atrial_fibrillation"
    DESATURATION = "desaturation"
    HYPOVENTILATION = "hypoventilation"
    APNOEA = "apnoea"
    LARYNGOSPASM = "laryngospasm"
    HYPERTHERMIA = "hyperthermia"
    SEROTONIN_TOXICITY = "serotonin_toxicity"
    # Near misses.
    PANIC = "panic"
    SOBBING = "sobbing"
    MICRO_DESATURATION = "micro_desaturation"
    STANDING_UP = "standing_up"
    TOILET = "toilet"
    DANCING = "dancing"
    BREATH_HOLD = "breath_hold"


class Criterion(Struct, frozen=True, kw_only=True):
    """One number of a definition, at one instant. `of` None: the heartbeat is irregular."""

    of: Signal | None
    at_least: float | None = None
    at_most: float | None = None
    fallen: float | None = None
    """Below the highest level of the last three minutes by at least this much."""


class Sign(Struct, frozen=True):
    """Criteria that all hold, for `lasting_s` without a break."""

    criteria: tuple[Criterion, ...]
    lasting_s: float


class PatternInfo(Struct, frozen=True, kw_only=True):
    """The facts of a pattern. `priority` None: a near miss, which must stay quiet and has no definition.

    `definition`: any of the signs. `told_by`: rule ids that count as telling it. `latest_s`: by when, after the onset
    or after the first delivered reading inside. `natural`: also looked for where no course of a story is.
    """

    priority: Priority | None
    told_by: tuple[str, ...]
    latest_s: float
    definition: tuple[Sign, ...]
    source: str
    natural: bool = False

    @property
    def signals(self) -> frozenset[Signal]:
        """The signals of the definition."""
        return frozenset(each.of for sign in self.definition for each in sign.criteria if each.of is not None)


def _high(of: Signal, value: float) -> Criterion:
    return Criterion(of=of, at_least=value)


def _low(of: Signal, value: float) -> Criterion:
    return Criterion(of=of, at_most=value)


def _near_miss(pattern: Pattern, source: str) -> PatternInfo:
    return PatternInfo(priority=None, told_by=(pattern,), latest_s=0, definition=(), source=source)


_SYSTOLIC, _DIASTOLIC, _HEART = Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.HEART_RATE
_BREATH, _SPO2, _TEMPERATURE = Signal.RESPIRATION_RATE, Signal.SPO2, Signal.TEMPERATURE

PATTERNS: Mapping[Pattern, PatternInfo] = MappingProxyType(
    {
        Pattern.HYPERTENSIVE_URGENCY: PatternInfo(
            priority=Priority.HIGH,
            told_by=("hypertensive_urgency", "systolic_high", "diastolic_high"),
            latest_s=360,
            definition=(Sign((_high(_SYSTOLIC, 180),), 120), Sign((_high(_DIASTOLIC, 110),), 120)),
            source="Grade 3 hypertension (ESC/ESH 2018). Two minutes: assumption, one wave is no event."
            " Latest: five minutes, after which an unrepeated crisis is high (clinical notes, decision 1), and one.",
            natural=True,
        ),
        Pattern.HYPERTENSIVE_CRISIS: PatternInfo(
            priority=Priority.HIGH,
            told_by=("hypertensive_crisis", "hypertensive_urgency", "systolic_high", "diastolic_high"),
            latest_s=360,
            definition=(
                Sign((_high(_SYSTOLIC, 180), _high(_HEART, 110)), 120),
                Sign((_high(_SYSTOLIC, 200),), 60),
                Sign((_high(_DIASTOLIC, 120),), 60),
            ),
            source="Above 180/120 with signs of organ damage (ACC/AHA 2017), for which a fast heart stands here"
            " (assumption), or 200/120 (clinical notes 2.2). Latest: as the urgency.",
        ),
        Pattern.HYPOTENSION: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("hypotension", "systolic_low", "diastolic_low", "mean_pressure_low", "pulse_lost"),
            latest_s=420,
            definition=(Sign((_low(_SYSTOLIC, 89),), 300), Sign((_low(_SYSTOLIC, 79),), 60)),
            source="Below 90: usual definition; NEWS2 gives three points up to 90. Below 80: MEWS. Times: assumptions."
            " Latest: the longer time and 120 s.",
            natural=True,
        ),
        Pattern.TACHYCARDIA: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("tachycardia", "heart_rate_high"),
            latest_s=360,
            definition=(Sign((_high(_HEART, 120),), 300), Sign((_high(_HEART, 131),), 60)),
            source="Above 120 for five minutes: rule of a ketamine clinic (clinical notes, S4). 131: three points in"
            " NEWS2 (RCP 2017), the minute is an assumption. Latest: the longer time and a minute.",
            natural=True,
        ),
        Pattern.BRADYCARDIA: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("bradycardia", "heart_rate_low"),
            latest_s=360,
            definition=(Sign((_low(_HEART, 40),), 60), Sign((_low(_HEART, 44),), 300)),
            source="40: three points in NEWS2 (RCP 2017). Below 45 for five minutes: assumption. Latest: the"
            " longer time and a minute.",
            natural=True,
        ),
        Pattern.VASOVAGAL: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("vasovagal", "heart_rate_low", "bradycardia", "systolic_low", "hypotension", "pulse_lost"),
            latest_s=60,
            definition=(
                Sign((_low(_HEART, 39),), 10),
                Sign((_low(_HEART, 50), Criterion(of=_SYSTOLIC, fallen=30)), 10),
            ),
            source="Below 40 for ten seconds: cardioinhibitory syncope (VASIS 2A). Mixed syncope (VASIS 1): heart and"
            " pressure fall together; 50 and 30 mmHg are assumptions. Latest: heart rate 45 s, and 15 s of averaging.",
        ),
        Pattern.ARREST: PatternInfo(
            priority=Priority.HIGH,
            told_by=(
                "arrest",
                "pulse_lost",
                "heart_rate_low",
                "bradycardia",
                "respiration_low",
                "apnoea",
                "spo2_low",
                "systolic_low",
            ),
            latest_s=60,
            definition=(Sign((_low(_HEART, 20),), 10),),
            source="No pulse within the ten seconds that a pulse check may take (AHA 2020). Latest: as vasovagal.",
        ),
        Pattern.ATRIAL_FIBRILLATION: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("atrial_fibrillation", "heart_rate_high", "tachycardia"),
            latest_s=300,
            definition=(Sign((Criterion(of=None),), 30),),
            source="Thirty seconds of it make the diagnosis (ESC 2020). Latest: three windows of 64 beats and"
            " more (McManus 2013).",
        ),
        Pattern.DESATURATION: PatternInfo(
            priority=Priority.MEDIUM,
            told_by=("desaturation", "spo2_low"),
            latest_s=90,
            definition=(Sign((_low(_SPO2, 89),), 60), Sign((_low(_SPO2, 84),), 10)),
            source="Below 90: hypoxaemia (WHO). Below 85: lowest limit that ISO 80601-2-61 lets a monitor start with."
            " Times: assumptions. Latest: the longer time and 30 s.",
            natural=True,
        ),
        Pattern.HYPOVENTILATION: PatternInfo(
            priority=Priority.HIGH,
            told_by=("hypoventilation", "respiration_low", "spo2_low", "desaturation"),
            latest_s=120,
            definition=(Sign((_low(_BREATH, 7),), 60), Sign((_low(_BREATH, 9), _low(_SPO2, 91)), 30)),
            source="Below eight breaths: usual definition of depression by drugs. Fewer than ten with low"
            " saturation: clinical notes 2.2. Times: assumptions. Latest: the longer time and a minute.",
            natural=True,
        ),
        Pattern.APNOEA: PatternInfo(
            priority=Priority.HIGH,
            told_by=("apnoea", "hypoventilation", "respiration_low", "spo2_low", "desaturation"),
            latest_s=60,
            definition=(Sign((_low(_BREATH, 0),), 20),),
            source="No breath for 20 s: usual limit of apnoea monitors. Latest: saturation falls to 80 in 60 to 180 s,"
            " so a minute is the shortest time there is.",
        ),
        Pattern.LARYNGOSPASM: PatternInfo(
            priority=Priority.HIGH,
            told_by=("laryngospasm", "apnoea", "hypoventilation", "respiration_low", "spo2_low", "desaturation"),
            latest_s=60,
            definition=(Sign((_low(_BREATH, 0),), 20), Sign((_low(_SPO2, 84),), 10)),
            source="As apnoea.",
        ),
        Pattern.HYPERTHERMIA: PatternInfo(
            priority=Priority.HIGH,
            told_by=("hyperthermia", "temperature_high"),
            latest_s=600,
            definition=(Sign((_high(_TEMPERATURE, 39.1),), 300),),
            source="39.1: the most points that NEWS2 gives (RCP 2017). Times: assumptions; a thermometer's five minutes"
            " and a repeat.",
            natural=True,
        ),
        Pattern.SEROTONIN_TOXICITY: PatternInfo(
            priority=Priority.HIGH,
            told_by=(
                *("serotonin_toxicity", "hyperthermia", "temperature_high", "tachycardia", "heart_rate_high"),
                *("hypertensive_urgency", "systolic_high"),
            ),
            latest_s=600,
            definition=(Sign((_high(_TEMPERATURE, 38.5), _high(_HEART, 120)), 300),),
            source="Hot with a fast heart, as far as vital signs go (Boyer & Shannon 2005); 38.5 and 120: clinical"
            " and the times: assumptions.",
        ),
        Pattern.PANIC: _near_miss(Pattern.PANIC, "Over in 20 minutes (Arch Intern Med 1987;147:1973); needs company."),
        Pattern.SOBBING: _near_miss(Pattern.SOBBING, "Part of the therapy."),
        Pattern.MICRO_DESATURATION: _near_miss(
            Pattern.MICRO_DESATURATION, "Over before anybody arrives; 15 s of delay spare 60 % of alerts (Welch 2011)."
        ),
        Pattern.STANDING_UP: _near_miss(Pattern.STANDING_UP, "What a healthy circulation does."),
        Pattern.TOILET: _near_miss(Pattern.TOILET, "With an escort."),
        Pattern.DANCING: _near_miss(Pattern.DANCING, "Exercise."),
        Pattern.BREATH_HOLD: _near_miss(Pattern.BREATH_HOLD, "Shorter than an apnoea."),
    }
)
"""The facts of every pattern."""
