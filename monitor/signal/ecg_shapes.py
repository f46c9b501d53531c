"""How far a beat looks like one: the confidence that its shape gives it.

A row's beats have few shapes: its own, and those of its ectopic beats. A beat is compared with up to four that have
come before; one that is like none of them may be the first of a new kind, and is doubted until it comes again. When
many beats are like none, they are noise that resembles beats now and then, and all are doubted.

Electrodes that pop are told by their step: the level stays where it went. Ectopic beats may do so, too, but get there
slowly: these are believed when they come again, and no kind is learnt from sudden steps.

What is far lower than beats were is not believed either: when complexes fail, P waves go on, and look like themselves.

The bounds were found on 24 records of the MIT-BIH database with simulated noise added: most on every other one, but
which method to take was chosen looking at all.
"""

from typing import Any

import numpy as np

from monitor.signal.compiled import compiled
from monitor.signal.ecg_row import BEGAN, CONFIDENCE, OWNER, SHAPE, SHAPE_FROM, Floats

KINDS = 4
SHAPES = np.dtype(
    [
        ("began", np.int64),
        ("kinds", np.float64, (KINDS, SHAPE)),
        ("times", np.int64, KINDS),
        ("latest", np.int64, KINDS),
        ("beats", np.int64),
        ("strange", np.float64),
        ("height", np.float64),
    ]
)
"""Of one row: the shapes that came before, how often each came, and the number of the beat when it last did; how many
beats there were, which part of the latest were strange, and how high beats are (mV)."""

SAME = 0.9
"""Correlation from which on a beat is of a kind."""
STRANGE, FAMILIAR = 0.5, 0.9
"""Correlation up to which it is like none, and from which on it is no stranger."""
UNLIKE, LIKE = 0.7, 0.93
"""The same where strange beats are counted: one may be a heart's, but many that are only half alike are noise."""
LEFT = 0.2
"""What is left of the confidence of a beat that is only strange."""
STEP, NO_STEP = 0.75, 0.6
"""Level after R less that before it, over the height of all: a step, and none."""
BEFORE, AFTER = 4, 3
"""Points at either end of a shape that tell these levels."""
SUDDEN, SLOW = 0.5, 1.0
"""How far from all it is what is gone of the way to R in its last 10 ms: in a sudden step, and in a complex."""
RISE = 2
"""Points in 10 ms."""
USUAL, MANY = 0.2, 0.5
"""Parts of strange beats: no reason for doubt; none is believed."""
FAINT, HIGH = 0.2, 0.4
"""Heights as parts of the usual one: no beat, and a beat as far as that goes. P waves have a tenth to a quarter."""
KIND_GAIN, STRANGE_GAIN = 1 / 8, 1 / 16
LOWER_GAIN, FAINT_GAIN = 1 / 64, 1 / 1024
"""How far the usual height falls with each lower beat, and with one that is too low: believed after some minutes."""
NEW = 4
"""So many beats from the start one that came once is a kind; later it must have come twice."""


@compiled
def doubt(told: Floats, rows: Any) -> None:
    """Lower the confidence of beats by what their shapes are. `rows`: of SHAPES."""
    for beat in told:
        row = rows[int(beat[OWNER])]
        if row.began != beat[BEGAN]:
            row.began = int(beat[BEGAN])
            row.times[:] = 0
            row.beats = 0
            row.strange = 0.0
            row.height = 0.0
        shape = levelled(beat[SHAPE_FROM:])
        stepping = between(step(beat[SHAPE_FROM:]), NO_STEP, STEP)
        slow = between(abs(rise(beat[SHAPE_FROM:]) - 1.0), SUDDEN, SLOW)
        alike = likeness(row, shape, stepping < 1.0 or slow > 0.0)
        familiar = between(alike, STRANGE, FAMILIAR)
        calm = 1.0 - stepping * (1.0 - familiar * slow)
        row.strange += STRANGE_GAIN * (1.0 - between(alike, UNLIKE, LIKE) * calm - row.strange)
        row.beats += 1
        calm *= high(row, shape.max() - shape.min(), familiar * calm)
        beat[CONFIDENCE] *= (LEFT + (1.0 - LEFT) * familiar) * calm * (1.0 - between(row.strange, USUAL, MANY))


@compiled
def between(value: float, low: float, high: float) -> float:
    """0 up to one value, 1 from the other on."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


@compiled
def high(row: Any, height: float, alike: float) -> float:
    """Whether a beat is as high as beats are; the usual height follows those that are alike, the first ones at once."""
    part = height / row.height if row.height > 0.0 else 1.0
    if row.beats <= NEW:
        row.height += (height - row.height) / row.beats
    elif part > 1.0:
        row.height += KIND_GAIN * alike * (min(part, 2.0) - 1.0) * row.height
    else:
        row.height += (LOWER_GAIN if part >= HIGH else FAINT_GAIN) * (height - row.height)
    return between(part, FAINT, HIGH)


@compiled
def levelled(shape: Floats) -> Floats:
    """Smoothed a little, for muscles, and around its mean."""
    smooth = shape.copy()
    for k in range(1, SHAPE - 1):
        smooth[k] = 0.25 * (shape[k - 1] + shape[k + 1]) + 0.5 * shape[k]
    around: Floats = smooth - smooth.mean()
    return around


@compiled
def step(shape: Floats) -> float:
    """How far the level after R is from that before it, as part of the height."""
    height = shape.max() - shape.min()
    change = abs(shape[SHAPE - AFTER :].mean() - shape[:BEFORE].mean())
    return change / height if height > 0.0 else 0.0


@compiled
def rise(shape: Floats) -> float:
    """Which part of the way from the level before R to R is gone in the last 10 ms."""
    top = shape[SHAPE // 2]
    way = abs(top - shape[:BEFORE].mean())
    return abs(top - shape[SHAPE // 2 - RISE]) / way if way > 0.0 else 0.0


@compiled
def likeness(row: Any, shape: Floats, new: bool) -> float:
    """The correlation with the kind that is most like it; that kind learns from it, or a `new` one begins."""
    best, closest, most = 0, -1.0, 0.0
    for k in range(KINDS):
        if row.times[k] > 0:
            alike = correlation(shape, row.kinds[k])
            if alike > closest:
                best, closest = k, alike
            if row.times[k] > 1 or row.beats < NEW:
                most = max(most, alike)
    if closest >= SAME:
        row.times[best] += 1
        row.kinds[best] += max(KIND_GAIN, 1.0 / row.times[best]) * (shape - row.kinds[best])
        row.latest[best] = row.beats
    elif new:
        oldest = 0
        for k in range(1, KINDS):
            if row.times[oldest] > 0 and (row.times[k] == 0 or row.latest[k] < row.latest[oldest]):
                oldest = k
        row.kinds[oldest] = shape
        row.times[oldest] = 1
        row.latest[oldest] = row.beats
    return most


@compiled
def correlation(one: Floats, other: Floats) -> float:
    """Of two shapes around their means."""
    product = own = others = 0.0
    for k in range(SHAPE):
        product += one[k] * other[k]
        own += one[k] * one[k]
        others += other[k] * other[k]
    return product / np.sqrt(own * others) if own * others > 0.0 else 0.0
