"""Configuration: one TOML file, overridden by environment variables, checked whole before anything starts.

Every wrong key is reported with its path, secrets are masked wherever they are shown, and each value knows where it
came from.
"""

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from math import inf
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from alerts.pagers import PagerSettings
from dashboards.influx_settings import InfluxSettings
from devices.mapping import DeviceMap, check_apart
from devices.mappings import load_mapping
from monitor.mode import MODES, Mode, ModeName
from monitor.people import Role
from monitor.plain_toml import read_toml
from monitor.sensors import KnownSensor, mistakes
from monitor.signal.sensor import Sensor
from monitor.waves.run import SUFFIX

ENV_PREFIX = "VIGIL_"
"""Environment variables override the file: VIGIL_SITE, VIGIL_MQTT__PASSWORD (two underscores between levels)."""


class ConfigError(ValueError):
    """The configuration cannot be used. The message has a line for every mistake, with its path and the fix."""


class Section(BaseModel):
    """A table of the file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class JournalConfig(Section):
    """Where the record of truth is kept."""

    path: Path = Path("vigil.journal")
    checkpoint_s: float = Field(default=60, ge=1, description="How often the state is stored, to begin again quickly.")


class TlsConfig(Section):
    """Encryption towards the broker."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class MappingConfig(Section):
    """What messages mean that are not in Vigil's format."""

    use: str = Field(description="Name of a ready mapping, or the path of a file that ends in .toml.")
    _table: DeviceMap = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> "MappingConfig":
        self._table = load_mapping(self.use)
        return self

    @property
    def table(self) -> DeviceMap:
        """The mapping, as it was when the configuration was read."""
        return self._table


class MqttConfig(Section):
    """The broker that devices publish to."""

    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    tls: TlsConfig | None = None
    receive_maximum: int = Field(default=5000, ge=1, le=65535)
    session_expiry_s: int = Field(default=86_400, ge=60)
    mapping: tuple[MappingConfig, ...] = ()

    @model_validator(mode="after")
    def _one_meaning(self) -> "MqttConfig":
        check_apart(tuple(each.table for each in self.mapping))
        return self

    @model_validator(mode="after")
    def _no_secret_in_the_clear(self) -> "MqttConfig":
        if self.password is not None and self.tls is None and not is_loopback(self.host):
            raise ValueError("a password beyond this machine needs tls: add [mqtt.tls]")
        return self


class BluetoothConfig(Section):
    """Devices that this machine collects from by its own Bluetooth radio."""

    enabled: bool = False
    adapter: str = Field(default="", pattern=r"^(hci\d{1,3})?$", description="The first one, unless one is named.")
    registry: Path = Field(
        default=Path("vigil.devices"), description="Which devices are ours; only its owner reads it."
    )
    timezone: str = Field(default="UTC", description="Of the clocks on the walls, which devices show: Europe/Zurich.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone '{name}': use one such as Europe/Zurich") from None
        return name


class SensorConfig(Section):
    """How the light of some devices becomes a saturation: at_zero - slope x ratio + bend x ratio squared, in %."""

    devices: str = Field(
        pattern=r"^[A-Za-z0-9._*?-]{1,64}$", description="Ids of devices: * is any text, ? is any letter."
    )
    source: str = Field(pattern=r"\S", max_length=200, description="Who says so: the maker's data sheet, and which.")
    at_zero: float
    slope: float
    bend: float = 0.0
    dark: float = Field(default=0.0, description="Light that is no brighter met no finger, in the sensor's unit.")
    bright: float = Field(default=inf, description="Nor did light that is at least as bright.")

    @property
    def known(self) -> KnownSensor:
        """As it is computed with, and recorded."""
        curve = Sensor(self.at_zero, self.slope, self.bend, self.dark, self.bright)
        return KnownSensor(self.devices, self.source, curve)

    @model_validator(mode="after")
    def _usable(self) -> "SensorConfig":
        if wrong := "; ".join(mistakes(self.known.sensor)):
            raise ValueError(wrong)
        return self


class WavesConfig(Section):
    """Waveforms, where devices send them: in a file of their own, for a short time."""

    path: Path | None = Field(default=None, description="Beside the journal, unless one is named.")
    keep_h: float = Field(default=24, gt=0, le=24 * 31, description="How long all of them are kept.")
    keep_alerts_h: float = Field(default=24 * 30, gt=0, description="How long the minute around an alert is kept.")
    sensor: tuple[SensorConfig, ...] = Field(default=(), description="The first whose devices fit counts.")

    @property
    def sensors(self) -> tuple[KnownSensor, ...]:
        """Those that are known."""
        return tuple(each.known for each in self.sensor)

    @field_validator("sensor")
    @classmethod
    def _each_once(cls, sensors: tuple[SensorConfig, ...]) -> tuple[SensorConfig, ...]:
        patterns = [each.devices for each in sensors]
        if twice := sorted({each for each in patterns if patterns.count(each) > 1}):
            raise ValueError(f"two sensors are for the devices {', '.join(twice)}: leave one out")
        return sensors


class PageConfig(Section):
    """Where the live page and the API are served. This machine only, until people can sign in."""

    host: str = "127.0.0.1"
    port: int = Field(default=8377, ge=0, le=65535, description="0 takes any free port.")

    @field_validator("host")
    @classmethod
    def _loopback(cls, host: str) -> str:
        if not is_loopback(host):
            raise ValueError("the page has no sign-in yet, so it is served on this machine only: use 127.0.0.1")
        return host


class PersonConfig(Section):
    """Somebody on duty, by a pseudonymous id."""

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    roles: tuple[Role, ...] = Field(min_length=1)
    pagers: tuple[str, ...] = Field(min_length=1)


class Config(BaseSettings):
    """Everything in force."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    site: str = Field(default="site", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    mode: ModeName = ModeName.LIVE
    protocol: str = Field(default="default", description="Name of a shipped protocol, or the path of a file.")
    journal: JournalConfig = JournalConfig()
    mqtt: MqttConfig = MqttConfig()
    bluetooth: BluetoothConfig = BluetoothConfig()
    page: PageConfig = PageConfig()
    waves: WavesConfig = WavesConfig()
    person: tuple[PersonConfig, ...] = ()
    pager: tuple[PagerSettings, ...] = ()
    influx: InfluxSettings | None = None

    @property
    def waves_path(self) -> Path:
        """The file of the waveforms."""
        return self.waves.path or self.journal.path.with_name(f"{self.journal.path.name}{SUFFIX}")

    @property
    def kind(self) -> Mode:
        """What this process may touch."""
        return MODES[self.mode]

    @model_validator(mode="after")
    def _pagers_exist(self) -> "Config":
        names = [pager.name for pager in self.pager]
        wrong = [f"pager '{name}' is configured twice" for name in {n for n in names if names.count(n) > 1}]
        for person in self.person:
            wrong += [
                f"person '{person.id}': there is no pager '{name}'" for name in person.pagers if name not in names
            ]
        if wrong:
            raise ValueError("; ".join(sorted(wrong)))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file."""
        return env_settings, init_settings


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_file(path: Path | None) -> dict[str, Any]:
    """The tables of a configuration file; none for no file.

    Raises:
        ConfigError: the file cannot be read or is not TOML.
    """
    if path is None:
        return {}
    try:
        tables: dict[str, Any] = read_toml(path.read_text(encoding="utf-8"), dict)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    # The library would take some of these as orders to itself.
    wrong = [f"{path}: {key}: there is no such key" for key in tables if key.startswith("_")]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return tables


def load(path: Path | None = None, **overrides: Any) -> Config:
    """Read and check the configuration.

    Args:
        path: the TOML file; defaults and environment only when None.
        overrides: whole sections set by a command, which win over the file.

    Raises:
        ConfigError: with every mistake and its path.
    """
    try:
        return Config(**{**read_file(path), **overrides})
    except SettingsError as error:
        raise ConfigError(f"an environment variable {ENV_PREFIX}… is not valid JSON: {error}") from None
    except ValidationError as error:
        where = str(path) if path else "configuration"
        lines = [f"{where}: {_path(mistake['loc'])}: {_what(mistake)}" for mistake in _innermost(error)]
        raise ConfigError("\n".join(lines)) from None


def in_force(config: Config, path: Path | None) -> Iterator[tuple[str, str, str]]:
    """Every value in force as (path, value with secrets masked, where it came from)."""
    from_file = dict(_leaves(read_file(path)))
    from_env = {
        name.removeprefix(ENV_PREFIX).lower().replace("__", ".") for name in os.environ if name.startswith(ENV_PREFIX)
    }
    for key, value in _leaves(config.model_dump()):
        if any(key == name or key.startswith(f"{name}.") for name in from_env):
            source = f"{ENV_PREFIX}{key.upper().replace('.', '__')}"
        else:
            source = str(path) if key in from_file else "default"
        yield key, str(value), source


def _leaves(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for index, row in enumerate(value):
                yield from _leaves(row, f"{prefix}{key}[{index}].")
        else:
            yield f"{prefix}{key}", value


def _innermost(error: ValidationError) -> Iterator[Mapping[str, Any]]:
    """The mistakes without those that only follow from one further in (a list without its wrong items is short)."""
    mistakes = error.errors()
    for mistake in mistakes:
        inner = (other["loc"][: len(mistake["loc"])] for other in mistakes if len(other["loc"]) > len(mistake["loc"]))
        if mistake["loc"] not in inner:
            yield {**mistake}


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(whole file)"


def _what(mistake: Mapping[str, Any]) -> str:
    """A mistake in words; the value itself is left out, because it may be a secret."""
    if mistake["type"] == "extra_forbidden":
        return "there is no such key"
    message = str(mistake["msg"])
    return message.removeprefix("Value error, ")
