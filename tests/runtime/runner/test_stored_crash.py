"""A process that dies after any commit: what stored steps changed, they changed exactly once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select
from tramo.app.house import House
from tramo.store import table
from tramo.store.commit import StoreUnavailable

from tests.kit import document, finished, owner, publish
from tests.runtime.runner.kit import opened


def increment(node_id: str, key: str) -> dict[str, Any]:
    params = {"table": "t", "mode": "increment", "key": key, "values": {"n": 1}}
    return {"id": node_id, "type": "core.table_write", "params": params}


START = {"id": "start", "type": "core.manual"}
CALLED = document([START, increment("count", "called")], [("start", "count")]) | {
    "id": "flow_called"
}
CALLER = document(
    [
        START,
        {"id": "seen", "type": "core.dedupe", "params": {"key": "once"}},
        increment("count", "before"),
        {"id": "gather", "type": "core.batch", "params": {"item": 1, "size": 1}},
        {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_called"}},
        increment("again", "after"),
        increment("replay", "seen"),
    ],
    [
        ("start", "seen"),
        ("seen", "new", "count"),
        ("seen", "seen", "replay"),
        ("count", "gather"),
        ("gather", "call"),
        ("call", "again"),
    ],
    limits={"concurrency": {}},
)


async def die_after(house: House, commits: int) -> None:
    """Let the runner do so many commits more, and then nothing ever again, not even good-bye."""
    committer, runner, dead = house.database.committer, house.runner, asyncio.Event()
    submit, left = committer.submit, [commits]

    def submit_until_dead(unit: Any, *more: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            return submit(unit, *more)
        dead.set()
        future = asyncio.get_running_loop().create_future()
        future.set_exception(StoreUnavailable("the process is dead"))
        return future

    async def close(*_: Any, **_options: Any) -> None:
        return None

    committer.submit = submit_until_dead  # type: ignore[method-assign]
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await dead.wait()
    with suppress(StoreUnavailable):
        await runner.close(grace_s=0.0)
    committer.submit, runner.close = submit, close  # type: ignore[method-assign]


async def counters(house: House) -> dict[str, bytes]:
    rows = await house.database.read(
        lambda c: c.execute(select(table.table_row.c.key, table.table_row.c.row)).all()
    )
    return {row.key: bytes(row.row) for row in rows}


@pytest.mark.parametrize("commits", range(13))
async def test_every_counter_is_one_wherever_the_process_dies(tmp_path, commits):
    async with opened(tmp_path) as house:
        for flow in (CALLED, CALLER):
            await publish(house, flow)
        await house.flows.start(owner(house), "flow_test", {}, version="published")
        await die_after(house, commits)
    async with opened(tmp_path) as house:
        runs = await finished(house, count=2)
        assert [run["state"] for run in runs] == ["succeeded", "succeeded"]
        assert await counters(house) == dict.fromkeys(("before", "called", "after"), b'{"n":1}')
        left = [
            len(await house.database.read(lambda c, of=of: c.execute(select(of)).all()))
            for of in (table.slot, table.item_window, table.window_item)
        ]
        assert left == [0, 0, 0]
