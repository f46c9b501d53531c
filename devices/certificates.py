"""Until when a certificate is valid. Python tells it only of a peer's that it has verified, never of our own file's."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.finding import Finding, Level

SOON = timedelta(days=30)
_PEM_BEGINS = "-----BEGIN CERTIFICATE-----"
_VERSION, _UTC_TIME = 0xA0, 0x17
_VALIDITY = 3
"""Its place in a TBSCertificate, the optional version not counted."""


def not_after(der: bytes) -> datetime:
    """The end of a certificate's validity (RFC 5280, 4.1: Certificate, TBSCertificate, Validity).

    Raises:
        ValueError: these bytes are no certificate.
    """
    try:
        ((_, certificate),) = _fields(der)
        (_, signed), *_ = _fields(certificate)
        validity = [content for tag, content in _fields(signed) if tag != _VERSION][_VALIDITY]
        _, (kind, until) = _fields(validity)
    except IndexError:
        raise ValueError("not a certificate") from None
    form = "%y%m%d%H%M%SZ" if kind == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(until.decode("ascii"), form).replace(tzinfo=UTC)


def read_certificate(path: Path) -> bytes:
    """The first certificate of a PEM file, as DER. Raises OSError, or ValueError when there is none."""
    text = path.read_text(encoding="utf-8", errors="replace")
    body = text.partition(_PEM_BEGINS)[2].partition("-----END")[0]
    return ssl.PEM_cert_to_DER_cert(f"{_PEM_BEGINS}{body}-----END CERTIFICATE-----")


def judge_validity(whose: str, der: bytes, now: datetime) -> Finding:
    """Whether a certificate is about to end. Nothing comes in from the day on which it has."""
    until = not_after(der)
    fix = "Renew it now: Vigil reads the files at the next connection, mosquitto at a reload (SIGHUP)."
    if until <= now:
        return Finding(Level.ERROR, "certificate", f"{whose} certificate ended on {until:%Y-%m-%d}.", fix)
    if until - now <= SOON:
        return Finding(Level.WARNING, "certificate", f"{whose} certificate ends on {until:%Y-%m-%d}.", fix)
    return Finding(Level.OK, "certificate", f"{whose} certificate is valid until {until:%Y-%m-%d}.")


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of every element (X.690, 8.1, definite lengths as DER has them)."""
    while content:
        tag, length, start = content[0], content[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(content[2:start], "big")
        yield tag, content[start : start + length]
        content = content[start + length :]
