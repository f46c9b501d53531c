"""Why a broker link is not up, in words for a nurse or an engineer.

Codes: MQTT 5.0 (OASIS), 2.4 and 3.2.2.2; MQTT 3.1.1, table 3.1. The two number ranges do not meet.
"""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum

FAILURE = 0x80
"""From this reason code on, MQTT 5 means a failure."""


class Reason(StrEnum):
    UNREACHABLE = "unreachable"
    NAME_UNKNOWN = "name_unknown"
    TLS = "tls"
    NO_ANSWER = "no_answer"
    CLOSED = "closed"
    PROTOCOL = "protocol"
    CREDENTIALS = "credentials"
    CLIENT_ID = "client_id"
    SUBSCRIPTION = "subscription"
    BUSY = "busy"
    TAKEN_OVER = "taken_over"
    SHUTDOWN = "shutdown"
    TOO_LARGE = "too_large"
    OTHER = "other"


MESSAGES = {
    Reason.UNREACHABLE: "The broker cannot be reached. Is it running, and is the network there?",
    Reason.NAME_UNKNOWN: "The broker's host name is not known. Is it spelled right?",
    Reason.TLS: "No encrypted connection to the broker: a certificate or key does not fit.",
    Reason.NO_ANSWER: "Something listens there and does not answer as an MQTT broker.",
    # mosquitto 2.0 does not tell whom it disconnects for another client of the same name.
    Reason.CLOSED: "The connection to the broker broke off. If that repeats: is Vigil running twice?",
    Reason.PROTOCOL: "The broker speaks neither MQTT 5 nor MQTT 3.1.1.",
    Reason.CREDENTIALS: "The broker does not accept this user name and password, or this user may not connect.",
    Reason.CLIENT_ID: "The broker does not accept this client id.",
    Reason.SUBSCRIPTION: "The broker does not let this user subscribe to these topics.",
    Reason.BUSY: "The broker is too busy or over its quota.",
    Reason.TAKEN_OVER: "Another program connected with the same client id. Is Vigil running twice?",
    Reason.SHUTDOWN: "The broker is shutting down.",
    Reason.TOO_LARGE: "A message was larger than the broker allows.",
    Reason.OTHER: "The broker refused.",
}

_CODES = {
    **dict.fromkeys((1, 0x84), Reason.PROTOCOL),
    **dict.fromkeys((2, 0x85), Reason.CLIENT_ID),
    **dict.fromkeys((3, 0x88, 0x89, 0x97, 0x9F), Reason.BUSY),
    **dict.fromkeys((4, 5, 0x86, 0x87, 0x8A, 0x8C), Reason.CREDENTIALS),
    0x8B: Reason.SHUTDOWN,
    0x8E: Reason.TAKEN_OVER,
    0x95: Reason.TOO_LARGE,
}

# The first that matches counts: most of these are kinds of OSError.
_ERRORS: tuple[tuple[type[OSError], Reason], ...] = (
    (ssl.SSLError, Reason.TLS),
    (FileNotFoundError, Reason.TLS),  # while connecting, the only files read are certificates and keys
    (PermissionError, Reason.TLS),
    (socket.gaierror, Reason.NAME_UNKNOWN),
    (OSError, Reason.UNREACHABLE),
)


def reason_of_code(code: int) -> Reason:
    """The reason behind a CONNACK or DISCONNECT code."""
    return _CODES.get(code, Reason.OTHER)


def reason_of_error(error: OSError) -> Reason:
    """The reason behind an error of the socket or of TLS while connecting."""
    return next(reason for kind, reason in _ERRORS if isinstance(error, kind))


class LinkError(Exception):
    """A connection was refused or has been lost. `str()` is a sentence for people."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{MESSAGES[reason]} ({detail})" if detail else MESSAGES[reason])
        self.reason = reason


class PublishError(Exception):
    """The broker took a message and refused it; sending it again would be refused again."""
