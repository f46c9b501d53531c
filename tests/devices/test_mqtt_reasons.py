"""Every way in which a broker can be away has a sentence."""

from __future__ import annotations

import socket
import ssl

import pytest

from devices.mqtt_reasons import MESSAGES, LinkError, Reason, reason_of_code, reason_of_error


def test_every_reason_has_a_sentence() -> None:
    """Nobody is left with a code."""
    assert set(MESSAGES) == set(Reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, Reason.PROTOCOL),
        (2, Reason.CLIENT_ID),
        (3, Reason.BUSY),
        (4, Reason.CREDENTIALS),
        (5, Reason.CREDENTIALS),
        (0x84, Reason.PROTOCOL),
        (0x85, Reason.CLIENT_ID),
        (0x86, Reason.CREDENTIALS),
        (0x87, Reason.CREDENTIALS),
        (0x88, Reason.BUSY),
        (0x8B, Reason.SHUTDOWN),
        (0x8E, Reason.TAKEN_OVER),
        (0x95, Reason.TOO_LARGE),
        (0x80, Reason.OTHER),
        (0xFE, Reason.OTHER),
    ],
)
def test_a_code_becomes_a_reason(code: int, reason: Reason) -> None:
    """Codes of MQTT 3.1.1 and 5, and one that no standard knows."""
    assert reason_of_code(code) is reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), Reason.UNREACHABLE),
        (TimeoutError(), Reason.UNREACHABLE),
        (OSError(113, "No route to host"), Reason.UNREACHABLE),
        (socket.gaierror(), Reason.NAME_UNKNOWN),
        (ssl.SSLCertVerificationError(), Reason.TLS),
        (ssl.SSLError(), Reason.TLS),
        (FileNotFoundError(), Reason.TLS),
        (PermissionError(), Reason.TLS),
    ],
)
def test_an_error_becomes_a_reason(error: OSError, reason: Reason) -> None:
    """The most particular kind counts."""
    assert reason_of_error(error) is reason


def test_the_sentence_comes_first_and_the_technical_part_in_brackets() -> None:
    """A nurse reads the first sentence, an engineer the rest."""
    assert str(LinkError(Reason.BUSY, "code 137")) == f"{MESSAGES[Reason.BUSY]} (code 137)"
    assert str(LinkError(Reason.BUSY)) == MESSAGES[Reason.BUSY]
