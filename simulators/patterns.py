"""What can happen to somebody in a session: adverse courses, and near misses that must stay quiet."""

from enum import StrEnum


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
