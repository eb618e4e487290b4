"""Workspace variables: set by people, read by every flow, the same for the whole of a run."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tramo.model.problem import TramoError
from tramo.model.scope import Scope

from tests.kit import document, opened, owner, publish, steps

FLOW = document(
    [
        {"id": "start", "type": "core.manual"},
        {"id": "copy", "type": "core.set", "params": {"fields": {"rate": {"$expr": "vars.rate"}}}},
    ],
    [("start", "copy")],
)


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path, synchronous="OFF") as house:
        yield house


async def refused(act) -> TramoError:
    with pytest.raises(TramoError) as caught:
        await act
    return caught.value


async def read_rate(house):
    run_id = await house.flows.start(owner(house), "flow_test", {}, version="published")
    return (await steps(house, run_id))["copy"].get("output", {}).get("rate")


async def test_flows_read_what_was_set_last_to_the_last_digit(house):
    await publish(house, FLOW)
    for value in (Decimal("0.190"), 820982911946154508, {"es": ["a", None]}):
        made = await house.variables.put(owner(house), "rate", value)
        assert made["value"] == value
        assert await read_rate(house) == value
    await house.variables.delete(owner(house), "rate")
    assert await read_rate(house) is None


async def test_what_looks_like_a_formula_stays_a_value(house):
    await publish(house, FLOW)
    await house.variables.put(owner(house), "rate", {"$expr": "1 + 1"})
    assert await read_rate(house) == {"$expr": "1 + 1"}


async def test_variables_are_there_again_after_a_start(tmp_path):
    async with opened(tmp_path) as house:
        await publish(house, FLOW)
        await house.variables.put(owner(house), "rate", 3)
    async with opened(tmp_path) as house:
        assert await read_rate(house) == 3
        [item] = (await house.variables.list(owner(house)))["items"]
        assert (item["name"], item["value"]) == ("rate", 3)


@pytest.mark.parametrize("name", ["Rate", "1st", "a-b", "now", "vars", "", "x" * 65, "ñ"])
async def test_a_variable_is_named_like_a_node(house, name):
    assert (await refused(house.variables.put(owner(house), name, 1))).code == "variable.name"


async def test_variables_stay_small_for_every_run_keeps_them(house):
    await house.variables.put(owner(house), "small", 1)
    error = await refused(house.variables.put(owner(house), "large", "x" * 20_000))
    assert error.code == "variable.size"
    assert set(house.variables.of(house.workspace_id)) == {"small"}
    assert [i["name"] for i in (await house.variables.list(owner(house)))["items"]] == ["small"]


async def test_a_viewer_reads_and_a_stranger_sees_nothing(house):
    await house.variables.put(owner(house), "rate", 1)
    viewer = Scope(house.workspace_id, "user_v", "viewer")
    stranger = Scope("ws_other", "user_x", "owner")
    assert (await house.variables.get(viewer, "rate"))["value"] == 1
    assert (await refused(house.variables.put(viewer, "rate", 2))).status == 403
    assert (await refused(house.variables.delete(viewer, "rate"))).status == 403
    assert (await refused(house.variables.get(stranger, "rate"))).status == 404
    assert (await refused(house.variables.delete(stranger, "rate"))).status == 404
    assert house.variables.of("ws_other") == {}
