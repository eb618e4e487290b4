"""What people say to a run goes on to its end, whether they stay to hear of it or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from tramo.engine import Cancelled, Happening, Replied, State
from tramo.model.problem import TramoError
from tramo.runner.load import Loader
from tramo.store import lease, quarantine, table
from tramo.store.commit import Call, StoreUnavailable

from tests.kit import document, finished, opened, owner, publish

WAITS = document(
    [{"id": "start", "type": "core.manual"}, {"id": "nap", "type": "core.wait"}],
    [("start", "nap")],
)
WAITS["nodes"][1]["params"] = {"seconds": 3_600}


ASKS = document(
    [
        {"id": "start", "type": "core.manual"},
        {"id": "ask", "type": "core.approve", "params": {"title": "Go on?"}},
        {"id": "nap", "type": "core.wait", "params": {"seconds": 3_600}},
    ],
    [("start", "ask"), ("ask", "yes", "nap")],
)


async def waiting(house, flow=WAITS) -> str:
    await publish(house, flow)
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    async with asyncio.timeout(50):
        while (await house.runs.get(owner(house), run_id))["state"] != "waiting":
            await asyncio.sleep(0.01)
    return run_id


def cancelled(_: State, at: int) -> Happening:
    return Cancelled(at, "user_test")


async def test_who_goes_away_while_it_is_written_does_not_leave_the_run_behind(tmp_path):
    async with opened(tmp_path) as house:
        run_id = await waiting(house)
        telling = asyncio.create_task(house.runner.tell(run_id, cancelled))
        await asyncio.sleep(0)
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling
        (run,) = await finished(house)
        assert (run["id"], run["state"]) == (run_id, "cancelled")
        assert house.runner.at_rest


async def test_a_run_that_was_set_aside_takes_no_answer_before_its_release(tmp_path):
    async with opened(tmp_path) as house:
        run_id = await waiting(house)
        await house.database.submit(Call(lambda c: set_aside(c, run_id)))
        with pytest.raises(TramoError) as refused:
            await house.runner.tell(run_id, cancelled)
        assert refused.value.code == "run.quarantined"
        now = house.clock.now_ms()
        await house.database.write(lambda c: quarantine.release(c, owner(house), run_id, now=now))
        await house.runner.tell(run_id, cancelled)
        (run,) = await finished(house)
        assert run["state"] == "cancelled"


async def test_who_is_taken_up_for_an_answer_hears_first_what_somebody_rang_for(tmp_path):
    def yes(state: State, at: int) -> Happening:
        return Replied(at, state.plan.by_id["ask"].index, (), "yes", None, "user_test")

    async with opened(tmp_path) as house:
        run_id = await waiting(house, ASKS)
        now = house.clock.now_ms()
        await house.database.write(lambda c: lease.ask_to_stop(c, [run_id], "user_test", now))
        with pytest.raises(TramoError):
            await house.runner.tell(run_id, yes)
        (run,) = await finished(house)
        assert run["state"] == "cancelled"


async def test_a_run_that_cannot_be_read_is_free_again_at_once(tmp_path, monkeypatch):
    async with opened(tmp_path) as house:
        run_id = await waiting(house)
        (before,) = await rows(house)

        async def unread(*_: object) -> None:
            raise StoreUnavailable("the disk is away")

        with monkeypatch.context() as patch:
            patch.setattr(Loader, "load", unread)
            with pytest.raises(StoreUnavailable):
                await house.runner.tell(run_id, cancelled)
        (after,) = await rows(house)
        assert (after.owner, after.due_at, after.crashes) == (None, before.due_at, 0)
        await house.runner.tell(run_id, cancelled)
        (run,) = await finished(house)
        assert run["state"] == "cancelled"


async def test_a_run_is_not_blamed_for_a_database_that_could_not_be_read(tmp_path, monkeypatch):
    async with opened(tmp_path) as house:
        run_id = await waiting(house)
        before, give_up = [], lease.give_up

        async def unread(*_: object) -> None:
            raise OperationalError("", {}, Exception("disk I/O error"))

        def unwritten_at_first(*given: Any, **more: Any) -> None:
            before.append(given)
            if len(before) == 1:
                raise StoreUnavailable("the disk is still away")
            give_up(*given, **more)

        house.spawn.on_error = lambda *_: None
        monkeypatch.setattr(Loader, "load", unread)
        monkeypatch.setattr(lease, "give_up", unwritten_at_first)
        due = update(table.run).where(table.run.c.id == run_id).values(due_at=0)
        await house.database.write(lambda c: c.execute(due))
        house.runner.look_now()
        async with asyncio.timeout(50):
            while len(before) < 2:
                await asyncio.sleep(0.01)
        await house.database.write(lambda _: None)
        (after,) = await rows(house)
        assert (after.owner, after.crashes, after.state) == (None, 0, "waiting")
        assert after.due_at > house.clock.now_ms()  # Another try in a while.


async def rows(house):
    return await house.database.read(lambda c: c.execute(select(table.run)).all())


def set_aside(connection, run_id: str) -> None:
    from tramo.store import lease

    claim = lease.claim_run(connection, run_id, owner="own_gone", now=1, lease_ms=1)
    assert claim is not None
    lease.quarantine(connection, run_id, claim.token)
