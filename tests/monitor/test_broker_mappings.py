"""Mappings in the configuration: read once and checked whole, and subscribed where they belong."""

from pathlib import Path

import pytest

from monitor.broker import collector_settings, site_mapper
from monitor.config import ConfigError, load


def configured(folder: Path, *uses: str, mode: str = "live") -> Path:
    path = folder / "vigil.toml"
    rows = "".join(f'[[mqtt.mapping]]\nuse = "{use}"\n' for use in uses)
    path.write_text(f'mode = "{mode}"\nsite = "berlin"\n{rows}', encoding="utf-8")
    return path


def test_topics_of_mappings_are_subscribed(tmp_path: Path) -> None:
    """What says when it was measured is kept for us; the rest, and waveforms, pass."""
    settings = collector_settings(load(configured(tmp_path, "telegraf", "esphome")))
    assert settings.topics == ("vitals/v1/berlin/+/observation", "vitals/v1/berlin/+/status", "telegraf/+/vitals")
    assert settings.passing_topics[:2] == ("vitals/v1/berlin/+/waveform", "+/sensor/heart_rate/state")


def test_a_rehearsal_subscribes_to_nothing_real(tmp_path: Path) -> None:
    """Every topic of a rehearsal is below its own root."""
    config = load(configured(tmp_path, "telegraf", "esphome", mode="rehearsal"))
    settings = collector_settings(config)
    assert all(topic.startswith("rehearsal/v1/") for topic in (*settings.topics, *settings.passing_topics))
    assert site_mapper(config, "b").match("telegraf/x/vitals") is None


@pytest.mark.parametrize(
    ("uses", "told"),
    [
        (("esphome", "nothing"), "mqtt.mapping[1]: there is no mapping 'nothing'"),
        (("esphome", "esphome"), "a message could fit both"),
    ],
)
def test_a_wrong_mapping_is_told_with_its_path(tmp_path: Path, uses: tuple[str, ...], told: str) -> None:
    """Before anything starts."""
    with pytest.raises(ConfigError) as refused:
        load(configured(tmp_path, *uses))
    assert told in str(refused.value)


def test_a_mapping_is_read_once(tmp_path: Path) -> None:
    """A file that changes while Vigil starts changes nothing of what was checked."""
    own = tmp_path / "own.toml"
    own.write_text(
        'title = "t"\n[[message]]\ntopic = "lab/{n}"\ndevice = "lab-{n}"\npayload = "number"\n'
        'values = [{ signal = "spo2", unit = "%" }]\n',
        encoding="utf-8",
    )
    config = load(configured(tmp_path, str(own)))
    own.unlink()
    assert collector_settings(config).passing_topics[1:] == ("lab/+",)
