"""A process whose files may not grow: writes until that fails, says why, and tries again with more room.

`python -m tests.journal.limited_child JOURNAL`
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from monitor.journal import Journal, JournalError
from tests.journal.records import batch


def fill(path: Path) -> None:
    """Prints the reason of the failure, the position it happened behind and the position after the retry."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal.open(path) as journal:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        written = 0
        try:
            while True:
                written = journal.append(*batch(written + 1))
        except JournalError as error:
            print(error.reason.name, written)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print(journal.append(*batch(written + 1)))


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
