"""`vigil signal score` as people use it."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from monitor.cli.exits import Refused
from monitor.cli.signal_score import run_score
from monitor.signal.ecg import BeatDetector
from tests.monitor.signal.hearts import recorded
from tests.simulators.annotated_records import FLUTTER_S, beat_record, breath_record, written

COMMAND = [sys.executable, "-m", "monitor.cli", "signal", "score", "--jobs", "1"]


def vigil(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command and wait."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=110)


def scored(folder: Path, *arguments: str) -> Any:
    """What it says, without the speed."""
    told = vigil("--data", str(folder), "--no-speed", "--json", *arguments)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def pairs(annotated: NDArray[np.float64], found: NDArray[np.float64], within_s: float) -> int:
    """The most pairs there are, by another way than the product's: as a graph."""
    near = csr_array(np.abs(annotated[:, None] - found[None]) <= within_s)
    return int((maximum_bipartite_matching(near) >= 0).sum())


@pytest.mark.parametrize("flutter", [False, True])
def test_beats_are_those_of_an_independent_count(tmp_path: Path, flutter: bool) -> None:
    """Of a real minute, for one lead and for two, with flutter left out."""
    beat_record(tmp_path, flutter=flutter)
    begin, end = FLUTTER_S if flutter else (-1.0, -1.0)
    ecg = recorded()
    for row, leads in zip(scored(tmp_path)["beats"], (1, 2), strict=True):
        samples = ecg.samples[None] if leads == 2 else ecg.samples[:1]
        found = BeatDetector(360, 1, leads=leads).push(samples).at / 360
        found, truth = (at[(at < begin) | (at > end)] for at in (found, ecg.beats_s))
        for name, within_s in (("within_150_ms", 0.150), ("within_75_ms", 0.075)):
            told = row[name]
            assert (told["annotated"], told["found"]) == (len(truth), len(found))
            assert told["matched"] == pairs(truth, found, within_s) > 0
            assert told["f1"] == pytest.approx(2 * told["matched"] / (len(truth) + len(found)))
        assert row["worst"] == "119"


def test_rates_are_those_of_somebody_known(tmp_path: Path) -> None:
    """Pulse and respiration of a simulated person; seconds that are missing cost coverage, not accuracy."""
    breath_record(tmp_path, missing_s=24)
    told = scored(tmp_path)
    rates = {row["what"]: row for row in told["rates"]}
    assert told["pulses"][0]["pulses"]["predictive_value"] > 0.98
    assert 0.5 < rates["pulse"]["trusted"]["coverage"] < 0.85
    assert rates["impedance"]["trusted"]["coverage"] == 1
    assert max(rates[what]["trusted"]["mean"] for what in ("pulse", "impedance")) < 1


def test_noise_costs_beats(tmp_path: Path) -> None:
    """Undisturbed as in the first table; in strong noise of muscles fewer, and less is told."""
    beat_record(tmp_path)
    told = scored(tmp_path, "--noise")
    noisy = {row["condition"]: row for row in told["noisy_beats"]}
    assert noisy["none"]["f1"] == told["beats"][0]["within_150_ms"]["f1"]
    assert noisy["muscle -6 dB"]["f1"] < noisy["none"]["f1"]
    assert noisy["muscle -6 dB"]["told"]["coverage"] < noisy["none"]["told"]["coverage"]


def test_peers_that_are_not_installed_are_named(tmp_path: Path) -> None:
    """With how to have them; those that are there are scored."""
    beat_record(tmp_path)
    told = vigil("--data", str(tmp_path), "--no-speed", "--json", "--peers")
    report = json.loads(told.stdout)
    methods = {row["method"].split()[0] for row in report["beats"]}
    missing = {names.split()[0] for names in report["missing_peers"]}
    assert methods - {"ours,"} | missing == {"biosppy", "heartpy", "neurokit2", "sleepecg", "wfdb"}
    assert not methods & missing
    assert all(find_spec(name) for name in methods - {"ours,"})
    assert all(f" {name}" in told.stderr.split("pip install", 1)[1] for name in missing)


def test_tables_are_for_people(tmp_path: Path) -> None:
    """Titles, and no table for what there is no record of."""
    beat_record(tmp_path)
    told = vigil("--data", str(tmp_path), "--no-speed")
    assert told.returncode == 0, told.stderr
    assert "Beats in 1 records of MIT-BIH" in told.stdout
    assert "BIDMC" not in told.stdout


def test_what_cannot_be_judged_is_a_sentence(tmp_path: Path) -> None:
    """Exit 2, and what would be right."""
    good = beat_record(tmp_path / "good")
    damaged = beat_record(tmp_path / "damaged")
    damaged.write_bytes(damaged.read_bytes()[:5000])
    written(tmp_path / "other" / "mitdb" / "1.npz.xz", {"fs": 360}, {})
    breath_record(tmp_path / "poor", signals=("PLETH", "II"))
    cases = {
        tmp_path / "gone": "is no folder",
        good: "is no folder",
        tmp_path: "holds no records (*.npz.xz) in mitdb/ or bidmc/",
        good.parent: "give the folder that holds mitdb/",
        tmp_path / "damaged": "damaged, or not packed",
        tmp_path / "other": "its contents are not those of such a record",
        tmp_path / "poor": "it has no RESP",
    }
    for folder, sentence in cases.items():
        with pytest.raises(Refused, match=re.escape(sentence)):
            run_score(folder, peers=False, noise=False, speed=False, jobs=1, as_json=False)
    told = vigil("--data", str(tmp_path / "gone"))
    assert (told.returncode, "Traceback" in told.stderr) == (2, False)


def test_help_says_how_it_is_used() -> None:
    """With examples, and without computing anything."""
    told = vigil("--help")
    assert told.returncode == 0
    assert "Examples:" in told.stdout
