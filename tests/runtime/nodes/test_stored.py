"""The stored nodes, called as the runner calls them: with params, on a real database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.nodes import connector
from tramo.store.database import open_database

from tests.runtime.store.kit import Step, add_run

ACTIONS = connector.tramo_connector().actions


@pytest.fixture
async def database(tmp_path):
    database = await open_database(tmp_path)
    yield database
    await database.close()


async def call(step: Step, node: str, *, now_ms: int = 1_000, held: bool = False, **params: Any):
    """Call a node's function; give (port, plain output), or what it is held until."""
    action = ACTIONS[f"{node}@1"]
    assert action.stored is not None
    given = msgspec.convert(params, action.params)
    said = await step.do(lambda s: action.stored(s, given), now_ms=now_ms, held=held)
    if isinstance(said, sdk.Hold):
        return said
    done = said if isinstance(said, sdk.Exit) else sdk.Exit("out", said)
    return done.port, sdk.plain(done.output)


# Dedupe and rate limit ---------------------------------------------------------------------------


async def test_dedupe_lets_a_key_pass_once_whether_it_is_a_number_or_a_text(database):
    assert await call(Step(database, "run_1"), "dedupe", key=820982911946154508) == (
        "new",
        {"key": "820982911946154508"},
    )
    port, _ = await call(Step(database, "run_2"), "dedupe", key="820982911946154508")
    assert port == "seen"


async def test_dedupe_takes_several_values_as_one_key_and_long_ones_too(database):
    for key in (["a", 1], ["a,1"], "x" * 5_000, "x" * 5_001):
        assert (await call(Step(database, "run_1"), "dedupe", key=key))[0] == "new"
        assert (await call(Step(database, "run_2"), "dedupe", key=key))[0] == "seen"


@pytest.mark.parametrize("key", [None, "", " ", [], [None], {"a": 1}])
async def test_dedupe_refuses_a_key_that_says_nothing(database, key):
    with pytest.raises(sdk.BadParams, match="key"):
        await call(Step(database), "dedupe", key=key)


async def test_dedupe_forgets_after_its_time_and_looks_over_all_flows_if_asked(database):
    first = Step(database, "run_1", flow_id="flow_a")
    other = Step(database, "run_2", flow_id="flow_b")
    assert (await call(first, "dedupe", key="a", scope="workspace", within_s=60))[0] == "new"
    assert (await call(other, "dedupe", key="a", scope="workspace", within_s=60))[0] == "seen"
    assert (await call(other, "dedupe", key="a"))[0] == "new"
    late = await call(other, "dedupe", key="a", scope="workspace", now_ms=61_000)
    assert late[0] == "new"


async def test_a_rate_limit_holds_a_step_until_its_turn(database):
    assert await call(Step(database, "run_1"), "rate_limit", count=1, per_s=60) == (
        "out",
        {"at": "1970-01-01T00:00:01.000Z"},
    )
    second = Step(database, "run_2")
    assert await call(second, "rate_limit", count=1, per_s=60) == sdk.Hold(until_ms=61_000)
    said = await call(second, "rate_limit", count=1, per_s=60, now_ms=61_000, held=True)
    assert said == ("out", {"at": "1970-01-01T00:01:01.000Z"})


# Digest and batch --------------------------------------------------------------------------------


async def test_a_digest_by_key_goes_on_with_what_came_in_its_time(database):
    for number in range(3):
        await add_run(database, f"run_{number}")
    first, second, other = (Step(database, f"run_{number}") for number in range(3))
    ana = {"key": "ana@x", "seconds": 60}
    assert await call(first, "digest", item={"n": 1}, **ana) == sdk.Hold(until_ms=61_000)
    assert await call(second, "digest", item={"n": 2}, **ana) == ("added", {"position": 2})
    bob = await call(other, "digest", item={"n": 3}, key="bob@x", seconds=60)
    assert bob == sdk.Hold(until_ms=61_000)
    woken_early = await call(first, "digest", item={"n": 1}, now_ms=5_000, held=True, **ana)
    assert woken_early == sdk.Hold(until_ms=61_000)
    assert await call(first, "digest", item={"n": 1}, now_ms=61_000, held=True, **ana) == (
        "out",
        {
            "count": 2,
            "items": [{"n": 1}, {"n": 2}],
            "opened_at": "1970-01-01T00:00:01.000Z",
            "closed_at": "1970-01-01T00:01:01.000Z",
        },
    )


async def test_a_batch_waits_for_its_number_without_any_time(database):
    for number in range(2):
        await add_run(database, f"run_{number}")
    first, second = Step(database, "run_0"), Step(database, "run_1")
    assert await call(first, "batch", item=Decimal("1.50"), size=2) == sdk.Hold(until_ms=None)
    assert (await call(second, "batch", item=2, size=2))[0] == "added"
    assert second.woken == ["run_0"]
    port, output = await call(first, "batch", item=Decimal("1.50"), size=2, held=True)
    assert port == "out"
    assert sdk.encode(output["items"]) == b"[1.50,2]"


# Tables ------------------------------------------------------------------------------------------


async def test_upsert_merges_replace_replaces_and_delete_gives_back_the_last_row(database):
    step = Step(database)

    async def write(mode, **values):
        made = await call(step, "table_write", table="points", key=7, mode=mode, values=values)
        return made[1]

    assert await write("upsert", a=1, b=2) == {"row": {"a": 1, "b": 2}, "created": True}
    assert await write("upsert", b=3) == {"row": {"a": 1, "b": 3}, "created": False}
    assert await write("replace", c=4) == {"row": {"c": 4}, "created": False}
    assert await write("delete") == {"row": {"c": 4}, "created": False}
    assert await write("delete") == {"row": None, "created": False}
    assert await call(step, "table_read", table="points", key="7") == (
        "out",
        {"row": None, "found": False},
    )


async def test_increment_adds_exactly_and_starts_at_nothing(database):
    step = Step(database)
    large, cents = 820982911946154508, Decimal("0.10")
    for _ in range(3):
        values = {"ids": large, "money": cents, "mixed": 1}
        await call(step, "table_write", table="t", mode="increment", key="k", values=values)
    made = await call(
        step, "table_write", table="t", mode="increment", key="k", values={"mixed": Decimal("-0.5")}
    )
    assert sdk.encode(made[1]["row"]) == b'{"ids":2462948735838463524,"money":0.30,"mixed":2.5}'


async def test_increment_refuses_what_is_no_number_and_changes_nothing(database):
    step = Step(database)
    row = {"name": "Ana", "points": 1}
    await call(step, "table_write", table="t", key="k", values=row)
    with pytest.raises(sdk.Rejected, match="“name” is a text") as caught:
        await call(
            step,
            "table_write",
            table="t",
            mode="increment",
            key="k",
            values={"points": 1, "name": 1},
        )
    assert caught.value.code == "table.not_a_number"
    with pytest.raises(sdk.BadParams, match=r"values\.points"):
        await call(
            step, "table_write", table="t", mode="increment", key="k", values={"points": "1"}
        )
    assert (await call(step, "table_read", table="t", key="k"))[1]["row"] == row


async def test_rows_are_read_by_conditions_with_their_keys(database):
    step = Step(database)
    for key, points in (("ana", 120), ("bob", 80), ("eva", 300)):
        await call(step, "table_write", table="points", key=key, values={"points": points})
    answer = await call(
        step,
        "table_read",
        table="points",
        where=[{"field": "points", "op": "gt", "value": 100}],
        order="points",
        descending=True,
        limit=1,
    )
    assert answer == ("out", {"rows": [{"key": "eva", "points": 300}], "count": 2})
