"""Runs that took their worker down: a person lets them go on, or ends them."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update
from tramo.model.problem import TramoError
from tramo.store import table

from tests.kit import owner, publish
from tests.runtime.app.run.vendor import call, event, labelling, start, until


async def quarantined(house, vendor) -> str:
    """A run that was reading from the vendor when its worker went down for the third time."""
    reading = call(vendor, "look", "/look", "GET", retry={"attempts": 1})
    flow = labelling(vendor, reading)
    await publish(house, flow)
    vendor.moods["/look"] = "refuse"
    run_id = await start(house, event())
    await until(house, run_id, "failed")
    vendor.moods["/look"] = "ok"

    def back(connection) -> None:
        last = connection.execute(
            table.segment.select()
            .where(table.segment.c.run_id == run_id)
            .order_by(table.segment.c.seq.desc())
        ).first()
        connection.execute(
            table.segment.delete().where(
                table.segment.c.run_id == run_id, table.segment.c.seq == last.seq
            )
        )
        connection.execute(
            update(table.run)
            .where(table.run.c.id == run_id)
            .values(
                state="running", reason=None, error=None, ended_at=None, crashes=2, due_at=0,
                seq=last.seq - 1, owner="own_gone", lease_until=0,
            )
        )  # fmt: skip

    await house.database.write(back)
    house.wakeup.wake([run_id])
    await until(house, run_id, "quarantined")
    return run_id


async def test_a_released_run_goes_on_where_it_was(open_shop):
    house, vendor = open_shop
    run_id = await quarantined(house, vendor)
    await house.runs.release(owner(house), run_id)
    run = await until(house, run_id, "succeeded")
    assert len(vendor.calls("/label")) == 1
    assert [act["what"] for act in run["acts"]] == ["release"]


async def test_a_run_in_quarantine_is_cancelled_without_being_taken_up(open_shop):
    house, vendor = open_shop
    run_id = await quarantined(house, vendor)
    looked = len(vendor.calls("/look"))
    run = await house.runs.cancel(owner(house), run_id)
    assert (run["state"], run["reason"]) == ("cancelled", "cancelled")
    assert {step["node"]: step["state"] for step in run["steps"]} == {
        "hook": "succeeded",
        "label": "succeeded",
        "look": "cancelled",
    }
    await asyncio.sleep(0.05)
    assert len(vendor.calls("/look")) == looked


async def test_only_a_run_in_quarantine_can_be_released(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run_id = await start(house, event())
    await until(house, run_id, "succeeded")
    with pytest.raises(TramoError) as caught:
        await house.runs.release(owner(house), run_id)
    assert (caught.value.code, caught.value.status) == ("run.not_quarantined", 409)
