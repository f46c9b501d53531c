"""The sensors of a site are those that somebody vouches for, and whose curve can be computed with."""

from pathlib import Path

import pytest

from monitor.config import ConfigError, in_force, load
from monitor.sensors import KnownSensor, known_sensor, mistakes
from monitor.signal.sensor import Sensor

RING = """
[[waves.sensor]]
devices = "ring-*"
source = "maker's data sheet, revision 3"
at_zero = 104
slope = 17
"""


def written(folder: Path, text: str) -> Path:
    """A configuration file with this text."""
    path = folder / "vigil.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sensor_is_read_and_shown(tmp_path: Path) -> None:
    """Its curve is that of the file, and `vigil check-config` shows it with who says so."""
    path = written(tmp_path, RING)
    config = load(path)
    assert config.waves.sensors == (
        KnownSensor("ring-*", "maker's data sheet, revision 3", Sensor(at_zero=104, slope=17)),
    )
    shown = {key: (value, source) for key, value, source in in_force(config, path)}
    assert shown["waves.sensor[0].slope"] == ("17.0", str(path))
    assert shown["waves.sensor[0].source"][0] == "maker's data sheet, revision 3"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("slope = 17", "slope = -17", "must fall from a ratio of 0.4 to 2"),
        ("slope = 17", "slope = 17\nbend = 5", "must fall from a ratio of 0.4 to 2"),
        ("slope = 17", "slope = 0", "must fall"),
        ("at_zero = 104", "at_zero = 120", "from 113.2 % at a ratio of 0.4 to 86 % at 2.0"),
        ("at_zero = 104", "at_zero = 120", "must stay within 0 and 110: check at_zero"),
        ("slope = 17", "slope = 60", "from 80 % at a ratio of 0.4 to -16 %"),
        ("slope = 17", "slope = nan", "numbers to calculate with"),
        ("slope = 17", "slope = 17\ndark = -1", "dark must not be negative"),
        ("slope = 17", "slope = 17\ndark = 9\nbright = 9", "below bright"),
        ('source = "maker\'s data sheet, revision 3"\n', "", "source: Field required"),
        ("maker's data sheet, revision 3", " ", "source"),
        ('"ring-*"', '"ring/*"', "devices"),
        ("slope = 17", f"slope = 17\n{RING}", "two sensors are for the devices ring-*: leave one out"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    """With the path of the key, why, and what to do."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, RING.replace(before, after, 1)))
    assert says in str(caught.value)
    assert "waves.sensor" in str(caught.value)


def test_the_textbooks_curve_has_no_mistake() -> None:
    """Nor has one that bends and falls."""
    assert not [*mistakes(Sensor())]
    assert not [*mistakes(Sensor(at_zero=108, slope=10, bend=-9))]


@pytest.mark.parametrize(
    ("device", "slope"), [("ring-7", 17), ("ring-", 17), ("clip-1", 25), ("Ring-7", 25), ("cli-1", None), ("", None)]
)
def test_the_first_pattern_that_fits_counts(device: str, slope: float | None) -> None:
    """`*` is any text, `?` any letter; capitals matter, and whom no pattern fits has no known sensor."""
    ring, clip = Sensor(at_zero=104, slope=17), Sensor()
    patterns = {"ring-*": ring, "?ing-?": clip, "clip-?": clip}
    sensor_of = known_sensor([KnownSensor(devices, "", sensor) for devices, sensor in patterns.items()])
    sensor = sensor_of(device)
    assert (sensor and sensor.slope) == slope
