"""Looking costs by what is new: the questions of the lookout are answered from small indexes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.dialects import sqlite
from tramo.store import alert, approval

from tests.runtime.app.attention.kit import Shop

LOOKS = {
    "run_failed": lambda c: alert.failed_runs(c, since=(0, ""), until=1, limit=1),
    "run_stuck": lambda c: approval.new_stuck_runs(c, 1),
    "wait_ask": lambda c: approval.new_questions(c, since=(0, ""), until=1, limit=1),
}


class _Spy:
    """Runs a look with each of its queries explained."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    def execute(self, query: Any) -> Any:
        compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        rows = self._connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
        self.plans.append(" | ".join(row[3] for row in rows))
        return self._connection.execute(query)


@pytest.mark.sqlite
@pytest.mark.parametrize("index", LOOKS)
async def test_a_look_reads_its_partial_index_and_scans_no_table(shop: Shop, index: str) -> None:
    def look(connection: Connection) -> list[str]:
        spy = _Spy(connection)
        LOOKS[index](spy)
        return spy.plans

    (plan,) = await shop.house.database.read(look)
    assert index in plan
    assert not re.search(r"SCAN (run|wait)(?! USING INDEX)", plan)


@pytest.mark.sqlite
async def test_connections_are_looked_at_by_the_runs_that_wait(shop: Shop) -> None:
    def look(connection: Connection) -> list[str]:
        spy = _Spy(connection)
        alert.refused_connections(spy)  # type: ignore[arg-type]
        return spy.plans

    (plan,) = await shop.house.database.read(look)
    assert "run_stuck" in plan
