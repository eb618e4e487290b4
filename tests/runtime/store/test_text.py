"""Texts are the same on both databases: any character, any length, sorted by code points."""

import msgspec
import pytest
from sqlalchemy import Text, select, text
from tramo.model.event import Event, Key
from tramo.model.scope import Scope
from tramo.store import data_table, table
from tramo.store import notice as notices
from tramo.store.run import Accept, NewRun
from tramo.store.run_query import Wanted, list_runs
from tramo.store.table import metadata

from tests.runtime.store.kit import WORKSPACE, add_run

KEYS = ["a", "A", "B", "b", "_", "-", "é", "z", "Ω", "10", "9", "𝄞", "\uff21"]


async def put(database, *keys):
    await database.write(
        lambda c: data_table.put_rows(c, WORKSPACE, "t", [(key, {"n": 1}) for key in keys], 1)
    )


async def test_text_is_sorted_by_its_code_points(database):
    await put(database, *KEYS)
    rows = await database.read(lambda c: data_table.page_rows(c, WORKSPACE, "t", limit=99))
    assert [row.key for row in rows] == sorted(KEYS)


async def test_a_page_goes_on_where_the_one_before_ended(database):
    await put(database, *KEYS)
    seen, after = [], ""
    while page := await database.read(
        lambda c, after=after: data_table.page_rows(c, WORKSPACE, "t", limit=2, after=after)
    ):
        after = page[-1].key
        seen += [row.key for row in page]
    assert seen == sorted(KEYS)


async def test_a_search_finds_small_letters_and_capitals(database):
    await put(database, "SKU-1", "sku-2", "sku_3", "S%U-4", "other")
    for search, wanted in (("sku-", ["SKU-1", "sku-2"]), ("s%", ["S%U-4"]), ("SKU_", ["sku_3"])):
        rows = await database.read(
            lambda c, search=search: data_table.page_rows(c, WORKSPACE, "t", limit=9, search=search)
        )
        assert [row.key for row in rows] == wanted


async def test_a_text_with_nul_is_found_by_what_it_was_stored_as(database):
    odd = "before\0after"
    await put(database, odd, "another")
    assert await database.read(lambda c: data_table.get_row(c, WORKSPACE, "t", odd)) == {"n": 1}
    assert await database.write(lambda c: data_table.delete_row(c, WORKSPACE, "t", odd))
    assert await database.read(lambda c: data_table.count_rows(c, WORKSPACE, "t")) == 1


async def test_a_delivery_whose_id_and_keys_hold_nul_makes_one_run(database):
    await add_run(database, "run_1")
    key = Key("order", "1\0001", "conn_1")
    for number in (2, 3):
        event = Event(
            id=f"evt_{number}",
            type="shop.order",
            source="conn_1",
            delivery_id="d\0",
            received_at=1,
            payload=b'{"text":"\\u0000"}',
            keys=(key,),
        )
        run = NewRun(
            id=f"run_{number}", workspace_id=WORKSPACE, flow_id="flow_a", version="v",
            trigger="start", state="running", reason=None, error=None, origin=f"run_{number}",
            owner=None, lease_until=None, due_at=1, started_at=1, ended_at=None, segment=b"[]",
            keys=(key,),
        )  # fmt: skip
        accepted = await database.submit(Accept(WORKSPACE, event, [run]))
        assert accepted.duplicate == (number == 3)
    scope = Scope(WORKSPACE, "user_1", "owner")
    wanted = Wanted(key=("order", "1\0001"))
    found = await database.read(lambda c: list_runs(c, scope, wanted, limit=9, before=None))
    assert [run.id for run in found] == ["run_2"]
    payload = select(table.event.c.payload).where(table.event.c.id == "evt_2")
    assert await database.read(lambda c: c.execute(payload).scalar()) == b'{"text":"\\u0000"}'


async def test_many_rows_whose_texts_hold_nul_are_stored_at_once(database):
    notice = notices.NewNotice(
        id="ntc_1", workspace_id=WORKSPACE, cause="c\0", recipient="a@b.example", connection_id="",
        language="en", subject="s\0", text="t\0", links=[],
    )  # fmt: skip
    both = [notice, msgspec.structs.replace(notice, id="ntc_2", recipient="c@d.example")]
    assert await database.write(lambda c: notices.add_notices(c, both, 1)) == 2
    assert await database.write(lambda c: notices.add_notices(c, both, 1)) == 0


async def test_a_text_longer_than_its_column_says_is_kept_whole(database):
    long = "x" * 1_000
    await database.write(
        lambda c: c.execute(table.workspace.insert().values(id="ws_1", name=long, created_at=1))
    )
    name = select(table.workspace.c.name)
    assert await database.read(lambda c: c.execute(name).scalar()) == long


SORTED = text(
    """
    SELECT relname || '.' || attname, coalesce(collname, '')
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0
    AND atttypid IN ('text'::regtype, 'varchar'::regtype) AND relname <> 'alembic_version'
    """
)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_column_sorts_by_the_rules_of_a_language(database):
    found = await database.read(lambda c: dict(c.execute(SORTED).all()))
    free = {
        str(column)
        for of in metadata.sorted_tables
        for column in of.columns
        if isinstance(column.type, Text)
    }
    assert len(found) > 100
    assert {name for name, rules in found.items() if rules != "C"} <= free
