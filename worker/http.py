"""/livez, /readyz, /metrics and a status page, for probes, scrapes and people."""

from __future__ import annotations

from typing import Final, Protocol

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from worker.config import HttpSettings

_READING_S: Final = 1.0  # at the end, for clients that have not read their answers; probes and scrapes read at once


class Health(Protocol):
    """What the endpoints ask of the worker."""

    def faults_of_life(self) -> list[str]:
        """Why the worker must be restarted; empty while it makes progress, or waits for a broker that will come back."""

    def faults_of_readiness(self) -> list[str]:
        """Why the worker is not at work: what must be mended by a restart, starting, draining, short of processes."""

    def status(self) -> dict[str, object]:
        """What it is at, for people."""


class HttpServer:
    """Serves the endpoints until it is stopped."""

    def __init__(self, settings: HttpSettings, *, health: Health, registry: CollectorRegistry) -> None:
        self._settings = settings
        self._health = health
        self._registry = registry
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self._status),
                web.get("/livez", self._livez),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=_READING_S)
        self.port = 0

    async def start(self) -> None:
        """Listen.  Port 0 takes a free one; `port` says which.  Raises OSError where the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.host, self._settings.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the socket."""
        await self._runner.cleanup()

    async def _livez(self, _: web.Request) -> web.Response:
        return _verdict(self._health.faults_of_life())

    async def _readyz(self, _: web.Request) -> web.Response:
        return _verdict(self._health.faults_of_readiness())

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})

    async def _status(self, _: web.Request) -> web.Response:
        body = orjson.dumps(self._health.status(), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str)
        return web.Response(body=body, content_type="application/json")


def _verdict(faults: list[str]) -> web.Response:
    return web.Response(status=503 if faults else 200, text="\n".join(faults or ["ok"]) + "\n")
