"""Configuration is checked whole, says where each value comes from, and shows no secret."""

from pathlib import Path

import pytest

from monitor.config import Config, ConfigError, in_force, load, read_file

WHOLE = """
site = "clinic-east"
mode = "rehearsal"

[journal]
path = "night.journal"

[mqtt]
host = "127.0.0.1"
username = "collector"
password = "correct horse"

[page]
port = 9000

[[pager]]
name = "console"
kind = "console"

[[person]]
id = "nurse-1"
roles = ["nurse"]
pagers = ["console"]
"""


def written(folder: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = folder / "vigil.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """What stands in the file is in force."""
    config = load(written(tmp_path, WHOLE))
    assert (config.site, config.page.port, config.person[0].id) == ("clinic-east", 9000, "nurse-1")


def test_without_a_file_everything_has_a_default() -> None:
    """No file is needed: defaults are loopback only."""
    config = load()
    assert (config.page.host, config.mqtt.host) == ("127.0.0.1", "127.0.0.1")


def test_every_mistake_is_reported_with_its_path(tmp_path: Path) -> None:
    """All mistakes of a file come in one message, each with the path of its key."""
    text = 'sight = "x"\n[page]\nport = 70000\n[journal]\nplace = "x"\n[[person]]\nid = "n"\nroles = ["cook"]\n'
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    lines = str(caught.value).splitlines()
    paths = {line.split(": ")[1] for line in lines}
    assert paths == {"journal.place", "page.port", "person[0].roles[0]", "person[0].pagers", "sight"}


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over the file, and is named as the source."""
    monkeypatch.setenv("VIGIL_PAGE__PORT", "9001")
    path = written(tmp_path, WHOLE)
    config = load(path)
    sources = {key: source for key, _, source in in_force(config, path)}
    assert config.page.port == 9001
    assert sources["page.port"] == "VIGIL_PAGE__PORT"
    assert sources["site"] == str(path)
    assert sources["protocol"] == "default"


def test_secrets_are_masked_wherever_a_configuration_is_shown(tmp_path: Path) -> None:
    """A password is neither in the representation, nor in what check-config prints, nor in a message."""
    path = written(tmp_path, WHOLE)
    config = load(path)
    shown = repr(config) + "".join(f"{key}{value}" for key, value, _ in in_force(config, path))
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, WHOLE.replace('username = "collector"', "username = 7")))
    assert "correct horse" not in shown + str(caught.value)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("port = 9000", 'host = "0.0.0.0"', "this machine only"),
        ('pagers = ["console"]', 'pagers = ["phone"]', "there is no pager 'phone'"),
        ('host = "127.0.0.1"', 'host = "broker.example"', "needs tls"),
        ('site = "clinic-east"', 'site = "Clinic East"', "site"),
        ('path = "night.journal"', "path = [", "not valid TOML"),
    ],
)
def test_what_would_be_unsafe_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    """Beyond this machine nothing is served or sent without protection, and nobody is on duty without a pager."""
    with pytest.raises(ConfigError, match=says):
        load(written(tmp_path, WHOLE.replace(before, after, 1)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: No such file"):
        load(tmp_path / "nowhere.toml")


def test_a_configuration_cannot_be_changed() -> None:
    """What was checked is what is used."""
    with pytest.raises(ValueError, match="frozen"):
        Config().__setattr__("site", "other")


def test_the_sample_is_right_and_complete() -> None:
    """The file that people copy loads, and shows every section there is."""
    path = Path(__file__).parents[2] / "docs" / "vigil.sample.toml"
    assert load(path).influx is not None
    assert set(Config.model_fields) == set(read_file(path))
