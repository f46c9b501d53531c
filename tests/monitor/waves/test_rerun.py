"""What was computed live is computed again from what was kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.events import Observation
from monitor.signal.chain import Chain
from monitor.vitals import Quality
from monitor.waves.rerun import compare
from monitor.waves.run import Run
from tests.monitor.waves.runs import DEVICE, followed, run


def live(runs: list[Run]) -> list[Observation]:
    chain = Chain(1)
    return [told for each in runs if not each.late for told in chain.push([each])]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 24), min_size=10, max_size=40))
def test_live_and_again_are_the_same(order: list[int]) -> None:
    """Whatever came twice, late, or not at all."""
    runs = followed([run(second) for second in (*range(8), *order)])
    told = live(runs)
    assert told
    agreements = compare(told, runs)
    assert all(each.agrees and each.missing == 0 and each.largest == 0 for each in agreements)


def test_what_the_store_lost_is_missing_and_never_wrong() -> None:
    """A run that was not kept is a gap when computing again; values on either side of it are compared."""
    runs = followed([run(second) for second in range(30)])
    kept = [each for each in runs if each.sequence not in (14, 15)]
    (agreement,) = compare(live(runs), kept)
    assert agreement.missing > 0
    assert agreement.n > 15
    assert agreement.largest < 3


def test_another_value_is_found() -> None:
    """The comparison can fail: by value, and by quality."""
    runs = followed([run(second) for second in range(20)])
    told = live(runs)
    higher = [replace(each, values=tuple(replace_value(each, 5.0))) for each in told]
    (beyond,) = compare(higher, runs)
    assert (beyond.beyond, beyond.agrees) == (beyond.n, False)
    doubted = [
        replace(each, values=tuple(type(v)(v.signal, v.value, Quality.QUESTIONABLE, v.cause) for v in each.values))
        for each in told
    ]
    (doubts,) = compare(doubted, runs)
    assert (doubts.doubts, doubts.agrees) == (doubts.n, False)
    assert compare([replace(told[0], boot="own", device=DEVICE)], runs) == []


def replace_value(each: Observation, by: float) -> list[object]:
    return [type(v)(v.signal, (v.value or 0) + by, v.quality, v.cause) for v in each.values]
