"""Files as monitors, laboratories and PhysioNet write them, made by the programs that write them."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyedflib
import wfdb

NAN = math.nan
ORDINARY: Mapping[str, Sequence[float]] = {
    "HR": [70, 71, NAN, 73, 74, 75, 76, 77],
    "PULSE": [70, 71, 72, 73, NAN, NAN, 76, 77],
    "RESP": [14, 14, 15, 15, 16, 16, 15, 15],
    "SpO2": [98, 97, 97, 96, NAN, NAN, 95, 94],
}
"""Eight seconds with gaps."""

EVERY_FORMAT = """
title = "One body of numbers in every format"
format = "{format}"
missing = [-1]
signal = [
  {{ signal = "heart_rate", from = ["HR"], unit = "/min", device = "ecg" }},
  {{ signal = "respiration_rate", from = ["RESP"], unit = "/min", device = "ecg" }},
  {{ signal = "spo2", from = ["SpO2"], unit = "%", device = "oximeter" }},
  {{ signal = "pulse_rate", from = ["PULSE"], unit = "/min", device = "oximeter" }},
]
"""
SIGNAL_HEADER: Mapping[str, str | int | float | None] = {
    "dimension": "",
    "transducer": "",
    "prefilter": "",
    "physical_min": -1,
    "physical_max": 300,
    "digital_min": -32768,
    "digital_max": 32767,
}
CSV_TIME = 'time = { column = "Time [s]", form = "seconds" }\n'


def write_csv(path: Path, columns: Mapping[str, Sequence[float]] = ORDINARY) -> Path:
    """As BIDMC's numerics: a blank after each comma, NaN where the monitor showed nothing."""
    lines = [", ".join(["Time [s]", *columns])]
    for second, row in enumerate(zip(*columns.values(), strict=True)):
        lines.append(",".join([str(second), *("NaN" if math.isnan(v) else f"{v:g}" for v in row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_edf(path: Path, channels: Mapping[str, Sequence[float]] = ORDINARY, rate: int = 1) -> Path:
    """EDF+ of 16 bits from -1 to 300; EDF knows no missing value: -1 stands for it."""
    with pyedflib.EdfWriter(str(path), len(channels), file_type=pyedflib.FILETYPE_EDFPLUS) as edf:
        edf.setSignalHeaders([{**SIGNAL_HEADER, "label": label, "sample_frequency": rate} for label in channels])
        edf.writeSamples([np.nan_to_num(np.array(values, dtype=float), nan=-1.0) for values in channels.values()])
    return path


def write_wfdb(path: Path, signals: Mapping[str, Sequence[float]] = ORDINARY, rate: float = 1) -> Path:
    """A header and a signal file of 16 bits; NaN is written as the format's own code for it."""
    wfdb.wrsamp(
        path.name,
        fs=rate,
        units=["-"] * len(signals),
        sig_name=[*signals],
        p_signal=np.array([*signals.values()], dtype=float).T,
        fmt=["16"] * len(signals),
        adc_gain=[10.0] * len(signals),
        baseline=[0] * len(signals),
        write_dir=str(path.parent),
    )
    return path.with_suffix(".hea")


def write_mapping(folder: Path, format: str) -> Path:
    """The mapping of these files."""
    path = folder / f"{format}.toml"
    text = EVERY_FORMAT.format(format=format)
    path.write_text(CSV_TIME + text if format == "csv" else text, encoding="utf-8")
    return path


def write_every_format(folder: Path) -> dict[str, tuple[Path, Path]]:
    """The same numbers as CSV, EDF+ and WFDB, each with its mapping."""
    files = {
        "csv": write_csv(folder / "ordinary.csv"),
        "edf": write_edf(folder / "ordinary.edf"),
        "wfdb": write_wfdb(folder / "ordinary"),
    }
    return {format: (file, write_mapping(folder, format)) for format, file in files.items()}
