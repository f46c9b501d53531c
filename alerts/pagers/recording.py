"""A pager that reaches nobody: replays and tests look at what would have left."""

from collections import deque
from collections.abc import Iterable

from alerts.pagers.base import Attempt, Reach
from monitor.alert import Delivery, Page

KEPT = 10_000
"""How many pages it remembers, newest first to stay."""


class RecordingPager:
    """Remembers pages and answers as it was told to.

    Args:
        name: as the rota names it.
        outcomes: what the next attempts come to; delivered once they are used up.
    """

    reaches = Reach.NOBODY

    def __init__(self, name: str, outcomes: Iterable[Delivery] = ()) -> None:
        self.name = name
        self.pages: deque[Page] = deque(maxlen=KEPT)
        self.unrecorded: set[str] = set()
        """Ids of the pages that left before the journal had them."""
        self._outcomes = iter(outcomes)

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        """Remember the page."""
        self.pages.append(page)
        if unrecorded:
            self.unrecorded.add(page.id)
        return Attempt(next(self._outcomes, Delivery.DELIVERED), "recorded only")

    async def close(self) -> None:
        """Holds nothing open."""
