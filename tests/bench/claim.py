"""A million waiting runs in the file: what it takes to claim those that come due, to the disk."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update
from tramo.store import lease, table
from tramo.store.database import open_database

from tests.runtime.store.kit import add_run

WAITING = 1_000_000
FLOWS = 20
BATCH = 50
CLAIMS = 200
LATER_MS = 86_400_000
_r = table.run.c


def run() -> list[dict[str, Any]]:
    """Let a batch come due and claim it, again and again."""
    with tempfile.TemporaryDirectory(prefix="tramo-bench-") as name:
        return asyncio.run(_run(Path(name)))


async def _run(folder: Path) -> list[dict[str, Any]]:
    database = await open_database(folder)
    try:
        await add_run(database, "run_000", state="waiting")
        await database.write(lambda c: _multiply(c, WAITING))
        took_ms: list[float] = []
        for number in range(CLAIMS):
            now = 1_000 + number
            await database.write(lambda c, now=now: _let_come_due(c, now))
            started = time.perf_counter()
            claims = await database.write(lambda c, now=now: _claim(c, now), plain=True)
            took_ms.append((time.perf_counter() - started) * 1_000)
            assert len(claims) == BATCH, len(claims)
    finally:
        await database.close()
    took_ms.sort()
    case = f"a claim of {BATCH} among {WAITING:,} waiting"
    return [
        {"case": f"{case}, p50", "figure": took_ms[CLAIMS // 2], "unit": "ms"},
        {
            "case": f"{case}, p99",
            "figure": took_ms[CLAIMS * 99 // 100],
            "unit": "ms",
            "target": "<= 20 ms",
        },
    ]


def _multiply(connection: Connection, count: int) -> None:
    """Make so many waiting runs of the first, which wait for different times."""
    given = {"owner": None, "lease_until": None, "due_at": LATER_MS}
    connection.execute(update(table.run).values(given))
    numbers = select(literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < count - 1))
    columns = [
        {
            "id": literal("run_") + func.printf("%07d", numbers.c.n),
            "flow_id": literal("flow_") + func.printf("%02d", numbers.c.n % FLOWS),
            "due_at": LATER_MS + numbers.c.n,
        }.get(column.name, column)
        for column in table.run.columns
    ]
    copies = select(*columns).select_from(table.run).join(numbers, literal(value=True))
    connection.execute(insert(table.run).from_select([c.name for c in table.run.columns], copies))


def _let_come_due(connection: Connection, now: int) -> None:
    waiting = select(_r.id).where(_r.owner.is_(None), _r.due_at >= LATER_MS)
    first = waiting.order_by(_r.due_at).limit(BATCH)
    connection.execute(update(table.run).where(_r.id.in_(first)).values(due_at=now))


def _claim(connection: Connection, now: int) -> list[lease.Claim]:
    return lease.claim_due(
        connection, owner="own_1", now=now, lease_ms=LATER_MS, count=BATCH, suspects=1
    )
