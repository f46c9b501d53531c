"""What Vigil refuses, and in which words: one sentence for each mistake, exit code 2, and nothing is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.journal import Journal
from tests.e2e.running import QUICK, VIGIL, Process, Vigil, configuration, run, until
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


BROKEN = QUICK.read_text() + '[[technical]]\nid = "x"\npriority = "low"\ntext = ""\naction = ""\n' * 2

CHANGES = {
    "no such protocol": ((str(QUICK), "no-such"), "there is no protocol 'no-such': name a file, or one of default"),
    "a wrong protocol": ((str(QUICK), "{folder}/broken.toml"), "broken.toml: rule id 'x' is used twice"),
    "no folder": (("ward.journal", "missing/ward.journal"), "create the folder"),
    "no journal": (("ward.journal", "broken.toml"), "this is not a journal: choose another path, nothing was changed"),
    "a real pager": (
        (NOWHERE, "https://pages.example.org/"),
        "pager 'phone' can reach a person and this is a rehearsal",
    ),
}


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    """A start with each change, all at the same time."""
    with ExitStack() as stack:
        started: dict[str, Process] = {}
        for name, ((before, after), _) in CHANGES.items():
            folder = tmp_path_factory.mktemp("start")
            (folder / "broken.toml").write_text(BROKEN)
            text = configuration(folder / "ward.journal", free_port(), NOWHERE)
            (folder / "vigil.toml").write_text(text.replace(before, after.format(folder=folder)))
            started[name] = stack.enter_context(Process(folder, [VIGIL, "run", "-c", folder / "vigil.toml"]))
        yield started


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_used_is_said_before_anything_starts(starts: dict[str, Process], change: str) -> None:
    start, (_, sentence) = starts[change], CHANGES[change]
    assert start.wait() == 2
    assert start.complaints.startswith("vigil: ")
    assert sentence in start.complaints
    assert len(start.complaints.splitlines()) == 1
    assert (start.folder / "broken.toml").read_text() == BROKEN


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
