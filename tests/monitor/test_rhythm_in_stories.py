"""What is seen of the rhythms of simulated people whose straps send their ECG, from the electrodes to the tile."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from alerts.protocols import protocol_text
from dashboards.live.board import Board
from monitor.heart import RhythmSeen
from monitor.vitals import SECOND, Origin, Reading, RhythmSign
from simulators.from_waveforms.taking import retaken
from simulators.play import Run, run, take
from simulators.scenario import load_scenario

BEGINS_S = 300
"""When what they are about begins in these stories."""


def played(story: str, lasts_s: float) -> Run:
    """The beginning of a story, with numbers and signs computed from waveforms."""
    scenario = replace(load_scenario(story), duration_s=lasts_s)
    ((_, again),) = retaken([take(scenario, story)])
    return run(again, protocol_text)


def seen(story: Run) -> list[tuple[float, tuple[RhythmSign, ...]]]:
    """Signs, each with how many seconds after the beginning of what the story is about."""
    start = story.envelopes[0].at + BEGINS_S * SECOND
    return [((one.at - start) / SECOND, one.body.signs) for one in story.told if isinstance(one.body, RhythmSeen)]


@pytest.mark.parametrize("story", ["atrial_fibrillation_slow", "atrial_fibrillation_fast"])
def test_fibrillation_is_on_the_tile_within_two_minutes(story: str) -> None:
    """From some 64 beats on, not before it begins; and it is simulated."""
    of_it = played(story, BEGINS_S + 120)
    first = next(after for after, signs in seen(of_it) if RhythmSign.IRREGULAR in signs)
    assert 15 < first < 90
    board = Board(Origin.SIMULATED, "site")
    for record in of_it.told:
        board.apply(record)
    (session,) = board.sessions()
    assert [(each.device, each.signs, each.origin) for each in session.rhythms] == [
        ("ecg-1", (RhythmSign.IRREGULAR,), Origin.SIMULATED)
    ]


def test_nothing_begins_suddenly_in_fibrillation() -> None:
    """Its intervals are now longer and now shorter by chance: four minutes are one rhythm."""
    signs = {sign for _, each in seen(played("atrial_fibrillation_fast", BEGINS_S + 240)) for sign in each}
    assert signs == {RhythmSign.IRREGULAR}


@pytest.mark.parametrize("story", ["panic", "dancing", "vasovagal_deep"])
def test_hearts_that_are_fast_disturbed_or_slow_in_step_show_nothing(story: str) -> None:
    """Panic comes over seconds, dancing over the electrodes, and a faint slows every beat."""
    assert seen(played(story, BEGINS_S + 300)) == []


def test_signs_change_no_reading() -> None:
    """Nor anything else that is told."""
    scenario = replace(load_scenario("atrial_fibrillation_slow"), duration_s=BEGINS_S + 90.0)
    ((_, again),) = retaken([take(scenario, "s")])
    without = replace(
        again,
        inputs=tuple((at, replace(body, rhythm=()) if hasattr(body, "rhythm") else body) for at, body in again.inputs),
    )
    both = [run(each, protocol_text).told for each in (again, without)]
    told, plain = ([one.body for one in each if not isinstance(one.body, RhythmSeen)] for each in both)
    assert told == plain
    assert any(isinstance(body, Reading) for body in told)
    assert len(both[0]) > len(both[1])
