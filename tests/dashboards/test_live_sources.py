"""Laws of the page's sources: they agree with what is sent, with their own types, and name no registry."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

import dashboards.live
from dashboards.live import hub, views
from monitor.alert import Alert
from monitor.session import Dose

PAGE = Path(dashboards.live.__file__).parent / "page"
WIRE = (PAGE / "src" / "wire.ts").read_text(encoding="utf-8")

SENT = [
    *(each for each in vars(views).values() if isinstance(each, type) and each.__module__ == views.__name__),
    *(hub.Stamp, hub.Snapshot, hub.Update, hub.Heartbeat, Alert, Dose),
]


def interface(name: str) -> tuple[str, set[str], set[str]]:
    """What a TypeScript interface extends, its fields, and those of them that may be absent."""
    found = re.search(rf"export interface {name}( extends \w+)? \{{\n(.*?)\n\}}", WIRE, re.DOTALL)
    assert found is not None, f"wire.ts has no {name}"
    fields = re.findall(r"^  (\w+)(\??):", found[2], re.MULTILINE)
    return found[1] or "", {field for field, _ in fields}, {field for field, mark in fields if mark}


@pytest.mark.parametrize("sent", SENT, ids=lambda each: each.__name__)
def test_the_page_knows_every_field_that_is_sent(sent: type[msgspec.Struct]) -> None:
    """A field that is renamed on one side only would show as nothing, and nobody would be told."""
    extends, fields, absent = interface(sent.__name__)
    described = msgspec.structs.fields(sent)
    inherited = set(hub.Stamp.__struct_fields__) if extends else set()
    assert fields == {field.encode_name for field in described} - inherited
    omitted = sent.__struct_config__.omit_defaults
    assert absent == {field.encode_name for field in described if omitted and not field.required}


def test_the_lock_names_no_registry() -> None:
    """Where packages come from is the installer's configuration; what they are is ours, by digest."""
    lock = json.loads((PAGE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


def test_the_page_asks_nobody_else() -> None:
    """No script, style, font or image comes from elsewhere."""
    sources = [*PAGE.glob("src/**/*.*"), PAGE / "index.html"]
    named = [
        (path.name, address)
        for path in sources
        for address in re.findall(r"(?:https?:)?//[a-z][\w.-]+\.\w+", path.read_text(encoding="utf-8"))
    ]
    assert {address for _, address in named} <= {"http://www.w3.org"}


def test_the_page_keeps_its_types() -> None:
    """TypeScript, strictly."""
    node, compiler = shutil.which("node"), PAGE / "node_modules" / "typescript" / "bin" / "tsc"
    if node is None or not compiler.exists():
        pytest.skip("Node.js or the page's packages are not installed (npm ci in dashboards/live/page)")
    checked = subprocess.run([node, compiler, "--noEmit"], cwd=PAGE, capture_output=True, text=True, check=False)
    assert checked.stdout == ""
