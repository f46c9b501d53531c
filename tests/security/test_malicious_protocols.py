"""What comes as the text of a protocol is refused in a sentence, quickly, and never keeps the core from watching."""

from __future__ import annotations

import pytest

from alerts.protocols import protocol_text
from monitor import pipeline
from monitor.events import Answered, Fault, OpenSession
from monitor.plain_toml import LONGEST_LINE, LONGEST_TEXT
from monitor.protocol import ProtocolError, read_protocol
from tests.laws.world import World

DEFAULT = protocol_text("default")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" + ".a" * 100_000 + " = 1", "characters; at most"),
        ("a" + ".a" * LONGEST_LINE + " = 1", "line 1 has"),
        ("a = " + "[" * 400, "not valid TOML"),
        ("a = " + "[\n" * 50_000, "nested too deeply"),
        ("#" + "\n#" * LONGEST_TEXT, "at most 131072 are read"),
        ("a = 1\x00", "not valid TOML"),
        ("", "missing required field"),
    ],
)
def test_a_text_that_would_keep_the_parser_busy_is_refused_unparsed(text: str, message: str) -> None:
    """A protocol arrives over the API, on the thread that judges: no text may hold it up or bring it down."""
    with pytest.raises(ProtocolError, match=message):
        read_protocol(text)


@pytest.mark.parametrize(
    "text", ["{subject:>9000000000}", "{detail!r}", "{subject.__class__}", "{0}", "{}", "{", "{subject[0]}"]
)
def test_a_text_holds_the_two_names_in_braces_and_nothing_else(text: str) -> None:
    """A format in braces can ask for any amount of memory, an attribute can show what is no business of a page."""
    technical = f'\n[[technical]]\nid = "x"\npriority = "low"\ntext = "{text}"\naction = "a"\n'
    with pytest.raises(ProtocolError, match=r"technical\.x: text knows only"):
        read_protocol(DEFAULT + technical)


@pytest.mark.parametrize("value", ["nan", "inf", "-1.0"])
def test_a_plausibility_is_a_pressure(value: str) -> None:
    """With NaN no pressure would ever be questioned."""
    with pytest.raises(ProtocolError, match="cuff_jump"):
        read_protocol(DEFAULT.replace("cuff_jump = 50", f"cuff_jump = {value}", 1))


def test_a_command_that_meets_a_fault_of_ours_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked must not wait for ever, and the next one who asks is served."""

    def broken(text: str) -> None:
        raise RuntimeError("a mistake")

    world = World()
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "read_protocol", broken)
        told = [one.body for one in world.put(OpenSession("r-1", "ak", "s-9", "9", DEFAULT))]
    answers = [body for body in told if isinstance(body, Answered)]
    assert any(isinstance(body, Fault) for body in told)
    assert [(answer.request, answer.accepted) for answer in answers] == [("r-1", False)]
    assert any(
        isinstance(one.body, Answered) and one.body.accepted
        for one in world.put(OpenSession("r-2", "ak", "s-9", "9", DEFAULT))
    )
