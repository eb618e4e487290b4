"""Who works on a run: leases, fences, parked runs, poison, cancel and answers."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update
from tramo.app.play import JumpingClock
from tramo.model.problem import TramoError
from tramo.runner.watch import PROBATION_MS, SWEEP_S
from tramo.store import run as store
from tramo.store import table
from tramo.store.row import ADVANCED

from tests.kit import document, finished, opened, owner, publish, steps, twin
from tests.runtime.runner.kit import jump
from tests.runtime.runner.kit import opened as moved


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


def posting(chat, **fields):
    return document(
        [
            {"id": "start", "type": "core.manual"},
            {
                "id": "tell",
                "type": "slack.post_message",
                "connection": chat["id"],
                "params": {"channel": "#orders", "text": "Hello"},
                **fields,
            },
        ],
        [("start", "tell")],
    )


async def row(house, run_id):
    return await house.database.read(
        lambda c: c.execute(select(table.run).where(table.run.c.id == run_id)).one()
    )


def mailing(mail):
    return document(
        [
            {"id": "start", "type": "core.manual"},
            {
                "id": "tell",
                "type": "email.send",
                "connection": mail["id"],
                "params": {"to": ["ana@example.com"], "subject": "Hello", "text": "Hello"},
            },
        ],
        [("start", "tell")],
    )


async def asking_run(house):
    """A run whose letter was being sent when the process before this one died."""
    await publish(house, mailing(await twin(house, "email")))
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    await finished(house)
    # Put the row and the journal back to the moment after the start was committed.
    await house.database.write(
        lambda c: (
            c.execute(table.segment.delete().where(table.segment.c.seq > 0)),
            c.execute(
                update(table.run)
                .where(table.run.c.id == run_id)
                .values(
                    state="running", reason=None, ended_at=None, seq=0, due_at=0, owner="own_gone",
                    lease_until=0,
                )
            ),
        )
    )  # fmt: skip
    house.runner._watch.hint(0)
    async with asyncio.timeout(50):
        while (await row(house, run_id)).state == "running":
            await asyncio.sleep(0.01)
    return run_id


async def test_a_send_that_was_cut_off_becomes_a_question_and_is_settled_by_a_person(house):
    run_id = await asking_run(house)
    found = await house.runs.get(owner(house), run_id)
    assert (found["state"], found["reason"]) == ("asking", "unknown_outcome")
    answered = await house.runs.answer(owner(house), run_id, "tell", [], "happened", {"ts": "1"})
    assert answered["state"] == "succeeded"
    assert (await steps(house, run_id))["tell"]["output"] == {"ts": "1"}


async def test_a_second_answer_is_told_that_the_question_is_settled(house):
    run_id = await asking_run(house)
    await house.runs.answer(owner(house), run_id, "tell", [], "happened", {})
    with pytest.raises(TramoError) as caught:
        await house.runs.answer(owner(house), run_id, "tell", [], "resend", None)
    assert caught.value.status == 409


async def test_an_answer_that_is_none_of_the_three_is_refused_with_its_place(house):
    run_id = await asking_run(house)
    with pytest.raises(TramoError) as caught:
        await house.runs.answer(owner(house), run_id, "tell", [], "maybe", None)
    assert caught.value.path == "/outcome"


async def test_a_worker_that_lost_its_run_writes_nothing(house):
    chat = await twin(house, "slack")
    await publish(house, posting(chat))
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    await finished(house)
    before = await row(house, run_id)
    for stale in ({"token": before.token - 1}, {"seq": before.seq}):
        unit = store.Advance(
            workspace_id=house.workspace_id,
            flow_id="flow_test",
            run_id=run_id,
            segment=b"[]",
            row=dict.fromkeys((*ADVANCED, "due_at", "now"))
            | {"state": "failed", "crashes": 0, "rung": 0},
            **{"token": before.token, "seq": before.seq + 1, **stale},
        )
        assert (await house.database.submit(unit)).fenced
    assert await row(house, run_id) == before


async def test_three_crashes_in_one_step_set_the_run_aside(house):
    chat = await twin(house, "slack")
    await publish(house, posting(chat))
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    await finished(house)
    await house.database.write(
        lambda c: c.execute(
            update(table.run)
            .where(table.run.c.id == run_id)
            .values(
                state="running", ended_at=None, crashes=2, due_at=0, owner="own_x", lease_until=0
            )
        )
    )
    house.runner._watch.hint(0)
    async with asyncio.timeout(50):
        while (await row(house, run_id)).state != "quarantined":
            await asyncio.sleep(0.01)


async def test_a_suspect_that_asks_makes_way_for_the_next_one_at_once(house):
    """Nobody waits for the next sweep: after many kills there are hundreds of them."""
    await publish(house, mailing(await twin(house, "email")))
    runs = [
        await house.flows.start(owner(house), "flow_test", {}, version="published")
        for _ in range(12)
    ]
    await finished(house, count=12)
    await asyncio.sleep(max(0.0, PROBATION_MS / 1_000 - 1))
    await house.database.write(
        lambda c: (
            c.execute(table.segment.delete().where(table.segment.c.seq > 0)),
            c.execute(
                update(table.run).values(
                    state="running", reason=None, ended_at=None, seq=0, due_at=0, owner="own_gone",
                    lease_until=0, crashes=1,
                )
            ),
        )
    )  # fmt: skip
    house.runner._watch.hint(0)
    async with asyncio.timeout(SWEEP_S * 3):
        while {(await row(house, run)).state for run in runs} != {"asking"}:
            await asyncio.sleep(0.01)


async def test_a_loop_that_comes_further_after_each_crash_is_not_set_aside(house):
    flow = document(
        [
            {"id": "start", "type": "core.manual"},
            {"id": "each", "type": "core.for_each", "params": {"items": {"$expr": "start"}}},
            {
                "id": "pause",
                "type": "core.wait",
                "inside": "each",
                "params": {"seconds": {"$expr": "item"}},
            },
        ],
        [("start", "each")],
    )
    flow["limits"] = {"concurrency": {"at_once": 1}}
    await publish(house, flow)
    first = await house.flows.start(owner(house), "flow_test", [3_600], version="published")
    second = await house.flows.start(owner(house), "flow_test", [0, 0, 3_600], version="published")
    await house.database.write(
        lambda c: c.execute(update(table.run).where(table.run.c.id == second).values(crashes=2))
    )
    await house.runs.cancel(owner(house), first)
    async with asyncio.timeout(50):
        while (await row(house, second)).state != "waiting":
            await asyncio.sleep(0.01)
    assert (await row(house, second)).crashes == 0


def refuse_all(house, chat) -> None:
    """Let the twin stand for a vendor that has revoked the token."""
    from tramo import sdk

    async def refuse(request):
        return sdk.json_response({"ok": False, "error": "token_revoked"})

    definition = house.registry.connectors["slack"]
    house.twins.open(chat["id"], definition, {}).twin._answer = refuse


async def test_runs_with_a_refused_credential_wait_and_go_on_after_a_new_sign_in(house):
    scope = owner(house)
    chat = await twin(house, "slack")
    await publish(house, posting(chat))
    refuse_all(house, chat)
    run_id = await house.flows.start(scope, "flow_test", {}, version="published")
    async with asyncio.timeout(50):
        while (await row(house, run_id)).state != "waiting":
            await asyncio.sleep(0.01)
    assert (await row(house, run_id)).reason == "connection"
    assert (await house.connections.get(scope, chat["id"]))["state"] == "refused"
    house.twins.forget(chat["id"])
    assert (await house.connections.test(scope, chat["id"]))["ok"]
    async with asyncio.timeout(50):
        while (await row(house, run_id)).state != "succeeded":
            await asyncio.sleep(0.01)


async def test_a_cancelled_run_stops_before_its_next_step(house):
    chat = await twin(house, "slack")
    scope = owner(house)
    await publish(house, posting(chat))
    refuse_all(house, chat)
    run_id = await house.flows.start(scope, "flow_test", {}, version="published")
    async with asyncio.timeout(50):
        while (await row(house, run_id)).state != "waiting":
            await asyncio.sleep(0.01)
    cancelled = await house.runs.cancel(scope, run_id)
    assert cancelled["state"] == "cancelled"
    with pytest.raises(TramoError) as caught:
        await house.runs.cancel(scope, run_id)
    assert caught.value.code == "run.ended"


async def test_a_viewer_may_look_and_not_touch(house):
    from tramo.model.scope import Scope

    viewer = Scope(house.workspace_id, "user_v", "viewer")
    await publish(house, document([{"id": "start", "type": "core.manual"}], []))
    assert (await house.flows.list(viewer))["items"]
    for act in (
        house.flows.publish(viewer, "flow_test"),
        house.flows.start(viewer, "flow_test", {}),
        house.flows.delete(viewer, "flow_test"),
        house.flows.create(viewer, None, "x"),
    ):
        with pytest.raises(TramoError) as caught:
            await act
        assert caught.value.status == 403


async def test_a_foreign_workspace_sees_nothing(house):
    from tramo.model.scope import Scope

    await publish(house, document([{"id": "start", "type": "core.manual"}], []))
    run_id = await house.flows.start(owner(house), "flow_test", {})
    stranger = Scope("ws_other", "user_x", "owner")
    assert (await house.flows.list(stranger))["items"] == []
    assert (await house.runs.list(stranger))["items"] == []
    for act in (house.flows.get(stranger, "flow_test"), house.runs.get(stranger, run_id)):
        with pytest.raises(TramoError) as caught:
            await act
        assert caught.value.status == 404


async def test_an_orderly_stop_in_mid_step_is_no_crash(tmp_path):
    flow = document(
        [
            {"id": "start", "type": "core.manual"},
            {
                "id": "ask",
                "type": "core.http_request",
                "params": {"method": "GET", "url": "http://127.0.0.1:9/slow"},
                "retry": {"attempts": 20, "backoff_s": 1},
            },
        ],
        [("start", "ask")],
    )
    async with opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
        await publish(house, flow)
        run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    for _ in range(4):
        async with opened(tmp_path, private_hosts=("127.0.0.1",)) as house:
            await asyncio.sleep(0.1)
            assert (await row(house, run_id)).state in ("running", "waiting")
            assert (await row(house, run_id)).crashes == 0


async def test_a_clock_that_jumps_while_a_run_is_first_written_takes_it_from_nobody(
    tmp_path, monkeypatch
):
    clock = JumpingClock()
    async with moved(tmp_path, clock) as house:
        server = await twin(house, "slack")
        await publish(house, posting(server))
        submit = house.database.committer.submit_impatiently

        async def late(unit, *rest):
            accepted = await submit(unit, *rest)
            jump(house, clock, 3_600)
            await house.database.write(lambda _: None)
            await asyncio.sleep(0.05)  # The watch looks meanwhile.
            return accepted

        monkeypatch.setattr(house.database.committer, "submit_impatiently", late)
        await house.flows.start(owner(house), "flow_test", {}, version="published")
        (run,) = await finished(house)
        assert run["state"] == "succeeded"
        assert (await row(house, run["id"])).crashes == 0
