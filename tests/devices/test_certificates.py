"""Until when a certificate is valid, and for whom the manual's script makes one."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.certificates import judge_validity, not_after, read_certificate
from devices.finding import Level
from tests.devices.sample_broker import SAMPLE

AUTHORITY = trustme.CA()


def issued(until: datetime) -> bytes:
    pem = AUTHORITY.issue_cert("x.example", not_after=until).cert_chain_pems[0].bytes()
    return ssl.PEM_cert_to_DER_cert(pem.decode())


@settings(max_examples=20)
@given(st.integers(1_700_000_000, 4_700_000_000))
def test_the_end_is_what_was_issued(seconds: int) -> None:
    """To the second, on both sides of 2050, where the encoding changes."""
    until = datetime.fromtimestamp(seconds, UTC)
    assert not_after(issued(until)) == until


@given(st.binary(max_size=60))
def test_bytes_that_are_no_certificate_are_a_value_error(junk: bytes) -> None:
    """And nothing else, whatever they are."""
    with pytest.raises(ValueError, match=r".*"):
        not_after(junk)


def test_a_file_may_say_more_than_the_certificate(tmp_path: Path) -> None:
    """Text before it and the rest of the chain behind it are passed by; the first is the client's own."""
    until = datetime(2031, 5, 1, tzinfo=UTC)
    own = AUTHORITY.issue_cert("x.example", not_after=until).cert_chain_pems[0].bytes()
    (tmp_path / "chain.pem").write_bytes(b"subject=CN = x\n" + own + AUTHORITY.cert_pem.bytes())
    assert not_after(read_certificate(tmp_path / "chain.pem")) == until


def test_a_file_without_a_certificate_is_a_value_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ValueError, match=r".*"):
        not_after(read_certificate(tmp_path / "empty.pem"))


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (timedelta(days=31), Level.OK),
        (timedelta(days=30), Level.WARNING),
        (timedelta(seconds=1), Level.WARNING),
        (timedelta(0), Level.ERROR),
    ],
)
def test_thirty_days_before_the_end_it_is_told(left: timedelta, level: Level) -> None:
    """From the end on it is an error."""
    until = datetime(2031, 5, 1, tzinfo=UTC)
    assert judge_validity("Vigil's", issued(until), until - left).level is level


@pytest.mark.parametrize("name", ["vigil", "vigil-live-x", "broker", "ward-ca", "a/b", "a b", "a\nb", "-x", ""])
def test_no_certificate_is_made_for_a_device_that_would_pass_for_another(tmp_path: Path, name: str) -> None:
    """Nor for one whose name is no id; nothing is written."""
    made = subprocess.run([SAMPLE / "certificates.sh", "device", name], cwd=tmp_path, check=False, capture_output=True)
    assert made.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_an_authority_is_not_made_anew_over_the_old_one(tmp_path: Path) -> None:
    """Every certificate that it signed would be useless."""
    (tmp_path / "ward-ca.key").write_text("kept")
    command: tuple[str | Path, ...] = (SAMPLE / "certificates.sh", "authority", "ward")
    made = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert made.returncode == 2
    assert (tmp_path / "ward-ca.key").read_text() == "kept"
