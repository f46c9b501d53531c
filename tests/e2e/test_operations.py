"""The page for engineers names what they will see."""

from __future__ import annotations

import re

import pytest

from alerts.protocols import protocol_text
from monitor.cli.exits import Exit
from monitor.protocol import read_protocol
from tests.e2e.running import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()
CONDITIONS = {rule.id.split(".")[0] for rule in read_protocol(protocol_text("default")).technical}


@pytest.mark.parametrize("code", sorted(CONDITIONS))
def test_every_condition_is_explained(code: str) -> None:
    assert f"`{code}`" in PAGE


def test_every_exit_code_is_explained() -> None:
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(int(code)) for code in Exit]
