"""What a score plays: stories, and sessions drawn from a seed."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from msgspec import Struct

from simulators import scenario
from simulators.draw import DRAWN, QUIET
from simulators.faults import FaultKind
from simulators.patterns import Pattern
from simulators.treatments import Treatment


class Choice(Struct, frozen=True, kw_only=True):
    """How much is played. The same choice plays the same, and a larger one all of a smaller one's and more.

    quiet: whole sessions of each treatment in which nothing happens. events: sessions for each pattern, treatments by
    turns. faults: the same for each fault of the equipment.
    """

    seed: int = 1
    stories: Path | None = None
    """The folder of the stories; ours when absent."""
    quiet: int = 0
    events: int = 0
    faults: int = 0

    def names(self) -> list[str]:
        """Everything to play, the longest first, so that processes finish together."""
        return [*self.drawn(QUIET, self.quiet), *self.adverse(), *self.told()]

    def drawn(self, what: str, each: int) -> Iterator[str]:
        """`each` sessions of every treatment."""
        return (f"{DRAWN}{treatment}/{what}/{self.seed}-{n}" for treatment in Treatment for n in range(each))

    def adverse(self) -> Iterator[str]:
        """The sessions in which something happens."""
        yield from self._by_turns([*Pattern], self.events)
        yield from self._by_turns([*FaultKind], self.faults)

    def told(self) -> list[str]:
        """The stories that end: by name if they are ours, else by path."""
        theirs = [] if self.stories is None else sorted(map(str, self.stories.glob("*.toml")))
        names = scenario.names() if self.stories is None else theirs
        return [name for name in names if scenario.load_scenario(name).duration_s is not None]

    def _by_turns(self, whats: Sequence[Pattern | FaultKind], each: int) -> Iterator[str]:
        for first, what in enumerate(whats):
            treatments = islice(cycle(Treatment), first, first + each)
            yield from (f"{DRAWN}{treatment}/{what}/{self.seed}-{n}" for n, treatment in enumerate(treatments))
