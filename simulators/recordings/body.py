"""Somebody recorded, as a Body that devices can be put on."""

from collections.abc import Mapping

import numpy as np

from monitor.vitals import Signal
from simulators.latent import Array, Body, Latent
from simulators.recordings.recording import Recording


class RecordedPatient:
    """A Body that shows a recording, over and over: the last second is followed by the first, and steps there.

    What was not recorded at all comes from `stand_in`; without one there is no value. Where a recorded signal has a
    gap there is no value (NaN) either: nobody stands in for seconds.

    Recorded and simulated signals of one person do not know of each other: nothing may be concluded from both.
    """

    def __init__(self, recording: Recording, stand_in: Body | None = None) -> None:
        self._recording = recording
        self._stand_in = stand_in

    def latent(self, start: int, stop: int) -> Latent:
        """As in Body. The truth of somebody recorded is not known: what was shown stands for it, at rest, regular."""
        if self._stand_in is None:
            still = np.zeros(stop - start)
            return Latent(start, self.shown(start, stop), still, still)
        other = self._stand_in.latent(start, stop)
        return Latent(start, {**other.levels, **self._recorded(start, stop)}, other.motion, other.irregular)

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """As in Body; a second of the recording a tick."""
        nothing = {signal: np.full(stop - start, np.nan) for signal in Signal}
        other = nothing if self._stand_in is None else self._stand_in.shown(start, stop)
        return {**other, **self._recorded(start, stop)}

    def _recorded(self, start: int, stop: int) -> Mapping[Signal, Array]:
        seconds = np.arange(start, stop) % self._recording.seconds
        return {signal: level[seconds] for signal, level in self._recording.levels.items()}
