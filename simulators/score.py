"""How good rules are: stories and drawn sessions played under several monitors at once, and everything counted.

Each story is taken once and run under every monitor, so that all of them see the same people and the same devices.
With waveforms it is taken once more, with devices that send those, and run under the first monitor.
The work is shared among processes; the counts add up to the same whatever their number.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from simulators.play import Take, run, take
from simulators.scenario import load_scenario
from simulators.scoring.counting import tally
from simulators.scoring.evidence import Evidence
from simulators.scoring.outcome import Outcome, outcome
from simulators.scoring.pairs import Pair
from simulators.scoring.spread import spread
from simulators.scoring.tally import Tally, add

TOGETHER, TOGETHER_S = 64, 300_000.0
"""Sessions, and person-seconds, that a process plays side by side: what it keeps of them takes a gigabyte at most."""
EACH = 4
"""So many times at least a process takes something up: so all end at about the same time."""


class Monitor(Struct, frozen=True):
    """Rules to be scored: `text` gives the protocol for the name that a story asks for."""

    name: str
    text: Callable[[str], str]
    expects: bool = False
    """Whether what the stories expect is expected of it: only our own rules promised that."""


def score(
    names: Sequence[str], monitors: Sequence[Monitor], jobs: int = 1, done: Callable[[str], None] = lambda name: None
) -> dict[str, Tally]:
    """Play the stories and drawn sessions of these names under each monitor: a tally by the monitor's name.

    Args:
        jobs: processes that share the work; the result does not depend on it.
        done: called with each name when it has been played.

    Raises:
        ScenarioError: a story cannot be played.
        monitor.protocol.ProtocolError: a protocol cannot be used.
    """
    sums = {monitor.name: Tally() for monitor in monitors}
    play = partial(score_one, monitors=tuple(monitors))
    for name, tallies in zip(names, spread(play, names, jobs), strict=True):
        sums = {each: add(sums[each], tallies[each]) for each in sums}
        done(name)
    return sums


def score_one(name: str, monitors: Sequence[Monitor]) -> dict[str, Tally]:
    """One story or drawn session under each monitor."""
    return _tallies(take(load_scenario(name), name), monitors)


class Twice(Struct, frozen=True):
    """One story or drawn session: a tally by the monitor's name, and the pair where waveforms could be played."""

    name: str
    tallies: dict[str, Tally]
    pair: Pair | None


def score_twice(
    names: Sequence[str], monitors: Sequence[Monitor], jobs: int = 1, done: Callable[[str], None] = lambda name: None
) -> tuple[dict[str, Tally], list[Pair]]:
    """As `score`, and each session once more with numbers from waveforms, under the first monitor: pairs of outcomes.

    Stories of somebody recorded have no waveforms, and no pair.

    Raises:
        ModuleNotFoundError: what computes numbers from waveforms is not installed.
    """
    sums = {monitor.name: Tally() for monitor in monitors}
    pairs = []
    play = partial(score_together, monitors=tuple(monitors))
    for played in spread(play, [*batches(names, jobs)], jobs):
        for each in played:
            sums = {key: add(sums[key], each.tallies[key]) for key in sums}
            pairs += [each.pair] if each.pair else []
            done(each.name)
    return sums, pairs


def batches(names: Sequence[str], jobs: int) -> Iterator[list[str]]:
    """What is played side by side: neighbours, as many as a process can hold, or fewer: each is to have several."""
    lengths = [_seconds(name) for name in names]
    most_s = min(TOGETHER_S, sum(lengths) / jobs / EACH)
    batch: list[str] = []
    filled_s = 0.0
    for name, length_s in zip(names, lengths, strict=True):
        if batch and (filled_s + length_s > most_s or len(batch) == TOGETHER):
            yield batch
            batch, filled_s = [], 0.0
        batch, filled_s = [*batch, name], filled_s + length_s
    if batch:
        yield batch


def score_together(names: Sequence[str], monitors: Sequence[Monitor]) -> list[Twice]:
    """Some stories, side by side."""
    # What computes needs a compiler, which takes a second to load: only who wants waveforms pays.
    from simulators.from_waveforms.taking import has_waveforms, retaken

    takes = [take(load_scenario(name), name) for name in names]
    tallies = [_tallies(each, monitors) for each in takes]
    sampled = [each for each in takes if has_waveforms(each.scenario)]
    pairs = {each.name: (_outcome(each, monitors[0]), _outcome(again, monitors[0])) for each, again in retaken(sampled)}
    return [Twice(name, found, pairs.get(name)) for name, found in zip(names, tallies, strict=True)]


def _tallies(taken: Take, monitors: Sequence[Monitor]) -> dict[str, Tally]:
    return {monitor.name: tally(Evidence(run(taken, monitor.text)), monitor.expects) for monitor in monitors}


def _outcome(taken: Take, monitor: Monitor) -> Outcome:
    return outcome(Evidence(run(taken, monitor.text)))


def _seconds(name: str) -> float:
    scenario = load_scenario(name)
    return len(scenario.session) * (scenario.duration_s or 0)
