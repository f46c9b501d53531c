"""A broker that will not have us: which reason is given, and that we keep asking."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from devices.mqtt import LONGEST_PAUSE_SECONDS, LinkState, MqttSettings, Reason, TlsSettings, pause_s
from tests.devices.broker_clients import Collector, settings, until
from tests.servers import HOST, MOSQUITTO_SETTINGS, Mosquitto, free_port

needs_mosquitto = pytest.mark.server("mosquitto")

TLS_LISTENER = """\
listener {{port}} {{host}}
allow_anonymous true
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
"""


async def refusal(wanted: MqttSettings) -> Reason | None:
    """The reason that the link gives after its first attempt."""
    async with Collector(wanted) as link:
        await until(lambda: link.last(LinkState.REFUSED))
    detail = link.last(LinkState.REFUSED)
    assert detail is not None
    return detail.reason


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_pause_grows_and_has_a_limit(attempt: int, chance: float) -> None:
    """Every attempt waits a while, a later one no less, and none longer than the limit."""
    assert 0 < pause_s(attempt, chance) <= pause_s(attempt + 1, chance) <= LONGEST_PAUSE_SECONDS


def test_clients_that_lost_the_same_broker_do_not_come_back_together() -> None:
    """Chance spreads the attempts over half of the pause."""
    assert pause_s(20, 1.0) == LONGEST_PAUSE_SECONDS / 2
    assert pause_s(20, 0.0) == LONGEST_PAUSE_SECONDS


def test_the_password_is_not_shown() -> None:
    """Settings may be logged."""
    assert "secret" not in repr(settings(1883, username="vigil", password="secret"))


@pytest.mark.asyncio
async def test_a_broker_that_is_not_there_is_unreachable() -> None:
    """Nothing listens on the port."""
    assert await refusal(settings(free_port())) is Reason.UNREACHABLE


@pytest.mark.asyncio
async def test_a_certificate_file_that_is_not_there_is_named() -> None:
    """The engineer learns which file."""
    async with Collector(settings(free_port(), tls=TlsSettings(ca_file=Path("no-such.pem")))) as link:
        await until(lambda: link.last(LinkState.REFUSED))
    detail = link.last(LinkState.REFUSED)
    assert detail is not None
    assert detail.reason is Reason.TLS


def set_password(file: Path, password: str) -> None:
    file.touch(mode=0o600)
    command = shutil.which("mosquitto_passwd")
    assert command is not None
    subprocess.run([command, "-b", file, "vigil", password], check=True, capture_output=True)


@needs_mosquitto
@pytest.mark.asyncio
async def test_a_wrong_password_is_refused_until_it_is_right(tmp_path: Path) -> None:
    """The link keeps trying, so a password corrected at the broker needs no restart here."""
    passwords = tmp_path / "passwords"
    set_password(passwords, "old")
    text = MOSQUITTO_SETTINGS.replace("allow_anonymous true", "allow_anonymous false") + f"password_file {passwords}\n"
    with Mosquitto(tmp_path, text) as broker:
        async with Collector(settings(broker.port, username="vigil", password="new")) as link:
            await until(lambda: link.last(LinkState.REFUSED))
            set_password(passwords, "new")
            broker.restart()
            await link.connected()
    detail = link.last(LinkState.REFUSED)
    assert detail is not None
    assert "user name and password" in detail.message


def security_plugin() -> Path:
    found = next(Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"), None)
    if found is None:
        pytest.skip("mosquitto's dynamic security plugin is not installed, and its access lists forbid no subscription")
    return found


@needs_mosquitto
@pytest.mark.asyncio
async def test_a_subscription_that_is_not_allowed_is_named(tmp_path: Path) -> None:
    """A link that would never hear anything must not look connected."""
    rules = tmp_path / "rules.json"
    rules.write_text('{"defaultACLAccess": {"subscribe": false}}')
    with Mosquitto(
        tmp_path, MOSQUITTO_SETTINGS + f"plugin {security_plugin()}\nplugin_opt_config_file {rules}\n"
    ) as broker:
        async with Collector(settings(broker.port)) as link:
            await until(lambda: link.last(LinkState.REFUSED))
    detail = link.last(LinkState.REFUSED)
    assert detail is not None
    assert (detail.reason, "vitals/#" in detail.message) == (Reason.SUBSCRIPTION, True)
    assert link.last(LinkState.CONNECTED) is None


def write_certificates(folder: Path) -> TlsSettings:
    authority = trustme.CA()
    server, client = authority.issue_cert(HOST), authority.issue_cert("vigil@ward.example")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, certificate in (("server", server), ("client", client)):
        certificate.private_key_pem.write_to_path(folder / f"{name}.key")
        certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    return TlsSettings(folder / "ca.pem", folder / "client.pem", folder / "client.key")


@needs_mosquitto
@pytest.mark.asyncio
async def test_a_trusted_broker_is_spoken_to_encrypted(tmp_path: Path) -> None:
    """With the right authority and our own certificate the link is up, and the broker demanded both."""
    tls = write_certificates(tmp_path)
    with Mosquitto(tmp_path, TLS_LISTENER.format(folder=tmp_path) + "require_certificate true\nuser root\n") as broker:
        async with Collector(settings(broker.port, tls=tls)) as link:
            await until(lambda: link.last(LinkState.CONNECTED))
        assert await refusal(settings(broker.port, tls=TlsSettings(tls.ca_file))) is Reason.CLOSED


@needs_mosquitto
@pytest.mark.asyncio
async def test_a_broker_with_another_certificate_is_not_spoken_to(tmp_path: Path) -> None:
    """Without its authority the broker is refused; who gives up checking must say so."""
    write_certificates(tmp_path)
    with Mosquitto(tmp_path, TLS_LISTENER.format(folder=tmp_path) + "user root\n") as broker:
        assert await refusal(settings(broker.port, tls=TlsSettings())) is Reason.TLS
        async with Collector(settings(broker.port, tls=TlsSettings(verify=False))) as link:
            await until(lambda: link.last(LinkState.CONNECTED))


@needs_mosquitto
@pytest.mark.asyncio
async def test_a_port_without_encryption_is_not_tls(mosquitto: Mosquitto) -> None:
    """The other way round than usual: we encrypt, the broker does not."""
    assert await refusal(settings(mosquitto.port, tls=TlsSettings(verify=False))) in {Reason.TLS, Reason.UNREACHABLE}


def test_a_key_that_does_not_fit_its_certificate_is_an_error(tmp_path: Path) -> None:
    """The files are read when connecting, so a renewed certificate needs no restart."""
    write_certificates(tmp_path)
    with pytest.raises(ssl.SSLError):
        TlsSettings(cert_file=tmp_path / "client.pem", key_file=tmp_path / "server.key").context()
