"""`python -m tests.e2e.bad_disk …` is `vigil …` on a disk that fails, for where no compiler is there for bad_disk.c.

The file named by BAD_DISK says how, as there: each commit hangs for so many milliseconds, or fails.
"""

from __future__ import annotations

import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from monitor.cli import main


def illness() -> int:
    try:
        return int(Path(os.environ["BAD_DISK"]).read_text())
    except FileNotFoundError:
        return 0


class BadConnection(sqlite3.Connection):
    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            began = time.monotonic()
            while (time.monotonic() - began) * 1000 < illness():
                time.sleep(0.01)
            if illness() < 0:
                raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *parameters)


if __name__ == "__main__":
    sqlite3.connect = partial(sqlite3.connect, factory=BadConnection)  # type: ignore[assignment] # for all that follows
    main()
