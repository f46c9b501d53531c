"""The command line: quick to answer, clear when it cannot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ["demo", "run", "replay", "check-config", "doctor", "journal"]
HEAVY = ("numpy", "scipy", "fastapi", "uvicorn", "pydantic", "gmqtt", "msgspec", "httpx2", "structlog", "sqlite3")


def vigil(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "monitor.cli", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there_with_examples(command: str) -> None:
    """Every command explains itself and shows how it is used."""
    told = vigil(command, "--help")
    assert told.returncode == 0
    assert command == "journal" or "Examples:" in told.stdout


def test_help_imports_nothing_heavy() -> None:
    """--help is quick because nothing that a command needs is imported for it."""
    code = f"import sys, monitor.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_wrong_configuration_is_told_whole_with_its_paths(tmp_path: Path) -> None:
    """Exit 2, a line for every mistake, no traceback."""
    path = tmp_path / "vigil.toml"
    path.write_text('sight = "x"\n[page]\nport = "many"\n', encoding="utf-8")
    told = vigil("check-config", "-c", str(path))
    assert told.returncode == 2
    assert "sight" in told.stderr
    assert "page.port" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_right_configuration_is_shown_with_its_sources(tmp_path: Path) -> None:
    """Each value in force comes with where it came from."""
    path = tmp_path / "vigil.toml"
    path.write_text('site = "clinic"\n[mqtt]\npassword = "hidden thing"\n', encoding="utf-8")
    told = vigil("check-config", "-c", str(path), "--json")
    values = json.loads(told.stdout)["values"]
    assert values["site"] == {"value": "clinic", "source": str(path)}
    assert values["page.port"]["source"] == "default"
    assert "hidden thing" not in told.stdout


@pytest.mark.parametrize("arguments", [("replay", "gone.journal"), ("journal", "check", "gone.journal")])
def test_a_journal_that_is_not_there_is_a_sentence(arguments: tuple[str, ...]) -> None:
    """Exit 2 and one sentence that names the file."""
    told = vigil(*arguments)
    assert told.returncode == 2
    assert "gone.journal" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_speed_that_is_none_is_refused(tmp_path: Path) -> None:
    """The sentence says what a speed is."""
    told = vigil("replay", str(tmp_path / "a.journal"), "--speed", "fast")
    assert told.returncode == 2
    assert "above 0, or max" in told.stderr


def test_the_version_is_told() -> None:
    """vigil --version prints one line."""
    assert vigil("--version").stdout.startswith("vigil 0")
