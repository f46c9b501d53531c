"""Every story of ours under the default protocol: what a clinician asks for, and what is known to be missing today."""

from functools import cache
from pathlib import Path

import msgspec
import pytest

from alerts.protocols import protocol_text
from monitor.protocol import read_protocol
from simulators.actions import KINDS
from simulators.expectations import unmet
from simulators.faults import FaultKind
from simulators.patterns import PATTERNS, Pattern
from simulators.play import Run, run, take
from simulators.scenario import load_scenario, names
from simulators.treatments import Treatment

KNOWN = msgspec.toml.decode(Path(__file__).with_name("known_failures.toml").read_bytes(), type=dict[str, str])
STORIES = {name: load_scenario(name) for name in names()}
DEFAULT = read_protocol(protocol_text("default"))
RULES = {rule.id for rule in DEFAULT.rule} | {rule.id.partition(".")[0] for rule in DEFAULT.technical}


@cache
def played(name: str) -> Run:
    """The story under the default protocol, with its own staff."""
    return run(take(STORIES[name], name), protocol_text)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_kept_or_known_not_to_be(name: str) -> None:
    """No story begins to fail unseen, and none stays on the list that is kept."""
    missed = [str(each) for each in unmet(played(name))]
    if name in KNOWN:
        assert missed, f"{name} is kept: remove it from known_failures.toml"
    else:
        assert missed == []


def test_the_story_of_the_tutorial_is_kept(tmp_path: Path) -> None:
    """Whoever begins with the text of the documentation has a story that plays, and that the default protocol keeps."""
    text = (Path(__file__).parents[2] / "docs/stories.md").read_text(encoding="utf-8")
    path = tmp_path / "booster.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert unmet(run(take(load_scenario(path), "booster"), protocol_text)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_action_is_explained(kind: str) -> None:
    """The documentation has a line for each."""
    assert f"`{kind}`" in (Path(__file__).parents[2] / "docs/stories.md").read_text(encoding="utf-8")


def test_only_stories_are_known_to_fail() -> None:
    """A renamed story takes its line along; every line says why."""
    assert set(KNOWN) <= set(STORIES)
    assert all(len(reason) > 10 for reason in KNOWN.values())


@pytest.mark.parametrize("name", STORIES)
def test_a_story_says_what_it_is_for(name: str) -> None:
    """Why it is told, how long it lasts, and what must or must not be told."""
    story = STORIES[name]
    assert story.title
    assert story.why
    assert story.duration_s
    assert story.expect or story.forbid


@pytest.mark.parametrize("name", STORIES)
def test_a_story_names_rules_that_there_are_or_will_be(name: str) -> None:
    """Rules of the default protocol, patterns or faults: a mistyped name would ask for nothing."""
    story = STORIES[name]
    rules = [*(line.rules for line in story.expect), *(line.rules for line in story.forbid)]
    asked = {rule.partition(".")[0] for each in rules for rule in each}
    assert asked <= RULES | set(Pattern) | set(FaultKind)


@pytest.mark.parametrize("pattern", Pattern)
def test_every_pattern_has_a_story(pattern: Pattern) -> None:
    """Each happens in some story; an adverse one really, as its definition has it, and a near miss to somebody well."""
    adverse = PATTERNS[pattern].priority is not None
    stories = [
        name
        for name, story in STORIES.items()
        if any(course.kind is pattern for script in story.session for course in script.course)
    ]
    found = [played(name).take for name in stories]
    assert any(each.pattern is pattern for take in found for each in (take.events if adverse else take.quiets))


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_has_a_story(kind: FaultKind) -> None:
    """Each befalls somebody's devices in some story."""
    assert any(fault.kind is kind for story in STORIES.values() for script in story.session for fault in script.fault)


@pytest.mark.parametrize("treatment", Treatment)
def test_every_treatment_has_a_quiet_story(treatment: Treatment) -> None:
    """A whole session without an event, in which nobody may be called."""
    name = f"quiet_{treatment}"
    assert played(name).take.events == ()
    assert [line.rules for line in STORIES[name].forbid] == [()]
