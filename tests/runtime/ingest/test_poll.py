"""Polls: each new thing once, the place kept with the events, and trouble shown on the flow."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from tramo import sdk
from tramo.app.house import open_house
from tramo.model.value import encode
from tramo.registry import discover
from tramo.store import table, timer

from tests.kit import document, owner, publish, settings


class Shelf:
    """What a vendor has, and how it answers."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.calls: list[Any] = []
        self.size = 100


class Rows(sdk.Params):
    at_least: int = 0


SHELF = Shelf()
connector = sdk.Connector("shelf", title="Shelf")


@connector.poll(
    "new_rows",
    title="New row",
    every_s=1,
    keys={"row": "id"},
    matches=lambda params, output: output["id"] >= params.at_least,
)
async def new_rows(ctx: sdk.Context[Any], params: Rows, cursor: int | None) -> sdk.Page:
    """Starts for each new row."""
    SHELF.calls.append(cursor)
    if SHELF.error is not None:
        raise SHELF.error
    behind = [row for row in SHELF.rows if row["id"] > (cursor or 0)]
    page = behind[: SHELF.size]
    return sdk.Page(
        [sdk.Polled(str(row["id"]), row) for row in page],
        page[-1]["id"] if page else cursor,
        more=len(behind) > len(page),
    )


@pytest.fixture
def shelf():
    global SHELF
    SHELF = Shelf()
    return SHELF


@pytest.fixture
def registry():
    found = discover()
    found.add(connector.tramo_connector())
    return found


@pytest.fixture
async def house(tmp_path, registry):
    async with open_house(settings(tmp_path), registry=registry) as house:
        yield house


def watching(**params):
    return document(
        [
            {"id": "row", "type": "shelf.new_rows", "params": params},
            {"id": "note", "type": "core.set", "params": {"fields": {"id": {"$expr": "row.id"}}}},
        ],
        [("row", "note")],
    )


async def asked(shelf: Shelf, count: int) -> None:
    async with asyncio.timeout(50):
        while len(shelf.calls) < count:
            await asyncio.sleep(0.01)


async def ask_now(house) -> None:
    """Let the poll be due, and wait for it to be over."""
    await over(house)
    before = len(SHELF.calls)
    await house.database.write(lambda c: c.execute(table.timer.update().values(due_at=0)))
    house.poller.changed()
    await asked(SHELF, before + 1)
    await over(house)


async def over(house) -> None:
    """Wait until what was asked is written."""
    async with asyncio.timeout(50):
        while await value(house, table.timer.c.owner) is not None:
            await asyncio.sleep(0.01)


async def value(house, column) -> Any:
    return await house.database.read(lambda c: c.execute(select(column)).scalar())


async def stored(house) -> list[str]:
    return sorted(
        await house.database.read(
            lambda c: c.execute(select(table.event.c.delivery_id)).scalars().all()
        )
    )


async def runs(house) -> int:
    query = select(func.count()).select_from(table.run)
    return await house.database.read(lambda c: c.execute(query).scalar_one())


async def test_the_first_poll_finds_its_place_and_later_ones_start_a_run_per_item(house, shelf):
    shelf.rows = [{"id": 1}, {"id": 2}]
    await publish(house, watching())
    await asked(shelf, 1)
    await ask_now(house)
    assert (shelf.calls[:2], await runs(house)) == ([None, 2], 0)
    shelf.rows += [{"id": 3}, {"id": 4}]
    await ask_now(house)
    assert (await stored(house), await runs(house)) == (["3", "4"], 2)
    await ask_now(house)
    assert await runs(house) == 2


async def test_an_item_that_comes_again_starts_nothing(house, shelf):
    shelf.rows = [{"id": 1}]
    await publish(house, watching())
    await asked(shelf, 1)
    await ask_now(house)
    shelf.rows.append({"id": 2})
    await ask_now(house)
    await house.database.write(lambda c: c.execute(table.timer.update().values(cursor=encode(0))))
    await ask_now(house)
    assert (await stored(house), await runs(house)) == (["2"], 1)


async def test_pages_are_read_to_their_end_and_the_first_ones_start_nothing(house, shelf):
    shelf.size = 2
    shelf.rows = [{"id": n} for n in range(1, 6)]
    await publish(house, watching())
    await asked(shelf, 3)
    assert await runs(house) == 0
    await ask_now(house)
    shelf.rows += [{"id": n} for n in range(6, 11)]
    await ask_now(house)
    async with asyncio.timeout(50):
        while await runs(house) < 5:
            await asyncio.sleep(0.01)
    assert await stored(house) == ["10", "6", "7", "8", "9"]


async def test_what_the_flow_does_not_want_starts_nothing(house, shelf):
    await publish(house, watching(at_least=10))
    await asked(shelf, 1)
    shelf.rows = [{"id": 5}, {"id": 15}]
    await ask_now(house)
    assert await stored(house) == ["15"]


async def test_trouble_is_shown_on_the_flow_and_asked_about_later_each_time(house, shelf):
    shelf.error = sdk.Transient("The shelf is closed.", code="shelf.closed")
    await publish(house, watching())
    await asked(shelf, 1)
    pauses = []
    for _ in range(3):
        await ask_now(house)
        at, due = (
            await value(house, table.timer.c.polled_at),
            await value(house, table.timer.c.due_at),
        )
        pauses.append(due - at)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]
    shown = (await house.flows.get(owner(house), "flow_test"))["polls"]
    assert [item["node"] for item in shown] == ["row"]
    assert shown[0]["failures"] >= 3
    assert shown[0]["error"]["code"] == "shelf.closed"
    shelf.error = None
    await ask_now(house)
    shown = (await house.flows.get(owner(house), "flow_test"))["polls"]
    assert (shown[0]["failures"], shown[0]["error"]) == (0, None)


async def test_a_connectors_own_mistake_is_said_to_be_one(house, shelf):
    shelf.error = KeyError("rows")
    await publish(house, watching())
    await asked(shelf, 1)
    await ask_now(house)
    shown = (await house.flows.get(owner(house), "flow_test"))["polls"]
    assert shown[0]["error"]["code"] == "connector.bug"


async def test_the_place_is_kept_over_a_restart_and_a_new_version(tmp_path, registry, shelf):
    shelf.rows = [{"id": 1}]
    async with open_house(settings(tmp_path), registry=registry) as house:
        await publish(house, watching())
        await asked(shelf, 1)
        await ask_now(house)
    shelf.rows.append({"id": 2})
    async with open_house(settings(tmp_path), registry=registry) as house:
        changed = watching()
        changed["nodes"][1]["params"]["fields"]["more"] = 1
        await publish(house, changed)
        await ask_now(house)
        assert await stored(house) == ["2"]


async def test_what_happens_during_a_pause_and_before_another_question_starts_nothing(house, shelf):
    await publish(house, watching())
    await asked(shelf, 1)
    await ask_now(house)
    await house.flows.pause(owner(house), "flow_test")
    assert (await house.flows.get(owner(house), "flow_test"))["polls"] == []
    shelf.rows = [{"id": 1}]
    await house.flows.resume(owner(house), "flow_test")
    await asked(shelf, len(shelf.calls) + 1)
    await ask_now(house)
    assert await stored(house) == []


async def test_a_poll_whose_lease_was_lost_writes_nothing(house, shelf):
    await publish(house, watching())
    await asked(shelf, 1)
    await ask_now(house)
    shelf.rows = [{"id": 1}]
    now = house.clock.now_ms()
    await house.database.write(lambda c: c.execute(table.timer.update().values(due_at=0)))
    claims = await house.database.write(
        lambda c: timer.claim_due(c, owner="somebody else", now=now, lease_ms=60_000)
    )
    await house.poller.ask(claims[0])
    assert await stored(house) == []
    assert await value(house, table.timer.c.owner) == "somebody else"


async def test_a_poll_that_was_cut_off_is_asked_at_once_by_the_next_process(
    tmp_path, registry, shelf
):
    async with open_house(settings(tmp_path), registry=registry) as house:
        await publish(house, watching())
        await asked(shelf, 1)
        await ask_now(house)
        held = house.clock.now_ms() + 120_000
        values = {"owner": "own_x", "lease_until": held, "due_at": held}
        await house.database.write(lambda c: c.execute(table.timer.update().values(values)))
    shelf.rows = [{"id": 1}]
    before = len(shelf.calls)
    async with open_house(settings(tmp_path), registry=registry) as house:
        await asked(shelf, before + 1)
        async with asyncio.timeout(50):
            while await stored(house) != ["1"]:
                await asyncio.sleep(0.01)


async def test_a_mended_connection_is_asked_at_once(house, shelf):
    shelf.error = sdk.CredentialRefused("Sign in again.")
    await publish(house, watching())
    await asked(shelf, 1)
    for _ in range(3):
        await ask_now(house)
    shelf.error = None
    before = len(shelf.calls)
    await house.poller.repaired(house.workspace_id)
    await asked(shelf, before + 1)
