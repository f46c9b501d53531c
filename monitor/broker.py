"""The broker link of a process, from its configuration."""

from devices.mapped import REHEARSAL_PREFIX, Mapper
from devices.mqtt import MqttSettings, Status, TlsSettings
from devices.topics import encode_status, topic_filters, waveform_filter
from monitor.config import Config, MqttConfig
from monitor.events import DeviceStatus
from monitor.vitals import Origin


def collector_settings(config: Config) -> MqttSettings:
    """The collector's link: a lasting session, what of it is in flight, and its own status with a last will."""
    root, site = config.kind.topic_root, config.site
    client = f"vigil-{config.kind.name}-{site}"
    topic, online = encode_status(
        DeviceStatus(client, True, 0, detail="collecting"), root=f"{root}/collectors", site=site
    )
    _, offline = encode_status(DeviceStatus(client, False, 0, detail="gone"), root=root, site=site)
    mapper = site_mapper(config, client)
    return link_settings(
        config.mqtt,
        client,
        topics=(*topic_filters(root, site), *mapper.kept_topics),
        passing_topics=(waveform_filter(root, site), *mapper.passing_topics),
        session_expiry_s=config.mqtt.session_expiry_s,
        status=Status(topic, online, offline),
    )


def site_mapper(config: Config, boot: str) -> Mapper:
    """What reads the messages that are not in our format. A rehearsal hears them below its own root only."""
    prefix = REHEARSAL_PREFIX if config.kind.origin is Origin.SIMULATED else ""
    return Mapper([each.table for each in config.mqtt.mapping], boot, prefix)


def link_settings(
    mqtt: MqttConfig,
    client_id: str,
    *,
    topics: tuple[str, ...] = (),
    passing_topics: tuple[str, ...] = (),
    session_expiry_s: int = 0,
    status: Status | None = None,
) -> MqttSettings:
    """A link to the configured broker under a client id of its own."""
    tls = TlsSettings(mqtt.tls.ca_file, mqtt.tls.cert_file, mqtt.tls.key_file) if mqtt.tls else None
    return MqttSettings(
        host=mqtt.host,
        port=mqtt.port,
        client_id=client_id,
        username=mqtt.username,
        password=mqtt.password.get_secret_value() if mqtt.password else None,
        tls=tls,
        topics=topics,
        passing_topics=passing_topics,
        session_expiry_s=session_expiry_s,
        receive_maximum=mqtt.receive_maximum,
        status=status,
    )
