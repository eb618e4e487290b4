"""Flows that call flows: one run per call, whatever happens in between."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from tramo import sdk
from tramo.model.event import Key
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.store import flow as flow_store
from tramo.store import table

from tests.kit import document
from tests.runtime.store.kit import WORKSPACE, Step, add_run, end_run

SCOPE = Scope(WORKSPACE, "user_1")


async def add_flow(database, flow_id="flow_b", *, trigger="core.manual", version="v1", **fields):
    flow = document([{"id": "start", "type": trigger}], [], **fields) | {"id": flow_id}
    raw = encode(flow)

    def write(connection):
        connection.execute(
            upsert(table.workspace)
            .values(id=WORKSPACE, name="Shop", created_at=1)
            .on_conflict_do_nothing()
        )
        flow_store.add_flow(
            connection, SCOPE, flow_id=flow_id, name="Reserve", draft=raw, etag="e", now=1
        )
        flow_store.add_version(
            connection,
            SCOPE,
            flow_id=flow_id,
            version=version,
            name="Reserve",
            document=raw,
            published_at=1,
        )
        flow_store.set_state(connection, SCOPE, flow_id, state="active", version=version, now=1)

    await database.write(write)


async def row(database, run_id, of=table.run):
    return await database.read(lambda c: c.execute(select(of).where(of.c.id == run_id)).one())


def call(flow="flow_b", event=None, wait=True):
    return lambda store: store.start_flow(flow, event, wait=wait)


async def test_a_call_starts_one_queued_run_that_knows_its_parent_keys_and_event(database):
    await add_flow(database)
    await add_run(database, "run_1", keys=(Key("order", "1001", "conn_1"),))
    step = Step(database, depth=2)
    run_id = await step.do(call(event={"id": 820982911946154508}))
    assert await step.do(call(event={"id": 820982911946154508})) == run_id
    assert await step.do(call(event={"id": 820982911946154508}), held=True) == run_id
    child = await row(database, run_id)
    assert (child.state, child.due_at, child.owner) == ("queued", 1_000, None)
    assert (child.parent, child.depth, child.origin) == ("run_1", 3, run_id)
    assert (child.flow_id, child.version, child.trigger) == ("flow_b", "v1", "start")
    assert decode(child.keys) == [["order", "1001", "conn_1"]]
    event = await row(database, child.event_id, table.event)
    assert (event.type, event.payload) == ("core.manual", b'{"id":820982911946154508}')
    assert step.woken == [run_id]


async def test_iterations_and_nodes_call_runs_of_their_own(database):
    await add_flow(database)
    await add_run(database, "run_1")
    steps = [Step(database), Step(database, iteration=(0,)), Step(database, node_id="other")]
    assert len({await step.do(call()) for step in steps}) == 3


async def test_a_call_that_is_not_waited_for_has_no_parent_to_wake(database):
    await add_flow(database)
    await add_run(database, "run_1")
    run_id = await Step(database).do(call(wait=False))
    assert (await row(database, run_id)).parent is None


async def test_a_call_that_was_rolled_back_left_nothing(database):
    await add_flow(database)
    await add_run(database, "run_1")

    def broken(store):
        store.start_flow("flow_b", None, wait=True)
        raise LookupError

    with pytest.raises(LookupError):
        await Step(database).do(broken)
    count = select(func.count()).select_from(table.run)
    assert await database.read(lambda c: c.execute(count).scalar_one()) == 1


async def test_the_version_is_the_one_that_is_live_when_the_call_is_made(database):
    await add_flow(database)
    await add_flow(database, version="v2")
    await database.write(
        lambda c: flow_store.set_state(c, SCOPE, "flow_b", state="active", version="v2", now=2)
    )
    await add_run(database, "run_1")
    assert (await row(database, await Step(database).do(call()))).version == "v2"


async def test_a_trigger_for_calls_is_fired_rather_than_one_for_starts_by_hand(database):
    await add_flow(database, trigger="core.flow_called")
    await add_run(database, "run_1")
    run_id = await Step(database).do(call())
    assert (await row(database, run_id)).trigger == "start"
    event = await row(database, (await row(database, run_id)).event_id, table.event)
    assert event.type == "core.flow_called"


async def test_the_eleventh_flow_in_a_row_is_refused(database):
    await add_flow(database)
    await add_run(database, "run_1")
    assert await Step(database, depth=9).do(call())
    with pytest.raises(sdk.Rejected) as caught:
        await Step(database, node_id="deep", depth=10).do(call())
    assert caught.value.code == "flow.too_deep"


async def test_flows_that_cannot_be_called_are_named(database):
    await add_flow(database, "flow_hook", trigger="core.schedule")
    await add_flow(database, "flow_off")
    await add_flow(database, "flow_gone")
    await database.write(
        lambda c: flow_store.set_state(c, SCOPE, "flow_off", state="paused", version="v1", now=2)
    )
    await database.write(lambda c: flow_store.delete_flow(c, SCOPE, "flow_gone", 2))
    await add_run(database, "run_1")
    refused = {}
    for flow_id in ("flow_none", "flow_gone", "flow_off", "flow_hook"):
        with pytest.raises(sdk.Rejected) as caught:
            await Step(database).do(call(flow_id))
        refused[flow_id] = caught.value.code
    assert refused == {
        "flow_none": "flow.unknown",
        "flow_gone": "flow.unknown",
        "flow_off": "flow.not_active",
        "flow_hook": "flow.not_callable",
    }


async def test_another_workspaces_flow_cannot_be_called(database):
    await add_flow(database)
    await add_run(database, "run_1", workspace_id="ws_2")
    with pytest.raises(sdk.Rejected) as caught:
        await Step(database, workspace_id="ws_2").do(call())
    assert caught.value.code == "flow.unknown"


async def test_a_re_run_calls_a_re_run_so_that_what_was_done_is_not_done_again(database):
    await add_flow(database)
    await add_run(database, "run_1")
    first = await Step(database).do(call())
    await end_run(database, first, "failed")
    await add_run(database, "run_2", copied_from="run_1")
    second = await Step(database, "run_2", origin="run_1").do(call())
    await end_run(database, second, "failed")
    await add_run(database, "run_3", copied_from="run_2")
    third = await row(database, await Step(database, "run_3", origin="run_1").do(call()))
    assert len({first, second, third.id}) == 3
    assert (third.origin, third.copied_from, third.rerun) == (first, second, "failed")
    assert third.parent == "run_3"


async def test_an_outcome_is_there_when_the_run_has_ended(database):
    await add_flow(database)
    await add_run(database, "run_1")
    step = Step(database)
    run_id = await step.do(call())
    assert await step.do(lambda s: s.outcome(run_id), held=True) is None
    values = {
        "state": "succeeded",
        "result": encode({"state": "succeeded", "output": {"kept": "1.50"}}),
    }
    await database.write(
        lambda c: c.execute(update(table.run).where(table.run.c.id == run_id).values(**values))
    )
    assert await step.do(lambda s: s.outcome(run_id), held=True) == {
        "run": run_id,
        "state": "succeeded",
        "reason": None,
        "error": None,
        "output": {"kept": "1.50"},
    }
