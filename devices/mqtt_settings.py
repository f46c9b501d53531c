"""What a broker link needs to know: where, as whom, how encrypted, and how much the broker keeps for it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TlsSettings:
    """Encryption. Without `ca_file` the system's authorities count; `cert_file` and `key_file` identify the client."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """Read the files. Raises FileNotFoundError, PermissionError, or ssl.SSLError if they do not fit."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context


@dataclass(frozen=True)
class Status:
    """A retained message that tells whether this client is there.

    `online` is published at every connect; `offline` at an orderly end, and by the broker (the last will) at any other.
    """

    topic: str
    online: bytes
    offline: bytes


@dataclass(frozen=True)
class MqttSettings:
    """One client of a broker.

    `topics` are subscribed at QoS 1: the broker keeps their messages while this client is away. `passing_topics` at
    QoS 0: what passes while nobody listens is gone.
    `session_expiry_s`: for how long the broker keeps subscriptions and messages of this client id while it is away;
    0 starts afresh at every connect, as a client that only publishes does.
    `receive_maximum`: how many messages the broker may send before the first is acknowledged, 1 to 65535. It bounds
    what one commit can hold up, and what waits in memory.
    `keepalive_s`: silence of two such periods means that the broker is gone.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: TlsSettings | None = None
    topics: tuple[str, ...] = ()
    passing_topics: tuple[str, ...] = ()
    session_expiry_s: int = 0
    receive_maximum: int = 5000
    keepalive_s: int = 10
    status: Status | None = None
