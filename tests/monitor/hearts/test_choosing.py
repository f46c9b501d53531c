"""Which source of each session's heart is believed: nobody else's, nothing old, nothing invalid."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import nan
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.heart import HeartSource, RateSign, RateSource
from monitor.hearts.choosing import ANEW, MOVED, Hearts, Left
from monitor.hearts.evidence import OUTLIER, VALID, Evidence
from monitor.hearts.places import DEVICES
from monitor.signal.fusion import TRUST, Limits, Source
from monitor.vitals import SECOND, Origin

START = 1_790_000_000 * SECOND
ECG, PULSE, STRAP, OXIMETER, CUFF = Source
LASTS = Limits().lasts_s

Heard = Evidence | Left


def said(
    second: float,
    source: Source,
    value: float,
    confidence: float = VALID,
    session: str = "s-1",
    device: str = "",
) -> Evidence:
    at = START + int(second * SECOND)
    return Evidence(at, session, source, device or source.name.lower(), value, confidence)


def steady(source: Source, value: float, seconds: Iterable[int], session: str = "s-1", device: str = "") -> list[Heard]:
    return [said(second - 0.5, source, value, session=session, device=device) for second in seconds]


class Ward:
    """Hearts that are asked once a second, and all that they said."""

    def __init__(self, sessions: Collection[str] = ("s-1",), most: int = 4) -> None:
        self.hearts = Hearts(Origin.SIMULATED, most)
        self.sessions = sessions
        self.second = 0
        self.news: list[tuple[int, HeartSource]] = []
        self.hearts.push((), sessions, START)

    def go_on(self, heard: Iterable[Heard], until: int) -> "Ward":
        """Second by second; a device that left did so in the second after what was heard before it."""
        seconds: dict[int, list[Heard]] = {}
        last = self.second
        for each in heard:
            if isinstance(each, Evidence):
                last = int((each.at - START) // SECOND)
            seconds.setdefault(last, []).append(each)
        while self.second < until:
            self.second += 1
            now = START + self.second * SECOND
            news = self.hearts.push(seconds.get(self.second - 1, ()), self.sessions, now)
            self.news += [(self.second, each) for each in news]
        return self

    def believed(self, session: str = "s-1") -> HeartSource:
        """What was said last."""
        mine = [each for _, each in self.news if each.session == session]
        return mine[-1] if mine else HeartSource(session, origin=Origin.SIMULATED)


def test_one_source_is_said_once() -> None:
    """With its device, however long it goes on and whatever rates it tells."""
    ward = Ward().go_on([said(second + 0.5, STRAP, 70 + second % 3) for second in range(60)], 60)
    expected = HeartSource(
        "s-1", RateSource.MONITOR_ECG, "monitor_ecg", RateSign.NOTHING, RateSource.NOBODY, "", None, Origin.SIMULATED
    )
    assert ward.news == [(1, expected)]


@pytest.mark.parametrize("source", Source)
def test_silence_ends_a_source(source: Source) -> None:
    """After its time nobody is believed, and that is said."""
    ward = Ward().go_on([said(0.5, source, 70.0)], 60)
    (began, first), (ended, then) = ward.news
    assert (began, first.source) == (1, RateSource[source.name])
    assert (then.source, then.device, then.sign) == (RateSource.NOBODY, "", RateSign.NOTHING_TOLD)
    assert ended - 0.5 == pytest.approx(TRUST[source].lasts_s, abs=0.5)


@pytest.mark.parametrize(("value", "confidence"), [(nan, 0.0), (nan, 0.9), (0.0, 0.7), (70.0, 0.0)])
def test_what_has_no_value_is_never_believed(value: float, confidence: float) -> None:
    """No number, no beats, or nothing that it is worth."""
    ward = Ward().go_on([said(second + 0.5, STRAP, value, confidence) for second in range(30)], 30)
    assert ward.news == []


def test_what_becomes_invalid_is_not_believed_any_more() -> None:
    """At once: the last value of a lead that is off is none."""
    ward = Ward().go_on([*steady(STRAP, 70.0, range(1, 11)), said(10.5, STRAP, nan, 0.0)], 12)
    assert [(second, each.source) for second, each in ward.news] == [
        (1, RateSource.MONITOR_ECG),
        (11, RateSource.NOBODY),
    ]


def test_who_contradicts_is_said_with_its_device_and_what_it_tells() -> None:
    """Once it has for long enough; and when it agrees again, that is said."""
    both = [
        *steady(STRAP, 90.0, range(1, 61), device="strap-1"),
        *steady(OXIMETER, 64.0, range(1, 41), device="ox-1"),
        *steady(OXIMETER, 89.0, range(41, 61), device="ox-1"),
    ]
    ward = Ward().go_on(both, 60)
    first, contradicted, agreed = ward.news
    assert first[1].sign is RateSign.NOTHING
    assert contradicted[0] == 1 + LASTS
    assert contradicted[1] == HeartSource(
        "s-1",
        RateSource.MONITOR_ECG,
        "strap-1",
        RateSign.DISAGREEMENT,
        RateSource.MONITOR_PULSE,
        "ox-1",
        64.0,
        Origin.SIMULATED,
    )
    assert agreed == (41, first[1])


def test_what_contradicts_is_said_again_only_when_it_has_moved() -> None:
    """Every other second a little, then once far."""
    pulse = [said(second + 0.5, OXIMETER, 64 + second % 2 * (MOVED - 1)) for second in range(40)]
    ward = Ward().go_on([*steady(STRAP, 95.0, range(1, 51)), *pulse, *steady(OXIMETER, 55.0, range(41, 51))], 50)
    contradicted = [(second, each.other) for second, each in ward.news if each.other is not None]
    assert len(contradicted) == 2
    assert contradicted[1] == (41, 55.0)


def test_a_number_far_from_those_before_is_worth_less() -> None:
    """While another source is as it was, a strap that leaps gives way to it, and does not contradict it yet."""
    both = [*steady(STRAP, 70.0, range(1, 31)), *steady(OXIMETER, 71.0, range(1, 36))]
    ward = Ward().go_on([*both, *steady(STRAP, 140.0, range(31, 36))], 35)
    assert [(second, each.source) for second, each in ward.news] == [
        (1, RateSource.MONITOR_ECG),
        (31, RateSource.MONITOR_PULSE),
    ]
    assert Limits().good > VALID * OUTLIER


def test_a_leap_that_lasts_is_believed() -> None:
    """The numbers have changed: after half a minute both contradict each other, as two straight from the start do."""
    both = [*steady(STRAP, 70.0, range(1, 31)), *steady(OXIMETER, 71.0, range(1, 91))]
    ward = Ward().go_on([*both, *steady(STRAP, 140.0, range(31, 91))], 90)
    assert ward.believed().sign is RateSign.DISAGREEMENT


def test_of_two_devices_that_are_the_same_source_each_is_known() -> None:
    """Two oximeters that contradict each other are two people, or a bad finger."""
    both = [
        *steady(OXIMETER, 70.0, range(1, 31), device="ox-1"),
        *steady(OXIMETER, 110.0, range(1, 31), device="ox-2"),
    ]
    believed = Ward().go_on(both, 30).believed()
    assert (believed.device, believed.against_device, believed.other) == ("ox-1", "ox-2", 110.0)


def test_a_further_device_is_compared_when_another_has_fallen_silent() -> None:
    """There is room for two of one source; a third takes the place of one that is not heard."""
    three = [said(second + 0.1 * number, OXIMETER, 70.0, device=f"ox-{number}") for second in range(9) for number in
             range(DEVICES + 1)]  # fmt: skip
    ward = Ward().go_on(three, 9)
    assert ward.believed().device == "ox-0"
    ward.go_on(steady(OXIMETER, 70.0, range(10, 60), device=f"ox-{DEVICES}"), 60)
    assert ward.believed().device == f"ox-{DEVICES}"


def test_a_device_that_is_taken_off_is_not_believed_any_more() -> None:
    """From the next second on; it is somebody else's now."""
    ward = Ward(["s-1", "s-2"])
    ward.go_on([*steady(STRAP, 70.0, range(1, 11)), Left("s-1", "monitor_ecg")], 12)
    assert ward.believed().source is RateSource.NOBODY
    ward.go_on(steady(STRAP, 71.0, range(13, 15), session="s-2"), 15)
    assert ward.believed("s-2").source is RateSource.MONITOR_ECG
    assert ward.believed("s-1").source is RateSource.NOBODY


def test_a_session_that_is_closed_leaves_nothing_to_who_comes_after() -> None:
    """Neither its place nor what was said of it."""
    ward = Ward(["s-1"], most=1)
    ward.go_on([*steady(STRAP, 70.0, range(1, 31)), *steady(OXIMETER, 110.0, range(1, 31))], 30)
    assert ward.believed().sign is RateSign.DISAGREEMENT
    ward.sessions = ["s-2"]
    ward.go_on([], 31)
    assert ward.believed("s-2").source is RateSource.NOBODY
    ward.go_on(steady(OXIMETER, 110.0, [32], session="s-2"), 32)
    assert ward.believed("s-2").sign is RateSign.NOTHING


def test_beyond_so_many_sessions_the_next_waits_for_a_place() -> None:
    """Those that have one go on."""
    ward = Ward(["s-1", "s-2"], most=1)
    ward.go_on([*steady(STRAP, 70.0, range(1, 11)), *steady(STRAP, 80.0, range(1, 11), session="s-2")], 10)
    assert {each.session for _, each in ward.news} == {"s-1"}


def test_who_was_not_asked_for_a_minute_begins_anew() -> None:
    """What was told before is old, and the seconds between are not made up for."""
    ward = Ward().go_on([*steady(STRAP, 70.0, range(1, 31)), *steady(OXIMETER, 110.0, range(1, 31))], 30)
    later = START + 30 * SECOND + ANEW
    assert ward.hearts.push((), ["s-1"], later) == []
    (silent,) = ward.hearts.push((), ["s-1"], later + SECOND)
    assert silent.source is RateSource.NOBODY


rates = st.floats(0, 250) | st.just(nan)
courses = st.lists(st.none() | st.tuples(rates, st.floats(0, 1)), min_size=1, max_size=6)
devices = st.dictionaries(st.tuples(st.sampled_from(Source), st.sampled_from(["a", "b"])), courses, max_size=6)

Courses = Mapping[tuple[Source, str], Sequence[tuple[float, float] | None]]


def told(worn: Courses, seconds: int, session: str = "s-1") -> list[Evidence]:
    """Each device once a second, each tenth of a second at most one."""
    return [
        said(second + 0.05 + number / 20, source, *each, session=session, device=device)
        for second in range(seconds)
        for number, ((source, device), course) in enumerate(sorted(worn.items()))
        if (each := course[second // 5 % len(course)]) is not None
    ]


@settings(max_examples=30, deadline=None)
@given(devices, st.randoms(use_true_random=False))
def test_the_order_of_devices_changes_nothing(worn: Courses, random: Random) -> None:
    """Within a second they come as the network lets them."""
    heard: list[Heard] = list(told(worn, 40))
    shuffled = [*heard]
    random.shuffle(shuffled)
    assert Ward().go_on(shuffled, 40).news == Ward().go_on(heard, 40).news


@settings(max_examples=30, deadline=None)
@given(st.lists(devices, min_size=2, max_size=3))
def test_no_session_sees_another(everybody: list[Courses]) -> None:
    """Each is told what it would be told alone."""
    names = [f"s-{number}" for number in range(len(everybody))]
    ward = Ward(names)
    ward.go_on([each for name, worn in zip(names, everybody, strict=True) for each in told(worn, 30, name)], 30)
    for name, worn in zip(names, everybody, strict=True):
        alone = Ward([name]).go_on(told(worn, 30, name), 30)
        assert alone.news == [(second, each) for second, each in ward.news if each.session == name]


@settings(max_examples=30, deadline=None)
@given(devices)
def test_who_is_believed_has_just_told_a_rate(worn: Courses) -> None:
    """Its last word is a number above 0, worth something, and not too old; who contradicts it has told `other`."""
    heard, ward = told(worn, 40), Ward()
    for second in range(1, 41):
        ward.go_on([each for each in heard if each.at // SECOND == START // SECOND + second - 1], second)
        believed = ward.believed()
        assert (believed.source is RateSource.NOBODY) == (believed.sign is RateSign.NOTHING_TOLD)
        assert (believed.against is RateSource.NOBODY) == (believed.sign is not RateSign.DISAGREEMENT)
        if believed.source is not RateSource.NOBODY:
            source = Source[believed.source.name]
            last = [e for e in heard if (e.source, e.device) == (source, believed.device) and e.at < _at(second)][-1]
            assert last.value > 0
            assert last.confidence > 0
            assert _at(second) - last.at < TRUST[source].lasts_s * SECOND


def _at(second: int) -> int:
    return START + second * SECOND


def test_the_same_told_again_gives_the_same() -> None:
    """To the last bit: what is journaled does not depend on the machine's mood."""
    heard = [*steady(STRAP, 90.0, range(1, 41)), *steady(OXIMETER, 64.0, range(1, 41))]
    assert Ward().go_on(heard, 40).news == Ward().go_on(heard, 40).news
