"""10,000 runs into a wait of a day: how long until all of them are rows. What one of them weighs:
`python -m tests.bench size`."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bench import routing
from tests.bench.load import Load, request_head
from tests.bench.order import ORDER
from tests.bench.server import serving
from tests.bench.size import waiting

RUNS = 10_000
N8N_S = 281.0


def run() -> list[dict[str, Any]]:
    """Deliver, and wait until every run waits."""
    with serving() as server:
        address = server.publish(waiting())["addresses"][0]["url"]
        path = "/in/" + address.rpartition("/in/")[2]
        head = request_head(
            path, f"127.0.0.1:{server.port}", len(ORDER), {"Content-Type": "application/json"}
        )
        file = server.folder / "data" / "tramo.sqlite3"
        started = time.perf_counter()
        load = Load(head, ORDER, connections=32, seconds=120.0, count=RUNS)
        routing._loop(load.run("127.0.0.1", server.port))
        while _waiting(file) < RUNS:
            time.sleep(0.02)
        took_s = time.perf_counter() - started
        memory_mb = server.memory_mb()
    return [
        {
            "case": "10,000 runs into a wait of a day",
            "figure": took_s,
            "unit": "s",
            "ratio": took_s / N8N_S,
            "against": f"n8n, {N8N_S:.0f} s",
            "target": "<= 5 s",
        },
        {"case": "memory with 10,000 waiting (PSS)", "figure": memory_mb, "unit": "MB"},
    ]


def _waiting(file: Path) -> int:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        query = "SELECT count(*) FROM run WHERE state = 'waiting'"
        return connection.execute(query).fetchone()[0]
