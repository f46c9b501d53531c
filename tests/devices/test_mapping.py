"""Mapping files: the ready ones can be used together, and every mistake in one's own is told."""

import re
from pathlib import Path

import pytest

from devices.mapping import MappingError, check_apart, read_mapping
from devices.mappings import load_mapping, ready
from devices.units import UNITS, usable
from monitor.vitals import SIGNALS, Cause, Signal

DOCS = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
GOOD = """
title = "t"
[[message]]
topic = "lab/{name}/json"
device = "lab-{name}"
payload = "json"
values = [{ signal = "spo2", field = "spo2", unit = "%" }]
"""


def mistakes(text: str) -> str:
    with pytest.raises(MappingError) as refused:
        read_mapping(text)
    return str(refused.value)


def test_a_good_mapping_is_read() -> None:
    """What the mistakes below are made of is none."""
    assert read_mapping(GOOD).message[0].device == "lab-{name}"


MISTAKES = {
    "no TOML": ("title =", "title", "not valid TOML"),
    "an unknown key": ("payload =", "payloads =", "payloads"),
    "an unknown signal": ("spo2", "SpO2", "SpO2"),
    "a wrong unit": ('"%"', '"mmHg"', "spo2 comes in %, fraction, not in 'mmHg'"),
    "a wildcard for all": ("lab/{name}", "{name}/#", "no level of a topic"),
    "our own topics": ("lab/{name}/json", "{name}/v1/+/+/observation", "topics below vitals/v1 have a format"),
    "rehearsal topics": ("lab/", "rehearsal/v1/", "topics below rehearsal/v1 have a format"),
    "a device of no name": ("lab-{name}", "lab-{other}", "the device 'lab-{other}'"),
    "a device that is no id": ("lab-{name}", "lab {name}", "the device 'lab {name}'"),
    "a number with a field": ('"json"', '"number"', "a bare number has none"),
    "JSON without a field": ('field = "spo2", ', "", "needs a field"),
    "a scale of nothing": ('unit = "%"', 'unit = "%", scale = 0', "no number to calculate with"),
    "an infinite offset": ('unit = "%"', 'unit = "%", offset = inf', "no number to calculate with"),
    "a doubt that is ours to have": ("values =", 'doubt = "late"\nvalues =', "cause 'late' is not for devices"),
    "a sequence without a boot": ("values =", 'numbers = { sequence = "n" }\nvalues =', "boot"),
    "a form of time": ("values =", 'time = { field = "t", form = "days" }\nvalues =', "days"),
    "a signal twice": (
        "values = [",
        'values = [{ signal = "spo2", field = "x", unit = "%" }, ',
        "a signal is there twice",
    ),
    "a code with two meanings": (
        "values =",
        'flags = [{ field = "f", good = ["1"], invalid = { "1" = "motion" } }]\nvalues =',
        "two meanings",
    ),
    "a flag without a cause": ("values =", 'flags = [{ field = "f", invalid = { "1" = "" } }]\nvalues =', "no cause"),
    "a flag of another signal": (
        "values =",
        'flags = [{ field = "f", signals = ["etco2"] }]\nvalues =',
        "not in the message",
    ),
    "a status that is both": (
        "values =",
        "values =",
        "both online and offline",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_told(name: str) -> None:
    """A mapping with a mistake is refused before a message comes, and the refusal says what is wrong."""
    good, wrong, told = MISTAKES[name]
    text = GOOD.replace(good, wrong, 1)
    if name == "a status that is both":
        text += '[[status]]\ntopic = "lab/{name}/s"\ndevice = "lab-{name}"\nonline = ["1"]\noffline = ["1"]\n'
    assert told in mistakes(text)


def test_messages_that_could_fit_two_patterns_are_refused() -> None:
    """One message has one meaning: in a file, and over all files that are used together."""
    body = GOOD.split("[[message]]")[1].replace("lab/{name}/json", "lab/+/{name}")
    assert "could fit both" in mistakes(f"{GOOD}[[message]]{body}")
    with pytest.raises(MappingError, match="could fit both"):
        check_apart((read_mapping(GOOD), read_mapping(GOOD)))


def test_the_ready_mappings_can_be_used_together() -> None:
    """Whoever configures all of them has no overlap; each names its sources."""
    assert ready() == ["esphome", "healthypi", "telegraf", "zigbee2mqtt"]
    check_apart(tuple(map(load_mapping, ready())))


@pytest.mark.parametrize("name", ready())
def test_ready_mappings_use_names_of_their_own(name: str) -> None:
    """Two sources never give one device: every ready mapping begins its ids differently."""
    begins = {row.device.split("{")[0] for row in load_mapping(name).rows}
    others = {row.device.split("{")[0] for other in ready() if other != name for row in load_mapping(other).rows}
    assert "" not in begins
    assert begins.isdisjoint(others)


@pytest.mark.parametrize("name", ready())
def test_no_ready_mapping_takes_a_room_for_a_person(name: str) -> None:
    """A field called just `temperature` of a home's gateway is a room's: 21 °C must not look like a dying person."""
    fields = {each.field for row in load_mapping(name).message for each in row.values}
    assert "temperature" not in fields


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    """A typing mistake is mended without a look into the manual."""
    with pytest.raises(MappingError, match="esphome, healthypi, telegraf, zigbee2mqtt"):
        load_mapping("../esp")


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    """Of several mappings, the wrong one is told; so is one that is no text, or a folder."""
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace("%", "Pa"), encoding="utf-8")
    with pytest.raises(MappingError, match=re.escape(f"{path}: lab/")):
        load_mapping(str(path))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(MappingError, match="no text"):
        load_mapping(str(path))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(MappingError, match=re.escape(str(tmp_path))):
        load_mapping(str(tmp_path / "folder.toml"))


def test_the_example_of_the_manual_is_a_mapping() -> None:
    """What the manual shows works."""
    example = next(block for block in re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL) if "[[message]]" in block)
    assert len(read_mapping(example).rows) == 2


@pytest.mark.parametrize("name", [*ready(), *UNITS, *[cause for cause in Cause if cause == "measurement_failed"]])
def test_the_manual_names_every_ready_mapping_and_unit(name: str) -> None:
    """Whoever writes a mapping finds what can stand in it."""
    assert f"`{name}`" in DOCS or f'"{name}"' in DOCS


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_can_be_given_in_its_own_unit(signal: Signal) -> None:
    """The unit that Vigil uses is one of those that a mapping may name."""
    assert SIGNALS[signal].unit in usable(signal)
