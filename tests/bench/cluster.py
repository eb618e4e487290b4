"""PostgreSQL, Redis, one server and two workers on this machine: order routing, and a load that
waits for vendors.

Efficiency is the time that vendors took over the time that slots were there for them:
`calls × 50 ms / (slots × wall)`.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import routing
from tests.bench.load import request_head
from tests.bench.order import ORDER
from tests.bench.server import Server, free_port, serving
from tests.bench.vendor import SlowVendor, slow_vendor
from tests.postgres import PostgresServer, execute

TARGET = 2_000
VENDOR_S = 0.05
SLOTS = 20
WORKERS = 2
CALLS = 2_000
PATIENCE_S = 120.0


def run() -> list[dict[str, Any]]:
    """Measure both loads on a cluster of one server and two workers."""
    with tempfile.TemporaryDirectory(prefix="tramo-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # The database's own user must come to its folder.
        url = stack.enter_context(_postgres(folder / "postgres"))
        redis = stack.enter_context(_redis(folder))
        place = {"TRAMO_DATABASE": url, "TRAMO_REDIS": redis}
        rows = _routing(place, folder)
        return rows + _effects(place, folder)


def _routing(place: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    with serving(**place) as server, _workers(server, 100):
        address = server.publish(routing.document())["addresses"][0]["url"]
        path = "/in/" + address.rpartition("/in/")[2]
        headers = {"Content-Type": "application/json"}
        head = request_head(path, f"127.0.0.1:{server.port}", len(ORDER), headers)
        routing._load(head, server.port, 32, 2.0)
        busy = routing._load(head, server.port, 32, 8.0)
    return [
        routing._row("cluster: routing, runs/s", busy["rate"], "runs/s", TARGET, "the target"),
        {"case": "cluster: routing, p50", "figure": busy["p50_ms"], "unit": "ms"},
        {"case": "cluster: routing, p99", "figure": busy["p99_ms"], "unit": "ms"},
    ]


def _effects(place: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    with (
        slow_vendor(VENDOR_S) as vendor,
        serving(**place, TRAMO_SLOTS="0", TRAMO_PRIVATE_HOSTS="127.0.0.1") as server,
    ):
        address = server.publish(_calling(vendor))["addresses"][0]["url"]
        path = "/in/" + address.rpartition("/in/")[2]
        head = request_head(
            path, f"127.0.0.1:{server.port}", 2, {"Content-Type": "application/json"}
        )
        _deliver(head, server.port, CALLS)
        with _workers(server, SLOTS):
            deadline = time.monotonic() + PATIENCE_S
            while len(vendor.calls) < CALLS and time.monotonic() < deadline:
                time.sleep(0.05)
    wall_s = vendor.calls[-1] - vendor.calls[0] + VENDOR_S
    slots = SLOTS * WORKERS
    share = len(vendor.calls) * VENDOR_S / (slots * wall_s)
    return [
        {
            "case": f"cluster: {slots} slots, vendor takes 50 ms",
            "figure": 100 * share,
            "unit": "% used",
            "target": ">= 85",
        },
        {
            "case": "cluster: effects/s",
            "figure": len(vendor.calls) / wall_s,
            "unit": "1/s",
        },
        {"case": "cluster: calls that the vendor saw", "figure": len(vendor.calls), "unit": ""},
    ]


def _calling(vendor: SlowVendor) -> dict[str, Any]:
    call = {
        "method": "POST",
        "url": f"http://127.0.0.1:{vendor.port}/",
        "body": "{}",
    }
    return {
        "format": 1,
        "id": "flow_calling",
        "name": "Calling",
        "nodes": [
            {"id": "hook", "type": "core.webhook"},
            {"id": "call", "type": "core.http_request", "params": call},
        ],
        "edges": [{"from": "hook", "to": "call"}],
    }


def _deliver(head: str, port: int, count: int) -> None:
    from tests.bench.load import Load

    load = Load(head, b"{}", connections=32, seconds=60.0, count=count)
    routing._loop(load.run("127.0.0.1", port))


@contextmanager
def _workers(server: Server, slots: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tramo.app.cli", "worker", "--slots", str(slots)]
    workers = []
    for number in range(WORKERS):
        env = {**server.env, "TRAMO_DATA": str(server.folder / f"worker-{number}")}
        workers.append(
            subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        )
    try:
        for worker in workers:
            assert worker.stdout is not None
            if not worker.stdout.readline():
                raise RuntimeError("a worker did not start")
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(20)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    server = PostgresServer(folder, fsync=True, shared_buffers="256MB")
    server.start()
    try:
        execute(server.url(), "create database tramo")
        yield server.url("tramo")
    finally:
        server.stop()


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    command = shutil.which("redis-server")
    if command is None:
        raise RuntimeError("redis-server is missing; install Debian's package of that name")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([command, *options], stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()
