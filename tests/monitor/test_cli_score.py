"""`vigil score` as people use it."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil

COMMAND = [sys.executable, "-m", "monitor.cli", "score"]
LITTLE = ["--quiet", "0", "--faults", "0", "--events", "1", "--jobs", "2"]

CALM = """
title = "calm"
by = "nurse-1"
duration_s = 120
[[session]]
id = "s-1"
room = "1"
seed = "somebody"
devices = { oximeter = "ox-1", strap = "ecg-1", cuff = "cuff-1", thermometer = "temp-1" }
"""
NO_NUMBA = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numba" else found(name, package)
"""


def vigil(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command and wait."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=110)


def test_help_says_how_it_is_used() -> None:
    """With examples, and without playing anything."""
    told = vigil("--help")
    assert told.returncode == 0
    assert "Examples:" in told.stdout


def test_a_score_is_printed_as_json_and_written_as_a_page(tmp_path: Path) -> None:
    """Ours first, every comparison beside it; the page holds the same."""
    html = tmp_path / "score.html"
    told = vigil(*LITTLE, "--stories", str(tmp_path), "--html", str(html), "--json")
    assert told.returncode == 0, told.stderr
    monitors = [monitor["name"] for monitor in json.loads(told.stdout)["monitors"]]
    assert monitors[0] == "ours"
    assert {"factory_mindray", "factory_ge_v100", "factory_lifepak15", "plain_delay_15s"} <= set(monitors)
    assert "<table>" in html.read_text(encoding="utf-8")


def test_everything_is_played_again_with_waveforms_when_asked(tmp_path: Path) -> None:
    """A story of two minutes: it stands in the document, and as tables."""
    (tmp_path / "calm.toml").write_text(CALM, encoding="utf-8")
    arguments = ("--stories", str(tmp_path), "--quiet", "0", "--events", "0", "--faults", "0", "--waveforms")
    told = vigil(*arguments, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["waveforms"]["sessions"] == 1
    assert "Numbers from waveforms" in vigil(*arguments).stdout


def test_without_what_computes_it_says_what_to_install(tmp_path: Path) -> None:
    """Before anything is played."""
    (tmp_path / "sitecustomize.py").write_text(NO_NUMBA, encoding="utf-8")
    told = subprocess.run(
        [*COMMAND, "--waveforms"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )
    assert told.returncode == 2
    assert "vigil-monitor[signal]" in told.stderr
    assert "Traceback" not in told.stderr


def test_what_cannot_be_scored_is_a_sentence(tmp_path: Path) -> None:
    """Exit 2, and what would be right."""
    cases = {
        ("--stories", str(tmp_path / "gone")): "is no folder",
        ("--stories", str(tmp_path), "--quiet", "0", "--events", "0", "--faults", "0"): "nothing to play",
        ("--protocol", "gone"): "there is no protocol 'gone'",
    }
    for arguments, sentence in cases.items():
        told = vigil(*arguments)
        assert (told.returncode, sentence in told.stderr) == (2, True), told.stderr
        assert "Traceback" not in told.stderr


def both_at_work(pid: int) -> bool:
    """Whether two processes of it compute: they have had the processor for longer than they need to start."""
    spent = [child.cpu_times().user for child in psutil.Process(pid).children()]
    return len([seconds for seconds in spent if seconds > 2]) == 2


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    """No traceback of any process, no process left, and the exit code of an interruption."""
    process = subprocess.Popen(
        [*COMMAND, "--quiet", "20", "--faults", "0", "--events", "0", "--jobs", "2", "--stories", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever tests in the background of a shell hears no Ctrl-C, and neither do those it starts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    while not both_at_work(process.pid):
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
