"""Virtual time: which stage hears which item, and which deadline fires next.

The driver owns one heap of deadlines for all chains and re-asks only the stages it touched: asking every stage of
every session after each item costs more than the work itself. It reads no clock; the same calls give the same items.
"""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from monitor.events import Fault
from monitor.stage import Item, Stage

SWEPT_ABOVE = 1024
"""Entries of the heap, most of which stages have moved since, before they are looked through."""

Emitted = tuple[int, str, Item]
"""An item that came out of a stage: its instant (for a deadline the one that was due), its chain's key, the item."""


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

        A stage that fails ends the item's way with a `Fault`; what came out before it counts.
        """
        return self._run(self._chains[key], item, now, None)

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

        A stage that fails, or does not move its deadline on (it would fire for ever), ends with a `Fault`. Its deadline
        is dropped: it is asked again when an item touches it.
        """
        chain = self._chains[key]
        emitted = self._run(chain, None, due, index)
        moved = chain.deadlines[index]
        if moved is not None and moved <= due:
            chain.deadlines[index] = None
            if not emitted or type(emitted[-1][2]) is not Fault:
                what = f"{type(chain.stages[index]).__name__} did not move its deadline past {due}"
                emitted.append((due, key, Fault(key, what)))
        return emitted

    def _run(self, chain: Chain, item: Item, now: int, index: int | None) -> list[Emitted]:
        """Feed an item to the chain, or (with an index) let that stage handle its deadline, and ask who was touched."""
        emitted: list[Emitted] = []
        touched: set[int] = set()
        try:
            if index is None:
                self._feed(chain, item, now, -1, emitted, touched)
            else:
                touched.add(index)
                for produced in chain.stages[index].handle_timeout(now):
                    emitted.append((now, chain.key, produced))
                    self._feed(chain, produced, now, index, emitted, touched)
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one stage must not stop watching everybody
            emitted.append((now, chain.key, Fault(chain.key, f"{type(error).__name__}: {error}")))
        self._ask(chain, touched, now)
        return emitted

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
