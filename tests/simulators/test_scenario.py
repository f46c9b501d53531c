"""A scenario is played as written, and a mistake in it is told with its place."""

import itertools
from pathlib import Path

import pytest

from monitor.protocol import read_protocol
from monitor.vitals import Signal
from simulators.actions import AcknowledgeWhenRaised
from simulators.publisher import run_people
from simulators.scenario import FOLDER, Scenario, ScenarioError, load_scenario
from tests.simulators.virtual import SITE, START, Memory, VirtualClock

SCENARIOS = sorted(path.stem for path in FOLDER.glob("*.toml"))
DEMO_TEXT = (FOLDER / "demo.toml").read_text(encoding="utf-8")
DEFAULT_PROTOCOL = read_protocol((FOLDER.parents[1] / "alerts/protocols/default.toml").read_text(encoding="utf-8"))
DEMO_S = 90
Course = list[tuple[float, float]]


@pytest.fixture(scope="module", params=[1.0, 10.0])
def demo(request: pytest.FixtureRequest) -> Memory:
    """The demo, until all is over, as a broker gets it, at two speeds."""
    clock = VirtualClock()
    memory = Memory(clock)
    people = load_scenario("demo").people(request.param)
    clock.run(run_people(people, memory.publish, clock, speed=request.param, duration_s=DEMO_S, site=SITE))
    return memory


def course(memory: Memory, device: str, signal: Signal) -> Course:
    """Seconds of the run and values of one signal."""
    return [
        (((observation.device_time or 0) - START) / 1e9, measured.value or 0.0)
        for observation in memory.observations(device)
        for measured in observation.values
        if measured.signal is signal
    ]


def between(values: Course, start_s: float, end_s: float) -> list[float]:
    return [value for t_s, value in values if start_s <= t_s < end_s]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_of_ours_can_be_played(name: str) -> None:
    """What is shipped loads, and everybody in it has a body and devices."""
    scenario = load_scenario(name)
    assert [person.session for person in scenario.people()] == [script.id for script in scenario.session]


def test_a_scenario_is_the_same_by_name_and_by_path(tmp_path: Path) -> None:
    """A copy elsewhere is the same scenario."""
    copy = tmp_path / "mine.toml"
    copy.write_text(DEMO_TEXT, encoding="utf-8")
    assert load_scenario(copy) == load_scenario(str(copy)) == load_scenario("demo")


# Levels from which limits of usual protocols sound, low priority included.
QUIET = {
    Signal.SYSTOLIC: (100, 160),
    Signal.DIASTOLIC: (50, 95),
    Signal.HEART_RATE: (50, 110),
    Signal.PULSE_RATE: (50, 110),
    Signal.SPO2: (94, 101),
    Signal.RESPIRATION_RATE: (10, 24),
    Signal.TEMPERATURE: (35.0, 37.8),
}


@pytest.mark.parametrize("number", ["101", "102"])
@pytest.mark.parametrize("signal", QUIET)
def test_quiet_people_cross_no_limit(demo: Memory, number: str, signal: Signal) -> None:
    """A usual course calls nobody."""
    low, high = QUIET[signal]
    values = [
        value for device in ("ox", "ecg", "cuff", "temp") for _, value in course(demo, f"{device}-{number}", signal)
    ]
    assert values
    assert [value for value in values if not low <= value < high] == []


def test_the_surge_is_measured_confirmed_and_over(demo: Memory) -> None:
    """Calm at 1 s, a crisis at 21 s, its repeat at 29 s, below clearing levels within the minute, and no jump down."""
    readings = course(demo, "cuff-103", Signal.SYSTOLIC)
    assert [t_s for t_s, _ in readings[:3]] == [1, 21, 29]
    values = [value for _, value in readings]
    assert values[0] < 140
    assert 180 <= min(values[1:3]) <= max(values) < 200
    assert max(before - after for before, after in itertools.pairwise(values)) <= 50
    assert max(between(readings, 45, DEMO_S)) < 165
    assert max(between(readings, 55, DEMO_S)) < 150


def test_the_desaturation_lasts_long_enough_and_ends(demo: Memory) -> None:
    """Shown at 87 % or below for 12 s on end within the first half minute or so, and above 90 % from 43 s on."""
    saturation = course(demo, "ox-104", Signal.SPO2)
    low = [t_s for t_s, value in saturation if value <= 87]
    assert min(between(saturation, 0, 1.1)) >= 96
    assert low[-1] - low[0] >= 12
    assert low[-1] < 35
    assert max(between(saturation, low[0], low[-1])) <= 87
    assert min(between(saturation, 43, DEMO_S)) > 90


def test_the_crises_come_back() -> None:
    """Whoever looks later sees them too."""
    crises = [episode for script in load_scenario("demo").session for episode in script.episode]
    assert {episode.every_s for episode in crises} == {180}
    assert all(episode.start_s + episode.ramp_s + episode.hold_s + episode.recover_s < 60 for episode in crises)


def test_doses_are_as_the_people_there_would_enter_them() -> None:
    """A scenario says who gives what, how, and when, before or during the run."""
    doses = {script.id: [dose.at_s for dose in script.dose] for script in load_scenario("demo").session}
    assert doses == {"s-101": [], "s-102": [6], "s-103": [-1500], "s-104": [-900]}


def test_every_crisis_is_answered() -> None:
    """In the demo a nurse answers both crises at the bedside, under the names that the protocol has for them."""
    scenario = load_scenario("demo")
    answers = [action for action in scenario.action if isinstance(action, AcknowledgeWhenRaised)]
    assert {(action.session, action.rule) for action in answers} == {("s-103", "systolic_high"), ("s-104", "spo2_low")}
    assert len(answers) == len(scenario.action)
    assert all(action.at_bedside for action in answers)
    assert {script.protocol for script in scenario.session} == {"default"}
    assert {action.rule for action in answers} <= {rule.id for rule in DEFAULT_PROTOCOL.rule}


DOSE = "[[session.dose]]"
COURSE = '[[session.course]]\nkind = "panic"\nat_s = 5\n'
FAULT = '[[session.fault]]\nkind = "failed_cuff"\nat_s = 5\nfor_s = 9\n'
NOTE = '[[action]]\nkind = "note"\nsession = "s-103"\nat_s = 90\ntext = "Well"\n'
STRAP = 'device = "strap"\n'
ELSEWHERE = 'recording = "bidmc_10"'
INLINE = '{ kind = "panic", at_s = 5 }'

# What is changed in the demo, and what the message must say.
MISTAKES = {
    "not TOML": ('title = "', "title = ", "is not valid TOML"),
    "unknown field": ("pace = 150", "pacing = 150", r"unknown field `pacing` - at `\$.session\[1\]`"),
    "missing field": ('seed = "87"', "", r"missing required field `seed` - at `\$.session\[1\]`"),
    "bad id": ('id = "s-101"', 'id = "s/101"', r"at `\$.session\[0\].id`"),
    "unknown signal": ('signal = "spo2"', 'signal = "SpO2"', "Invalid enum value 'SpO2'"),
    "unknown fault": (DOSE, FAULT.replace("failed_cuff", "broken") + DOSE, "'broken' - at .*; it may be probe_off, "),
    "negative time": ("start_s = 3", "start_s = -3", ">= 0"),
    "no time at all": ("every_s = 180", "every_s = 0", "> 0"),
    "cuff all the time": ("every_s = 10,", "every_s = 0,", "> 0"),
    "no dose": ("amount_mg = 35", "amount_mg = 0", "> 0"),
    "unknown route": ('route = "oral"', 'route = "nasal"', "Invalid enum value 'nasal'"),
    "unknown action": (
        'kind = "acknowledge_when_raised"',
        'kind = "panic"',
        r"Invalid value 'panic' - at `\$.action\[0\].kind`; it may be acknowledge_when_raised, .*, release",
    ),
    "session twice": ('id = "s-102"', 'id = "s-101"', "session 's-101' is there twice"),
    "device twice": ('cuff = "cuff-102"', 'cuff = "cuff-101"', "device 'cuff-101' is worn twice"),
    "derived signal": ('signal = "spo2"', 'signal = "pulse_rate"', "pulse_rate follows from others"),
    "unknown drug": ('drug = "mdma"', 'drug = "tea"', r"dose\[0\]: no effects are known of tea oral"),
    "unknown recording": ('recording = "bidmc_10"', 'recording = "bidmc_99"', "recording 'bidmc_99': there is none"),
    "recording with a dose": ("pace = 150", 'recording = "bidmc_10"', "a recording is played as it is"),
    "unknown course": (
        "[[session.dose]]",
        COURSE.replace("panic", "fear") + "[[session.dose]]",
        r"Invalid enum value 'fear' - at .*; it may be hypertensive_urgency, .*, breath_hold",
    ),
    "course to a level": (
        "[[session.dose]]",
        COURSE + "to = 120\n[[session.dose]]",
        "'panic' moves heart_rate by a difference",
    ),
    "recording with a course": (
        'recording = "bidmc_10"',
        'recording = "bidmc_10"\ncourse = [' + INLINE + "]",
        "as it is",
    ),
    "fault nowhere": (
        "[[session.dose]]",
        FAULT + 'device = "strap"\n[[session.dose]]',
        "failed_cuff cannot befall strap",
    ),
    "swapped with nobody": (
        DOSE,
        FAULT.replace("failed_cuff", "swapped_devices") + 'with_session = "s-9"\n' + DOSE,
        r"session\[1\]: fault: there is no session 's-9'",
    ),
    "expected of nobody": ('[[expect]]\nsession = "s-103"', '[[expect]]\nsession = "s-9"', r"expect\[0\]: there is no"),
    "expected of nothing": ('rules = ["systolic_high"]', "rules = []", r"length >= 1 - at `\$.expect\[0\].rules`"),
    "expected too late": ("latest_s = 22", "latest_s = 91", r"expect\[0\]: latest_s is after the end: give .* 91"),
    "expected backwards": ("latest_s = 22", "from_s = 23\nlatest_s = 22", r"expect\[0\]: latest_s must not be before"),
    "expected for ever": ("duration_s = 90", "", r"expect\[0\]: latest_s is after the end"),
    "forbidden to nobody": (
        '[[forbid]]\nsession = "s-101"',
        '[[forbid]]\nsession = "s-9"',
        r"forbid\[0\]: there is no",
    ),
    "forbidden backwards": ("[[forbid]]", "[[forbid]]\nfrom_s = 9\nuntil_s = 9", r"forbid\[0\]: until_s must be after"),
    "course after the end": (
        DOSE,
        COURSE.replace("at_s = 5", "at_s = 90") + DOSE,
        r"session\[1\].course\[0\] begins at 90 s, after the end: give a longer duration_s",
    ),
    "action after the end": ("[[expect]]", NOTE + "[[expect]]", r"action\[\d\] begins at 90 s, after the end"),
    "forbidden after the end": ("[[forbid]]", "[[forbid]]\nfrom_s = 90", r"forbid\[0\] begins at 90 s, after the end"),
    "why not": ('why = "Well"', "", r"missing required field `why` - at `\$.forbid\[0\]`"),
    "no end": ("duration_s = 90", "duration_s = 0", "> 0"),
    "action on nobody": ('session = "s-103"', 'session = "s-999"', r"action\[0\]: there is no session 's-999'"),
}


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_file_and_place(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    """Whoever writes a scenario learns which file, which place, and what would be right."""
    assert right in DEMO_TEXT
    path = tmp_path / "mine.toml"
    path.write_text(DEMO_TEXT.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message) as refused:
        load_scenario(path)
    assert str(refused.value).startswith(str(path))


def test_a_scenario_that_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    """Not only a missing file is a mistake of the name."""
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    with pytest.raises(ScenarioError, match=r"folder\.toml cannot be read"):
        load_scenario(folder)


def test_an_unknown_scenario_names_those_that_are_there() -> None:
    """The message helps whoever mistyped."""
    with pytest.raises(ScenarioError, match="the nearest are demo"):
        load_scenario("dmeo")


def test_people_do_not_depend_on_their_company() -> None:
    """Who a person is depends on the seed of their session alone."""
    demo = load_scenario("demo")
    fewer = Scenario(title="", by="x", session=demo.session[1:2])
    person, same = demo.people()[1], fewer.people()[0]
    person.switch_on(START)
    same.switch_on(START)
    assert [person.send(tick, tick, START) for tick in range(30)] == [
        same.send(tick, tick, START) for tick in range(30)
    ]
