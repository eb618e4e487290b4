"""What a run weighs, and where big values lie."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select
from tramo.model.limit import INLINE_VALUE_BYTES
from tramo.model.problem import TramoError
from tramo.model.value import encode
from tramo.store import table

from tests import kit
from tests.bench.order import ORDER
from tests.bench.routing import document as order_routing

RUNS = 400


def blob_files(house) -> list[Path]:
    return [path for path in (house.settings.data / "blobs").rglob("*") if path.is_file()]


def stored_bytes(house) -> int:
    """Return the size of the file with everything folded into it."""
    with sqlite3.connect(house.settings.data / "tramo.sqlite3") as connection:
        pages, size, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size", "freelist_count")
        )
    connection.close()
    return (pages - free) * size


async def deliver(house, address: str, body: bytes, count: int) -> None:
    for start in range(0, count, 50):
        calls = (kit.post(house, address, body) for _ in range(start, min(start + 50, count)))
        assert {status for status, _ in await asyncio.gather(*calls)} == {200}


async def test_an_order_routing_run_takes_3_kb_and_reads_back_whole(tmp_path):
    async with kit.opened(tmp_path) as house:
        hook = (await kit.publish(house, order_routing()))["hook"]
        before = stored_bytes(house)
        await deliver(house, hook, ORDER, RUNS)
        took = (stored_bytes(house) - before) / RUNS
        runs = (await house.runs.list(kit.owner(house), limit=2))["items"]
        steps = await kit.steps(house, runs[0]["id"])
    assert took <= 3_000
    assert steps["answer"]["output"] == {"text": "#2047 is vip"}
    assert steps["hook"]["output"]["body"]["id"] == 820982911946154508


async def test_a_run_in_a_long_wait_takes_2_kb(tmp_path):
    flow = kit.document(
        [
            {"id": "hook", "type": "core.webhook"},
            {"id": "rest", "type": "core.wait", "params": {"seconds": 86_400}},
            {"id": "after", "type": "core.set", "params": {"fields": {"done": True}}},
        ],
        [("hook", "rest"), ("rest", "after")],
    )
    async with kit.opened(tmp_path) as house:
        hook = (await kit.publish(house, flow))["hook"]
        before = stored_bytes(house)
        await deliver(house, hook, ORDER, RUNS)
        took = (stored_bytes(house) - before) / RUNS
        runs = (await house.runs.list(kit.owner(house), limit=RUNS))["items"]
    assert {run["state"] for run in runs} == {"waiting"}
    assert took <= 2_000


async def test_a_big_delivery_and_what_is_made_of_it_lie_in_files_and_read_back_whole(tmp_path):
    flow = kit.document(
        [
            {"id": "hook", "type": "core.webhook"},
            {
                "id": "copy",
                "type": "core.set",
                "params": {"fields": {"text": {"$expr": "hook.body"}}},
            },
            {"id": "rest", "type": "core.wait", "params": {"seconds": 3_600}},
            {
                "id": "after",
                "type": "core.set",
                "params": {"fields": {"text": {"$expr": "copy.text"}}},
            },
        ],
        [("hook", "copy"), ("copy", "rest"), ("rest", "after")],
    )
    body = {"id": 820982911946154508, "lines": [{"sku": f"S-{n}"} for n in range(20_000)]}
    async with kit.opened(tmp_path) as house:
        hook = (await kit.publish(house, flow))["hook"]
        _, answer = await kit.post(house, hook, body)
        await house.runs.hurry(kit.owner(house), answer["runs"][0], "rest", ())
        run = (await kit.finished(house))[0]
        steps = await kit.steps(house, run["id"])
        sizes = await house.database.read(
            lambda c: (
                c.exec_driver_sql(
                    "SELECT max(length(payload)) FROM event"
                    " UNION ALL SELECT max(length(body)) FROM segment"
                )
                .scalars()
                .all()
            )
        )
        whole = await house.database.read(
            lambda c: c.execute(select(table.event.c.payload)).scalar_one()
        )
        assert len(blob_files(house)) == 3
    assert steps["after"]["output"] == {"text": body}
    assert len(whole) > INLINE_VALUE_BYTES
    assert max(sizes) < 200


async def test_views_show_the_beginning_of_a_large_output_and_the_whole_on_demand(tmp_path):
    whole = {"all": {"$expr": "hook.body"}}
    items = [{"sku": f"S-{n}", "id": 820982911946154508 + n} for n in range(5_000)]
    flow = kit.document(
        [
            {"id": "hook", "type": "core.webhook"},
            {"id": "copy", "type": "core.set", "params": {"fields": whole}},
        ],
        [("hook", "copy")],
    )
    async with kit.opened(tmp_path) as house:
        scope = kit.owner(house)
        hook = (await kit.publish(house, flow))["hook"]
        assert (await kit.post(house, hook, items))[0] == 200
        run = (await kit.finished(house))[0]
        shown = await house.runs.get(scope, run["id"], 1_000)
        step = next(step for step in shown["steps"] if step["node"] == "copy")
        assert step["output"]["all"] == items[:50]
        assert step["shortened"]["output"] > INLINE_VALUE_BYTES
        assert shown["event"]["shortened"]["payload"] > INLINE_VALUE_BYTES
        assert len(encode(shown)) < 3 * INLINE_VALUE_BYTES
        assert await house.runs.output(scope, run["id"], "copy") == {"all": items}
        with pytest.raises(TramoError) as caught:
            await house.runs.output(scope, run["id"], "copy", (3,))
        assert caught.value.code == "run.no_output"


async def test_a_delivery_whose_big_value_the_disk_refuses_is_sent_again_and_then_taken(
    tmp_path, monkeypatch
):
    def refuse(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    flow = kit.document([{"id": "hook", "type": "core.webhook"}], [])
    async with kit.opened(tmp_path) as house:
        hook = (await kit.publish(house, flow))["hook"]
        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", refuse)
            status, answer = await kit.post(house, hook, {"text": "x" * 100_000})
            assert (status, answer["code"]) == (503, "store.unavailable")
            assert (await kit.post(house, hook, {"text": "small"}))[0] == 200
        assert (await kit.post(house, hook, {"text": "x" * 100_000}))[0] == 200
        assert len(await kit.finished(house)) == 2
        assert len(blob_files(house)) == 1
