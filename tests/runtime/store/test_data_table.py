"""Named tables: exact values, honest comparisons, and bounds that are told, never cut."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from tramo import sdk
from tramo.model import limit
from tramo.store import data_table, table

from tests.runtime.store.kit import WORKSPACE, Step

NUMBER = st.one_of(
    st.integers(-(10**39), 10**39),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    ),
)
ROW = st.dictionaries(
    st.text(max_size=8), st.one_of(st.none(), st.booleans(), NUMBER, st.text(max_size=20))
)


@pytest.fixture
async def points(database):
    step = Step(database)
    rows = {
        "ana": {
            "points": 120,
            "city": "Iași",
            "tags": ["vip", "new"],
            "at": "2026-11-22T10:00:00Z",
        },
        "bob": {"points": Decimal("99.50"), "city": "Porto", "at": "2026-11-22T11:30:00+02:00"},
        "eva": {"points": None, "city": "Vigo", "address": {"zip": "36200"}},
        "ion": {"points": 820982911946154508, "city": "Cluj", "vip": True},
    }
    for number, (key, row) in enumerate(rows.items()):
        await step.do(lambda s, key=key, row=row: s.tables.put("points", key, row), now_ms=number)
    return step


async def found(step, *where, order=None, descending=False, limit=100):
    answer = await step.do(
        lambda s: s.tables.query("points", where, order=order, descending=descending, limit=limit)
    )
    return [row["key"] for row in answer.rows]


@settings(max_examples=25, deadline=None)
@given(row=ROW)
def test_a_row_comes_back_as_it_went_in(row):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.metadata.create_all(connection, tables=[table.table_row])
        data_table.put_row(connection, WORKSPACE, "t", "k", row, 1)
        back = data_table.get_row(connection, WORKSPACE, "t", "k")
    assert back == row
    assert {name: str(value) for name, value in back.items()} == {
        name: str(value) for name, value in row.items()
    }


async def test_ids_past_2_53_and_money_survive(points):
    assert (await points.do(lambda s: s.tables.get("points", "ion")))["points"] == (
        820982911946154508
    )
    assert str((await points.do(lambda s: s.tables.get("points", "bob")))["points"]) == "99.50"
    assert await points.do(lambda s: s.tables.get("points", "nobody")) is None
    assert await points.do(lambda s: s.tables.count("points")) == 4


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (("points", "eq", Decimal("120.00")), ["ana"]),
        (("points", "ne", 120), ["bob", "eva", "ion"]),
        (("points", "eq", None), ["eva"]),
        (("points", "lt", 120), ["bob"]),
        (("points", "le", 120), ["ana", "bob"]),
        (("points", "gt", 820982911946154507), ["ion"]),
        (("points", "ge", 820982911946154508), ["ion"]),
        (("points", "gt", 820982911946154508), []),
        (("city", "in", ["Vigo", "Porto"]), ["bob", "eva"]),
        (("city", "contains", "o"), ["bob", "eva"]),
        (("tags", "contains", "vip"), ["ana"]),
        (("address.zip", "eq", "36200"), ["eva"]),
        (("vip", "eq", True), ["ion"]),
        (("vip", "eq", 1), []),
        (("key", "ge", "eva"), ["eva", "ion"]),
        (("at", "lt", "2026-11-22T10:00:00Z"), ["bob"]),
    ],
    ids=str,
)
async def test_rows_are_found_by_what_their_fields_are(points, condition, keys):
    assert await found(points, condition) == keys


async def test_all_conditions_have_to_be_met(points):
    assert await found(points, ("points", "ge", 99), ("city", "ne", "Cluj")) == ["ana", "bob"]


async def test_rows_come_as_they_were_added_or_by_a_field_those_without_it_last(points):
    assert await found(points) == ["ana", "bob", "eva", "ion"]
    assert await found(points, descending=True) == ["ion", "eva", "bob", "ana"]
    assert await found(points, order="points") == ["bob", "ana", "ion", "eva"]
    assert await found(points, order="points", descending=True) == ["ion", "ana", "bob", "eva"]
    assert await found(points, order="points", limit=2) == ["bob", "ana"]


async def test_a_change_keeps_a_rows_place_in_the_order(points):
    await points.do(lambda s: s.tables.put("points", "ana", {"points": 1}), now_ms=99)
    assert (await found(points))[0] == "ana"


async def test_the_count_is_of_all_that_match_however_few_are_asked_for(points):
    answer = await points.do(
        lambda s: s.tables.query("points", [], order=None, descending=False, limit=1)
    )
    assert (answer.count, [row["key"] for row in answer.rows]) == (4, ["ana"])


async def test_a_text_beside_a_number_is_refused_and_the_row_named(points):
    with pytest.raises(sdk.Rejected, match=r"“ana”.*“points” is a number.*a text") as caught:
        await found(points, ("points", "eq", "120"))
    assert caught.value.code == "table.mismatch"


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda s: s.tables.put("1st", "k", {}), "table.name"),
        (lambda s: s.tables.put("t" * 65, "k", {}), "table.name"),
        (lambda s: s.tables.put("t", " ", {}), "table.key"),
        (lambda s: s.tables.put("t", "k" * 301, {}), "table.key"),
        (lambda s: s.tables.put("t", "k", {"x": "y" * 65_536}), "table.row_large"),
        (lambda s: s.tables.put("t", "k", {"x": 10**40}), "table.row_number"),
        (
            lambda s: s.tables.query("t", [], order=None, descending=False, limit=1001),
            "table.limit",
        ),
        (
            lambda s: s.tables.query(
                "t", [("a", "like", 1)], order=None, descending=False, limit=1
            ),
            "table.comparison",
        ),
        (
            lambda s: s.tables.query("t", [("a", "in", 1)], order=None, descending=False, limit=1),
            "table.in_list",
        ),
    ],
)
async def test_what_a_table_does_not_take_is_refused_with_its_code(database, work, code):
    with pytest.raises(sdk.Rejected) as caught:
        await Step(database).do(work)
    assert caught.value.code == code


async def test_a_table_too_large_to_search_says_so_and_is_read_by_key(points, monkeypatch):
    monkeypatch.setattr(data_table, "ROWS_SEARCHED", 3)
    assert (await points.do(lambda s: s.tables.get("points", "bob")))["city"] == "Porto"
    with pytest.raises(sdk.Rejected, match="more than 3 rows") as caught:
        await found(points)
    assert caught.value.code == "table.large"


async def test_an_answer_too_large_to_hand_on_says_so(points, monkeypatch):
    monkeypatch.setattr(limit, "OUTPUT_BYTES", 100)
    with pytest.raises(sdk.Rejected) as caught:
        await found(points)
    assert caught.value.code == "table.answer_large"


async def test_workspaces_have_tables_of_their_own(points, database):
    other = Step(database, workspace_id="ws_2")
    assert await other.do(lambda s: s.tables.get("points", "ana")) is None
    assert await other.do(lambda s: s.tables.delete("points", "ana")) is False
    assert await points.do(lambda s: s.tables.delete("points", "ana")) is True
    assert await found(points) == ["bob", "eva", "ion"]
