"""Scoring: the same people under every monitor, and the same result from any number of processes."""

from functools import partial
from pathlib import Path

import pytest

from alerts.protocols import protocol_text
from monitor.cli.score import fixed, our_monitors
from monitor.protocol import ProtocolError, read_protocol
from simulators.faults import FaultKind
from simulators.patterns import Pattern
from simulators.score import TOGETHER, Monitor, batches, score, score_twice
from simulators.scoring import comparisons
from simulators.scoring.choice import Choice
from simulators.story import ScenarioError
from simulators.treatments import Treatment

NAMES = ["draw:ketamine_im/apnoea/1", "draw:mdma/toilet/1", "draw:esketamine/cuff_same_arm/1"]
OURS = Monitor("ours", protocol_text, expects=True)
SESSION = """
[[session]]
id = "s-1"
room = "1"
seed = "somebody"
devices = { oximeter = "ox-1", strap = "ecg-1", cuff = "cuff-1", thermometer = "temp-1" }
"""


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    """Counts, latencies and cases alike, in the same order."""
    monitors = [OURS, our_monitors()[1]]
    assert score(NAMES, monitors, jobs=1) == score(NAMES, monitors, jobs=3)


def test_playing_with_waveforms_changes_nothing_of_the_rest() -> None:
    """The tallies are those of a score without; the pairs are the same for any number of processes."""
    monitors = [OURS, our_monitors()[1]]
    done: list[str] = []
    names = NAMES[:2]
    tallies, pairs = score_twice(names, monitors, jobs=1, done=done.append)
    assert tallies == score(names, monitors)
    assert done == names
    assert [one.name for one, _ in pairs] == [other.name for _, other in pairs] == names
    assert score_twice(names, monitors, jobs=2) == (tallies, pairs)


def test_a_pair_is_of_the_same_events_and_hours() -> None:
    """What is compared is how they were told; numbers from devices are judged as in any score."""
    tallies, ((one, other),) = score_twice(NAMES[:1], [OURS])
    assert [(each.pattern, each.priority) for each in one.events] == [
        (each.pattern, each.priority) for each in other.events
    ]
    assert (one.hours, one.group) == (other.hours, other.group)
    assert one.heard == tallies["ours"].sounds["adverse"].burden
    assert sum(each.told for each in one.events) == sum(each.found for each in tallies["ours"].patterns.values())


def test_what_is_played_side_by_side_fits_and_is_shared_out() -> None:
    """In the order of the names, each once; fewer at a time where there are more processes."""
    names = [*Choice(quiet=1, events=3).drawn("quiet", 12)]
    for jobs in (1, 4):
        found = [*batches(names, jobs)]
        assert [name for batch in found for name in batch] == names
        assert len(found) >= jobs
        assert max(map(len, found)) <= TOGETHER


def test_every_story_is_told_when_it_has_been_played() -> None:
    """In the order asked for, so that progress can be shown."""
    done: list[str] = []
    score(NAMES[:2], [OURS], done=done.append)
    assert done == NAMES[:2]


def test_a_story_that_cannot_be_played_is_refused() -> None:
    """The sentence says which, also from another process."""
    for jobs in (1, 2):
        with pytest.raises(ScenarioError, match="nothing is called 'nothing'"):
            score([NAMES[0], "draw:mdma/nothing/1"], [OURS], jobs)


def test_a_larger_choice_plays_all_of_a_smaller_one() -> None:
    """So a longer score can only know more."""
    small, large = Choice(quiet=1, events=2, faults=1), Choice(quiet=2, events=5, faults=3)
    assert set(small.names()) < set(large.names())
    assert len(set(large.names())) == len(large.names())


def test_every_treatment_pattern_and_fault_is_drawn() -> None:
    """Nothing that can be drawn is left out."""
    drawn = (name for name in Choice(quiet=1, events=6, faults=1).names() if name.startswith("draw:"))
    parts = [name.removeprefix("draw:").split("/") for name in drawn]
    assert {treatment for treatment, _, _ in parts} == set(Treatment)
    assert {what for _, what, _ in parts} == {"quiet", *Pattern, *FaultKind}
    assert len({(treatment, what) for treatment, what, _ in parts if what == "apnoea"}) == len(Treatment)


def test_another_seed_draws_other_people() -> None:
    """And the stories stay the same."""
    one, two = Choice(seed=1, events=1), Choice(seed=2, events=1)
    assert set(one.adverse()).isdisjoint(two.adverse())
    assert one.told() == two.told()


def test_stories_come_from_any_folder_and_one_without_an_end_is_none(tmp_path: Path) -> None:
    """What goes on until somebody ends it cannot be scored."""
    for name, duration in (("ends", "duration_s = 600"), ("endless", "")):
        (tmp_path / f"{name}.toml").write_text(f'title = "a story"\nby = "nurse-1"\n{duration}\n{SESSION}', "utf-8")
    assert Choice(stories=tmp_path).told() == [str(tmp_path / "ends.toml")]


@pytest.mark.parametrize("name", comparisons.names())
def test_a_comparison_differs_in_its_rules_alone(name: str) -> None:
    """Ladders, expected signals and equipment are those of the protocol beside it, and it says what it is."""
    ours, other = (read_protocol(text) for text in (protocol_text("default"), _beside(name)))
    assert (other.ladder, other.expected, other.technical) == (ours.ladder, ours.expected, ours.technical)
    assert other.rule != ours.rule
    assert "not for watching people" in other.title
    assert other.id == f"comparison-{name}"


@pytest.mark.parametrize("name", comparisons.names())
def test_nothing_that_watches_people_accepts_a_comparison(name: str) -> None:
    """Neither by its name nor by its path: it has no ladder, so it is no protocol."""
    with pytest.raises(ProtocolError, match="there is no protocol"):
        protocol_text(name)
    path = Path(comparisons.__file__).parent / f"{name}.toml"
    with pytest.raises(ProtocolError, match=r"missing required field|unknown field"):
        read_protocol(protocol_text(str(path)))


def test_factory_limits_are_those_published() -> None:
    """Mindray TM80 as delivered: heart rate 50 to 120, saturation 90 and 80, pressure 160 over 90."""
    rules = {rule.id: rule.limit for rule in comparisons.load("factory_mindray").rule}
    assert (rules["heart_rate_high"][0].at_least, rules["heart_rate_low"][0].at_most) == (121, 49)
    assert [limit.at_most for limit in rules["spo2_low"]] == [89, 79]
    assert (rules["systolic_high"][0].at_least, rules["diastolic_high"][0].at_least) == (161, 91)


def test_a_plain_delay_is_the_factory_limits_fifteen_seconds_later() -> None:
    """So the two differ in the delay alone; measurements now and then cannot wait."""
    plain, delayed = comparisons.load("factory_mindray").rule, comparisons.load("plain_delay_15s").rule
    for one, other in zip(plain, delayed, strict=True):
        for limit, later in zip(one.limit, other.limit, strict=True):
            assert (limit.at_least, limit.at_most, limit.cause) == (later.at_least, later.at_most, later.cause)
            waits = one.signal not in ("systolic", "diastolic", "temperature")
            assert (limit.dwell_s, later.dwell_s) == (0, 15 if waits else 0)


def test_one_protocol_can_watch_everybody() -> None:
    """Whatever a story asks for."""
    assert partial(fixed, "text")("esketamine") == "text"


def _beside(name: str) -> str:
    return comparisons.beside(protocol_text("default"), name)
