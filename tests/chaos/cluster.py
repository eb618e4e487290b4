"""A cluster as children: PostgreSQL, Redis, a server and workers, and ways between them to hurt."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.chaos.child import Child, free_ports
from tests.chaos.field import Field
from tests.chaos.proxy import Proxy
from tests.chaos.record import EVENTS, RUNS, Records, RunRow
from tests.chaos.server import Server
from tests.postgres import PostgresMissing, PostgresServer, execute, find_binaries

DATABASE = "tramo"
WORKS = "Tramo works"


def missing() -> str | None:
    """Say what a cluster lacks on this machine, if anything."""
    try:
        find_binaries()
    except PostgresMissing as error:
        return str(error)
    if shutil.which("redis-server") is None:
        return "Redis is missing: install Debian's package redis-server."
    return None


class Redis:
    """A Redis that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self._folder = folder
        self.child: Child | None = None

    async def start(self, *options: str) -> None:
        self.child = await Child.start(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(self._folder), *options],
            log=self._folder / "redis.log",
            ready="Ready to accept connections",
        )  # fmt: skip

    async def command(self, *words: str) -> str:
        """Send one command, in Redis's inline form, and return the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write((" ".join(words) + "\r\n").encode())
        await writer.drain()
        answer = await reader.readline()
        writer.close()
        return answer.decode().strip()


class Cluster:
    """All members, each with its own process."""

    def __init__(self, folder: Path, postgres: PostgresServer) -> None:
        self.folder = folder
        self.postgres = postgres
        self.redis = Redis(folder)
        self.proxy = Proxy(free_ports(1)[0], postgres.port)
        self.workers: list[Child | None] = []
        self.servers: list[Server] = []

    @property
    def env(self) -> dict[str, str]:
        """What members are told: the database through the proxy, Redis, and one key for all."""
        return {
            "TRAMO_DATABASE": f"postgresql://postgres@127.0.0.1:{self.proxy.port}/{DATABASE}",
            "TRAMO_REDIS": f"redis://127.0.0.1:{self.redis.port}/0",
            "TRAMO_KEY_FILE": str(self.folder / "key.toml"),
        }

    @property
    def server(self) -> Server:
        return self.servers[0]

    async def start_worker(self, place: int, *, wait: bool = True) -> None:
        """Start a worker in a place of the list."""
        base = self.server.env
        self.workers += [None] * (place + 1 - len(self.workers))
        self.workers[place] = await Child.start(
            [sys.executable, "-m", "tramo.app.cli", "worker"],
            log=self.folder / f"worker{place}.log",
            env={**base, **self.env, "TRAMO_DATA": str(self.folder / f"worker{place}")},
            ready=WORKS if wait else "",
        )

    def kill_worker(self, place: int) -> None:
        worker = self.workers[place]
        assert worker is not None
        worker.kill()

    async def stop(self) -> None:
        """Stop every member of Tramo in order."""
        for worker in self.workers:
            if worker is not None:
                await worker.stop()
        for server in self.servers:
            await server.stop()

    def rss_mb(self) -> float:
        return max(
            [worker.rss_mb() for worker in self.workers if worker is not None and worker.alive]
            + [server.rss_mb for server in self.servers]
        )

    def end(self) -> None:
        """Kill whatever is left."""
        for child in (*self.workers, self.redis.child):
            if child is not None:
                child.send(signal.SIGCONT)
                child.kill()

    async def records(self) -> Records:
        """Read events and runs straight from PostgreSQL."""
        import asyncpg

        url = self.postgres.url(DATABASE)
        connection = await asyncpg.connect(url, timeout=20)
        try:
            runs = [RunRow(*row) for row in await connection.fetch(RUNS)]
            deliveries = {row[0] for row in await connection.fetch(EVENTS)}
        finally:
            await connection.close()
        return Records(runs, deliveries, "ok")

    async def count(self, query: str) -> int:
        """Ask PostgreSQL for one number."""
        import asyncpg

        connection = await asyncpg.connect(self.postgres.url(DATABASE), timeout=20)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()


@asynccontextmanager
async def clustered(field: Field, *, workers: int = 3, servers: int = 1) -> AsyncIterator[Cluster]:
    """Open a cluster for as long as the block lasts. Where there are workers, servers only take
    deliveries."""
    place = Path(tempfile.mkdtemp(prefix="tramo-chaos-pg-"))
    place.chmod(0o755)  # noqa: ASYNC240 - PostgreSQL runs as another user
    postgres = PostgresServer(place, fsync=True)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        stack.callback(postgres.kill)
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(execute, postgres.url(), f"CREATE DATABASE {DATABASE}")
        cluster = Cluster(field.folder, postgres)
        stack.callback(cluster.end)
        await cluster.redis.start()
        await cluster.proxy.start()
        stack.push_async_callback(cluster.proxy.close)
        for number in range(servers):
            serve_env = {"TRAMO_SLOTS": "0"} if workers else {}
            server = field.server(name=f"server{number}", env=cluster.env, serve_env=serve_env)
            await stack.enter_async_context(server)
            cluster.servers.append(server)
            await server.start()
        await cluster.server.sign_in()
        for other in cluster.servers[1:]:
            other.use_token(cluster.server.token)
        for number in range(workers):
            await cluster.start_worker(number)
        yield cluster
        field.report.saw_rss(cluster.rss_mb())
