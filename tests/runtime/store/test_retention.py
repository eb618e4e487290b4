"""What is over goes, quietly and wholly; what is open, in doubt or needed stays."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from tramo.app.retention import Choice
from tramo.model.problem import TramoError
from tramo.store import retention, table
from tramo.store.retention import AGEING, DAY_MS, HANGING, ROWS, Rules
from tramo.store.table import metadata

from tests import kit

FLOW = kit.document(
    [
        {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}},
        {
            "id": "check",
            "type": "core.branch",
            "params": {"rules": [{"port": "bad", "when": {"$expr": "hook.body.bad is defined"}}]},
        },
        {"id": "fail", "type": "core.stop", "params": {"outcome": "failed", "message": "Bad."}},
        {
            "id": "note",
            "type": "core.set",
            "params": {"fields": {"said": {"$expr": "hook.body.say"}}},
        },
    ],
    [("hook", "check"), ("check", "bad", "fail"), ("check", "else", "note")],
)


async def deliver(house, count: int = 1, **body: Any) -> list[dict[str, Any]]:
    """Publish the flow, deliver, and return the runs."""
    hook = (await kit.publish(house, FLOW))["hook"]
    for number in range(count):
        assert (await kit.post(house, hook, {"id": 1_000 + number, "say": "hello", **body}))[
            0
        ] == 200
    return await kit.finished(house, count=count)


async def sweep(house, days: float):
    return await house.sweeper.sweep(house.clock.now_ms() + int(days * DAY_MS))


async def count(house, of) -> int:
    return await house.database.read(
        lambda c: c.execute(select(func.count()).select_from(of)).scalar_one()
    )


async def alter(house, run_id: str, **columns: Any) -> None:
    await house.database.write(
        lambda c: c.execute(update(table.run).where(table.run.c.id == run_id).values(**columns))
    )


async def test_successes_go_after_30_days_failures_after_90_and_their_events_with_them(tmp_path):
    async with kit.opened(tmp_path) as house:
        await deliver(house)
        await deliver(house, bad=True)
        assert (await sweep(house, 29.9)).runs == 0
        assert (await sweep(house, 30.1)).runs == 1
        kept = await kit.finished(house)
        assert [run["state"] for run in kept] == ["failed"]
        assert (await sweep(house, 90.1)).runs == 1
        for of in (table.run, table.event, table.segment, table.run_key, table.wait):
            assert await count(house, of) == 0, of.name


async def test_a_flow_may_keep_shorter_than_the_workspace_and_the_workspace_than_the_house(
    tmp_path,
):
    async with kit.opened(tmp_path) as house:
        scope = kit.owner(house)
        await deliver(house)
        await house.retention.put(scope, Choice(success_days=20))
        told = await house.retention.put(scope, Choice(success_days=2), "flow_test")
        assert told["holds"].success_days == 20
        assert told["flows"][0]["holds"]["success_days"] == 2
        assert told["flows"][0]["holds"]["failure_days"] == 90
        assert (await sweep(house, 2.1)).runs == 1
        # The delivery itself is kept for seven days, so that a repeated one is still recognised.
        assert await count(house, table.event) == 1
        assert (await sweep(house, 7.1)).events == 1
        await house.retention.put(scope, Choice(), "flow_test")
        assert (await house.retention.get(scope))["flows"] == []


async def test_deliveries_are_not_a_flows_to_choose_about(tmp_path):
    async with kit.opened(tmp_path) as house:
        await deliver(house)
        with pytest.raises(TramoError) as caught:
            await house.retention.put(kit.owner(house), Choice(event_days=1), "flow_test")
        assert caught.value.code == "retention.workspace_only"


@pytest.mark.parametrize("state", ["queued", "running", "waiting", "asking", "quarantined"])
async def test_a_run_that_has_not_ended_is_never_touched(tmp_path, state):
    async with kit.opened(tmp_path) as house:
        run = (await deliver(house))[0]
        await alter(house, run["id"], state=state)
        assert (await sweep(house, 4_000)).runs == 0
        assert await count(house, table.segment) == 1


async def test_a_called_run_stays_as_long_as_its_caller(tmp_path):
    async with kit.opened(tmp_path) as house:
        parent, child = [run["id"] for run in reversed(await deliver(house, 2))]
        await alter(house, child, parent=parent)
        await alter(house, parent, state="waiting", ended_at=None)
        assert (await sweep(house, 31)).runs == 0
        await alter(house, parent, state="failed", ended_at=house.clock.now_ms())
        assert (await sweep(house, 31)).runs == 0  # It may have another try, and call again.
        # The caller goes, and in the next pass what it had called.
        assert [(await sweep(house, 91)).runs for _ in range(3)] == [1, 1, 0]


async def test_tries_of_a_run_stay_until_all_of_them_are_over_and_go_the_first_one_first(tmp_path):
    """Were a later try gone before an earlier one, another one would do again what it did."""
    async with kit.opened(tmp_path) as house:
        first, second, third = [run["id"] for run in reversed(await deliver(house, 3))]
        await alter(house, second, copied_from=first, origin=first)
        await alter(house, third, copied_from=second, origin=first)
        for long_kept in (first, second, third):
            for run in (first, second, third):
                await alter(house, run, state="failed" if run == long_kept else "succeeded")
            assert (await sweep(house, 31)).runs == 0, long_kept
        left = []
        while (await sweep(house, 91)).runs:
            left.append({run["id"] for run in await kit.finished(house, count=0)})
        assert left == [{second, third}, {third}, set()]


async def test_an_event_stays_while_a_wait_of_an_older_open_run_may_look_back_for_it(tmp_path):
    async with kit.opened(tmp_path) as house:
        older, paid = [run["id"] for run in reversed(await deliver(house, 2))]
        await alter(house, older, state="waiting", ended_at=None)
        place = {"type": "core.webhook", "kind": "order", "value": "1001"}

        def await_it(c):
            e, r = table.event.c, table.run.c
            event_id = c.execute(select(r.event_id).where(r.id == paid)).scalar_one()
            keys = b'[["order","1001",""]]'
            c.execute(update(table.event).where(e.id == event_id).values({e["keys"]: keys}))
            named = {"workspace_id": house.workspace_id, "event_id": event_id, "received_at": 1}
            c.execute(table.event_key.insert().values(**named, **place))

        await house.database.write(await_it)
        report = await sweep(house, 31)
        assert (report.runs, report.events) == (1, 0)
        await alter(house, older, state="succeeded", ended_at=1)
        report = await sweep(house, 31)
        assert (report.runs, report.events) == (1, 2)
        assert await count(house, table.event_key) == 0


async def test_claims_outlive_the_runs_that_made_them(tmp_path):
    async with kit.opened(tmp_path) as house:
        run = (await deliver(house))[0]
        claim = {"flow_id": "flow_test", "node_id": "note", "kind": "order", "value": "1000"}
        await house.database.write(
            lambda c: c.execute(
                table.once.insert().values(
                    workspace_id=house.workspace_id, run_id=run["id"], **claim
                )
            )
        )
        assert (await sweep(house, 4_000)).runs == 1
        assert await count(house, table.once) == 1


async def test_no_commit_removes_more_than_some_hundred_rows(tmp_path):
    async with kit.opened(tmp_path) as house:
        run = (await deliver(house))[0]
        body = b'[[1795307993223,[["i","note","out",{}]]]]'
        rows = [{"run_id": run["id"], "seq": n, "fmt": 1, "body": body} for n in range(1, 1_301)]
        await house.database.write(lambda c: c.execute(table.segment.insert(), rows))
        at = house.clock.now_ms() + 31 * DAY_MS
        left = []
        after: str | None = ""
        while after is not None:
            swept = await house.database.write(
                lambda c, after=after: retention.sweep_runs(c, Rules({}), now=at, after=after)
            )
            assert swept.rows <= ROWS + 10
            after = swept.after
            left.append(await count(house, table.segment))
            if swept.rows == ROWS:
                with pytest.raises(TramoError) as refused:
                    await house.reruns.rerun(kit.owner(house), run["id"], "start")
                assert refused.value.code == "rerun.not_kept"
        assert left[:3] == [801, 301, 0]
        assert await count(house, table.run) == 0


def readable(folder: Path, pieces: list[bytes]) -> list[bytes]:
    """Return those of the pieces that some file of a data folder holds."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return [piece for piece in pieces if any(piece in file for file in files)]


def stored_pieces(folder: Path) -> list[bytes]:
    """Return pieces of every stored payload, segment, key and blob, as they lie on the disk."""
    with sqlite3.connect(f"file:{folder / 'tramo.sqlite3'}?mode=ro", uri=True) as connection:
        bodies = [row[0] for row in connection.execute("SELECT payload FROM event")]
        bodies += [row[0] for row in connection.execute("SELECT body FROM segment")]
        bodies += [row[0].encode() for row in connection.execute("SELECT value FROM run_key")]
    connection.close()
    bodies += [path.read_bytes() for path in (folder / "blobs").rglob("*") if path.is_file()]
    return [body[-60:] for body in bodies if len(body) > 16]


async def test_nothing_readable_is_left_of_what_has_gone(tmp_path):
    async with kit.opened(tmp_path) as house:
        await deliver(house, 40)
        for number in range(20):
            order = {"id": f"canary-{number}-{number:040}", "say": f"pecking {number} " * 300}
            await deliver(house, **order)
        await deliver(house, say=[f"a big canary, line {n * n}" for n in range(20_000)])
        folder = house.settings.data
        pieces = stored_pieces(folder)
        assert len(pieces) > 100
        assert readable(folder, pieces) == pieces
        assert (await sweep(house, 100)).runs == 61
        assert readable(folder, pieces) == []


async def test_the_room_that_is_freed_goes_back_to_the_disk(tmp_path):
    async with kit.opened(tmp_path) as house:
        await house.database.write(
            lambda c: [
                c.execute(
                    table.rejected.insert().values(
                        id=f"rej_{n}",
                        workspace_id=house.workspace_id,
                        source="s",
                        received_at=1,
                        reason="unreadable",
                        body=b"x" * 40_000,
                    )
                )
                for n in range(400)
            ]
        )
        path = house.settings.data / "tramo.sqlite3"
        await house.database.tidy()
        before = path.stat().st_size
        assert (await sweep(house, 0)).others == 400
        assert path.stat().st_size < before - 5_000_000
        assert (house.settings.data / "tramo.sqlite3-wal").stat().st_size == 0


async def test_metadata_only_keeps_states_and_times_and_drops_what_was_said(tmp_path):
    async with kit.opened(tmp_path) as house:
        scope = kit.owner(house)
        run = (await deliver(house, say="a secret of the shop " * 5_000))[0]
        before = await house.runs.get(scope, run["id"])
        assert "secret" in str(before)
        assert any((house.settings.data / "blobs").rglob("*_*"))
        await house.retention.put(scope, Choice(metadata_only=True), "flow_test")
        assert await house.sweeper.strip() == 1
        assert await house.sweeper.strip() == 0
        after = await house.runs.get(scope, run["id"])
        assert "secret" not in str({**after, "document": None})
        kept = ("node", "state", "attempts", "started_at", "ended_at", "effect")
        for old, new in zip(before["steps"], after["steps"], strict=True):
            assert {name: old[name] for name in kept} == {name: new[name] for name in kept}
        assert after["state"] == "succeeded"
        assert after["event"]["payload"] is None
        assert not any((house.settings.data / "blobs").rglob("*_*"))
        assert (await sweep(house, 31)).runs == 1
        assert await count(house, table.stripped) == 0


async def test_an_open_run_keeps_its_data_until_it_has_ended(tmp_path):
    async with kit.opened(tmp_path) as house:
        run = (await deliver(house))[0]
        await alter(house, run["id"], state="asking", ended_at=None)
        await house.retention.put(kit.owner(house), Choice(metadata_only=True))
        assert await house.sweeper.strip() == 0
        await alter(house, run["id"], state="succeeded", ended_at=1)
        assert await house.sweeper.strip() == 1


async def test_a_run_keeps_its_data_while_another_try_goes_on_with_it(tmp_path):
    async with kit.opened(tmp_path) as house:
        first, second = [run["id"] for run in reversed(await deliver(house, 2))]
        await alter(house, second, copied_from=first, origin=first, state="waiting", ended_at=None)
        await house.retention.put(kit.owner(house), Choice(metadata_only=True))
        assert await house.sweeper.strip() == 0
        await alter(house, second, state="succeeded", ended_at=1)
        assert await house.sweeper.strip() == 2


async def test_blobs_that_a_crash_left_without_a_row_are_found_and_removed(tmp_path):
    async with kit.opened(tmp_path) as house:
        run = (await deliver(house, say="x" * 100_000))[0]
        await house.database.blobs.put("evt_nobody", b"x" * 100_000)
        assert (await sweep(house, 0)).blobs == 0
        assert (await sweep(house, 1.5)).blobs == 1
        assert (await kit.steps(house, run["id"]))["note"]["output"] == {"said": "x" * 100_000}


async def test_sweeping_and_delivering_go_on_side_by_side(tmp_path):
    async with kit.opened(tmp_path) as house:
        hook = (await kit.publish(house, FLOW))["hook"]
        await deliver(house, 100)
        swept = asyncio.ensure_future(sweep(house, 29))
        answers = await asyncio.gather(
            *(kit.post(house, hook, {"id": n, "say": n}) for n in range(50))
        )
        assert {status for status, _ in answers} == {200}
        await kit.finished(house, count=150)  # Of a crowd, some are read after their answer.
        await house.retention.put(kit.owner(house), Choice(success_days=1))
        await swept
        assert (await sweep(house, 2)).runs == 150 - (await swept).runs


def test_every_table_that_names_a_run_or_an_event_goes_with_it_or_has_its_own_end():
    goes = {of.name for of in HANGING} | {"run_key", "run", "event", "event_key"}
    ages = {ageing.of.name for ageing in AGEING}
    own_end = {
        "once": "a promise about the future",
        "slot": "there as long as its run is open",
        "item_window": "there until the digest that it is for is over",
        "delayed": "there as long as the queued run is",
        "answer_link": "has a time at which it expires",
        "asked": "there as long as the question is open",
    }
    named = {
        of.name for of in metadata.sorted_tables if {"run_id", "event_id"} & set(of.columns.keys())
    }
    assert named <= goes | ages | set(own_end)
    assert set(own_end) <= named


async def test_looking_for_what_is_over_reads_no_table_as_a_whole(tmp_path):
    async with kit.opened(tmp_path) as house:
        plans = {
            "copies": "SELECT 1 FROM run WHERE copied_from = 'x'",
            "events": "SELECT 1 FROM run WHERE event_id = 'x'",
            "children": "SELECT 1 FROM run WHERE parent = 'x'",
            "deliveries": "SELECT 1 FROM event WHERE workspace_id = 'w' AND source = 's'"
            " AND delivery_id = 'd' AND delivery_id <> ''",
        }
        for name, query in plans.items():
            said = await house.database.read(
                lambda c, query=query: str(c.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())
            )
            assert "SEARCH" in said, (name, said)
