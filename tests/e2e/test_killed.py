"""kill -9 at any moment: nothing acknowledged is lost, no alert and no page forgotten, and replay goes through it."""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path

import pytest

from monitor.alert import Alert
from monitor.events import Started
from tests.e2e.evidence import assert_replays, assert_sound, bodies, open_alerts, unreported
from tests.e2e.oximeter import dips
from tests.e2e.running import Vigil, until
from tests.e2e.ward import SESSION, Ward
from tests.servers import Mosquitto

LONGEST_LIFE_S = 3.0
LONGEST_START_S = 15
IN_CAMPAIGN = 50

pytestmark = pytest.mark.server("mosquitto")


def kill_and_start(ward: Ward, after_s: float) -> None:
    """Kill Vigil so long after it was started, ready or not, and start it again."""
    time.sleep(after_s)
    ward.vigil.kill()
    ward.vigil.start()


def assert_goes_on(ward: Ward, before: dict[str, Alert], untold: set[str]) -> None:
    """Alerts that were open are open, or were resolved since; pages without a report have left again."""
    resolved = {alert.id for alert in bodies(ward.journal, Alert) if not alert.open}
    assert before.keys() <= open_alerts(ward.journal).keys() | resolved
    until(lambda: not untold & unreported(ward.journal).keys())
    assert [shown["id"] for shown in ward.vigil.get("/api/v1/sessions")] == [SESSION]


def survive(ward: Ward, kills: int, moments: random.Random) -> None:
    """Kill it at random, sometimes while it starts, and look after each start at what was open before."""
    ward.oximeter.course = dips
    for _ in range(kills):
        kill_and_start(ward, moments.uniform(0.0, LONGEST_LIFE_S))
        if ward.journal.exists():
            before, untold = open_alerts(ward.journal), set(unreported(ward.journal))
        if moments.random() < 0.3:
            continue
        ward.vigil.ready()
        assert_goes_on(ward, before, untold)
    ward.vigil.ready()
    ward.close()
    assert sum(start.outage > 0 for start in bodies(ward.journal, Started)) >= kills // 2


def test_killed_at_random_it_goes_on_where_it_was(ward: Ward) -> None:
    survive(ward, 4, random.Random(3))


def test_every_outage_is_told_with_its_length(ward: Ward) -> None:
    """Also the one that follows at once on another, whether that was answered or not."""
    for away_s in (0, 1):
        ward.until_measured()
        ward.vigil.kill()
        time.sleep(away_s)
        ward.vigil.start()
        outage = ward.vigil.ready().until_raised("outage")
        assert outage["state"] == "raised", "whoever answered the one before knows nothing of this one"
        assert away_s <= int(outage["text"].split()[-2]) <= away_s + LONGEST_START_S
        until(partial(ward.phones.told, outage))
        if away_s == 0:
            ward.vigil.post("/alerts/acknowledge", alert=outage["id"], version=outage["version"], at_bedside=True)
    ward.close()


def test_a_page_that_nobody_confirmed_leaves_again(ward: Ward) -> None:
    """The same page under the same key, so that who had it already can tell."""
    ward.until_measured()
    ward.phones.hold.clear()
    ward.oximeter.course = lambda _: 80.0
    first = until(lambda: ward.phones.calls[-1:])[0]
    ward.vigil.kill()
    calls = len(ward.phones.calls)
    ward.phones.hold.set()
    ward.vigil.start()
    again = until(lambda: next((call for call in ward.phones.calls[calls:] if call.key == first.key), None))
    assert again.page == first.page
    ward.oximeter.course = lambda _: 97.0
    ward.vigil.ready()
    ward.close()


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_killed_while_it_begins_for_the_first_time(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """However far it came with a new journal, the next start uses it."""
    seed = time.time_ns()
    print(f"seed {seed}")
    moments = random.Random(seed)
    for attempt in range(IN_CAMPAIGN // 2):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        with Vigil(folder, broker=mosquitto.port) as vigil:
            time.sleep(moments.uniform(0.2, LONGEST_LIFE_S / 2))
            vigil.kill()
            vigil.start()
            vigil.ready().open_session(SESSION)
            assert vigil.stop() == 0, vigil.complaints
        assert_sound(vigil.journal)
        assert_replays(vigil.journal)


@pytest.mark.campaign
@pytest.mark.timeout(600)
def test_a_campaign_of_kills(ward: Ward) -> None:
    """Other moments every time; the seed is in the failure."""
    seed = time.time_ns()
    print(f"seed {seed}")
    survive(ward, IN_CAMPAIGN, random.Random(seed))
