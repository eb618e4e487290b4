"""A database that the next release has expanded: this one works on it beside the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from tramo.app.house import House
from tramo.app.play import Play, read_answers
from tramo.model.value import encode
from tramo.store.table import metadata
from tramo.store.upgrade import HEAD, number_of

from tests import kit
from tests.postgres import postgres_url

FLOW = kit.document(
    [
        {"id": "hook", "type": "core.webhook", "params": {"keys": {"order": "body.id"}}},
        {
            "id": "each",
            "type": "core.for_each",
            "params": {"items": {"$expr": "hook.body.lines"}, "collect": {"$expr": "turn.at"}},
        },
        {
            "id": "turn",
            "type": "core.rate_limit",
            "inside": "each",
            "params": {"count": 100, "per_s": 60},
        },
        {"id": "may", "type": "core.approve", "params": {"title": "May it?"}},
        {
            "id": "row",
            "type": "core.table_write",
            "params": {"table": "seen", "key": {"$expr": "hook.body.id"}, "values": {"n": 1}},
        },
    ],
    [("hook", "each"), ("each", "done", "may"), ("may", "yes", "row")],
    limits={"concurrency": {"key": {"$expr": "hook.body.id"}, "at_once": 1}},
)
YES = read_answers(encode([{"on": "may", "answer": {"port": "yes"}}]))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    if request.param == "sqlite":
        yield {}
        return
    with postgres_url(tables=False) as url:
        yield {"database": url}


def expand(connection: Connection) -> None:
    """Do to every table what a revision may do, and mark the database as a later one's."""
    for table in metadata.sorted_tables:
        for column in ("later_a TEXT", "later_b INTEGER NOT NULL DEFAULT 7"):
            connection.execute(text(f'ALTER TABLE "{table.name}" ADD COLUMN {column}'))
        index = f'CREATE INDEX "later_{table.name}" ON "{table.name}" (later_b, later_a)'
        connection.execute(text(index))
    connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
    number = number_of(HEAD)
    mark = f"UPDATE alembic_version SET version_num = '{number + 1}.{number}'"
    connection.execute(text(mark))


async def answer(house: House) -> None:
    for run in (await house.runs.list(kit.owner(house)))["items"]:
        await Play(house, kit.owner(house), run["id"], answers=YES, fast=False).to_end(10)


async def test_a_server_that_runs_while_the_next_release_expands_its_database_goes_on(
    tmp_path: Path, place: dict[str, Any]
):
    async with kit.opened(tmp_path, **place) as house:
        hook = (await kit.publish(house, FLOW))["hook"]
        for number in (1, 2):
            status, _ = await kit.post(house, hook, {"id": number, "lines": [1, 2]})
            assert status == 200
        await house.database.write(expand)
        assert (await kit.post(house, hook, {"id": 1, "lines": []}))[0] in (200, 202)
        await answer(house)
    # So does one that starts afterwards, because a later version has to be taken back.
    async with kit.opened(tmp_path, **place) as house:
        assert (await kit.post(house, hook, {"id": 4, "lines": [5]}))[0] == 200
        await answer(house)
        runs = (await house.runs.list(kit.owner(house)))["items"]
        seen = await house.database.read(
            lambda c: c.execute(text("SELECT key, later_b FROM table_row ORDER BY key")).all()
        )
    assert [run["state"] for run in runs] == ["succeeded"] * 4
    assert [tuple(row) for row in seen] == [("1", 7), ("2", 7), ("4", 7)]
