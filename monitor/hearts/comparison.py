"""Answers what has changed with the rates of a second."""

from typing import TYPE_CHECKING

from monitor.hearts.asking import Answer, Asked

if TYPE_CHECKING:
    from monitor.hearts.choosing import Hearts


class Comparison:
    """Knows what was told before."""

    def __init__(self) -> None:
        self._hearts: Hearts | None = None

    def answer(self, asked: Asked) -> Answer:
        """Compare. Raises ModuleNotFoundError where that is impossible: what is imported here needs a compiler."""
        from monitor.hearts.choosing import Hearts, Left
        from monitor.hearts.evidence import evidence

        if self._hearts is None:
            self._hearts = Hearts(asked.origin, asked.most)
        said = [found for pair in asked.rates if (found := evidence(*pair)) is not None]
        left = [Left(each.session, each.device) for each in asked.left]
        return Answer(tuple(self._hearts.push([*said, *left], asked.sessions, asked.now)))
