"""Disks that can be made to fail under a running Vigil, and made well again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.e2e.running import ROOT

HERE = Path(__file__).parent
FOREVER_MS = 60_000


class BadDisk:
    """A disk whose safe writes hang or fail. `settings` are for the Vigil that has it; its tests run on another."""

    def __init__(self, folder: Path) -> None:
        self._illness = folder / "illness"
        self.settings: dict[str, Any] = {"env": {"BAD_DISK": str(self._illness), "PYTHONPATH": str(ROOT)}}

    def preload(self, folder: Path, compiler: str) -> None:
        """Let the system's own calls fail."""
        library = folder / "bad_disk.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, HERE / "bad_disk.c", "-ldl"], check=True)
        self.settings["env"]["LD_PRELOAD"] = str(library)

    def patch(self) -> None:
        """Let Python's commits fail."""
        self.settings["start"] = (sys.executable, "-m", "tests.e2e.bad_disk")

    def hang(self, milliseconds: int = FOREVER_MS) -> None:
        """Let every safe write take so long, or until the disk is well."""
        self._fall_ill(milliseconds)

    def fail(self, error: int) -> None:
        """Let every write fail with a number of `errno`."""
        self._fall_ill(-error)

    def recover(self) -> None:
        self._illness.unlink()

    def _fall_ill(self, number: int) -> None:
        written = self._illness.with_suffix(".new")
        written.write_text(str(number))
        written.rename(self._illness)


class SmallDisk:
    """A file system of a few megabytes that can be filled to the last byte, mounted for as long as it is entered."""

    SIZE = "3m"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"
        self.journal = folder / "ward.journal"

    def mount(self) -> str:
        """Returns why it cannot be mounted, or nothing."""
        self._folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tmpfs", str(self._folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self._folder], check=True)

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()


def compiler() -> str | None:
    return shutil.which("cc")
