"""Vigil as a user runs it: a process of its own, started by its command, known by its output and its API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

VIGIL = Path(sys.executable).with_name("vigil")
ROOT = Path(__file__).parents[2]
QUICK = Path(__file__).with_name("quick.toml")
PATIENCE_S = 60.0
"""Longer than anything here takes on a slow machine: what must come within this long is asserted to come, not when."""

T = TypeVar("T")


def until(what: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """The first true result of `what`. Fails when there is none in time."""
    deadline = time.monotonic() + patience_s
    while not (result := what()):
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)
    return result


def run(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command of Vigil, to its end."""
    command = [str(VIGIL), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **(env or {})}, timeout=60, check=False
    )


class Process:
    """A child that is ended with the context, however the test ends. Its output goes to files in `folder`."""

    def __init__(self, folder: Path, command: Sequence[object], env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._command = [*map(str, command)]
        self._env = {**os.environ, "PYTHONFAULTHANDLER": "1", **(env or {})}
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        self._read_from = 0
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Start it; `output` and `complaints` then begin anew."""
        with self._out.open("wb") as out, self._err.open("ab") as err:
            self._read_from = err.tell()
            self._child = subprocess.Popen(
                self._command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=self._env, start_new_session=True
            )

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    @property
    def output(self) -> str:
        return self._out.read_text(errors="replace")

    @property
    def complaints(self) -> str:
        """What this start said on standard error."""
        with self._err.open("rb") as file:
            file.seek(self._read_from)
            return file.read().decode(errors="replace")

    @property
    def ended(self) -> bool:
        return self._child is None or self._child.poll() is not None

    def wait(self, patience_s: float = PATIENCE_S) -> int:
        """Its exit code. One that does not end says where it hangs."""
        assert self._child is not None
        try:
            return self._child.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.tell(signal.SIGABRT)
            self._child.wait()
            raise AssertionError(f"did not end:\n{self.complaints}") from None

    def tell(self, number: signal.Signals) -> None:
        assert self._child is not None
        self._child.send_signal(number)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.tell(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """kill -9, if it still runs."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


class Vigil(Process):
    """`vigil run` with a configuration of its own. Ask only after `ready`."""

    def __init__(
        self,
        folder: Path,
        *,
        broker: int,
        pages: str = "",
        journal: Path | None = None,
        more: str = "",
        env: Mapping[str, str] | None = None,
        start: Sequence[object] = (VIGIL,),
    ) -> None:
        self.journal = journal or folder / "ward.journal"
        self.config = folder / "vigil.toml"
        self.config.write_text(configuration(self.journal, broker, pages) + more)
        super().__init__(folder, [*start, "run", "--config", self.config], env)
        self.url = ""

    def start(self) -> None:
        self.url = ""
        super().start()

    def ready(self) -> Self:
        """Wait until it serves."""
        self.url = until(self._address)
        return self

    def _address(self) -> str:
        assert not self.ended, self.complaints
        events = [json.loads(line) for line in self.complaints.splitlines() if line.startswith("{")]
        return next((event["url"] for event in events if event["event"] == "service.ready"), "")

    def get(self, path: str) -> Any:
        """The JSON at a path of the API, whatever the status."""
        return httpx2.get(f"{self.url}{path}", trust_env=False, timeout=PATIENCE_S).json()

    def post(self, path: str, **body: object) -> httpx2.Response:
        body = {"by": "nurse-1", **body}
        return httpx2.post(f"{self.url}/api/v1{path}", json=body, trust_env=False, timeout=PATIENCE_S)

    def open_session(self, session: str, *devices: str) -> None:
        """Watch somebody who wears these devices."""
        self.post("/sessions", session=session, room=session[-1], protocol=QUICK.read_text()).raise_for_status()
        for device in devices:
            self.post(f"/sessions/{session}/devices", device=device, worn=True).raise_for_status()

    def freshness(self, session: str) -> str:
        """What the page says about the age of somebody's saturation."""
        return str(self.get(f"/api/v1/sessions/{session}")["numbers"]["spo2"]["freshness"])

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The open alerts by their rules."""
        return {shown["alert"]["rule"]: shown["alert"] for shown in self.get("/api/v1/alerts")}

    def until_raised(self, rule: str) -> dict[str, Any]:
        """An open alert of a rule, as soon as there is one."""
        return until(lambda: self.alerts().get(rule))

    def until_latched(self, rule: str) -> dict[str, Any]:
        """The alert of a rule, once its condition is over and it waits to be seen."""
        found = self.alerts
        return until(lambda: alert if (alert := found().get(rule)) and alert["state"] == "latched" else None)

    def until_over(self, rule: str) -> None:
        until(lambda: rule not in self.alerts())


def configuration(journal: Path, broker: int, pages: str) -> str:
    """A rehearsal on loopback; pages go to `pages`, and to the terminal where there is none."""
    pager = f'kind = "webhook"\nurl = "{pages}"' if pages else 'kind = "console"'
    people = (("nurse-1", "nurse"), ("nurse-2", "second_nurse"), ("supervisor-1", "supervisor"))
    rota = "".join(f'[[person]]\nid = "{name}"\nroles = ["{role}"]\npagers = ["phone"]\n' for name, role in people)
    return f"""\
site = "ward"
mode = "rehearsal"
protocol = "{QUICK}"
[journal]
path = "{journal}"
checkpoint_s = 2
[mqtt]
port = {broker}
[page]
port = 0
[[pager]]
name = "phone"
{pager}
{rota}"""
