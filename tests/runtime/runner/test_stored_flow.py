"""Flows that remember, gather and call each other, in a whole house: what happens, happens once."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select
from tramo.app.house import House
from tramo.app.play import JumpingClock
from tramo.app.run.rerun import Change
from tramo.store import table
from tramo.store.data_table import put_row
from tramo.store.retention import Choice

from tests.kit import document, finished, owner, post, publish, steps
from tests.runtime.runner.kit import deliver, items, jump, opened, outputs, states, until

HOOK = {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}}


def flow(node: dict[str, Any], *ports: str, **fields: Any) -> dict[str, Any]:
    """A webhook, one node, and a note behind each of its ports."""
    notes = [
        {"id": f"after_{port}", "type": "core.set", "params": {"fields": {"port": port}}}
        for port in ports
    ]
    edges = [("hook", node["id"]), *((node["id"], port, f"after_{port}") for port in ports)]
    return document([HOOK, node, *notes], edges, **fields)


async def count_up(house: House, name: str = "orders") -> Any:
    rows = await house.database.read(
        lambda c: c.execute(
            select(table.table_row.c.row).where(table.table_row.c.table == name)
        ).scalars()
    )
    return [bytes(row) for row in rows]


COUNT = {
    "id": "count",
    "type": "core.table_write",
    "params": {
        "table": "orders",
        "mode": "increment",
        "key": "all",
        "values": {"number": 1, "total": {"$expr": "hook.body.total"}},
    },
}


async def test_twenty_runs_at_once_count_one_counter_exactly(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, flow(COUNT, "out")))["hook"]
        posts = [post(house, address, b'{"id":%d,"total":0.10}' % n) for n in range(20)]
        await asyncio.gather(*posts)
        await finished(house, count=20)
        assert await count_up(house) == [b'{"number":20,"total":2.00}']


async def test_a_house_closed_in_the_middle_never_counts_twice(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, flow(COUNT, "out")))["hook"]
        posts = [post(house, address, {"id": n, "total": 1}) for n in range(20)]
        await asyncio.gather(*posts)
        await house.runner.close(grace_s=0.0)
    async with opened(tmp_path) as house:
        await finished(house, count=20)
        assert await count_up(house) == [b'{"number":20,"total":20}']


async def test_dedupe_passes_each_order_once_whatever_is_replayed(tmp_path):
    seen = {"id": "seen", "type": "core.dedupe", "params": {"key": {"$expr": "hook.body.id"}}}
    async with opened(tmp_path) as house:
        address = (await publish(house, flow(seen, "new", "seen")))["hook"]
        ids = [820982911946154508, 7, 820982911946154508, "7", 7]
        await deliver(house, address, *({"id": each} for each in ids))
        runs = await finished(house, count=5)
        assert {run["state"] for run in runs} == {"succeeded"}
        taken = [each["port"] if each else None for each in await outputs(house, "after_new")]
        assert taken == ["new", "new", None, None, None]
    async with opened(tmp_path) as house:
        await deliver(house, address, {"id": 7})
        await finished(house, count=6)
        assert (await outputs(house, "after_seen"))[-1] == {"port": "seen"}


async def test_a_re_run_of_a_run_that_failed_behind_dedupe_is_not_taken_for_a_replay(tmp_path):
    nodes = [
        HOOK,
        {"id": "seen", "type": "core.dedupe", "params": {"key": {"$expr": "hook.body.id"}}},
        {"id": "fail", "type": "core.stop", "params": {"outcome": "failed", "message": "Oh"}},
        {"id": "again", "type": "core.log", "params": {"message": "Seen"}},
    ]
    edges = [("hook", "seen"), ("seen", "new", "fail"), ("seen", "seen", "again")]
    async with opened(tmp_path) as house:
        address = (await publish(house, document(nodes, edges)))["hook"]
        await deliver(house, address, {"id": 7})
        (first,) = await finished(house, count=1)
        assert first["state"] == "failed"
        await house.reruns.rerun(owner(house), first["id"], "failed")
        runs = await finished(house, count=2)
        assert [run["state"] for run in runs] == ["failed", "failed"]
        shown = await steps(house, runs[0]["id"])
        assert (shown["seen"]["state"], shown["seen"]["port"]) == ("skipped", "new")


async def test_a_re_run_from_the_start_reads_tables_anew_and_writes_none_twice(tmp_path):
    nodes = [
        HOOK,
        COUNT,
        {"id": "read", "type": "core.table_read", "params": {"table": "settings", "key": "on"}},
        {
            "id": "check",
            "type": "core.branch",
            "params": {"rules": [{"port": "on", "when": {"$expr": "read.found"}}]},
        },
        {"id": "fail", "type": "core.stop", "params": {"outcome": "failed"}},
    ]
    edges = [("hook", "count"), ("count", "read"), ("read", "check"), ("check", "else", "fail")]
    async with opened(tmp_path) as house:
        address = (await publish(house, document(nodes, edges)))["hook"]
        await deliver(house, address, {"id": 1, "total": 5})
        (first,) = await finished(house, count=1)
        assert first["state"] == "failed"
        await house.database.write(
            lambda c: put_row(c, house.workspace_id, "settings", "on", {}, 1)
        )
        await house.reruns.rerun(owner(house), first["id"], "start")
        runs = await finished(house, count=2)
        assert [run["state"] for run in runs] == ["succeeded", "failed"]
        assert await count_up(house) == [b'{"number":1,"total":5}']


COUNT_ONE = {**COUNT, "params": {**COUNT["params"], "values": {"number": 1}}}
BAD = {"id": "bad", "type": "core.set", "params": {"fields": {"n": {"$expr": "1 / vars.by"}}}}


async def failed_call(house, *nodes, edges) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run that called another one, which failed for a variable that is right by now; the caller
    and the called."""
    await house.variables.put(owner(house), "by", 0)
    await publish(house, called(*nodes, edges=edges))
    address = (await publish(house, flow(calling(), "out")))["hook"]
    await deliver(house, address, {"id": 1})
    await finished(house, count=2)
    await house.variables.put(owner(house), "by", 4)
    (caller,), (child,) = await items(house, "flow_test"), await items(house, "flow_called")
    assert (caller["state"], child["state"]) == ("failed", "failed")
    return caller, child


async def test_a_re_run_of_a_caller_goes_on_in_the_called_flow_where_it_failed(tmp_path):
    edges = [("start", "count"), ("count", "bad")]
    async with opened(tmp_path) as house:
        caller, _ = await failed_call(house, COUNT_ONE, BAD, edges=edges)
        await house.reruns.rerun(owner(house), caller["id"], "failed")
        await finished(house, count=4)
        assert await states(house, "flow_test") == ["failed", "succeeded"]
        assert await states(house, "flow_called") == ["failed", "succeeded"]
        assert await count_up(house) == [b'{"number":1}']


async def test_a_re_run_of_a_caller_does_not_do_what_a_re_run_of_the_called_flow_did(tmp_path):
    async with opened(tmp_path) as house:
        caller, child = await failed_call(
            house, BAD, COUNT_ONE, edges=[("start", "bad"), ("bad", "count")]
        )
        await house.reruns.rerun(owner(house), child["id"], "failed")
        await finished(house, count=3)
        assert await count_up(house) == [b'{"number":1}']
        await house.reruns.rerun(owner(house), caller["id"], "failed")
        await finished(house, count=5)
        assert await states(house, "flow_test") == ["failed", "succeeded"]
        assert await states(house, "flow_called") == ["failed", "succeeded", "succeeded"]
        assert await count_up(house) == [b'{"number":1}']


async def test_a_re_run_of_a_caller_with_other_data_does_nothing_of_what_it_called_again(tmp_path):
    seen = {"id": "seen", "type": "core.set", "params": {"fields": {"n": {"$expr": "start.id"}}}}
    edges = [("start", "count"), ("count", "seen"), ("seen", "bad")]
    async with opened(tmp_path) as house:
        caller, child = await failed_call(house, COUNT_ONE, seen, BAD, edges=edges)
        event = (await house.runs.get(owner(house), caller["id"]))["event"]["payload"]
        change = Change(event={**event, "body": {"id": 2}})
        await house.reruns.rerun(owner(house), caller["id"], change=change)
        runs = await finished(house, count=4)
        assert {run["state"] for run in runs[:2]} == {"succeeded"}
        again = next(run for run in runs[:2] if run["flow_id"] == "flow_called")
        assert (again["copied_from"], again["rerun"]) == (child["id"], "start")
        assert (await steps(house, again["id"]))["seen"]["output"] == {"n": 2}
        assert await count_up(house) == [b'{"number":1}']


async def test_a_re_run_of_a_caller_waits_while_what_it_called_is_re_run(tmp_path):
    nap = {"id": "nap", "type": "core.wait", "params": {"seconds": 3_600}}
    edges = [("start", "bad"), ("bad", "nap"), ("nap", "count")]
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        caller, child = await failed_call(house, BAD, nap, COUNT_ONE, edges=edges)
        await house.reruns.rerun(owner(house), child["id"], "failed")
        await until(house, "failed", "waiting", flow_id="flow_called")
        await house.reruns.rerun(owner(house), caller["id"], "failed")
        await until(house, "failed", "waiting", flow_id="flow_test")
        jump(house, clock, 3_601)
        async with asyncio.timeout(50):  # The caller may look before that has ended, or after.
            while await states(house, "flow_test") != ["failed", "succeeded"]:
                jump(house, clock, 31)
                await asyncio.sleep(0.05)
        assert await states(house, "flow_called") == ["failed", "succeeded", "succeeded"]
        assert await count_up(house) == [b'{"number":1}']


async def test_a_re_run_calls_nothing_whose_past_is_not_kept(tmp_path):
    async with opened(tmp_path) as house:
        caller, _ = await failed_call(
            house, COUNT_ONE, BAD, edges=[("start", "count"), ("count", "bad")]
        )
        await house.retention.put(owner(house), Choice(metadata_only=True), "flow_called")
        assert (await house.sweeper.sweep(house.clock.now_ms())).stripped == 1
        await house.reruns.rerun(owner(house), caller["id"], "failed")
        runs = await finished(house, count=3)
        assert (await steps(house, runs[0]["id"]))["call"]["error"].code == "flow.call_not_kept"
        assert await count_up(house) == [b'{"number":1}']


# Digest and batch --------------------------------------------------------------------------------

DIGEST = {
    "id": "gather",
    "type": "core.digest",
    "params": {"item": {"$expr": "hook.body.id"}, "seconds": 900, "size": 4},
}


async def test_a_digest_goes_on_by_time_with_what_several_runs_put_in(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, flow(DIGEST, "out", "added")))["hook"]
        await deliver(house, address, *({"id": n} for n in (11, 12, 13)))
        await until(house, "waiting", "succeeded", "succeeded")
        jump(house, clock, 899)
        await asyncio.sleep(0.05)
        assert (await states(house))[0] == "waiting"
        jump(house, clock, 2)
        await until(house, "succeeded", "succeeded", "succeeded")
        gathered = (await outputs(house, "gather"))[0]
        assert (gathered["count"], gathered["items"]) == (3, [11, 12, 13])
        assert (await outputs(house, "gather"))[1:] == [{"position": 2}, {"position": 3}]
        assert [bool(each) for each in await outputs(house, "after_out")] == [True, False, False]


async def test_a_digest_goes_on_by_size_and_the_next_item_opens_another(tmp_path):
    async with opened(tmp_path) as house:
        address = (await publish(house, flow(DIGEST, "out", "added")))["hook"]
        await deliver(house, address, *({"id": n} for n in range(5)))
        await until(house, *["succeeded"] * 4, "waiting")
        assert (await outputs(house, "gather"))[0]["items"] == [0, 1, 2, 3]


async def test_a_digest_survives_a_house_that_was_closed_over_its_time(tmp_path):
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, flow(DIGEST, "out", "added")))["hook"]
        await deliver(house, address, {"id": 1}, {"id": 2})
        await until(house, "waiting", "succeeded")
        await house.runner.close(grace_s=0.0)
    clock.jump_to(clock.now_ms() + 3_600_000)
    async with opened(tmp_path, clock) as house:
        await until(house, "succeeded", "succeeded")
        assert (await outputs(house, "gather"))[0]["items"] == [1, 2]


async def test_a_batch_of_three_goes_on_with_the_third_of_parallel_deliveries(tmp_path):
    batch = {
        "id": "gather",
        "type": "core.batch",
        "params": {
            "key": {"$expr": "hook.body.shop"},
            "item": {"$expr": "hook.body"},
            "size": 3,
        },
    }
    async with opened(tmp_path) as house:
        address = (await publish(house, flow(batch, "out", "added")))["hook"]
        bodies = [{"id": n, "shop": "ab"[n % 2]} for n in range(7)]
        await asyncio.gather(*(post(house, address, body) for body in bodies))
        async with asyncio.timeout(50):
            while sorted(await states(house)) != [*["succeeded"] * 6, "waiting"]:
                await asyncio.sleep(0.01)
        found = [each for each in await outputs(house, "gather") if each and "items" in each]
        assert sorted(item["id"] for each in found for item in each["items"]) == [
            n for n in range(7) if n not in _left_over(found)
        ]
        assert [each["count"] for each in found] == [3, 3]
        assert all(len({item["shop"] for item in each["items"]}) == 1 for each in found)


def _left_over(found: list[Any]) -> set[int]:
    given = {item["id"] for each in found for item in each["items"]}
    left = set(range(7)) - given
    assert len(left) == 1
    return left


# Rate limit --------------------------------------------------------------------------------------


async def test_a_rate_limit_lets_runs_go_on_at_its_pace(tmp_path):
    limit = {"id": "pace", "type": "core.rate_limit", "params": {"count": 2, "per_s": 60}}
    clock = JumpingClock()
    async with opened(tmp_path, clock) as house:
        address = (await publish(house, flow(limit, "out")))["hook"]
        await deliver(house, address, *({"id": n} for n in range(5)))
        done, wait = "succeeded", "waiting"
        await until(house, done, done, wait, wait, wait)
        jump(house, clock, 60)
        await until(house, done, done, done, done, wait)
        jump(house, clock, 60)
        await until(house, done, done, done, done, done)


# Calls -------------------------------------------------------------------------------------------


def called(*nodes: dict[str, Any], edges: list[tuple[str, ...]], **fields: Any) -> dict[str, Any]:
    start = {"id": "start", "type": "core.manual"}
    return document([start, *nodes], edges, **fields) | {"id": "flow_called"}


def calling(flow_id: str = "flow_called", **node: Any) -> dict[str, Any]:
    params = {"flow": flow_id, "event": {"$expr": "hook.body"}}
    return {"id": "call", "type": "core.call_flow", "params": params, **node}


DOUBLE = called(
    {"id": "double", "type": "core.set", "params": {"fields": {"n": {"$expr": "start.id * 2"}}}},
    edges=[("start", "double")],
)


async def test_a_flow_goes_on_with_the_output_of_the_flow_that_it_called(tmp_path):
    async with opened(tmp_path) as house:
        await publish(house, DOUBLE)
        address = (await publish(house, flow(calling(), "out")))["hook"]
        await deliver(house, address, {"id": 820982911946154508})
        runs = await finished(house, count=2)
        assert {run["state"] for run in runs} == {"succeeded"}
        parent = next(run for run in runs if run["flow_id"] == "flow_test")
        child = next(run for run in runs if run["flow_id"] == "flow_called")
        output = (await steps(house, parent["id"]))["call"]["output"]
        assert output == {
            "run": child["id"],
            "state": "succeeded",
            "output": {"n": 1641965823892309016},
        }
        assert child["keys"] == parent["keys"] == [{"kind": "order", "value": "820982911946154508"}]


async def test_a_called_flow_that_fails_comes_out_at_the_error_port_with_its_error(tmp_path):
    failing = called(
        {"id": "bad", "type": "core.set", "params": {"fields": {"n": {"$expr": "1 / 0"}}}},
        edges=[("start", "bad")],
    )
    async with opened(tmp_path) as house:
        await publish(house, failing)
        caller = flow(calling(on_error="branch"), "error")
        address = (await publish(house, caller))["hook"]
        await deliver(house, address, {"id": 1})
        runs = await finished(house, count=2)
        parent = next(run for run in runs if run["flow_id"] == "flow_test")
        shown = await steps(house, parent["id"])
        assert parent["state"] == "succeeded"
        error = shown["call"]["error"]
        assert error.code == "flow.call_failed"
        assert error.details["error"]["code"] == "expression.division_by_zero"
        assert shown["after_error"]["state"] == "succeeded"


async def test_a_call_that_is_not_waited_for_lets_the_caller_go_on(tmp_path):
    waiting = called(
        {"id": "wait", "type": "core.wait", "params": {"seconds": 3600}}, edges=[("start", "wait")]
    )
    node = calling()
    node["params"]["wait"] = False
    async with opened(tmp_path) as house:
        await publish(house, waiting)
        address = (await publish(house, flow(node, "out")))["hook"]
        await deliver(house, address, {"id": 1})
        await until(house, "succeeded", flow_id="flow_test")
        await until(house, "waiting", flow_id="flow_called")


async def test_a_flow_that_calls_itself_is_stopped_ten_deep(tmp_path):
    loop = document(
        [
            {"id": "start", "type": "core.manual"},
            {"id": "call", "type": "core.call_flow", "params": {"flow": "flow_test"}},
        ],
        [("start", "call")],
    )
    async with opened(tmp_path) as house:
        await publish(house, loop)
        await house.flows.start(owner(house), "flow_test", {}, version="published")
        runs = await finished(house, count=11)
        assert {run["state"] for run in runs} == {"failed"}
        codes = [(await steps(house, run["id"]))["call"]["error"].code for run in runs]
        assert sorted(codes) == [*["flow.call_failed"] * 10, "flow.too_deep"]


async def test_cancelling_a_caller_cancels_what_it_called(tmp_path):
    waiting = called(
        {"id": "wait", "type": "core.wait", "params": {"seconds": 3600}}, edges=[("start", "wait")]
    )
    async with opened(tmp_path) as house:
        await publish(house, waiting)
        address = (await publish(house, flow(calling(), "out")))["hook"]
        await deliver(house, address, {"id": 1})
        await until(house, "waiting", flow_id="flow_called")
        (parent,) = await items(house, "flow_test")
        await house.runs.cancel(owner(house), parent["id"])
        runs = await finished(house, count=2)
        assert {run["state"] for run in runs} == {"cancelled"}


async def test_a_call_in_every_iteration_has_a_run_of_its_own(tmp_path):
    nodes = [
        HOOK,
        {
            "id": "each",
            "type": "core.for_each",
            "params": {"items": {"$expr": "hook.body.ids"}, "collect": "call", "at_once": 3},
        },
        {
            "id": "call",
            "type": "core.call_flow",
            "inside": "each",
            "params": {"flow": "flow_called", "event": {"$expr": '{"id": item}'}},
        },
    ]
    async with opened(tmp_path) as house:
        await publish(house, DOUBLE)
        address = (await publish(house, document(nodes, [("hook", "each")])))["hook"]
        await deliver(house, address, {"id": 1, "ids": [1, 2, 3, 4, 5]})
        await finished(house, count=6)
        (parent,) = await items(house, "flow_test")
        results = (await steps(house, parent["id"]))["each"]["output"]["results"]
        assert [each["output"]["n"] for each in results] == [2, 4, 6, 8, 10]


async def test_a_house_closed_while_a_called_flow_runs_goes_on_with_both(tmp_path):
    clock = JumpingClock()
    waiting = called(
        {"id": "wait", "type": "core.wait", "params": {"seconds": 60}},
        {"id": "say", "type": "core.set", "params": {"fields": {"ok": True}}},
        edges=[("start", "wait"), ("wait", "say")],
    )
    async with opened(tmp_path, clock) as house:
        await publish(house, waiting)
        address = (await publish(house, flow(calling(), "out")))["hook"]
        await deliver(house, address, {"id": 1})
        await until(house, "waiting", flow_id="flow_called")
        await house.runner.close(grace_s=0.0)
    clock.jump_to(clock.now_ms() + 61_000)
    async with opened(tmp_path, clock) as house:
        await finished(house, count=2)
        (parent,) = await items(house, "flow_test")
        assert (await steps(house, parent["id"]))["call"]["output"]["output"] == {"ok": True}
