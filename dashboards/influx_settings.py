"""Where InfluxDB is and how to get in."""

from ipaddress import ip_address
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, HttpUrl, SecretStr, model_validator


class InfluxSettings(BaseModel):
    """InfluxDB's address and credentials. `v1` is 1.x with users; `v2` is 2.x and 3 with tokens (`org` only in 2.x)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = HttpUrl("http://127.0.0.1:8086")
    api: Literal["v1", "v2"] = "v2"
    org: str = "vigil"
    token: SecretStr | None = None
    username: str = ""
    password: SecretStr = SecretStr("")

    @property
    def loopback(self) -> bool:
        """Whether the store is on this machine."""
        host = (self.url.host or "").strip("[]")
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @model_validator(mode="after")
    def _nothing_secret_in_the_clear(self) -> Self:
        if self.url.username or self.url.password:
            raise ValueError("an address is shown in messages: use influx.username and influx.password")
        secret = self.token is not None or self.username
        if secret and self.url.scheme == "http" and not self.loopback:
            raise ValueError("credentials beyond this machine need https: correct influx.url")
        return self
