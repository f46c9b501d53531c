"""The report of a score: shares, rates and cases as a document, as tables, and as a page."""

from html.parser import HTMLParser

import pytest
from msgspec import json
from msgspec.structs import replace

from monitor.alert import Priority
from simulators.scoring.cases import command, worst, worst_of_each
from simulators.scoring.intervals import proportion
from simulators.scoring.outcome import Fate, Outcome
from simulators.scoring.paired_report import paired_report
from simulators.scoring.report import Report, latency, monitor_score
from simulators.scoring.report_page import page
from simulators.scoring.tables import share, tables
from simulators.scoring.tally import Case, Detected, Expectations, Near, Sounds, Tally, Verdicts


def case(badness: float, name: str = "a story") -> Case:
    """Something to look at."""
    return Case(badness=badness, name=name, session="s-1", at_s=130.0, what=f"bad by {badness}")


APNOEAS = Detected(events=4, found=3, observable=4, found_observable=3, heard=4, latencies_s=(9, 20, 30))
TALLY = Tally(
    patterns={"apnoea": APNOEAS},
    by_priority={Priority.HIGH: APNOEAS},
    near={"sobbing": Near(spans=5, disturbed=1)},
    sounds={
        "quiet mdma": Sounds(sessions=1, hours=8.0, physiological=Verdicts(true=2, false=1), reminders=1),
        "quiet esketamine": Sounds(sessions=1, hours=2.0, technical=Verdicts(false=1)),
        "adverse": Sounds(sessions=4, hours=3.0, physiological=Verdicts(true=4, artefact=1)),
    },
    rules={"respiration_low": Verdicts(true=3, overcalled=1, false=1), "systolic_high": Verdicts(true=9)},
    steps_due=7,
    expectations=Expectations(all=3, unmet=(("<b>story</b>", "expect[0]: nothing was told"),)),
    missed=(case(3.5), case(2)),
    latest=(case(0.9),),
    falsest=(case(2),),
)
REPORT = Report(seed=1, stories=1, quiet=2, adverse=4, monitors=(monitor_score("ours", TALLY),))


def session(*latencies_s: float | None, false: int) -> Outcome:
    """Four quiet hours with apnoeas, which were told after so long, or not at all."""
    fates = (Fate("apnoea", Priority.HIGH, True, each is not None, False, each) for each in latencies_s)
    causes = {"signal_lost spo2: motion": false} if false else {}
    return Outcome(
        name="a", group="quiet mdma", hours=4.0, false=false, heard=false, events=tuple(fates), causes=causes
    )


PAIRS = [(session(10.0, 20.0, false=0), session(14.0, None, false=2)), (session(false=0), session(false=0))]
TWICE = replace(REPORT, waveforms=paired_report(PAIRS))


def test_rates_are_of_the_quiet_sessions_together() -> None:
    """Two false in ten hours, five heard with the reminder; the adverse ones are in the whole only."""
    ours = REPORT.monitors[0]
    assert (ours.quiet.false.value, ours.quiet.burden.value) == (0.2, 0.5)
    assert (ours.all.hours, ours.all.misled.count) == (13, 3)


def test_a_pattern_is_predicted_by_the_rules_that_tell_it() -> None:
    """Of the alerts of its rules, those with a cause, overcalled ones among them."""
    pattern = REPORT.monitors[0].patterns[0]
    assert (pattern.predictive.count, pattern.predictive.of) == (4, 5)
    assert (pattern.sensitivity.value, pattern.heard.value) == (0.75, 1)


@pytest.mark.parametrize(
    ("seconds", "told"), [((), None), ((5.0,), (5, 5, 5)), (tuple(map(float, range(1, 21))), (10, 19, 20))]
)
def test_latencies_are_values_that_were_really_there(
    seconds: tuple[float, ...], told: tuple[float, float, float] | None
) -> None:
    """Median, 95th percentile and worst, never an average of two."""
    found = latency(seconds)
    assert (found and (found.median, found.p95, found.worst)) == told


def test_the_worst_come_first_and_by_turns() -> None:
    """Of each kind the worst; equal ones in the order of their names."""
    assert worst([case(1), case(3), case(2, "b"), case(2, "a")], 3) == [case(3), case(2, "a"), case(2, "b")]
    assert worst_of_each([[case(3), case(2)], [], [case(9)]], 3) == [case(3), case(9), case(2)]


def test_a_case_comes_with_the_command_that_shows_it() -> None:
    """A minute before, and safe to paste whatever the file is called."""
    assert command(case(1, "draw:mdma/apnoea/1-0")) == "vigil replay draw:mdma/apnoea/1-0 --from 70"
    assert command(case(1, "a b.toml")) == "vigil replay 'a b.toml' --from 70"


def test_a_share_is_told_with_how_sure_it_is() -> None:
    """Never a bare percentage, and nothing at all where nothing was counted."""
    assert share(proportion(3, 4)) == "75.0 (19.4–99.4)"
    assert share(proportion(0, 0)) == "–"


def test_tables_are_whole() -> None:
    """Every row has a cell for every column."""
    found = [*tables(TWICE)]
    assert len(found) == 7 + 5
    assert all(len(row) == len(table.columns) for table in found for row in table.rows)


def test_a_report_is_one_json_document() -> None:
    """What scripts read is everything; what was not played is not in it."""
    for report in (REPORT, TWICE):
        assert json.decode(json.encode(report), type=Report) == report
    assert "waveforms" not in json.decode(json.encode(REPORT))


def test_sessions_played_twice_are_told_beside_each_other() -> None:
    """What was told by priority and pattern, what was heard, and the causes of what was heard for nothing."""
    found = [table for table in tables(TWICE) if table.title.startswith("Numbers from waveforms")]
    assert [table.title.split(": ")[1] for table in found] == [
        "what was told",
        "told by pattern, %",
        "what was heard",
        "heard for nothing in quiet sessions",
        "heard for nothing in all sessions",
    ]
    told, pattern, heard, quiet, _ = (table.rows for table in found)
    assert told[0][:5] == ("high", "2", "told, %", "100.0 (15.8–100.0)", "50.0 (1.3–98.7)")
    assert told[0][5] == "-50.0 (-119.3 to +19.3)"
    assert told[3] == ("high", "1", "s to tell", "10", "14", "+4 (+4 to +4)")
    assert pattern[0][:3] == ("apnoea", "high", "2")
    assert heard[0][:4] == ("quiet mdma", "2", "8.0", "false /h")
    assert heard[0][6] == "+0.25 (-0.24 to +0.74)"
    assert quiet == (("signal lost spo2: motion", "0", "2"),)


class _Looked(HTMLParser):
    """What a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_nothing_else_and_escapes_what_came_from_elsewhere() -> None:
    """One file: no script, no address; a story's name is text, whatever is in it."""
    looked = _Looked()
    looked.feed(page(REPORT))
    assert looked.tags.count("table") == 7
    assert looked.addresses == []
    assert not {"script", "link", "img", "b"} & set(looked.tags)
    assert "&lt;b&gt;story&lt;/b&gt;" in page(REPORT)
