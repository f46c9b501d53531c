"""What all benches of a run share: a folder, where to say how far they are, and what takes long to make."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

from monitor.vitals import SECOND
from tests.bench.journals import Say, build_journal
from tests.bench.site import DEMO

HOURS = 8
SESSIONS = 20


class Context:
    """Made once per run; everything in `folder` goes away with it."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.folder = folder
        self.say = say

    @cached_property
    def site_journal(self) -> Path:
        """The journal of twenty people after eight hours, as a killed process leaves it. Takes about a minute."""
        path = self.folder / "site.journal"
        build_journal(path, DEMO, SESSIONS, HOURS, time.time_ns() - (HOURS * 3600 + 60) * SECOND, self.say)
        return path
