"""The settings: every key of the YAML file, its type and its default.

Durations are written as `500ms`, `30s`, `15m`, `12h`, `7d` and held in seconds; sizes as `64KiB`, `8MiB`, `1GiB` and held in bytes.
What stands below `kafka` carries aiokafka's own names.  Secrets are `SecretStr`, so that no log and no error message shows them.
`config_file.py` reads the file and knows the lines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

_DURATION_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 1000**2, "GB": 1000**3}


def _quantity(value: object, units: dict[str, float] | dict[str, int], example: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", value) if isinstance(value, str) else None
    if match is None or match[2] not in units:
        raise ValueError(f"expected a number with a unit out of {', '.join(units)}, such as {example}")
    return float(match[1]) * units[match[2]]


def _duration(value: object) -> float:
    return _quantity(value, _DURATION_UNITS, "30s")


def _size(value: object) -> int:
    return int(_quantity(value, _SIZE_UNITS, "8MiB"))


def _bounded(read: Callable[[object], float], least: str, most: str) -> BeforeValidator:
    """A quantity from `least` to `most`, both included and written as in the file."""
    low, high = read(least), read(most)

    def bounded(value: object) -> float:
        quantity = read(value)
        if not low <= quantity <= high:
            raise ValueError(f"expected {least} to {most}, found {value}")
        return quantity

    return BeforeValidator(bounded)


def _kafka_name(name: str) -> str:
    if name in {".", ".."} or not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", name):
        raise ValueError(f"expected 1 to 249 of a-z, A-Z, 0-9, . _ - (but not . or .. alone), found {name!r}")
    return name


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if any("@" in address for address in addresses):
        raise ValueError("expected host:port, found an @")  # a password may stand before it, and hold commas itself: show nothing
    wrong = [address for address in addresses if not _is_address(address)]
    if wrong or not addresses:
        raise ValueError(f"expected host:port, found {', '.join(wrong) or 'nothing'}")
    return addresses


def _is_address(address: str) -> bool:
    match = re.fullmatch(r"\S+:(\d{1,5})", address)
    return match is not None and 0 < int(match[1]) < 1 << 16


def _given(value: object) -> bool:
    """Whether a key holds something: one that names an environment variable may be set to an empty string."""
    return value not in (None, "", SecretStr(""), Path())


Duration = Annotated[float, _bounded(_duration, "1ms", "3650d")]
Window = Annotated[float, _bounded(_duration, "1s", "3650d")]
Size = Annotated[int, _bounded(_size, "1B", "1024GiB")]

KafkaName = Annotated[str, AfterValidator(_kafka_name)]
"""As brokers take it for a topic, and for a static member of a group."""

Addresses = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_addresses)]
"""Of servers, as `host:port`: a list, or one string with commas."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OAuthSettings(_Settings):
    """Where the token for SASL OAUTHBEARER comes from: a mounted file, or a client-credentials request."""

    token_file: Path | None = None
    token_endpoint: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> OAuthSettings:
        if self.token_endpoint is not None and "@" in self.token_endpoint:
            raise ValueError("expected a token_endpoint without a login, which is client_id and client_secret, found an @")
        if self.token_file is None and self.token_endpoint is None:
            return self
        if self.token_file is not None and self.token_endpoint is not None:
            raise ValueError("give either token_file or token_endpoint, not both")
        if self.token_endpoint is not None and (self.client_id is None or self.client_secret is None):
            raise ValueError("token_endpoint needs client_id and client_secret")
        return self


class ConsumerSettings(_Settings):
    """aiokafka's consumer."""

    group_id: str = Field(default="winnow", min_length=1)
    group_instance_id: KafkaName | None = None
    auto_offset_reset: Literal["earliest", "latest", "none"] = "earliest"
    isolation_level: Literal["read_committed", "read_uncommitted"] = "read_committed"
    partition_assignment_strategy: Literal["roundrobin", "range", "sticky"] = "roundrobin"
    session_timeout_ms: int = Field(default=30_000, gt=0)
    heartbeat_interval_ms: int = Field(default=3_000, gt=0)
    rebalance_timeout_ms: int = Field(default=30_000, gt=0)
    max_poll_interval_ms: int = Field(default=300_000, gt=0)
    request_timeout_ms: int = Field(default=40_000, gt=0)
    fetch_max_wait_ms: int = Field(default=500, gt=0)
    fetch_max_bytes: int = Field(default=8_388_608, gt=0)
    max_partition_fetch_bytes: int = Field(default=2_097_152, gt=0)
    check_crcs: bool = True

    @model_validator(mode="after")
    def _times_fit(self) -> ConsumerSettings:
        if self.heartbeat_interval_ms * 3 > self.session_timeout_ms:
            raise ValueError("heartbeat_interval_ms must be at most a third of session_timeout_ms")
        if self.rebalance_timeout_ms >= self.request_timeout_ms:
            raise ValueError("rebalance_timeout_ms must be below request_timeout_ms, for joining the group is one request")
        if self.fetch_max_wait_ms >= self.request_timeout_ms:
            raise ValueError("fetch_max_wait_ms must be below request_timeout_ms, or fetches from quiet topics count as failed")
        return self


class ProducerSettings(_Settings):
    """aiokafka's producer; acks=all and idempotence are not for choosing."""

    compression_type: Literal["zstd", "lz4", "snappy", "gzip"] | None = "zstd"
    linger_ms: int = Field(default=20, ge=0, le=1000)
    max_batch_size: int = Field(default=262_144, gt=0)
    max_request_size: int = Field(default=33_554_432, gt=0)
    request_timeout_ms: int = Field(default=40_000, gt=0)


class TransactionSettings(_Settings):
    """Of the producers of `processing_guarantee: exactly_once`, one for each input partition."""

    id_prefix: str = Field(default="winnow", min_length=1)
    timeout_ms: int = Field(default=90_000, gt=0)


class KafkaSettings(_Settings):
    """The connection, shared by consumer, producer and admin client."""

    bootstrap_servers: Addresses = ("localhost:9092",)
    client_id: str = "winnow"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_password: SecretStr | None = None
    ssl_check_hostname: bool = True
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = "PLAIN"
    sasl_plain_username: str | None = None
    sasl_plain_password: SecretStr | None = None
    sasl_oauth: OAuthSettings = OAuthSettings()
    metadata_max_age_ms: int = Field(default=60_000, gt=0)
    consumer: ConsumerSettings = ConsumerSettings()
    producer: ProducerSettings = ProducerSettings()
    transactions: TransactionSettings = TransactionSettings()

    @model_validator(mode="after")
    def _nothing_goes_unused(self) -> KafkaSettings:
        login = (self.sasl_plain_username, self.sasl_plain_password, *(value for _, value in self.sasl_oauth))
        if any(map(_given, login)) and not self.security_protocol.startswith("SASL"):
            raise ValueError(f"sasl_* settings need security_protocol SASL_SSL or SASL_PLAINTEXT, found {self.security_protocol}")
        certificates = (self.ssl_cafile, self.ssl_certfile, self.ssl_keyfile, self.ssl_password)
        if any(map(_given, certificates)) and not self.security_protocol.endswith("SSL"):
            raise ValueError(f"ssl_* settings need security_protocol SSL or SASL_SSL, found {self.security_protocol}")
        if _given(self.ssl_keyfile) and self.ssl_certfile is None:
            raise ValueError("ssl_keyfile needs ssl_certfile")
        return self

    @model_validator(mode="after")
    def _credentials(self) -> KafkaSettings:
        if not self.security_protocol.startswith("SASL"):
            return self
        if self.sasl_mechanism == "OAUTHBEARER":
            if self.sasl_oauth.token_file is None and self.sasl_oauth.token_endpoint is None:
                raise ValueError("OAUTHBEARER needs sasl_oauth.token_file or sasl_oauth.token_endpoint")
        elif self.sasl_plain_username is None or self.sasl_plain_password is None:
            raise ValueError(f"{self.sasl_mechanism} needs sasl_plain_username and sasl_plain_password")
        return self


class EnvelopeFields(_Settings):
    """Where the envelope holds what: dotted paths into the JSON."""

    url: str = "url"
    html: str = "html"
    text: str = "text"
    content_type: str = "content_type"
    content_encoding: str = "content_encoding"
    fetched_at: str = "fetched_at"


class InputSettings(_Settings):
    """What is consumed and how a record holds its page."""

    topics: tuple[KafkaName, ...] = Field(default=("pages.raw",), min_length=1)
    format: Literal["auto", "envelope", "bare"] = "auto"
    body_encoding: Literal["plain", "base64"] = "plain"
    fields: EnvelopeFields = EnvelopeFields()


class OutputSettings(_Settings):
    """Where articles go."""

    topic: KafkaName = "articles"


class DuplicateSettings(_Settings):
    """Where records go whose article is known; without a topic they are only counted."""

    topic: Annotated[KafkaName | None, BeforeValidator(lambda topic: None if topic == "" else topic)] = None


class DeadLetterSettings(_Settings):
    """Where pages go that can't become articles."""

    topic: KafkaName = "pages.dead-letters"
    no_main_text: bool = True
    max_ratio: float = Field(default=0.5, gt=0, le=1)
    min_sample: int = Field(default=1_000, gt=0)
    window: Window = 300.0


class SqliteSettings(_Settings):
    """Claims of one machine."""

    path: Path = Path("winnow-claims.sqlite")


class RedisSettings(_Settings):
    """Claims of a cluster."""

    mode: Literal["standalone", "sentinel", "cluster"] = "standalone"
    nodes: Addresses = ("localhost:6379",)
    sentinel_master: str = "mymaster"
    database: int = Field(default=0, ge=0)
    username: str | None = None
    password: SecretStr | None = None
    sentinel_password: SecretStr | None = None
    tls: bool = False
    tls_cafile: Path | None = None
    tls_certfile: Path | None = None
    tls_keyfile: Path | None = None
    timeout: Duration = 2.0

    @model_validator(mode="after")
    def _files_need_tls(self) -> RedisSettings:
        if not self.tls and any(map(_given, (self.tls_cafile, self.tls_certfile, self.tls_keyfile))):
            raise ValueError("tls_cafile, tls_certfile and tls_keyfile need tls: true, or the password goes out in the clear")
        return self


class DedupSettings(_Settings):
    """Which articles are known, for how long, and who knows it."""

    store: Literal["sqlite", "redis", "memory"] = "sqlite"
    window: Window = 7 * 86_400.0
    namespace: str = Field(default="default", pattern=r"^[A-Za-z0-9._-]+$")
    on_store_error: Literal["pause", "publish"] = "pause"
    sqlite: SqliteSettings = SqliteSettings()
    redis: RedisSettings = RedisSettings()

    @model_validator(mode="after")
    def _redis_fits_its_mode(self) -> DedupSettings:
        if self.store == "redis" and self.redis.mode == "cluster" and self.redis.database:
            raise ValueError(f"redis.database must be 0 where redis.mode is cluster, found {self.redis.database}")
        if self.store == "redis" and self.redis.mode == "standalone" and len(self.redis.nodes) > 1:
            raise ValueError(f"redis.nodes must be one where redis.mode is standalone, found {', '.join(self.redis.nodes)}")
        return self


class SimilarNewsSettings(_Settings):
    """Wordings and names of blocks of other articles, beside those that are built in."""

    markers: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


class PoolSettings(_Settings):
    """The processes that extract.  `processes: 0` means one for each processor that this process may use."""

    processes: int = Field(default=0, ge=0)
    page_timeout: Duration = 20.0
    max_rss: Annotated[int, _bounded(_size, "64MiB", "1024GiB")] = 1 << 30
    max_pages_per_child: int = Field(default=20_000, ge=0)

    @property
    def size(self) -> int:
        """The number of processes, resolved."""
        return self.processes or len(os.sched_getaffinity(0))


class LimitSettings(_Settings):
    """What one page and all pages together may take."""

    payload_bytes: Size = 16 << 20
    decoded_bytes: Size = 64 << 20
    inflight_records: int = Field(default=1_000, gt=0)
    inflight_bytes: Size = 256 << 20

    @model_validator(mode="after")
    def _one_page_fits(self) -> LimitSettings:
        if self.payload_bytes > self.inflight_bytes:
            raise ValueError("payload_bytes must not exceed inflight_bytes, or the largest page never fits")
        return self


class CommitSettings(_Settings):
    """When offsets are committed: at whichever comes first."""

    interval: Duration = 1.0
    max_records: int = Field(default=1_000, gt=0)


class ShutdownSettings(_Settings):
    """How long SIGTERM waits for what is in flight."""

    drain_timeout: Annotated[float, _bounded(_duration, "0s", "3650d")] = 25.0


class HttpSettings(_Settings):
    """The endpoints /livez, /readyz, /metrics and the status page."""

    host: str = "0.0.0.0"  # noqa: S104  (probes and scrapes come from other machines; nothing secret is served)
    port: int = Field(default=9108, ge=0, le=65535)


class LoggingSettings(_Settings):
    """Logs go to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Settings(_Settings):
    """The whole file."""

    processing_guarantee: Literal["at_least_once", "exactly_once"] = "at_least_once"
    kafka: KafkaSettings = KafkaSettings()
    input: InputSettings = InputSettings()
    output: OutputSettings = OutputSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    dead_letters: DeadLetterSettings = DeadLetterSettings()
    dedup: DedupSettings = DedupSettings()
    similar_news: SimilarNewsSettings = SimilarNewsSettings()
    pool: PoolSettings = PoolSettings()
    limits: LimitSettings = LimitSettings()
    commit: CommitSettings = CommitSettings()
    shutdown: ShutdownSettings = ShutdownSettings()
    http: HttpSettings = HttpSettings()
    logging: LoggingSettings = LoggingSettings()

    @property
    def output_topics(self) -> tuple[str, ...]:
        """The topics that are written to."""
        return (self.output.topic, self.dead_letters.topic, *([self.duplicates.topic] if self.duplicates.topic else []))

    @model_validator(mode="after")
    def _topics_differ(self) -> Settings:
        outputs = self.output_topics
        looped = sorted(set(outputs) & set(self.input.topics))
        if looped:
            raise ValueError(f"input.topics must not hold an output topic, or records go round for ever: {', '.join(looped)}")
        if len(set(outputs)) < len(outputs):
            raise ValueError("output.topic, duplicates.topic and dead_letters.topic must differ")
        return self
