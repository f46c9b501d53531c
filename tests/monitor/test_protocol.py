"""What may not stand in a protocol, and how its mistakes are told."""

import pytest

from monitor.alert import Priority
from monitor.protocol import ProtocolError, read_protocol, technical_rule
from monitor.testing import protocol_text

RULE = """
[[rule]]
id = "r"
signal = "{signal}"
text = "t"
action = "a"
{rule}

[[rule.limit]]
priority = "{priority}"
{limit}
"""

TECHNICAL = """
[[technical]]
id = "{id}"
priority = "medium"
text = "{text}"
action = "a"
"""


def rule(limit: str, *, priority: str = "high", signal: str = "spo2", fields: str = "") -> str:
    return RULE.format(signal=signal, priority=priority, limit=limit, rule=fields)


def mistakes(tables: str, **fields: float) -> str:
    with pytest.raises(ProtocolError) as caught:
        read_protocol(protocol_text(tables, **fields))
    return str(caught.value)


@pytest.mark.parametrize("phase", ["baseline", "ascending", "recovery"])
def test_no_phase_relaxes_a_high_limit(phase: str) -> None:
    """Law 12: a high limit that names a phase is refused."""
    assert "rule.r: limit[0]: a high limit holds in every phase" in mistakes(
        rule(f"at_most = 87\nphases = ['{phase}']")
    )
    read_protocol(protocol_text(rule(f"at_most = 91\nphases = ['{phase}']", priority="medium")))


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("", "give exactly one of at_least, at_most, cause"),
        ("at_most = 87\nat_least = 90", "give exactly one of at_least, at_most, cause"),
        ("cause = 'late'", "'late' is no cause that a limit can have"),
        ("cause = ''", "'' is no cause that a limit can have"),
        ("at_most = 87\nclear = 86", "clear must not be below at_most"),
        ("at_least = 87\nclear = 88", "clear must not be above at_least"),
        ("at_most = 87\nclear = nan", "clear must not be below at_most"),
        ("at_most = 120", "120 % is not possible for spo2"),
        ("at_most = nan", "is not possible for spo2"),
        ("at_most = 87\nconfirm = 2", "unconfirmed_s is missing"),
        ("at_most = 87\nconfirm = 2\ndwell_s = 5\nunconfirmed_s = 60", "a dwell or is confirmed, not both"),
        ("at_most = 87\nconfirm = 2\nunconfirmed_s = 301", "unconfirmed_s must not be above confirm_within_s"),
        ("at_most = 87\nconfirm = 2\nunconfirmed_s = 60\nconfirm_after_s = 300", "confirm_after_s must be below"),
        ("at_most = 87\ndwell_s = -1", "Expected `float` >= 0"),
        ("at_most = 87\ndwell_s = inf", "Expected `float` <= 86400"),
        ("at_most = 87\ndwell_s = nan", "Expected `float`"),
        ("at_most = 87\nconfirm = 0", "Expected `int` >= 1"),
        ("at_most = 87\ndwel_s = 5", "unknown field `dwel_s`"),
    ],
)
def test_a_limit_that_cannot_work_is_refused_with_its_place(limit: str, message: str) -> None:
    """A mistake in a limit is found when the protocol is read, not when somebody needs it."""
    told = mistakes(rule(limit))
    assert message in told
    assert "limit[0]" in told


@pytest.mark.parametrize(
    "tables",
    [
        rule("at_most = 87\nclear = 87"),
        rule("at_least = 87\nclear = 87"),
        rule("at_most = 0"),
        rule("at_least = 100"),
        rule("at_most = 87", fields="questionable_extra_s = 30"),
        rule("at_most = 87\nconfirm = 2\nunconfirmed_s = 300\nconfirm_within_s = 300\nconfirm_after_s = 299"),
        rule("at_most = 93\nconfirm = 2", priority="low"),
        rule("cause = 'no_pulse'"),
    ],
)
def test_what_stands_at_the_edge_of_the_possible_is_allowed(tables: str) -> None:
    """The bounds of what may stand in a protocol belong to it."""
    (read,) = read_protocol(protocol_text(tables)).rule
    assert not read.latching


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (rule("at_most = 87", fields="questionable_extra_s = 31"), "questionable_extra_s is at most 30"),
        (rule("at_most = 87") + "[[rule.limit]]\npriority = 'low'\nat_most = 93", "put the limits mildest first"),
        (rule("at_most = 87") + rule("at_most = 86"), "rule id 'r' is used twice"),
        (rule("at_most = 87") + TECHNICAL.format(id="r", text="t"), "rule id 'r' is used twice"),
        (
            "[[rule]]\nid = 'r'\nsignal = 'spo2'\ntext = 't'\naction = 'a'\nlimit = []",
            "rule.r: give at least one limit",
        ),
        (rule("at_most = 87", signal="pulse"), "Invalid enum value 'pulse'"),
        (TECHNICAL.format(id="x", text="{room} is lost"), "technical.x: text knows only {subject} and {detail}"),
        (TECHNICAL.format(id="x", text="{subject"), "technical.x: text knows only {subject} and {detail}"),
        ("[[expected]]\nsignal = 'spo2'\nstale_s = 30\nlost_s = 30", "expected.spo2: lost_s must be above stale_s"),
        ("[[expected]]\nsignal = 'spo2'\n[[expected]]\nsignal = 'spo2'", "expected 'spo2' is there twice"),
        ("[[expected]]\nsignal = 'spo2'\nfirst_s = 0", "Expected `float` > 0"),
        ("[answers]\ngoing_s = 0", "Expected `float` > 0"),
    ],
)
def test_a_protocol_that_cannot_work_is_refused(tables: str, message: str) -> None:
    """Whatever would fail, flicker or never fire is refused in words that say what to change."""
    assert message in mistakes(tables)


@pytest.mark.parametrize("priority", ["high", "medium"])
def test_somebody_must_be_told(priority: str) -> None:
    """A ladder without a step pages nobody: that is right for low alerts alone."""
    text = protocol_text()
    step = f"[[ladder.{priority}.step]]\nafter_s = 0\nrole = 'nurse'"
    assert step in text
    for without in (text.replace(step, ""), text.replace(step, f"[ladder.{priority}]\nstep = []")):
        with pytest.raises(ProtocolError, match=f"ladder.{priority} is missing: say who is paged"):
            read_protocol(without)


def test_low_alerts_may_page_nobody_but_must_say_so() -> None:
    """An empty low ladder is a decision, a missing one a mistake."""
    text = protocol_text()
    step = "[[ladder.low.step]]\nafter_s = 0\nrole = 'nurse'"
    assert read_protocol(text.replace(step, "[ladder.low]\nstep = []")).ladder[Priority.LOW].step == ()
    with pytest.raises(ProtocolError, match=r"ladder\.low is missing"):
        read_protocol(text.replace(step, ""))


def test_ladders_are_climbed_in_order() -> None:
    """Steps out of order would skip somebody."""
    text = protocol_text() + "\n[[ladder.high.step]]\nafter_s = 60\nrole = 'supervisor'"
    text += "\n[[ladder.high.step]]\nafter_s = 30\nrole = 'physician'"
    with pytest.raises(ProtocolError, match=r"ladder\.high needs its steps in order of after_s"):
        read_protocol(text)


def test_what_is_not_toml_is_said_so() -> None:
    """A syntax error is told with its place, as a mistake of the protocol."""
    with pytest.raises(ProtocolError, match="protocol is not valid TOML"):
        read_protocol("[[rule")


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever corrects a protocol sees the whole list."""
    told = mistakes(rule("at_most = 120\nphases = ['baseline']") + TECHNICAL.format(id="x", text="{a}"))
    assert told.count("; ") == 2


@pytest.mark.parametrize(("subject", "text"), [("spo2", "own"), ("heart_rate", "all"), ("", "all")])
def test_a_row_for_one_subject_goes_before_the_row_for_all(subject: str, text: str) -> None:
    """`code.subject` holds for that subject alone."""
    tables = TECHNICAL.format(id="signal_lost", text="all") + TECHNICAL.format(id="signal_lost.spo2", text="own")
    assert technical_rule(read_protocol(protocol_text(tables)), "signal_lost", subject).text == text


def test_a_code_without_a_row_is_shown_rather_than_lost() -> None:
    """What nobody foresaw is a low alert in the words of its code."""
    row = technical_rule(read_protocol(protocol_text()), "disk_full", "sda")
    assert (row.id, row.priority, row.text) == ("disk_full", Priority.LOW, "disk full")
