"""Stopping in order (F28): whoever comes is told to come back, what is under way ends, and nothing
counts as a crash. With a real server, a slow vendor and real signals."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tramo.model.value import decode, encode

from tests.kit import document, finished, opened, publish, steps
from tests.web.test_server import ROOT, free_port

RESTARTS = int(os.environ.get("TRAMO_RESTARTS", "3"))
"""F28 asks for more than every change has time for: 20 by hand."""
STOP_S = 10.0
PATIENCE_S = 60.0
"""For what comes by itself, on however busy a machine."""
LONG_S = 30.0
"""A step that nobody waits for to its end."""


class Vendor(ThreadingHTTPServer):
    """Takes its time unless it is let go, and keeps a ledger of what it was asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, slow_s: float) -> None:
        super().__init__(("127.0.0.1", 0), Slow)
        self.slow_s = slow_s
        self.ledger: list[int] = []
        self.begun = threading.Event()
        self.may_answer = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/orders"


class Slow(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        vendor = self.server
        assert isinstance(vendor, Vendor)
        order = decode(self.rfile.read(int(self.headers["content-length"])))
        vendor.ledger.append(order["number"])
        vendor.begun.set()
        vendor.may_answer.wait(vendor.slow_s)
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@contextmanager
def vendor(slow_s: float) -> Iterator[Vendor]:
    server = Vendor(slow_s)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Server:
    """`tramo serve`, as an operator starts it."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tramo.app.cli", "serve", "--port", str(port)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(str(ROOT / r) for r in ("runtime", "web", "plugins")),
                "TRAMO_DATA": str(folder / "data"),
                "TRAMO_KEY_FILE": str(folder / "keys" / "key.toml"),
                "TRAMO_PRIVATE_HOSTS": "127.0.0.1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        while "Tramo serves" not in self.process.stdout.readline():
            assert self.process.poll() is None

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, str | None, bytes]:
        """Return status, Retry-After and body; status 0 where nobody answers."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            client.request(method, path, body, {"content-type": "application/json"})
            answer = client.getresponse()
            return answer.status, answer.headers["retry-after"], answer.read()
        except (ConnectionError, http.client.HTTPException):
            return 0, None, b""
        finally:
            client.close()

    def tell(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def ended(self, since: float) -> float:
        """Wait for the end; return how long after `since` it came."""
        said = self.process.communicate(timeout=STOP_S + PATIENCE_S)[1]
        assert self.process.returncode == 0, said
        return time.monotonic() - since


async def ready(folder: Path, url: str) -> str:
    """Publish a flow whose step must not be repeated; return its address."""
    flow = document(
        [
            {
                "id": "hook",
                "type": "core.webhook",
                "params": {"dedupe": "body.number"},
            },
            {
                "id": "order",
                "type": "core.http_request",
                "params": {"method": "POST", "url": url, "json": {"$expr": "hook.body"}},
            },
            {"id": "done", "type": "core.set", "params": {"fields": {"ok": True}}},
        ],
        [("hook", "order"), ("order", "done")],
    )
    async with opened(folder, private_hosts=("127.0.0.1",)) as house:
        address = (await publish(house, flow))["hook"]
    with sqlite3.connect(folder / "data" / "tramo.sqlite3") as database:
        database.execute("CREATE TABLE crash_seen (run_id TEXT)")
        database.execute(
            "CREATE TRIGGER crash AFTER UPDATE OF crashes ON run WHEN new.crashes > old.crashes "
            "BEGIN INSERT INTO crash_seen VALUES (new.id); END"
        )
    database.close()
    return f"/in/{address}"


def crashes(folder: Path) -> int:
    with sqlite3.connect(folder / "data" / "tramo.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM crash_seen").fetchone()
    database.close()
    return count


class Load:
    """Senders that try again until they are told that it was taken, as vendors do."""

    def __init__(self, path: str, senders: int = 4) -> None:
        self._path = path
        self._numbers = itertools.count()
        self._over = threading.Event()
        self.server: Server | None = None
        self.acknowledged: list[int] = []
        self.refused = Counter()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(senders)]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        while not self._over.is_set():
            number = next(self._numbers)
            while True:
                server = self.server
                status, retry_after, _ = (
                    server.ask("POST", self._path, encode({"number": number}))
                    if server is not None
                    else (0, None, b"")
                )
                if status == 200:
                    self.acknowledged.append(number)
                    break
                assert status in (0, 503), status
                assert status == 0 or retry_after, "a refusal says when to come back"
                self.refused[status] += 1
                time.sleep(0.02)
            time.sleep(0.01)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@pytest.mark.slow
@pytest.mark.timeout(300 + RESTARTS * 60)
async def test_restarts_under_load_lose_nothing_repeat_nothing_and_count_no_crash(tmp_path):
    with vendor(0.3) as shop:
        path = await ready(tmp_path, shop.url)
        load = Load(path)
        port = free_port()
        took = []
        for _ in range(RESTARTS):
            load.server = server = Server(tmp_path, port)
            shop.begun.clear()
            assert shop.begun.wait(PATIENCE_S)
            await asyncio.sleep(0.3)
            began = time.monotonic()
            server.tell()
            took.append(server.ended(began))
        load.server = last = Server(tmp_path, port)
        load.end()
        last.tell()
        took.append(last.ended(time.monotonic()))
        assert max(took) <= STOP_S, took
        assert crashes(tmp_path) == 0
        async with opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
            count = len(load.acknowledged)
            runs = await finished(house, count=min(count, 5_000), within_s=PATIENCE_S)
            assert {run["state"] for run in runs} == {"succeeded"}
            assert len(runs) == min(count, 5_000)
        assert Counter(shop.ledger) == Counter(load.acknowledged)
        print(f"{count} runs over {RESTARTS} restarts, stops took {max(took):.1f} s at most")


async def test_while_it_stops_it_says_so_and_lets_a_slow_step_end(tmp_path):
    with vendor(PATIENCE_S) as shop:
        path = await ready(tmp_path, shop.url)
        server = Server(tmp_path, free_port(), TRAMO_GRACE_S="60")
        assert server.ask("POST", path, b'{"number": 1}')[0] == 200
        assert shop.begun.wait(PATIENCE_S)
        began = time.monotonic()
        server.tell(signal.SIGINT)
        while server.ask("GET", "/ready")[0] == 200:
            assert time.monotonic() - began < 20, "it says so at once"
        assert server.ask("GET", "/health")[0] == 200
        for method, asked in (("GET", "/ready"), ("POST", path), ("GET", "/api/v1/health")):
            status, retry_after, body = server.ask(method, asked, b'{"number": 2}')
            assert (status, decode(body)["code"]) == (503, "server.stopping")
            assert retry_after is not None
            assert int(retry_after) > 0
        shop.may_answer.set()
        server.ended(began)
        assert shop.ledger == [1]
        async with opened(tmp_path) as house:
            (run,) = await finished(house)
            assert run["state"] == "succeeded"
    assert crashes(tmp_path) == 0


async def test_a_step_that_outlasts_the_grace_is_cut_off_and_asked_about(tmp_path):
    with vendor(LONG_S) as shop:
        path = await ready(tmp_path, shop.url)
        server = Server(tmp_path, free_port(), TRAMO_GRACE_S="1")
        assert server.ask("POST", path, b'{"number": 1}')[0] == 200
        assert shop.begun.wait(PATIENCE_S)
        began = time.monotonic()
        server.tell()
        assert 0.9 < server.ended(began) < LONG_S / 2
        async with opened(tmp_path) as house:
            (run,) = await finished(house)
            assert run["state"] == "asking"
            assert (await steps(house, run["id"]))["order"]["error"].code == "step.unknown_outcome"
    assert crashes(tmp_path) == 0


async def test_a_second_signal_ends_it_at_once_and_in_order(tmp_path):
    with vendor(LONG_S) as shop:
        path = await ready(tmp_path, shop.url)
        server = Server(tmp_path, free_port(), TRAMO_GRACE_S="30")
        assert server.ask("POST", path, b'{"number": 1}')[0] == 200
        assert shop.begun.wait(PATIENCE_S)
        server.tell()
        while server.ask("GET", "/ready")[0] == 200:
            await asyncio.sleep(0.05)
        began = time.monotonic()
        server.tell()
        assert server.ended(began) < LONG_S / 2
    assert crashes(tmp_path) == 0


async def test_who_waits_for_a_run_that_a_stop_holds_up_is_told_where_to_look(tmp_path):
    with vendor(PATIENCE_S) as shop:
        flow = document(
            [
                {"id": "hook", "type": "core.webhook", "params": {"answer": "finished"}},
                {
                    "id": "order",
                    "type": "core.http_request",
                    "params": {"method": "POST", "url": shop.url, "json": {"$expr": "hook.body"}},
                },
                {
                    "id": "again",
                    "type": "core.http_request",
                    "params": {"method": "POST", "url": shop.url, "json": {"$expr": "hook.body"}},
                },
            ],
            [("hook", "order"), ("order", "again")],
        )
        async with opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
            path = "/in/" + (await publish(house, flow))["hook"]
        server = Server(tmp_path, free_port(), TRAMO_GRACE_S="60")
        answers: list[tuple[int, str | None, bytes]] = []
        asking = threading.Thread(
            target=lambda: answers.append(server.ask("POST", path, b'{"number": 1}'))
        )
        asking.start()
        assert shop.begun.wait(PATIENCE_S)
        server.tell()
        while server.ask("GET", "/ready")[0] == 200:
            await asyncio.sleep(0.05)
        shop.may_answer.set()
        asking.join(PATIENCE_S)
        ((status, _, body),) = answers
        assert status == 202
        assert decode(body)["result"].startswith("/api/v1/runs/run_")
        server.ended(time.monotonic())
        assert shop.ledger == [1], "what had not begun waits for the next start"
        async with opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
            (run,) = await finished(house)
            assert run["state"] == "succeeded"
        assert shop.ledger == [1, 1]
