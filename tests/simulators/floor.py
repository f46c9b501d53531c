"""The floor under our rules: what they found and how little they disturbed, once, so that no change makes it worse.

Where a change of the simulators or of the rules moves it for a good reason, write it again and say why in the commit:

    python -m tests.simulators.floor > tests/simulators/score_floor.toml
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from alerts.protocols import protocol_text
from monitor.plain_toml import read_toml, write_toml
from simulators.score import Monitor, score
from simulators.scoring.choice import Choice
from simulators.scoring.counting import QUIET
from simulators.scoring.tally import Near, Sounds, Tally, total

PATH = Path(__file__).with_name("score_floor.toml")
SEED, QUIETS, EVENTS = 20, 1, 4
NO_STORIES = Path(__file__).parent / "no_stories"
"""They have expectations of their own."""
OURS = Monitor("ours", protocol_text)
HEADER = """# What the rules must go on to do on these simulated sessions. Written by tests/simulators/floor.py;
# a commit that lowers it says why.

"""


class PatternFloor(Struct, frozen=True, forbid_unknown_fields=True):
    """At least so many of the events found and heard, and those found no later than `slowest_s` after their onset."""

    events: int
    found: int
    heard: int
    slowest_s: float


NONE = PatternFloor(0, 0, 0, 0)


class Floor(Struct, frozen=True, forbid_unknown_fields=True):
    """In quiet sessions at most so many false and heard at all; at most so many near misses disturbed."""

    false: int
    heard: int
    near_disturbed: int
    pattern: dict[str, PatternFloor]


def floor() -> Floor:
    """What is committed."""
    return read_toml(PATH.read_text(encoding="utf-8"), Floor)


def played(monitors: Sequence[Monitor] = (OURS,), jobs: int = 2) -> dict[str, Tally]:
    """The floor's sessions under some monitors."""
    return score(Choice(seed=SEED, quiet=QUIETS, events=EVENTS, stories=NO_STORIES).names(), monitors, jobs)


def measured(tally: Tally) -> Floor:
    """The floor that a tally makes."""
    quiet = total([sounds for group, sounds in tally.sounds.items() if group.startswith(QUIET)], Sounds())
    near = total([*tally.near.values()], Near())
    patterns = {
        name: PatternFloor(each.events, each.found, each.heard, max(each.latencies_s, default=0))
        for name, each in tally.patterns.items()
    }
    return Floor(quiet.false, quiet.burden, near.disturbed, patterns)


def shortfalls(wanted: Floor, found: Floor) -> Iterator[str]:
    """Everything in which a score is below the floor."""
    if found.false > wanted.false or found.heard > wanted.heard:
        yield f"quiet sessions: {found.false} false of {found.heard} heard; at most {wanted.false} of {wanted.heard}"
    if found.near_disturbed > wanted.near_disturbed:
        yield f"near misses: {found.near_disturbed} disturbed; at most {wanted.near_disturbed}"
    for name in sorted(wanted.pattern.keys() | found.pattern.keys()):
        yield from _pattern_shortfalls(name, wanted.pattern.get(name, NONE), found.pattern.get(name, NONE))


def _pattern_shortfalls(name: str, low: PatternFloor, now: PatternFloor) -> Iterator[str]:
    if now.events != low.events:
        yield f"{name}: {now.events} events, not {low.events}: these are other people; write the floor again"
    elif now.found < low.found or now.heard < low.heard:
        yield f"{name}: {now.found} found, {now.heard} heard of {now.events}; at least {low.found}, {low.heard}"
    elif now.slowest_s > low.slowest_s:
        yield f"{name}: told after {now.slowest_s:g} s; at most {low.slowest_s:g} s"


if __name__ == "__main__":
    sys.stdout.write(HEADER + write_toml(measured(played()[OURS.name])))
