"""Virtual time: which stage hears which item, and which deadline fires next.

The driver owns one heap of deadlines for all chains and re-asks only the stages it touched: asking every stage of
every session after each item costs more than the work itself. It reads no clock; the same calls give the same items.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from monitor.stage import Item, Stage

SWEPT_ABOVE = 1024
"""Entries of the heap, most of which stages have moved since, before they are looked through."""

Emitted = tuple[int, str, Item]
"""An item that came out of a stage: its instant (for a deadline the one that was due), its chain's key, the item."""


class StageError(Exception):
    """A stage failed: its cause says how. `emitted` came out before it did, and counts."""

    def __init__(self, emitted: list[Emitted]) -> None:
        super().__init__("a stage failed")
        self.emitted = emitted


class Chain:
    """Stages in order. An item visits those that consume its type; what they return visits those behind them."""

    def __init__(self, key: str, stages: Sequence[Stage]) -> None:
        self.key = key
        self.stages = tuple(stages)
        types = {kind for stage in stages for kind in stage.consumes}
        self.routes = {
            kind: tuple((index, stage.receive) for index, stage in enumerate(stages) if kind in stage.consumes)
            for kind in types
        }
        self.deadlines: list[int | None] = [None] * len(self.stages)


class Driver:
    """Chains by key, and the heap of their deadlines, ordered by (due, key, stage).

    Chains are ordered by key at equal instants, so the order in which they were added changes nothing.
    """

    def __init__(self) -> None:
        self._chains: dict[str, Chain] = {}
        self._heap: list[tuple[int, str, int]] = []
        self._most = SWEPT_ABOVE

    def __contains__(self, key: str) -> bool:
        return key in self._chains

    def add(self, key: str, stages: Sequence[Stage]) -> None:
        """Put a chain under `key`, in place of one that is there, and ask it for its deadlines."""
        chain = self._chains[key] = Chain(key, stages)
        self._ask(chain, range(len(chain.stages)), None)

    def remove(self, key: str) -> None:
        """Forget a chain and its deadlines."""
        del self._chains[key]

    def stages(self, key: str) -> tuple[Stage, ...]:
        """The stages of a chain, in order."""
        return self._chains[key].stages

    @property
    def chains(self) -> list[str]:
        """The keys of all chains, in order."""
        return sorted(self._chains)

    def receive(self, key: str, item: Item, now: int) -> list[Emitted]:
        """Give an item to a chain. Deadlines that are due must have fired before: see `next_due`.

        Raises:
            StageError: a stage failed.
        """
        chain = self._chains[key]
        emitted: list[Emitted] = []
        touched: set[int] = set()
        try:
            self._feed(chain, item, now, -1, emitted, touched)
        except Exception as error:
            raise StageError(emitted) from error
        finally:
            self._ask(chain, touched, now)
        return emitted

    def next_due(self) -> tuple[int, str, int] | None:
        """The next deadline as (due, key, stage), or None. Entries that a stage has since moved are dropped."""
        heap = self._heap
        while heap:
            due, key, index = heap[0]
            chain = self._chains.get(key)
            if chain is not None and index < len(chain.deadlines) and chain.deadlines[index] == due:
                return heap[0]
            heappop(heap)
        return None

    def fire(self, due: int, key: str, index: int) -> list[Emitted]:
        """Let one stage handle its deadline at exactly the instant that was due.

        Raises:
            StageError: a stage failed.
            RuntimeError: the stage did not move its deadline on, which would fire for ever.
        """
        chain = self._chains[key]
        emitted: list[Emitted] = []
        touched = {index}
        try:
            for item in chain.stages[index].handle_timeout(due):
                emitted.append((due, key, item))
                self._feed(chain, item, due, index, emitted, touched)
        except Exception as error:
            raise StageError(emitted) from error
        finally:
            self._ask(chain, touched, due)
        moved = chain.deadlines[index]
        if moved is not None and moved <= due:
            raise RuntimeError(f"{type(chain.stages[index]).__name__} of '{key}' did not move its deadline past {due}")
        return emitted

    def give_up(self, entry: tuple[int, str, int]) -> None:
        """Drop a deadline whose stage failed to handle it; the stage is asked again when an item touches it."""
        _, key, index = entry
        self._chains[key].deadlines[index] = None

    def _feed(self, chain: Chain, item: Item, now: int, after: int, emitted: list[Emitted], touched: set[int]) -> None:
        for index, receive in chain.routes.get(type(item), ()):
            if index > after:
                touched.add(index)
                for produced in receive(item, now):
                    emitted.append((now, chain.key, produced))
                    self._feed(chain, produced, now, index, emitted, touched)

    def _ask(self, chain: Chain, indices: Iterable[int], now: int | None) -> None:
        """Ask stages for their deadlines. What a stage wanted before `now` is due now: time never steps back."""
        for index in indices:
            due = chain.stages[index].next_deadline()
            if due == chain.deadlines[index]:
                continue
            if due is not None and now is not None and due < now:
                due = now
            chain.deadlines[index] = due
            if due is not None:
                heappush(self._heap, (due, chain.key, index))
        if len(self._heap) > self._most:
            self._sweep()

    def _sweep(self) -> None:
        """Keep only what stages still want: one that changes its mind with every message leaves an entry each time."""
        self._heap = sorted(
            (due, chain.key, index)
            for chain in self._chains.values()
            for index, due in enumerate(chain.deadlines)
            if due is not None
        )
        self._most = max(SWEPT_ABOVE, 4 * len(self._heap))
