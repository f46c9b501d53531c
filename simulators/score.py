"""How good rules are: stories and drawn sessions played under several monitors at once, and everything counted.

Each story is taken once and run under every monitor, so that all of them see the same people and the same devices.
The work is shared among processes; the counts add up to the same whatever their number.
"""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from simulators.play import run, take
from simulators.scenario import load_scenario
from simulators.scoring.counting import tally
from simulators.scoring.evidence import Evidence
from simulators.scoring.spread import spread
from simulators.scoring.tally import Tally, add


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
    taken = take(load_scenario(name), name)
    return {monitor.name: tally(Evidence(run(taken, monitor.text)), monitor.expects) for monitor in monitors}
