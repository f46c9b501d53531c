"""What somebody writes into files and variables: mistakes are sentences, and secrets come out nowhere."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import structlog

from alerts.protocols import protocol_text
from monitor.cli.check_config import show_config
from monitor.cli.doctor import _open_to_others
from monitor.cli.exits import Refused
from monitor.config import ConfigError, in_force, load
from monitor.logs import set_up_logs
from monitor.protocol import ProtocolError
from simulators.scenario import FOLDER, ScenarioError, load_scenario

SECRET = "correct-horse-battery"
CONFIG = f"""
[mqtt]
username = "vigil"
password = "{SECRET}"

[influx]
token = "{SECRET}"
password = "{SECRET}"

[[pager]]
name = "phones"
kind = "webhook"
url = "https://pages.example/{SECRET}"
secret = "{SECRET}"
"""
NONSENSE = {
    "deep": b"a = " + b"[" * 5000,
    "deep over lines": b"a = " + b"[\n" * 20_000,
    "a key of many parts": b"a" + b".a" * 60_000 + b" = 1",
    "not UTF-8": b'site = "\xff"',
    "an order to the library": b'_env_file = "/etc/hostname"',
    "another order": b"_cli_parse_args = true",
    "control characters": b'site = "a\x00b"',
}


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("content", NONSENSE.values(), ids=[*NONSENSE])
def test_a_file_of_nonsense_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    """Configuration, scenario and protocol: each says what is wrong with the file."""
    path = written(tmp_path / "file.toml", content)
    with pytest.raises(ConfigError):
        load(path)
    with pytest.raises(ScenarioError):
        load_scenario(path)
    with pytest.raises(Refused):
        show_config(written(tmp_path / "vigil.toml", f"protocol = '{path}'"), as_json=False)


def test_a_protocol_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    """The name of the file is in it."""
    with pytest.raises(ProtocolError, match="is no text"):
        protocol_text(str(written(tmp_path / "file.toml", b"\xff")))


@pytest.mark.parametrize("value", ["-inf", "nan", "1e300"])
def test_a_dose_is_given_at_a_time(tmp_path: Path, value: str) -> None:
    """A scenario cannot ask for an instant that no clock shows."""
    text = (FOLDER / "demo.toml").read_text(encoding="utf-8")
    dose = next(line for line in text.splitlines() if line.strip().startswith("at_s = "))
    with pytest.raises(ScenarioError):
        load_scenario(written(tmp_path / "s.toml", text.replace(dose, f"at_s = {value}", 1)))


@pytest.mark.parametrize(
    ("name", "value"), [("MQTT", f'{{"password": "{SECRET}"'), ("PAGER", SECRET), ("PERSON", f'[{{"id": "{SECRET}"')]
)
def test_a_variable_that_is_no_json_is_a_sentence_without_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets come by the environment: what cannot be read there is not shown."""
    monkeypatch.setenv(f"VIGIL_{name}", value)
    with pytest.raises(ConfigError, match="is not valid JSON") as caught:
        load()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_in_force_is_shown_without_secrets(
    tmp_path: Path, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a table, nor JSON, nor the values' own text hold a password, a token or an address with one in it."""
    path = written(tmp_path / "vigil.toml", CONFIG)
    show_config(path, as_json=as_json)
    config = load(path)
    shown = capsys.readouterr().out
    assert "vigil" in shown
    for text in (shown, repr(config), str(config), repr([*in_force(config, path)]), config.model_dump_json()):
        assert SECRET not in text


@pytest.mark.parametrize(
    "wrong",
    [
        'secret = "short-Hunter2"',
        f'secret = "{SECRET}"\nurl = "http://ward:{SECRET}@pages.example"',
        f'url = "{SECRET}"\nsecret = ["{SECRET}"]',
    ],
)
def test_mistakes_are_told_without_what_was_written(tmp_path: Path, wrong: str) -> None:
    """A secret in the wrong place, or too short, is not repeated."""
    text = f'[[pager]]\nname = "x"\nkind = "webhook"\n{wrong}\n[mqtt]\npassword = ["{SECRET}"]\n'
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path / "vigil.toml", text))
    assert SECRET not in str(caught.value)
    assert "Hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "mode", "warned"), [(CONFIG, 0o644, True), (CONFIG, 0o600, False), ("", 0o644, False)]
)
def test_a_file_with_secrets_is_for_its_owner(
    tmp_path: Path, content: str, mode: int, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks a set-up over is told when others can read its passwords, and how to mend that."""
    path = written(tmp_path / "vigil.toml", content)
    path.chmod(mode)
    monkeypatch.chdir(tmp_path)
    found = [*_open_to_others(load(path), path)]
    assert [(one.level, one.subject) for one in found] == ([("warning", "configuration")] if warned else [])


def test_a_journal_is_for_its_owner(tmp_path: Path) -> None:
    """What was recorded of people is not for every user of the machine."""
    config = load(journal={"path": written(tmp_path / "night.journal", "")})
    config.journal.path.chmod(0o640)
    assert [one.subject for one in _open_to_others(config, None)] == ["journal"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_shows_no_variables(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal and in a file: a failure names what failed, never the values that were at hand."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    def fails(password: str) -> None:
        raise RuntimeError("the link broke")

    before = structlog.get_config()
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    try:
        set_up_logs()
        try:
            fails(SECRET)
        except RuntimeError as error:
            structlog.get_logger().error("service.failed", exc_info=error)
    finally:
        structlog.configure(**before)
    assert "the link broke" in screen.getvalue()
    assert SECRET not in screen.getvalue()
