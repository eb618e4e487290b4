"""A Redis server of one's own for tests: to be killed, stopped, filled and misused."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MISSING = "Redis is missing: install Debian's package redis-server, so that it stands on PATH."
START_S = 20.0


class RedisServer:
    """A server that keeps nothing, on a port of its own; a killed one comes back at the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port: int = found.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(self._folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert self._process.poll() is None, "Redis does not start"
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it at once, with everything it held."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Let it stand still: its connections stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def ask(self, *command: Any) -> Any:
        """Run one command."""
        from redis.asyncio import Redis

        async with asyncio.timeout(5), Redis.from_url(self.url) as redis:
            return await redis.execute_command(*command)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


@contextmanager
def redis_server(folder: Path, *, started: bool = True) -> Iterator[RedisServer]:
    """Give a server. Skips the test where there is no Redis; with TRAMO_CI it fails."""
    if shutil.which("redis-server") is None:
        if os.environ.get("TRAMO_CI") == "1":
            raise AssertionError(MISSING)
        pytest.skip(MISSING)
    server = RedisServer(folder)
    if started:
        server.start()
    try:
        yield server
    finally:
        server.kill()
