"""A real Redis or Valkey for tests: one process, on a free port of 127.0.0.1, with its data in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_PROGRAMS = ("redis-server", "valkey-server")


def redis_program() -> str:
    """The server's path.  Without one the test is skipped, but fails where CI promises to have it."""
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    reason = f"none of {', '.join(_PROGRAMS)} is installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port that was free a moment ago, and whose cluster bus port (10,000 above) exists."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 55_000:
            return port


@dataclass
class RedisServer:
    """A server that can be stopped, frozen and started again on the same port and data."""

    folder: Path
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    sentinel_config: str | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers and has loaded its data."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [redis_program()]
        if self.sentinel_config is not None:
            config = self.folder / "sentinel.conf"
            if not config.exists():
                config.write_text(self.sentinel_config)
            command += [str(config), "--sentinel"]
        command += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        if self.sentinel_config is None:
            command += ["--save", ""]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, *self.arguments], stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._serves():
                return
            time.sleep(0.01)
        self.stop()
        pytest.fail(f"the server did not start: {(self.folder / 'log').read_text()}")

    def _serves(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                probe.sendall(b"PING\r\n")
                return not probe.recv(64).startswith(b"-LOADING")
        except ConnectionRefusedError:
            return False
        except OSError:  # it is there, and wants TLS
            return True

    def signal(self, number: signal.Signals) -> None:
        """SIGSTOP freezes the server, SIGCONT lets it go on."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        """Kill it, frozen or not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One server for the whole run; whoever stops or configures one starts a `RedisServer` of their own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()
