"""Who else is in a batch, and who is pushed when, changes nobody's pulses, rates and signs by a bit."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import PulseQualityMeter
from monitor.signal.pulse_rate import PulseRate
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, light, person

SECONDS = 15
Turn = tuple[frozenset[int], int]
"""Who is pushed, and how many samples."""


def people() -> Array:
    """Three who differ: calm, moved, and with a gap."""
    moved = Noise(NoiseKind.MOTION, 3)
    samples = np.vstack([light(person(*noises, seed=f"{noises}"), SECONDS) for noises in ((), (moved,))])
    gap = samples[:1, ::-1].copy()
    gap[:, 700:720] = np.nan
    return np.vstack([samples, gap])


PEOPLE = people()


class Bank:
    """All that looks at light, and what it told of each row."""

    def __init__(self, rows: int) -> None:
        self._pulses = PulseDetector(LIGHT_HZ, rows)
        self._rates = PulseRate(LIGHT_HZ, rows)
        self._quality = PulseQualityMeter(LIGHT_HZ, rows, light=True)
        self._told: list[list[NDArray[np.float64]]] = [[] for _ in range(rows)]

    def push(self, samples: Array, rows: Rows | None) -> None:
        found = self._pulses.push(samples, rows)
        rates = self._rates.push(found, samples.shape[1], rows)
        quality = self._quality.push(samples, found, rows)
        for part in (found, rates, quality):
            named = np.arange(len(self._told)) if rows is None else rows
            assert list(dict.fromkeys(part.row)) == [row for row in named if row in part.row]
            for row in named:
                fields = [getattr(part, name)[part.row == row] for name in part.__struct_fields__ if name != "row"]
                self._told[row].append(np.array(fields, np.float64))

    def told(self, row: int) -> list[bytes]:
        """Bit for bit: pulses, rates, signs."""
        return [np.concatenate(self._told[row][kind::3], axis=1).tobytes() for kind in range(3)]


def alone(samples: Array) -> list[bytes]:
    bank = Bank(1)
    bank.push(samples[None], None)
    return bank.told(0)


def pushed(turns: Sequence[Turn]) -> tuple[Bank, list[int]]:
    """A bank of as many rows as there are people, and how far each has come after these turns."""
    bank, taken = Bank(len(PEOPLE)), [0] * len(PEOPLE)
    for some, size in turns:
        rows = [row for row in some if taken[row] + size <= PEOPLE.shape[1]]
        chunk = [PEOPLE[row, taken[row] : taken[row] + size] for row in rows]
        bank.push(np.reshape(chunk, (len(rows), size)), np.array(rows, np.intp))
        for row in rows:
            taken[row] += size
    return bank, taken


TURNS = st.lists(
    st.tuples(st.frozensets(st.sampled_from(range(len(PEOPLE))), min_size=1), st.integers(1, 700)),
    min_size=1,
    max_size=12,
).filter(lambda turns: max(size for _, size in turns) > 100)


@settings(max_examples=40, deadline=None)
@given(TURNS)
def test_a_row_goes_on_by_itself(turns: list[Turn]) -> None:
    """Whichever rows are pushed in whichever order, each is told what it would be told alone."""
    bank, taken = pushed(turns)
    for row, stop in enumerate(taken):
        if stop:
            assert bank.told(row) == alone(PEOPLE[row, :stop])


@pytest.mark.parametrize("rows", [2, 3, 17, 64])
def test_nobody_is_touched_by_others(rows: int) -> None:
    """In a batch of any size somebody is told what they are told alone, wherever they stand in it."""
    bank, samples = Bank(rows), np.resize(PEOPLE, (rows, PEOPLE.shape[1]))
    for at in range(0, samples.shape[1], 301):
        bank.push(samples[:, at : at + 301], None)
    for row in range(rows):
        assert bank.told(row) == alone(samples[row])


def test_rows_that_are_not_named_do_not_move() -> None:
    """Half a minute of somebody leaves the others where they were."""
    bank = Bank(len(PEOPLE))
    bank.push(PEOPLE[:, :500], None)
    bank.push(PEOPLE[[1], 500:1500], np.array([1]))
    bank.push(PEOPLE[[2, 0], 500:], np.array([2, 0]))
    assert [bank.told(row) for row in (0, 2)] == [alone(PEOPLE[row]) for row in (0, 2)]
    assert bank.told(1) == alone(PEOPLE[1, :1500])
