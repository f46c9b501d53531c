"""`vigil doctor` at the broker of the manual, as an engineer runs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.devices.sample_broker import SITE, SampleBroker
from tests.e2e.running import run
from tests.servers import HOST

pytestmark = pytest.mark.server("mosquitto")


def test_doctor_tells_of_the_broker_and_of_nothing_else(tmp_path: Path) -> None:
    """Both certificates end soon; that strangers were refused, which it tried, is no trouble and shows no traceback."""
    ends = datetime.now(UTC) + timedelta(days=20)
    with SampleBroker(tmp_path, until=ends) as broker:
        tls = "".join(
            f'{key} = "{tmp_path / name}"\n'
            for key, name in (("ca_file", "ward-ca.pem"), ("cert_file", "vigil.pem"), ("key_file", "vigil.key"))
        )
        config = tmp_path / "vigil.toml"
        journal = tmp_path / "ward.journal"
        config.write_text(
            f'site = "{SITE}"\n[journal]\npath = "{journal}"\n[page]\nport = 0\n'
            f'[mqtt]\nhost = "{HOST}"\nport = {broker.vigil_port}\n[mqtt.tls]\n{tls}'
        )
        told = run("doctor", "-c", config, "--json")
    assert told.stderr == ""
    found = [(each["subject"], each["level"]) for each in json.loads(told.stdout)["findings"]]
    assert found.count(("certificate", "warning")) == 2
    assert ("strangers", "ok") in found
