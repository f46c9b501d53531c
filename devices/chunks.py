"""Whether the chunks of one channel of one device follow one another, and what is wrong where they do not."""

from enum import StrEnum

from msgspec import Struct, field

from devices.waveforms import Chunk
from monitor.sequences import Sequences


class Break(StrEnum):
    """How one chunk can fail to follow another."""

    MISSING = "missing"
    """Chunks between the last and this one did not come."""
    BEHIND = "behind"
    """It belongs before what came already: it was missing until now, or is of an earlier boot."""
    OVERLAP = "overlap"
    """It begins before the last one ended."""
    CLOCK_STEP = "clock_step"
    """No chunk is missing, and the device's clock went on, or back, by more than the samples."""
    RESTARTED = "restarted"
    """The device began to count again."""


class Gap(Struct, frozen=True):
    """One such failure. `chunks`: how many are missing. `by`: ns between the expected and the real beginning."""

    what: Break
    chunks: int = 0
    by: int = 0


class ChunkSequence(Struct):
    """What is remembered of one channel: which numbers came, and when (by the device's clock) the next chunk begins."""

    sequences: Sequences = field(default_factory=Sequences)
    boot: int | None = None
    end: int = 0

    def take(self, chunk: Chunk) -> tuple[Gap, ...] | None:
        """Note a chunk. Returns how it fails to follow the newest before it; None when it came before.

        A beginning within one period of the expected one is in its place: clocks of devices run unevenly.
        """
        boot, known = str(chunk.boot), self.boot
        missing = self.sequences.take(boot, chunk.sequence)
        if missing is None:
            return None
        if not self.sequences.is_newest(boot, chunk.sequence):
            return (Gap(Break.BEHIND),)
        by = chunk.waveform.start - self.end
        self.boot, self.end = chunk.boot, chunk.end
        if known is None:
            return ()
        if known != chunk.boot:
            return (Gap(Break.RESTARTED, by=by),)
        if missing:
            return (Gap(Break.MISSING, missing, by), *_out_of_place(by, chunk, after_missing=True))
        return _out_of_place(by, chunk, after_missing=False)


def _out_of_place(by: int, chunk: Chunk, *, after_missing: bool) -> tuple[Gap, ...]:
    """A beginning that the samples do not explain; after missing chunks a later one is what is expected."""
    period = chunk.waveform.period
    if -period <= by <= period or (after_missing and by > 0):
        return ()
    overlaps = -(chunk.end - chunk.waveform.start) < by < 0
    return (Gap(Break.OVERLAP if overlaps else Break.CLOCK_STEP, by=by),)
