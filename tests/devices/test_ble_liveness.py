"""Whether a link is worth keeping, on virtual time: liveness is the last valid value, never "connected"."""

from devices.liveness import LONGEST_DRAIN, PATIENCE, Due, Liveness
from devices.quirks import Link, Model, TriedOn
from monitor.vitals import SECOND, Signal


def model(signal: Signal = Signal.SPO2, link: Link = Link.HOLD) -> Model:
    return Model(
        id="m",
        name="m",
        maker="m",
        signals=(signal,),
        link=link,
        first_value_s=10,
        drain_s=5,
        evidence="",
        tested=TriedOn.UNTESTED,
    )


class Lived:
    """A connection since 0 s; what time did to it, by the second."""

    def __init__(self, of: Model) -> None:
        self.liveness = Liveness(of, 0)
        self.happened: list[tuple[float, Due]] = []

    def until(self, second: float) -> None:
        while not self.over and (at := self.liveness.next_deadline()) <= second * SECOND:
            due = self.liveness.due(at)
            assert due is not None, "a deadline at which nothing is due would be asked for ever"
            self.happened.append((at / SECOND, due))

    def hear(self, second: float, *, valid: bool = True) -> None:
        self.until(second)
        self.liveness.heard(int(second * SECOND), valid=valid)

    @property
    def over(self) -> bool:
        return any(due is not Due.DOUBT for _, due in self.happened)


def test_a_link_that_says_nothing_is_closed_in_time() -> None:
    """Connected and silent is a zombie, from the start and at any later time."""
    silent = Lived(model())
    silent.until(60)
    assert silent.happened == [(10, Due.MUTE)]
    fell_silent = Lived(model())
    for second in range(1, 31):
        fell_silent.hear(second)
    fell_silent.until(60)
    assert fell_silent.happened == [(40, Due.MUTE)]


def test_a_link_that_sends_nothing_valid_is_told_in_time_and_closed_much_later() -> None:
    """Law 3: a probe that is off is told by its last valid value; connecting again helps only what hangs."""
    off = Lived(model())
    off.hear(1)
    for second in range(2, 300):
        off.hear(second, valid=False)
    assert off.happened == [(11, Due.DOUBT), (1 + 10 * PATIENCE, Due.MUTE)]


def test_a_doubt_ends_with_a_valid_value_and_may_come_again() -> None:
    """Each time that nothing valid comes for too long is told once."""
    probe = Lived(model())
    for second in range(1, 60):
        probe.hear(second, valid=second in (1, 30))
    assert probe.happened == [(11, Due.DOUBT), (40, Due.DOUBT)]


def test_what_is_measured_now_and_then_may_be_silent_in_between() -> None:
    """A thermometer that is held is no zombie because nobody has a fever right now."""
    thermometer = Lived(model(Signal.TEMPERATURE))
    thermometer.until(99)
    assert thermometer.happened == []
    thermometer.until(101)
    assert thermometer.over


def test_a_device_that_drains_is_let_go_when_it_has_told_all() -> None:
    """By silence where it cannot say so, at once where it can."""
    cuff = model(Signal.SYSTOLIC, Link.DRAIN)
    by_silence, by_word = Lived(cuff), Lived(cuff)
    for second in (1, 2, 6.5):
        by_silence.hear(second)
    by_silence.until(60)
    assert by_silence.happened == [(11.5, Due.DRAINED)]
    by_word.hear(1)
    by_word.liveness.told_all(2 * SECOND)
    by_word.until(60)
    assert by_word.happened == [(2, Due.DRAINED)]


def test_a_drain_ends_even_if_the_device_never_stops() -> None:
    """What tells for ever does not tell what it has stored."""
    endless = Lived(model(Signal.SYSTOLIC, Link.DRAIN))
    for second in range(1, 1000):
        endless.hear(second)
    assert endless.happened == [(LONGEST_DRAIN / SECOND, Due.DRAINED)]


def test_a_drain_that_tells_nothing_is_over_soon() -> None:
    """A cuff with nothing to say is let go, so that it can measure."""
    nothing = Lived(model(Signal.SYSTOLIC, Link.DRAIN))
    nothing.until(60)
    assert nothing.happened == [(10, Due.MUTE)]
