"""Creates the database of a store, and says what is wrong with a store before anybody relies on it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from email.utils import parsedate_to_datetime
from typing import Final, Literal, NamedTuple

import httpx2
import structlog
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from dashboards.influx_http import CHECK_LINE, Verdict, connect, read_answer, write_request
from dashboards.influx_settings import InfluxSettings

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 5.0
CLOCK_TOLERANCE_S: Final = 3.0
"""An HTTP date has whole seconds, and the answer takes its time."""
BEFORE_V2: Final = re.compile(r"(0|1\.[0-7])\.")


class StoreError(RuntimeError):
    """The store cannot be made ready; the message says why."""


class Finding(NamedTuple):
    """One thing that was checked. `fix` says what to do about it, empty when all is well."""

    level: Literal["ok", "warning", "error"]
    subject: str
    message: str
    fix: str = ""


async def ensure_store(settings: InfluxSettings, database: str) -> None:
    """Create the database (1.x), or the bucket (2.x), unless it is there. InfluxDB 3 creates it with its first line.

    Raises:
        StoreError: the store cannot be reached or refuses.
    """
    async with connect(settings, TIMEOUT_S) as client:
        try:
            version = _version(await client.get("ping"))
            if settings.api == "v1":
                await _create_database(client, database)
            elif not version.startswith("3."):
                await asyncio.to_thread(_create_bucket, settings, database)
        except ApiException as error:
            raise StoreError(f"{database} was not created: {error.status}: {error.message}") from error
        except (httpx2.HTTPError, HTTPError) as error:
            raise StoreError(f"{settings.url}: {type(error).__name__}: {error}") from error


async def settle_store(settings: InfluxSettings, database: str) -> bool:
    """As `ensure_store`; False where the store cannot be reached now. One that refuses is left to who writes to it."""
    try:
        await ensure_store(settings, database)
    except StoreError as error:
        if isinstance(error.__cause__, httpx2.TransportError):
            return False
        log.warning("store_not_ready", reason=str(error))
    return True


async def check_store(settings: InfluxSettings, database: str, clock: Callable[[], float] = time.time) -> list[Finding]:
    """Whether the store can be reached, fits the settings, agrees about the time and takes a line (it writes one)."""
    async with connect(settings, TIMEOUT_S) as client:
        try:
            return [finding async for finding in _findings(client, settings, database, clock)]
        except httpx2.HTTPError as error:
            message = f"no answer from {settings.url}: {type(error).__name__}"
            return [Finding("error", "influx.url", message, "Start InfluxDB, or correct the address.")]


async def _findings(
    client: httpx2.AsyncClient, settings: InfluxSettings, database: str, clock: Callable[[], float]
) -> AsyncIterator[Finding]:
    pong = await client.get("ping")
    yield _check_version(pong, settings)
    if "Date" in pong.headers:
        yield _check_clock(parsedate_to_datetime(pong.headers["Date"]).timestamp() - clock())
    answer = read_answer(await client.post(**write_request(settings, database), content=CHECK_LINE), clock())
    if answer.verdict is Verdict.STORED:
        yield Finding("ok", "influx", f"{database} takes lines")
    else:
        fix = "Create the database, or correct its credentials; the writer keeps everything meanwhile."
        yield Finding("error", "influx", f"{database} takes no line: {answer.reason}", fix)


def _check_version(pong: httpx2.Response, settings: InfluxSettings) -> Finding:
    version = _version(pong)
    if not version:
        message = f"{settings.url} answers {pong.status_code} and does not say that it is InfluxDB"
        return Finding("error", "influx.url", message, "Correct the address or the credentials.")
    if settings.api == "v2" and BEFORE_V2.match(version):
        return Finding("error", "influx.api", f"InfluxDB {version} has no v2 interface", 'Set influx.api = "v1".')
    return Finding("ok", "influx.url", f"InfluxDB {version}")


def _check_clock(ahead_s: float) -> Finding:
    if abs(ahead_s) <= CLOCK_TOLERANCE_S:
        return Finding("ok", "influx clock", "agrees with ours")
    direction = "ahead of" if ahead_s > 0 else "behind"
    message = f"InfluxDB's clock is {abs(ahead_s):.0f} s {direction} ours"
    return Finding(
        "warning", "influx clock", message, "Synchronise both clocks; boards ask for the last minutes by its."
    )


def _version(pong: httpx2.Response) -> str:
    """Every version says it in this header."""
    told: str = pong.headers.get("X-Influxdb-Version", "")
    return told.removeprefix("v")


async def _create_database(client: httpx2.AsyncClient, database: str) -> None:
    answer = await client.post("query", params={"q": f'CREATE DATABASE "{database}"'})
    told = answer.json() if answer.headers.get("Content-Type", "").startswith("application/json") else {}
    problems = [told.get("error"), *(result.get("error") for result in told.get("results", ()))]
    if answer.status_code != httpx2.codes.OK or any(problems):
        raise StoreError(f"{database} was not created: {answer.status_code}: {next(filter(None, problems), '')}")


def _create_bucket(settings: InfluxSettings, database: str) -> None:
    url, milliseconds = str(settings.url).rstrip("/"), int(TIMEOUT_S * 1000)
    token = settings.token.get_secret_value() if settings.token else ""
    with InfluxDBClient(url, token, org=settings.org, timeout=milliseconds) as client:
        buckets = client.buckets_api()
        if buckets.find_bucket_by_name(database) is None:
            buckets.create_bucket(bucket_name=database)
