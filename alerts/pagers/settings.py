"""The pagers of a configuration: `[[pager]]` tables by their `kind`, and the pagers made from them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from alerts.pagers.base import Pager, Reach
from alerts.pagers.console import ConsolePager
from alerts.pagers.webhook import WebhookPager, reach_of
from monitor.vitals import Origin

PagerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class PagerError(ValueError):
    """The pagers of a configuration cannot be used together, or not by this process."""


class _Settings(BaseModel):
    # A refused value may be a secret or an address with a token in it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: PagerName


class ConsoleSettings(_Settings):
    """Lines on this terminal."""

    kind: Literal["console"]

    def build(self) -> Pager:
        """The pager."""
        return ConsolePager(self.name)


class WebhookSettings(_Settings):
    """Requests to a service that carries pages on."""

    kind: Literal["webhook"]
    url: SecretStr = Field(description="https, except on this machine. Treated as a secret: it often holds a token.")
    secret: SecretStr | None = Field(default=None, min_length=16, description="Signs the requests.")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: SecretStr) -> SecretStr:
        reach_of(url.get_secret_value())
        return url

    def build(self) -> Pager:
        """The pager."""
        secret = None if self.secret is None else self.secret.get_secret_value()
        return WebhookPager(self.name, self.url.get_secret_value(), secret)


PagerSettings = Annotated[ConsoleSettings | WebhookSettings, Field(discriminator="kind")]


def build_pagers(settings: Iterable[PagerSettings], origin: Origin) -> tuple[Pager, ...]:
    """Make the pagers of a process.

    Args:
        settings: one for each pager.
        origin: what the process judges. Only a live one may reach beyond this machine.

    Raises:
        PagerError: a name is used twice, or a rehearsal would reach a person.
    """
    pagers = tuple(each.build() for each in settings)
    names = [pager.name for pager in pagers]
    for pager in pagers:
        if names.count(pager.name) > 1:
            raise PagerError(f"pager '{pager.name}' is configured twice")
        if origin is not Origin.REAL and pager.reaches is Reach.ANYBODY:
            raise PagerError(
                f"pager '{pager.name}' can reach a person and this is a rehearsal: "
                'use kind = "console", or a webhook on this machine'
            )
    return pagers
