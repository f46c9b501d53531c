"""What Vigil refuses, and in which words: one sentence for each mistake, exit code 2, and nothing is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.journal import Journal
from tests.e2e.running import QUICK, Vigil, configuration, run, until
from tests.e2e.ward import Ward
from tests.servers import Mosquitto, free_port

NOWHERE = "http://127.0.0.1:9/pages"


def refused(config: Path) -> str:
    """Why `vigil run` does not start."""
    answer = run("run", "--config", config)
    assert answer.returncode == 2, answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stderr.startswith("vigil: ")
    return answer.stderr.removeprefix("vigil: ").strip()


@pytest.mark.server("mosquitto")
def test_a_second_process_on_the_same_journal(ward: Ward) -> None:
    """It says who has the journal; the first one does not notice, and the page's port is not even asked for."""
    said = refused(ward.vigil.config)
    assert said.startswith(f"{ward.journal}: another process writes it (process {ward.vigil.pid}: stop it")
    ward.have_a_crisis()
    ward.close()


@pytest.mark.server("mosquitto")
def test_live_and_rehearsal_never_share_a_journal(ward: Ward) -> None:
    ward.close()
    ward.vigil.config.write_text(ward.vigil.config.read_text().replace('"rehearsal"', '"live"'))
    said = refused(ward.vigil.config)
    assert said == "the journal holds simulated data and this process is for real data: name another journal"
    with Journal.reader(ward.journal) as journal:
        assert journal.tail().next_seq == 1 + max(r.seq for stored in journal.read() for r in stored.records)


def test_every_mistake_of_a_configuration_is_named(tmp_path: Path) -> None:
    """With the path of the file and of the key; secrets are not repeated."""
    config = tmp_path / "vigil.toml"
    config.write_text("""
site = "a ward"
colour = "blue"
[mqtt]
host = "broker.example.org"
password = "hunter2hunter2"
[page]
host = "0.0.0.0"
port = 99999
[[pager]]
name = "phone"
kind = "webhook"
url = "http://pages.example.org/hunter2hunter2"
[[person]]
id = "nurse-1"
roles = ["porter"]
pagers = ["phone"]
""")
    first, *others = refused(config).splitlines()
    mistakes = [first, *others]
    assert all(line.startswith(f"{config}: ") for line in mistakes)
    paths = {line.removeprefix(f"{config}: ").split(": ")[0] for line in mistakes}
    assert paths == {"site", "colour", "mqtt", "page.host", "page.port", "pager[0].webhook.url", "person[0].roles[0]"}
    assert "hunter2" not in "".join(mistakes)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((str(QUICK), "no-such"), "there is no protocol 'no-such': name a file, or one of default"),
        ((str(QUICK), "{folder}/broken.toml"), "broken.toml: rule id 'x' is used twice"),
        (("ward.journal", "missing/ward.journal"), "create the folder"),
        (("ward.journal", "broken.toml"), "this is not a journal: choose another path, nothing was changed"),
        ((NOWHERE, "https://pages.example.org/"), "pager 'phone' can reach a person and this is a rehearsal"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_starts(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    broken = QUICK.read_text() + '[[technical]]\nid = "x"\npriority = "low"\ntext = ""\naction = ""\n' * 2
    (tmp_path / "broken.toml").write_text(broken)
    before, after = change
    config = tmp_path / "vigil.toml"
    text = configuration(tmp_path / "ward.journal", free_port(), NOWHERE)
    config.write_text(text.replace(before, after.format(folder=tmp_path)))
    assert sentence in refused(config)
    assert (tmp_path / "broken.toml").read_text() == broken


@pytest.mark.server("mosquitto")
def test_without_a_broker_it_starts_and_says_so(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Not ready, with the reason, until the broker comes; then everything comes up by itself."""
    mosquitto.kill()
    with Vigil(tmp_path, broker=mosquitto.port) as vigil:
        vigil.ready()
        until(lambda: vigil.get("/readyz")["checks"][1]["detail"] != "connecting")
        answer = vigil.get("/readyz")
        assert not answer["ready"]
        assert [(c["name"], bool(c["detail"])) for c in answer["checks"] if not c["ok"]] == [("broker", True)]
        vigil.until_raised("broker_lost")
        mosquitto.start()
        until(lambda: vigil.get("/readyz")["ready"])
        vigil.until_over("broker_lost")
        assert vigil.stop() == 0, vigil.complaints
