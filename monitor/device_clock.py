"""When a message was measured, by our clock: how far the device's clock is from ours, learned from arrivals.

A clock that is wrong is a skew, not lateness; a message that waited somewhere is late, not a skew. Both look the same
on one message, and are told apart in two ways:

- By order. Devices number what they measure, so a stamp before that of an earlier number, or after our own now,
  cannot be right: somebody set the clock. Such a message was measured after the one before it and counts as measured
  now, with a doubt: a crisis right after the clock was set is judged and cannot be filed under whoever wore the device
  an hour ago, nor can the doubtful value end an alert.
- By time. A wrong clock stays wrong by the same amount; a backlog drains. An offset that holds becomes the skew: soon
  where the order has proved that the clock was set, later where a queue could still explain it. An offset on trial
  that falls is a queue that drains, and begins again.
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

    def place(self, device_time: int, received_at: int, *, stored: bool, in_order: bool) -> tuple[int, Cause]:
        """When a message was measured (ns, never after it was received), and what is wrong with its stamp.

        Args:
            device_time: the stamp of the device.
            received_at: our time of arrival.
            stored: the device kept the record and sends it later. It teaches nothing of the clock, and is late when
                the clock was never compared with ours, is on trial, or puts the record into the future.
            in_order: no message with a later number has come.
        """
        if stored:
            return self._place_stored(device_time, received_at)
        self._learn(device_time, received_at, in_order)
        measured_at, cause = device_time + (self.skew or 0), _NONE
        if measured_at > received_at:
            if measured_at - received_at > TOLERANCE:
                cause = Cause.FUTURE_STAMP
            measured_at = received_at
        elif in_order and measured_at < self.newest - TOLERANCE:
            measured_at, cause = received_at, Cause.DISAGREEMENT
        if in_order and measured_at > self.newest:
            self.newest = measured_at
        return measured_at, cause

    def _place_stored(self, device_time: int, received_at: int) -> tuple[int, Cause]:
        if self.skew is None:
            return received_at, Cause.LATE
        measured_at = device_time + self.skew
        trusted = self.trial is None and measured_at <= received_at + TOLERANCE
        return min(measured_at, received_at), _NONE if trusted else Cause.LATE

    def _learn(self, device_time: int, received_at: int, in_order: bool) -> None:
        offset = received_at - device_time
        if self.skew is None:
            self.skew = offset
        elif -TOLERANCE <= offset - self.skew <= TOLERANCE:
            self.skew, self.trial = min(self.skew, offset), None
        elif self.trial is None or offset < self.trial - TOLERANCE:
            self._try(offset, device_time, received_at, in_order)
        elif received_at - self.trial_since >= (HOLDS_PROVEN if self.trial_proven else HOLDS):
            if offset > self.trial + TOLERANCE:
                self._try(offset, device_time, received_at, in_order)
            else:
                self.skew, self.trial = min(self.trial, offset), None

    def _try(self, offset: int, device_time: int, received_at: int, in_order: bool) -> None:
        skew = self.skew or 0
        self.trial, self.trial_since = offset, received_at
        self.trial_proven = offset < skew or (in_order and device_time + skew < self.newest - TOLERANCE)
