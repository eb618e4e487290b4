"""Tables over the API: rows in and out, exactly, in one piece, and in everybody's spreadsheet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.app.data_table import read_csv, write_csv
from tramo.model.scope import Scope

API = "/api/v1/tables"
ROWS = [
    {"key": "ana", "row": {"points": 120, "money": Decimal("10.50"), "id": 820982911946154508}},
    {"key": "bob", "row": {"points": 0, "tags": ["vip"], "note": "=1+1"}},
]


async def put(owner, table: str, rows: list[dict[str, Any]], **more: Any):
    return await owner.call("POST", f"{API}/{table}/import", {"rows": rows, **more})


async def test_rows_go_in_and_come_out_with_every_digit(owner):
    assert (await put(owner, "points", ROWS)).json == {"rows": 2}
    answer = await owner.call("GET", f"{API}/points/rows")
    assert b'"money":10.50,"id":820982911946154508' in answer.body
    assert [item["key"] for item in answer.json["items"]] == ["ana", "bob"]
    assert (await owner.call("GET", f"{API}/points/export")).json == {
        "table": "points",
        "rows": ROWS,
    }
    (table,) = (await owner.call("GET", API)).json["items"]
    assert (table["name"], table["rows"]) == ("points", 2)


async def test_one_row_is_put_replaced_and_removed_whatever_its_key_looks_like(owner):
    key = "a/b c?&%"
    for row in ({"n": 1}, {"m": 2}):
        answer = await owner.call("PUT", f"{API}/t/rows", {"key": key, "row": row})
        assert answer.json == {"key": key, "row": row}
    query = "key=a%2Fb%20c%3F%26%25"
    assert (await owner.call("DELETE", f"{API}/t/rows?{query}")).status == 204
    gone = await owner.call("DELETE", f"{API}/t/rows?{query}")
    assert (gone.status, gone.code) == (404, "table.row_unknown")


async def test_rows_are_paged_by_key_and_found_by_how_it_begins(owner):
    await put(owner, "t", [{"key": f"k{n:03}", "row": {}} for n in range(120)])
    keys, cursor = [], ""
    while cursor is not None:
        answer = await owner.call("GET", f"{API}/t/rows?limit=50&cursor={cursor}")
        keys += [item["key"] for item in answer.json["items"]]
        cursor = answer.json["next"]
    assert keys == [f"k{n:03}" for n in range(120)]
    found = await owner.call("GET", f"{API}/t/rows?q=k11")
    assert [item["key"] for item in found.json["items"]] == [f"k11{n}" for n in range(10)]


async def test_an_import_is_taken_whole_or_not_at_all_and_may_replace_the_table(owner):
    bad = [{"key": "new", "row": {}}, {"key": "big", "row": {"x": "y" * 70_000}}]
    await put(owner, "t", [{"key": "old", "row": {}}])
    refused = await put(owner, "t", bad, replace=True)
    assert refused.code == "table.row_large"
    empty = await owner.call("POST", f"{API}/t/import", {"replace": True})
    assert empty.code == "table.import_what"
    rows = (await owner.call("GET", f"{API}/t/export")).json["rows"]
    assert [row["key"] for row in rows] == ["old"]
    assert (await put(owner, "t", bad[:1], replace=True)).json == {"rows": 1}
    rows = (await owner.call("GET", f"{API}/t/export")).json["rows"]
    assert [row["key"] for row in rows] == ["new"]
    assert (await owner.call("DELETE", f"{API}/t")).json == {"removed": 1}
    assert (await owner.call("GET", API)).json["items"] == []


async def test_csv_goes_in_as_texts_but_for_the_columns_that_hold_numbers(owner):
    text = 'sku,stock,price,name\r\n00123,5,9.90,"Té, verde"\r\n\'+40,,1.00,\r\n'
    body = {"csv": text, "key": "sku", "numbers": ["stock", "price"]}
    assert (await owner.call("POST", f"{API}/stock/import", body)).json == {"rows": 2}
    answer = await owner.call("GET", f"{API}/stock/export")
    assert answer.json["rows"] == [
        {"key": "+40", "row": {"price": Decimal("1.00")}},
        {"key": "00123", "row": {"stock": 5, "price": Decimal("9.90"), "name": "Té, verde"}},
    ]
    out = (await owner.call("GET", f"{API}/stock/export?form=csv")).json["csv"]
    assert out.splitlines() == ["key,price,stock,name", "'+40,1.00,,", '00123,9.90,5,"Té, verde"']


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"csv": "a,b\n1,2\n"}, "table.csv_column"),
        ({"csv": "key,n\nx,many\n", "numbers": ["n"]}, "table.csv_number"),
        ({"csv": "key,n\nx,true\n", "numbers": ["n"]}, "table.csv_number"),
        ({"csv": "key,n\nx,1,2\n"}, "table.csv"),
        ({"csv": 'key,n\nx,"1\n'}, "table.csv"),
        ({"csv": ""}, "table.csv_column"),
        ({"csv": "key,n\n,1\n"}, "table.key"),
        ({"rows": [{"key": "k", "row": []}]}, "request.invalid"),
        ({}, "table.import_what"),
        ({"rows": [], "csv": "key\nx\n"}, "table.import_what"),
    ],
)
async def test_an_import_that_cannot_be_read_says_where_in_the_readers_language(owner, body, code):
    answer = await owner.call("POST", f"{API}/t/import", body, accept_language="ro")
    assert (answer.status < 500, answer.code) == (True, code)
    english = await owner.call("POST", f"{API}/t/import", body)
    assert code == "request.invalid" or answer.json["message"] != english.json["message"]


async def test_a_table_of_another_workspace_is_not_there(owner, house):
    other = Scope("ws_other", "user_x")
    await house.tables.put(other, "points", "ana", {"n": 1})
    assert (await owner.call("GET", API)).json["items"] == []
    assert (await owner.call("GET", f"{API}/points/rows")).json["items"] == []


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@given(
    st.dictionaries(
        TEXT.filter(str.strip),
        st.dictionaries(
            st.sampled_from(["a", "b", "c d"]), TEXT.filter(lambda text: text not in ("", "'"))
        ),
        max_size=5,
    )
)
def test_texts_survive_a_journey_through_a_spreadsheet(table):
    rows = [{"key": key, "row": row} for key, row in table.items()]
    assert dict(read_csv(write_csv(rows, "t"), key="key")) == table
