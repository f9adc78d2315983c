"""Claims of a cluster, in Redis 7 or Valkey: standalone, behind Sentinel, or in Redis Cluster.

A claim is one atomic command, `SET winnow:{namespace}:content:{hash} {ref} NX GET PX window`: it answers empty where the claim is
won, else with the holder.  A replay therefore does not prolong its claim; a second command to do so might come after the expiry.
What a page came to stands in `winnow:{namespace}:raw:{hash of its bytes}`.

Every call can be asked again after any failure: claims that were granted unseen answer with their own owner.  A connection that
fails is opened anew once within a call.  After a call that failed all connections are: the server's name may lead to another one
by now, while the old one, a replica since, still answers; and the client library reads the files of TLS once.  Replication is
asynchronous: a failover forgets what the replica had not yet received.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from pydantic import SecretStr
from redis import exceptions
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.backoff import NoBackoff

from worker.config import RedisSettings
from worker.dedup.claims import Claim
from worker.errors import ClaimStoreUnavailable, ConfigError
from worker.records import SourceRef

# EVAL and not EVALSHA: releases are rare, the server keeps the script compiled all the same, and a server that restarted or took
# over knows no script by its SHA.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

_PROBE = Claim("0" * 64, SourceRef("probe", 0, 0))

# The first that fits; the subclasses stand before their bases.
_ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.AuthenticationError, "refused the login: check dedup.redis.username and dedup.redis.password"),
    (exceptions.NoPermissionError, "denies a command: let the user run SET, GET, DEL, EVAL and INFO on keys winnow:*"),
    (exceptions.BusyLoadingError, "is loading its data: it will answer when that is done"),
    (exceptions.ReadOnlyError, "is a read-only replica: name the primary in dedup.redis.nodes, or use mode sentinel or cluster"),
    (exceptions.OutOfMemoryError, "reached its maxmemory: raise it, or shorten dedup.window"),
    (exceptions.ClusterDownError, "belongs to a cluster that is down: see CLUSTER INFO and CLUSTER NODES"),
    (exceptions.MovedError, "is a node of a cluster: set dedup.redis.mode to cluster"),
    (exceptions.TryAgainError, "is moving these keys to another node: it will answer when that is done"),
    (MasterNotFoundError, "knows no primary that answers: check dedup.redis.sentinel_master, sentinel_password and the sentinels"),
    (exceptions.TimeoutError, "did not answer within dedup.redis.timeout: check its load and the network"),
    (exceptions.ConnectionError, "can't be reached: check that it runs, dedup.redis.nodes and tls"),
    (exceptions.RedisClusterException, "could not show its nodes and slots: check that it runs, dedup.redis.nodes and mode"),
)


class RedisClaimStore:
    """Claims behind one of the three kinds of Redis."""

    def __init__(self, settings: RedisSettings, *, window_s: float, namespace: str) -> None:
        for name in ("tls_cafile", "tls_certfile", "tls_keyfile"):
            if (path := getattr(settings, name)) is not None and not os.access(path, os.R_OK):
                raise ConfigError(f"dedup.redis.{name}: {path} can't be read")
        self._settings = settings
        self._window_ms = round(window_s * 1000)
        self._namespace = namespace
        self._opened: _Opened | None = None
        self._known_nodes: list[tuple[str, int]] = []  # of a cluster: those that the configuration names may be gone

    async def start(self) -> None:
        """Claim a hash that no page has, and give it up: a server that answers may still take no claims.

        Raises:
            ClaimStoreUnavailable: it can't be reached, or is full, or a replica, or the user may not do it.
        """
        await self.claim([_PROBE])
        await self.release([_PROBE])

    async def look_up(self, raws: Sequence[str]) -> list[str | None]:
        """The hash of the article that each page came to, by the hash of its bytes; None where none is noted."""
        if not raws:
            return []
        async with self._connected() as client:
            pipeline = client.pipeline(transaction=False)
            for raw in raws:
                pipeline.get(self._note(raw))
            noted: list[str | None] = await pipeline.execute()
        return noted

    async def claim(self, claims: Sequence[Claim]) -> list[SourceRef | None]:
        """Claim each hash, in order; None where it is won, else who holds it (maybe the asker itself).

        Not all or none: when it raises, some claims may have been granted.  Ask again, and take the asker's own name for a yes.
        """
        if not claims:
            return []
        async with self._connected() as client:
            pipeline = client.pipeline(transaction=False)
            notes = [(claim.raw, claim.hash) for claim in claims if claim.raw is not None]
            for raw, content in notes:
                pipeline.set(self._note(raw), content, px=self._window_ms)
            for claim in claims:
                pipeline.set(self._key(claim), str(claim.owner), nx=True, get=True, px=self._window_ms)
            answers: list[str | None] = (await pipeline.execute())[len(notes) :]
        return [_holder(claim, answer) for claim, answer in zip(claims, answers, strict=True)]

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give up claims whose records will not be published; a claim that another record holds stays."""
        if not claims:
            return
        async with self._connected() as client:
            pipeline = client.pipeline(transaction=False)
            for claim in claims:
                pipeline.eval(_RELEASE, 1, self._key(claim), str(claim.owner))
            await pipeline.execute()

    async def warnings(self) -> list[str]:
        """What of each primary's settings lets it forget claims."""
        async with self._connected() as client:
            if isinstance(client, Redis):
                return await _warnings_of(client.execute_command)
            await client.initialize()
            found: list[str] = []
            for node in client.get_primaries():
                found += [f"{node.name}: {warning}" for warning in await _warnings_of(node.execute_command)]
            return found

    async def close(self) -> None:
        """Let go of the connections.  The next call would open them again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    def _key(self, claim: Claim) -> str:
        return f"winnow:{self._namespace}:content:{claim.hash}"

    def _note(self, raw: str) -> str:
        return f"winnow:{self._namespace}:raw:{raw}"

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Redis | RedisCluster]:
        opened = self._opened = self._opened or self._open()
        opened.calls += 1
        try:
            yield opened.client
        except (exceptions.RedisError, exceptions.RedisClusterException, OSError) as error:
            self._give_up(opened)
            raise ClaimStoreUnavailable(
                f"{self._settings.mode} Redis at {', '.join(self._settings.nodes)} {_advice(error)}"
            ) from error
        finally:
            opened.calls -= 1
            if opened is not self._opened and not opened.calls:  # the last one out
                await opened.close()

    def _give_up(self, opened: _Opened) -> None:
        """Have the next call open another client, unless one was opened since; calls that are under way are let be."""
        if isinstance(opened.client, RedisCluster):
            self._known_nodes = [(node.host, int(node.port)) for node in opened.client.get_nodes()] or self._known_nodes
        if opened is self._opened:
            self._opened = None

    def _open(self) -> _Opened:
        settings, nodes = self._settings, [_host_and_port(node) for node in self._settings.nodes]
        options = _options(settings)
        match settings.mode:
            case "standalone":
                host, port = nodes[0]
                return _Opened(Redis(host=host, port=port, db=settings.database, **options))
            case "cluster":
                seeds = [ClusterNode(host, port) for host, port in (*self._known_nodes, *nodes)]
                return _Opened(RedisCluster(startup_nodes=seeds, **options))
            case "sentinel":
                own = options | {"username": None, "password": _revealed(settings.sentinel_password)}
                make: Callable[..., Sentinel] = Sentinel  # the client library leaves it untyped
                sentinel = make(nodes, sentinel_kwargs=own, db=settings.database, **options)
                return _Opened(sentinel.master_for(settings.sentinel_master), sentinel)


@dataclass(slots=True, eq=False)
class _Opened:
    """A client with its connections."""

    client: Redis | RedisCluster
    sentinel: Sentinel | None = None
    calls: int = 0  # under way

    async def close(self) -> None:
        """Close what can be closed: of a server that does not answer, not all can."""
        for each in (self.client, *(self.sentinel.sentinels if self.sentinel else ())):
            with suppress(exceptions.RedisError, OSError):
                await each.aclose()


class _TlsOptions(TypedDict, total=False):
    """Absent without TLS: a plain connection does not know these names."""

    ssl: bool
    ssl_ca_certs: str | None
    ssl_certfile: str | None
    ssl_keyfile: str | None
    ssl_check_hostname: bool


class _Options(_TlsOptions):
    """What every client and every connection is made with."""

    username: str | None
    password: str | None
    socket_timeout: float
    socket_connect_timeout: float
    retry: Retry
    encoding_errors: str
    decode_responses: bool


def _options(settings: RedisSettings) -> _Options:
    options: _Options = {
        "username": settings.username,
        "password": _revealed(settings.password),
        "socket_timeout": settings.timeout,
        "socket_connect_timeout": settings.timeout,
        # Once, for the connection that a restart of the server left dead.  A timeout is not repeated: the caller waits already.
        "retry": Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
        "encoding_errors": "surrogateescape",  # a topic may be the path of a file whose name is no UTF-8
        "decode_responses": True,
    }
    if settings.tls:
        options["ssl"] = options["ssl_check_hostname"] = True
        options["ssl_ca_certs"] = _text(settings.tls_cafile)
        options["ssl_certfile"] = _text(settings.tls_certfile)
        options["ssl_keyfile"] = _text(settings.tls_keyfile)
    return options


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _host_and_port(node: str) -> tuple[str, int]:
    host, _, port = node.rpartition(":")
    return host.strip("[]"), int(port)


def _holder(claim: Claim, answer: str | None) -> SourceRef | None:
    if answer is None:
        return None
    try:
        return SourceRef.parse(answer)
    except ValueError as error:
        raise ClaimStoreUnavailable(
            f"the claim on {claim.hash} holds {answer[:80]!r}, which names no record: another program writes below "
            "the same dedup.namespace; choose another"
        ) from error


def _advice(error: Exception) -> str:
    """What happened and what to do about it."""
    if isinstance(error, exceptions.ResponseError) and "syntax error" in str(error):
        return "does not know SET NX GET: Redis 7.0 or Valkey is needed"
    for kind, advice in _ADVICE:
        if isinstance(error, kind):
            return advice
    return f"refused: {error}"


async def _warnings_of(execute: Callable[..., Awaitable[object]]) -> list[str]:
    """The settings of one server."""
    info = _fields(await execute("INFO"))
    found = []
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        found.append(f"maxmemory-policy is {policy}: at maxmemory claims are evicted and duplicates pass; set it to noeviction")
    if info.get("aof_enabled") != "1":
        found.append("appendonly is no: a crash forgets the claims since the last snapshot, and duplicates pass; set it to yes")
        return found
    try:
        fsync = await _configured(execute, "appendfsync")
    except exceptions.ResponseError as error:
        found.append(f"appendfsync can't be read ({error}): unless it is always, a crash forgets the last second of claims")
        return found
    if fsync != "always":
        found.append(f"appendfsync is {fsync}: a crash forgets the last claims and releases; set it to always for exactly once")
    return found


async def _configured(execute: Callable[..., Awaitable[object]], name: str) -> str:
    answer = await execute("CONFIG GET", name)
    if isinstance(answer, list) and len(answer) == 2:
        return str(answer[1])
    return str(answer.get(name, "unknown")) if isinstance(answer, dict) else "unknown"


def _fields(answer: object) -> dict[str, str]:
    """INFO as the client parsed it, or as the server wrote it."""
    if isinstance(answer, dict):
        return {str(name): str(value) for name, value in answer.items()}
    return dict(line.split(":", 1) for line in str(answer).splitlines() if ":" in line)
