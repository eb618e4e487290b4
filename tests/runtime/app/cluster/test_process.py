"""Two servers and two workers as real processes: orders through both doors, while one worker is
stopped and Redis forgets everything and dies. All end, each sent to the vendor once.

Kills of workers take a lease's 30 s to come right; `python -m tests.chaos` does them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tramo.app.cli.reach import SERVER_FILE

from tests.kit import document

ROOT = Path(__file__).parents[4]


class Process:
    """A server or worker of its own."""

    def __init__(self, town, redis, verb: str, name: str, **options: Any) -> None:
        self.data: Path = town.folder / name
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        given = {"database": town.url, "redis": redis.url, "data": self.data, **options}
        if given.pop("port", verb == "serve"):
            given["port"] = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = (town.folder / f"{name}.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tramo.app.cli", verb,
             *(part for option, value in given.items() for part in (f"--{option}", str(value)))],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={
                **os.environ,
                "TRAMO_KEY_FILE": str(town.folder / "keys" / "key.toml"),
                "TRAMO_PRIVATE_HOSTS": "127.0.0.1",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            cwd=ROOT,
        )  # fmt: skip

    async def ready(self) -> str:
        """Return the line that it prints when it is ready."""
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        assert line, f"see {self.log.name}"
        return line.decode()

    @property
    def token(self) -> str:
        return json.loads((self.data / SERVER_FILE).read_bytes())["token"]

    async def page(self, path: str) -> str:
        """Return what stands at an address as text."""

        def read() -> str:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.read().decode()

        return await asyncio.to_thread(read)

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await asyncio.to_thread(self._call, method, path, body)

    def _call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        headers = {"content-type": "application/json"}
        if path.startswith("/api") and (self.data / SERVER_FILE).exists():
            headers["authorization"] = f"Bearer {self.token}"
        raw = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, raw, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def end(self, number: signal.Signals) -> int:
        if self._process.poll() is None:
            self._process.send_signal(number)
        code = self._process.wait(timeout=60)
        self.log.close()
        return code


class Vendor:
    """Takes a label for an order within 50 ms, and counts them."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while await reader.readline() not in (b"\r\n", b""):
                    pass
                self.sent[line.split()[1].decode()] += 1
                await asyncio.sleep(0.05)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def routing(vendor: int) -> dict[str, Any]:
    """Wait a moment, then buy a label: what must never be done twice."""
    url = f"http://127.0.0.1:{vendor}/label/{{{{ order.body.id }}}}"
    return document(
        [
            {"id": "order", "type": "core.webhook", "params": {"dedupe": "body.id"}},
            {"id": "rest", "type": "core.wait", "params": {"seconds": 1}},
            {
                "id": "label",
                "type": "core.http_request",
                "params": {"method": "POST", "url": {"$text": url}},
            },
        ],
        [("order", "rest"), ("rest", "label")],
        id="flow_routing",
    )


async def test_orders_through_both_doors_all_end_once_whatever_dies(town, redis):
    vendor = Vendor()
    servers = [Process(town, redis, "serve", f"server_{n}", slots=20) for n in (1, 2)]
    workers = [Process(town, redis, "worker", f"worker_{n}", slots=20) for n in (1, 2)]
    try:
        for process in (*servers, *workers):
            await process.ready()
        one, other = servers
        flow = {"document": routing(await vendor.start())}
        status, told = await one.call("POST", "/api/v1/flows", flow)
        assert status == 201, told
        status, told = await one.call("POST", "/api/v1/flows/flow_routing/publish")
        assert status == 200, told
        path = "/in/" + told["addresses"][0]["url"].rpartition("/")[2]

        async def deliver(number: int) -> None:
            door = servers[number % 2]
            status, _ = await door.call("POST", path, {"id": number})
            while status == 503:  # A busy machine: whoever sends is told to come back, and does.
                await asyncio.sleep(0.5)
                status, _ = await door.call("POST", path, {"id": number})
            assert status == 200
            if number % 10 == 0:  # The same one again, at the other door.
                status, told = await servers[(number + 1) % 2].call("POST", path, {"id": number})
                assert (status, told["duplicate"]) == (200, True)

        gate = asyncio.Semaphore(16)

        async def pass_gate(number: int) -> None:
            async with gate:
                await deliver(number)

        await asyncio.gather(*(pass_gate(number) for number in range(100)))
        await redis.ask("FLUSHALL")
        assert await asyncio.to_thread(workers[0].end, signal.SIGTERM) == 0
        await asyncio.gather(*(pass_gate(number) for number in range(100, 150)))
        redis.kill()
        await asyncio.gather(*(pass_gate(number) for number in range(150, 200)))

        states: Counter[str] = Counter()

        async def count() -> None:
            states.clear()
            after = ""
            while after is not None:
                cursor = f"&cursor={after}" if after else ""
                _, page = await other.call("GET", f"/api/v1/runs?limit=100{cursor}")
                states.update(item["state"] for item in page["items"])
                after = page["next"]

        async with asyncio.timeout(80):
            while states["succeeded"] < 200:
                await count()
                await asyncio.sleep(0.2)
        assert states == {"succeeded": 200}
        assert len(vendor.sent) == 200
        assert set(vendor.sent.values()) == {1}, "each label is bought once"
        assert await asyncio.to_thread(workers[1].end, signal.SIGTERM) == 0
    finally:
        for process in (*servers, *workers):
            process.end(signal.SIGKILL)


async def test_a_command_that_names_the_folder_of_a_server_comes_to_its_shared_database(
    town, redis
):
    server = Process(town, redis, "serve", "server")
    try:
        await server.ready()
        flow = {"document": document([{"id": "go", "type": "core.manual"}], [], id="flow_here")}
        assert (await server.call("POST", "/api/v1/flows", flow))[0] == 201
        listed = await asyncio.to_thread(tramo, "flow", "list", "--json", "--data", server.data)
        assert "flow_here" in listed.stdout, listed.stderr
        second = await asyncio.to_thread(
            tramo, "serve", "--port", "1", "--database", town.url, "--data", server.data
        )
        assert (second.returncode, "store.in_use" in second.stderr) == (1, True), second.stderr
        assert server.token, "how to reach the first one stays there"
    finally:
        server.end(signal.SIGKILL)


def tramo(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with nothing said by the environment."""
    return subprocess.run(
        [sys.executable, "-m", "tramo.app.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("TRAMO_")},
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        timeout=60,
    )


async def test_a_worker_is_watched_at_a_port_of_its_own_and_has_no_other_door(town, redis):
    vendor = Vendor()
    server = Process(town, redis, "serve", "server", slots=0)
    worker = Process(town, redis, "worker", "worker", port=True)
    try:
        await server.ready()
        await worker.ready()
        flow = {"document": routing(await vendor.start())}
        assert (await server.call("POST", "/api/v1/flows", flow))[0] == 201
        _, told = await server.call("POST", "/api/v1/flows/flow_routing/publish")
        path = "/in/" + told["addresses"][0]["url"].rpartition("/")[2]
        assert (await server.call("POST", path, {"id": 1}))[0] == 200
        assert await worker.call("GET", "/health") == (200, {"status": "ok"})
        assert await worker.call("GET", "/ready") == (200, {"status": "ready"})
        step = 'tramo_step_seconds_count{outcome="succeeded",type="core.http_request"} 1.0'
        async with asyncio.timeout(60):
            while step not in await worker.page("/metrics"):
                await asyncio.sleep(0.2)
        assert step not in await server.page("/metrics"), "each process tells of its own"
        for closed in ("/", path, "/api/v1/session", "/start", "/answer/x"):
            status, told = await worker.call("POST", closed, {})
            assert (status, told["code"]) == (404, "request.unknown_address"), closed
        assert await asyncio.to_thread(worker.end, signal.SIGTERM) == 0
    finally:
        server.end(signal.SIGKILL)
        worker.end(signal.SIGKILL)


async def test_a_worker_without_a_shared_database_is_refused(tmp_path):
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tramo.app.cli", "worker", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=60,
    )
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr
