"""Pinned data: exact, beside its flow, gone with it; and what runs take over is kept with them."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import insert, select
from tramo.model.part import Given, Part, read_part, write_part
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.store import pin as store
from tramo.store import table
from tramo.store.retention import HANGING

WORKSPACE = "ws_test"
SCOPE = Scope(WORKSPACE, "user_test", "owner")
EXACT = {"id": 820982911946154508, "price": Decimal("19.90"), "none": None, "list": [1, 1.0]}


async def put(database, output, *, node="look", flow="flow_a", now=1, source=None):
    await database.write(
        lambda c: store.put_pin(
            c, SCOPE, flow, node, port="out", output=encode(output), source=source, now=now
        )
    )


async def pins(database, scope=SCOPE, flow="flow_a"):
    rows = await database.read(lambda c: store.list_pins(c, scope, flow))
    return {row.node_id: decode(row.output) for row in rows}


async def test_pinned_data_comes_back_with_every_digit(database):
    await put(database, EXACT)
    found = (await pins(database))["look"]
    assert encode(found) == encode(EXACT)
    assert await pins(database, Scope("ws_other", "user_test", "owner")) == {}


async def test_a_pin_is_replaced_and_taken_away(database):
    await put(database, {"n": 1})
    await put(database, {"n": 2}, now=2, source="run_1")
    await put(database, {"n": 3}, node="tell")
    assert await pins(database) == {"look": {"n": 2}, "tell": {"n": 3}}
    assert await database.write(lambda c: store.delete_pin(c, SCOPE, "flow_a", "tell"))
    assert not await database.write(lambda c: store.delete_pin(c, SCOPE, "flow_a", "tell"))
    await put(database, {"n": 4}, flow="flow_b")
    await database.write(lambda c: store.delete_pins(c, SCOPE, "flow_a"))
    assert await pins(database) == {}
    assert await pins(database, flow="flow_b") == {"look": {"n": 4}}


async def test_what_a_run_takes_over_is_read_as_it_was_written(database):
    part = Part(
        anew=("a",), kept=("b",), given=(Given("c", "out", EXACT, (3, 0)),), data_of="run_0"
    )
    row = {"run_id": "run_1", "body": write_part(part)}
    await database.write(lambda c: c.execute(insert(table.part).values(row)) and None)
    body = await database.read(lambda c: c.execute(select(table.part.c.body)).scalar_one())
    assert read_part(body) == part
    assert table.part in HANGING
