"""Laws of the generated boards. No Grafana runs here: they are documents, and their questions are really asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # the library publishes no types

from dashboards.grafana.build import BOARDS, default_protocol, session_json
from dashboards.grafana.limits import thresholds
from dashboards.line_protocol import line
from monitor.alert import Alert, AlertChange, AlertState, Kind, Priority
from monitor.events import DoseRecorded, Noted, Output, PhaseEntered, SessionClosed, SessionOpened, Told
from monitor.protocol import read_protocol
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Origin, Quality, Reading, Signal
from tests.dashboards.influx_support import START, Influx
from tests.servers import InfluxDB

PROVISIONING = BOARDS.parent / "provisioning"
BOARD: dict[str, Any] = json.loads((BOARDS / "session.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = BOARD["panels"]
SHOWING_DATA = [panel for panel in PANELS if panel["type"] != "text"]
OVER_TIME = [panel for panel in PANELS if panel["type"] == "timeseries"]


def questions() -> Iterator[tuple[str, str]]:
    """Every question the board asks, by what asks it."""
    for panel in PANELS:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["query"]
    for annotation in BOARD["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["target"]["query"]
    for variable in BOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable {variable['name']}", variable["query"]


def test_the_committed_board_is_what_the_code_builds() -> None:
    """Boards are code: their JSON is generated, from the default protocol's limits, and never edited."""
    built = session_json(default_protocol())
    committed = (BOARDS / "session.json").read_text(encoding="utf-8")
    assert built == committed, "run: python -m dashboards.grafana.build"


def test_the_board_is_found_again_everywhere() -> None:
    """A board keeps its uid and brings no id of one installation; its panels are told apart."""
    assert (BOARD["uid"], BOARD["id"]) == ("vigil-session", None)
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)


def test_panels_lie_side_by_side() -> None:
    """No panel covers another, and none leaves the grid of 24 columns."""
    for panel in PANELS:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations([panel["gridPos"] for panel in PANELS], 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above


@pytest.mark.parametrize("panel", SHOWING_DATA, ids=lambda panel: str(panel["title"]))
def test_a_panel_without_data_says_so(panel: dict[str, Any]) -> None:
    """Nothing to show is shown as no data, never as calm."""
    assert panel["fieldConfig"]["defaults"]["noValue"] == "no data"


@pytest.mark.parametrize(
    "panel", [panel for panel in PANELS if panel["type"] == "timeseries"], ids=lambda p: p["title"]
)
def test_a_gap_stays_a_gap_and_origin_stays_visible(panel: dict[str, Any]) -> None:
    """No line crosses a time without values, and every series names its device and where its values come from."""
    assert panel["fieldConfig"]["defaults"]["custom"]["spanNulls"] is False
    assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "dashed"
    for target in panel["targets"]:
        assert "$tag_device" in target["alias"]
        assert "$tag_origin" in target["alias"]


def test_simulated_readings_are_called_so() -> None:
    """The origin of the readings stands first on the board, in capitals and in a colour of its own."""
    first = min(PANELS, key=lambda panel: (panel["gridPos"]["y"], panel["gridPos"]["x"]))
    names = {
        override["matcher"]["options"]: override["properties"][0]["value"]
        for override in first["fieldConfig"]["overrides"]
    }
    assert names == {"real": "REAL", "simulated": "SIMULATED", "probe": "PROBE"}


def test_no_invalid_value_is_drawn() -> None:
    """Every question for values leaves out what could not be trusted at all."""
    asked = [query for _, query in questions() if '"value"' in query and '"vitals"' in query]
    assert asked
    assert all("\"quality\" <> 'invalid'" in query for query in asked)


PROTOCOL = """
id = "p"
version = "1"
title = "P"
expected = []
technical = []
ladder.low.step = [{ after_s = 0, role = "nurse" }]
ladder.medium.step = [{ after_s = 0, role = "nurse" }]
ladder.high.step = [{ after_s = 0, role = "nurse" }]

[[rule]]
id = "spo2_low"
signal = "spo2"
text = "t"
action = "a"
limit = [
  { priority = "low", at_most = 96, phases = ["baseline"] },
  { priority = "medium", at_most = 92 },
  { priority = "high", at_most = 88 },
  { priority = "high", cause = "no_pulse" },
]

[[rule]]
id = "temperature"
signal = "temperature"
text = "t"
action = "a"
limit = [{ priority = "low", at_most = 35 }, { priority = "medium", at_least = 38.5 }]
"""


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (Signal.SPO2, [(None, "red"), (88.5, "yellow"), (92.5, "green")]),
        (Signal.TEMPERATURE, [(None, "light-blue"), (35.05, "green"), (38.45, "yellow")]),
        (Signal.HEART_RATE, [(None, "green")]),
    ],
)
def test_colours_change_where_limits_are_crossed(signal: Signal, expected: list[tuple[float | None, str]]) -> None:
    """A value has the colour of the worst limit it crosses as it is shown; causes and phases have no line."""
    steps = thresholds(read_protocol(PROTOCOL), signal)
    assert [(step.value, step.color) for step in steps] == expected


@pytest.fixture
def session_store(influxdb: InfluxDB) -> Influx:
    """A real store with a short session in it."""
    store = Influx(influxdb.url)
    store.create_database()
    lines = [line(Told(number, 0, START, body)) for number, body in enumerate(sample_session())]
    store.write(*[text for text in lines if text is not None])
    return store


def sample_session() -> Iterator[Output]:
    yield SessionOpened("s-1", "room-1", "default", START)
    yield PhaseEntered("s-1", Phase.BASELINE, START)
    yield DoseRecorded("s-1", Dose("mdma", 80, Route.ORAL, START + 5 * SECOND), "n-1")
    yield Noted("s-1", "n-1", "remark", START)
    for second in range(30):
        at = START + second * SECOND
        for signal in Signal:
            yield Reading("s-1", "d-1", signal, 37.0 + second, at, at, second, Origin.SIMULATED)
        yield Reading(
            "s-1", "d-2", Signal.SPO2, 400.0, at, at, second, Origin.SIMULATED, Quality.INVALID, Cause.IMPOSSIBLE
        )
    yield Alert(
        id="s-1/spo2_low/spo2/1",
        session="s-1",
        rule="spo2_low",
        signal="spo2",
        kind=Kind.PHYSIOLOGICAL,
        priority=Priority.HIGH,
        state=AlertState.RAISED,
        version=1,
        change=AlertChange.RAISED,
        text="SpO2 low",
        action="Go.",
        raised_at=START,
        changed_at=START,
        origin=Origin.SIMULATED,
    )
    yield SessionClosed("s-1", START, "n-1")


def as_grafana_sends(query: str) -> str:
    """The question with Grafana's macros filled in."""
    milliseconds = START // 1_000_000
    span = f"time >= {milliseconds}ms and time <= {milliseconds + 60_000}ms"
    return query.replace("$timeFilter", span).replace("$__interval", "5s").replace("$session", "s-1")


@pytest.mark.server("influxdb")
def test_every_question_is_answered(session_store: Influx) -> None:
    """InfluxDB understands every question of the board and has an answer to it."""
    for asking, query in questions():
        rows = session_store.rows(as_grafana_sends(query))
        assert rows, asking
        assert all(any(value is not None for value in row[1:]) for row in rows[:5]), asking
        assert all(400 not in row for row in rows), asking


@pytest.mark.server("influxdb")
def test_extremes_survive_long_intervals(session_store: Influx) -> None:
    """However coarse the interval, the lowest and the highest value are still there."""
    query = dict(questions())["Oxygen saturation A"].replace("$__interval", "1h")
    values = [value for row in session_store.rows(as_grafana_sends(query)) for value in row[1:] if value is not None]
    assert (min(values), max(values)) == (37, 66)


def documents(folder: str) -> list[Any]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((PROVISIONING / folder).glob("*.yaml"))]


def test_provisioned_stores_are_those_of_the_board() -> None:
    """Live and rehearsal are stores of their own, on this machine, offered by name; no secret is written down."""
    (document,) = documents("datasources")
    stores = {source["uid"]: source for source in document["datasources"]}
    assert {uid: source["jsonData"]["dbName"] for uid, source in stores.items()} == {
        "vigil": "vigil",
        "vigil-rehearsal": "vigil_rehearsal",
    }
    for source in stores.values():
        assert source["url"] == "http://127.0.0.1:8086"
        assert source["jsonData"]["version"] == "InfluxQL"
        assert source["name"].startswith("Vigil")
        assert all(secret.startswith("${") for secret in [*source["secureJsonData"].values(), source["user"]])
    (chosen,) = [variable for variable in BOARD["templating"]["list"] if variable["name"] == "datasource"]
    assert chosen["current"]["value"] in stores


def test_boards_are_provisioned_from_their_folder() -> None:
    """Grafana reads the boards from where they are put and lets nobody edit them there."""
    (document,) = documents("dashboards")
    (provider,) = document["providers"]
    assert provider["options"]["path"] == "${VIGIL_GRAFANA_BOARDS}"
    assert provider["allowUiUpdates"] is False
    assert [path.name for path in sorted(Path(BOARDS).iterdir())] == ["session.json"]
