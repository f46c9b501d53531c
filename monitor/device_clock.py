"""When a message was measured, by our clock: how far the device's clock is from ours, learned from arrivals.

A clock that is wrong is a skew, not lateness; a message that waited somewhere is late, not a skew. On one message both
look the same. They are told apart by time: a wrong clock stays wrong by the same amount, a backlog drains. So an offset
that holds becomes the skew, and one that falls begins its trial again.

How long it must hold depends on what else could explain it. A stamp after our own now was surely set, and so was one
before that of an earlier number: devices number what they measure, and a queue keeps the order. These hold for
seconds; what a queue could explain holds for minutes, or a slow queue would pass for a clock and old values for new
ones. A device that has just restarted may well have another clock: there the proof alone is enough, and its first value
is judged. Until then a stamp from the future counts as now, and one from the past is late: if a cuff's clock is set
back between two measurements, one is late, and a critical one is told as such.
"""

from msgspec import Struct

from monitor.vitals import SECOND, Cause

TOLERANCE = 5 * SECOND
"""Offsets closer than this to the skew are delay (a cuff takes seconds to connect) and drift (50 ppm: 1.4 s in 8 h)."""

HOLDS_PROVEN = 10 * SECOND
"""How long an offset holds before it is the skew, when order proves that the clock was set."""

HOLDS = 300 * SECOND
"""The same when the messages may only be waiting: a queue that drains 2 % faster than real time shows within it."""

_NONE = Cause.NONE


class DeviceClock(Struct):
    """The learned skew of one device (ns to add to its stamps), and an offset on trial that may replace it.

    The skew is the smallest offset seen near it: the fastest delivery is the truest. `newest` is where the newest
    message in order was placed.
    """

    skew: int | None = None
    trial: int | None = None
    trial_since: int = 0
    trial_proven: bool = False
    newest: int = 0

    @property
    def set_back(self) -> bool:
        """Whether order proves that the clock was set back by an amount that is still on trial."""
        return self.trial is not None and self.trial_proven and self.trial > (self.skew or 0)

    def place(
        self, device_time: int, received_at: int, *, stored: bool, in_order: bool, restarted: bool = False
    ) -> tuple[int, Cause]:
        """When a message was measured (ns, never after it was received), and what is wrong with its stamp.

        Args:
            device_time: the stamp of the device.
            received_at: our time of arrival.
            stored: the device kept the record and sends it later. It teaches nothing of the clock, and is late when
                the clock was never compared with ours, is on trial, or puts the record into the future.
            in_order: no message with a later number has come.
            restarted: it is the first message of a boot.
        """
        if stored:
            return self._place_stored(device_time, received_at)
        self._learn(device_time, received_at, in_order, restarted)
        measured_at, cause = device_time + (self.skew or 0), _NONE
        if measured_at > received_at:
            measured_at, cause = received_at, Cause.FUTURE_STAMP
        if in_order and measured_at > self.newest:
            self.newest = measured_at
        return measured_at, cause

    def _place_stored(self, device_time: int, received_at: int) -> tuple[int, Cause]:
        if self.skew is None:
            return received_at, Cause.LATE
        measured_at = device_time + self.skew
        trusted = self.trial is None and measured_at <= received_at + TOLERANCE
        return min(measured_at, received_at), _NONE if trusted else Cause.LATE

    def _learn(self, device_time: int, received_at: int, in_order: bool, restarted: bool) -> None:
        offset = received_at - device_time
        if self.skew is None:
            self.skew = offset
            return
        if -TOLERANCE <= offset - self.skew <= TOLERANCE:
            self.trial = None
            if offset < self.skew:
                self.skew = offset
            return
        held = received_at - self.trial_since >= (HOLDS_PROVEN if self.trial_proven else HOLDS)
        back = in_order and device_time + self.skew < self.newest - TOLERANCE
        # What order proves does not wait for the end of a trial that a late message began.
        over = held or (back and not self.trial_proven)
        if self.trial is None or offset < self.trial - TOLERANCE or (over and offset > self.trial + TOLERANCE):
            self.trial, self.trial_since = offset, received_at
            self.trial_proven = back or offset < self.skew
            held = restarted and self.trial_proven
        if held:
            self.skew, self.trial = min(self.trial, offset), None
