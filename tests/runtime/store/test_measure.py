"""What a run holds is known before it is read."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import insert, update
from tramo.store import table
from tramo.store.codec import refer
from tramo.store.measure import MUCH_BYTES, holds_much

from tests.runtime.store.kit import add_run


async def much(database) -> bool:
    return await database.read(lambda c: holds_much(c, "run_1", "evt_run_1"))


async def test_a_small_run_holds_little(database):
    await add_run(database, "run_1")
    assert not await much(database)


async def test_a_big_payload_is_much(database):
    await add_run(database, "run_1")
    body = os.urandom(MUCH_BYTES + 1_000)
    await database.write(
        lambda c: c.execute(update(table.event).values(payload=b"[" + body + b"]"))
    )
    assert await much(database)


@pytest.mark.parametrize("seq", [1, 9])
async def test_a_segment_in_a_file_of_its_own_is_much(database, seq):
    await add_run(database, "run_1")
    row = {"run_id": "run_1", "seq": seq, "fmt": 1, "body": refer("blob_run_1_" + "0" * 32)}
    await database.write(lambda c: c.execute(insert(table.segment).values(**row)))
    assert await much(database)
