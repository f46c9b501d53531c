"""A mapping says what a file's numbers mean: units, times, rates, and what stands for no value."""

from pathlib import Path

import numpy as np
import pytest

from monitor.vitals import Signal
from simulators.recordings import Recording, RecordingError, load_mapping, mappings, read_recording
from tests.simulators.recorded_files import NAN, write_edf, write_wfdb

HEAD = 'title = "x"\nformat = "csv"\ntime = { column = "t", form = "FORM" }\n'
SPO2 = '[[signal]]\nsignal = "spo2"\nfrom = ["x"]\nunit = "%"\ndevice = "d"\n'


def read(folder: Path, table: str, signal: str = SPO2, form: str = "seconds", top: str = "") -> Recording:
    """A table through a mapping of one signal."""
    (folder / "a.csv").write_text(table, encoding="utf-8")
    (folder / "m.toml").write_text(HEAD.replace("FORM", form) + top + signal, encoding="utf-8")
    return read_recording(folder / "a.csv", folder / "m.toml")


def levels(recording: Recording) -> list[float]:
    return [*next(iter(recording.levels.values())).tolist()]


UNITS = {
    "a fraction": ("spo2", "fraction", 0.97, 97),
    "kPa": ("systolic", "kPa", 16, 120),
    "mmHg": ("systolic", "mmHg", 120, 120),
    "kPa of carbon dioxide": ("etco2", "kPa", 5.33, 40),
    "°F": ("temperature", "°F", 98.6, 37),
    "K": ("temperature", "K", 310.15, 37),
    "Hz": ("heart_rate", "Hz", 1.2, 72),
}


@pytest.mark.parametrize(("signal", "unit", "number", "meant"), UNITS.values(), ids=UNITS)
def test_units_are_converted(tmp_path: Path, signal: str, unit: str, number: float, meant: float) -> None:
    """To the unit of the signal, in its resolution."""
    mapped = SPO2.replace("spo2", signal).replace('"%"', f'"{unit}"')
    assert levels(read(tmp_path, f"t,x\n0,{number}\n", mapped)) == [meant]


def test_numbers_are_scaled_before_their_unit_counts(tmp_path: Path) -> None:
    """Thousandths of a fraction, shifted by a hundred."""
    assert levels(read(tmp_path, "t,x\n0,870\n", SPO2.replace('"%"', '"fraction"\nscale = 0.001\noffset = 0.1'))) == [
        97
    ]


TIMES = {
    "seconds": ("seconds", ["10", "11", "12.5"]),
    "iso8601": ("iso8601", ["2020-03-01T23:59:59", "2020-03-02T00:00:00", "2020-03-02 00:00:01.5"]),
    "iso8601 over a change of the clocks": (
        "iso8601",
        ["2020-03-29T01:59:59+01:00", "2020-03-29T03:00:00+02:00", "2020-03-29T03:00:01.500+02:00"],
    ),
    "clock over midnight": ("clock", ["23:59:59", "0:00:00", "00:00:01.5"]),
}


@pytest.mark.parametrize(("form", "times"), TIMES.values(), ids=TIMES)
def test_times_count_from_the_first(tmp_path: Path, form: str, times: list[str]) -> None:
    """Whatever they are written as: what was at 2.5 s is shown from the third second on."""
    table = "t,x\n" + "".join(f"{time},{97 - n}\n" for n, time in enumerate(times))
    assert levels(read(tmp_path, table, form=form)) == [97, 96, 96]


RATES = {
    "four a second": ([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75], [90, 91, 92, 93, 94, 95, 96, 97], [90, 94]),
    "one in two seconds": ([0, 2, 4], [90, 91, 92], [90, 90, 91, 91, 92, 92]),
    "a clock that runs slow": ([0, 1.02, 2.04, 3.06], [90, 91, 92, 93], [90, 90, 91, 92]),
    "a row is missing": ([0, 1, 2, 4, 5, 6], [90, 91, 92, 94, 95, 96], [90, 91, 92, 92, 94, 95, 96]),
    "rows are missing": ([0, 1, 2, 6, 7], [90, 91, 92, 96, 97], [90, 91, 92, 92, NAN, NAN, 96, 97]),
    "a missing value between": ([0, 0.5, 1, 1.5, 2, 2.5], [90, NAN, NAN, 93, 94, 95], [90, NAN, 94]),
}


@pytest.mark.parametrize(("times", "values", "wanted"), RATES.values(), ids=RATES)
def test_each_second_has_the_last_value_before_it(
    tmp_path: Path, times: list[float], values: list[float], wanted: list[float]
) -> None:
    """For one and a half sample intervals; then, and from a missing code on, there is none."""
    table = "t,x\n" + "".join(f"{t},{v}\n" for t, v in zip(times, values, strict=True))
    assert np.array_equal(levels(read(tmp_path, table)), wanted, equal_nan=True)


def test_a_mapping_may_hold_values_longer(tmp_path: Path) -> None:
    """`hold_s`, for what is written now and then."""
    table = "t,x\n0,90\n1,91\n2,92\n9,93\n"
    assert levels(read(tmp_path, table, top="hold_s = 4\n"))[2:] == pytest.approx(
        [92] * 4 + [NAN] * 3 + [93], nan_ok=True
    )


MISSING = {
    "blank": ("", ""),
    "NaN": ("", "nan"),
    "a number": ("missing = [-1, 0, 127]\n", "127"),
    "a text": ('missing = ["---"]\n', "---"),
    "a number as text": ("missing = [-1, 0, 127]\n", "0.00"),
}


@pytest.mark.parametrize(("top", "code"), MISSING.values(), ids=MISSING)
def test_a_missing_code_is_no_value(tmp_path: Path, top: str, code: str) -> None:
    """Never a made-up one."""
    assert np.array_equal(
        levels(read(tmp_path, f"t,x\n0,97\n1,{code}\n2,98\n", top=top)), [97, NAN, 98], equal_nan=True
    )


def test_a_missing_code_may_belong_to_one_signal(tmp_path: Path) -> None:
    """A saturation of 0 is none; a heart rate of 0 is a heart that stands still."""
    both = SPO2 + "missing = [0]\n" + SPO2.replace("spo2", "heart_rate").replace('"%"', '"/min"')
    read_both = read(tmp_path, "t,x\n0,0\n", both)
    assert np.isnan(read_both.levels[Signal.SPO2][0])
    assert read_both.levels[Signal.HEART_RATE][0] == 0


def test_an_edf_keeps_a_code_only_nearly(tmp_path: Path) -> None:
    """Sixteen bits do not hold -1 and 127 exactly: what is nearest to a code is the code."""
    path = write_edf(tmp_path / "night.edf", {"SpO2": [97, 127, 96, 0], "Pulse": [60, 255, 0, 61]})
    recording = read_recording(path, "edf_sleep")
    assert np.array_equal(recording.levels[Signal.SPO2], [97, NAN, 96, NAN], equal_nan=True)
    assert np.array_equal(recording.levels[Signal.PULSE_RATE], [60, NAN, NAN, 61], equal_nan=True)


def test_a_minute_of_numerics_stands_for_a_minute(tmp_path: Path) -> None:
    """MIMIC's numerics at one a minute; a cuff's value that stands there until the next was measured once."""
    signals = {"HR": [70, 80], "SpO2": [97, 0], "NBPSys": [120, 121], "NBPDias": [80, 81], "NBPMean": [93, 94]}
    recording = read_recording(write_wfdb(tmp_path / "a40001n", signals, rate=1 / 60), "mimic_numerics")
    assert recording.seconds == 120
    assert [recording.levels[Signal.HEART_RATE][second] for second in (0, 59, 60, 119)] == [70, 70, 80, 80]
    assert np.isnan(recording.levels[Signal.SPO2][60:]).all()
    assert {worn.device: worn.every_s for worn in recording.devices} == {"ecg": 1, "oximeter": 1, "cuff": None}


def test_a_waveform_is_refused_with_what_will_play_it(tmp_path: Path) -> None:
    """In every format, naming the channel, its rate, and what to do."""
    said = "125 samples a second: that is a waveform.*waveforms will come through the signal chain.*Remove its"
    edf = write_edf(tmp_path / "a.edf", {"SpO2": [97.0] * 250}, rate=125)
    record = write_wfdb(tmp_path / "b", {"HR": [97.0] * 250}, rate=125)
    for path, mapping in ((edf, "edf_sleep"), (record, "mimic_numerics")):
        with pytest.raises(RecordingError, match=said):
            read_recording(path, mapping)
    with pytest.raises(RecordingError, match=said):
        read(tmp_path, "t,x\n" + "".join(f"{n * 0.008:.3f},97\n" for n in range(300)))


@pytest.mark.parametrize("name", mappings())
def test_ready_mappings_can_be_used(name: str) -> None:
    """They are read, and each names the format, the units and the devices."""
    assert load_mapping(name).signal


WRONG = {
    "no such mapping": (None, "no such mapping; ready ones are bidmc"),
    "not TOML": ("title = ", "not valid TOML"),
    "an unknown field": (HEAD + "colour = 1\n" + SPO2, "unknown field `colour`"),
    "an unknown signal": (HEAD + SPO2.replace("spo2", "SpO2"), r"\$\.signal\[0\]\.signal"),
    "a signal twice": (HEAD + SPO2 + SPO2, r"signal\[1\]: spo2 is there twice"),
    "another unit": (HEAD + SPO2.replace('"%"', '"mmHg"'), r"spo2 comes in %, fraction, not in 'mmHg'"),
    "no time": (SPO2.join(['title = "x"\nformat = "csv"\n', ""]), r"a CSV needs \[time\]"),
    "a time too much": (HEAD.replace('"csv"', '"edf"') + SPO2, r"a CSV needs \[time\], and only a CSV"),
    "a device of nothing": (HEAD + SPO2 + "[device.cuff]\non_change = true\n", "device 'cuff' sends no signal"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_mapping_is_refused_with_its_place(tmp_path: Path, text: str | None, said: str) -> None:
    """With the file, where in it, and what would be right."""
    path = tmp_path / "wrong.toml"
    if text is not None:
        path.write_text(text.replace("FORM", "seconds"), encoding="utf-8")
    with pytest.raises(RecordingError, match=f"wrong.toml: .*{said}"):
        load_mapping(path)
