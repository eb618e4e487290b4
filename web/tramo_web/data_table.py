"""Named tables: what flows keep, row by row, in and out as JSON or CSV."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import Parameter, QueryParameter
from msgspec import Meta
from tramo.app.data_table import read_csv, write_csv
from tramo.model.problem import TramoError

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Name = Annotated[str, Parameter(max_length=64)]
Key = Annotated[str, Parameter(max_length=300)]
Text = Annotated[str | None, Parameter(max_length=800)]
Form = Annotated[Literal["json", "csv"], QueryParameter()]
Count = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]

IMPORT_BYTES = 10 * 1024 * 1024


class NewRow(msgspec.Struct, forbid_unknown_fields=True):
    key: Annotated[str, Meta(min_length=1, max_length=300)]
    row: dict[str, Any]


class Import(msgspec.Struct, forbid_unknown_fields=True):
    """Rows as JSON, or CSV text with a line of names."""

    rows: list[NewRow] | None = None
    csv: str | None = None
    key: str = "key"
    """The column of the CSV that holds the rows' keys."""
    numbers: list[str] = []
    """The columns of the CSV that hold numbers; all others are texts."""
    replace: bool = False
    """Whether rows that are not in the import go."""


@get("/tables", summary="Named tables")
async def list_tables(request: Asked) -> Any:
    return await _desk(request).list(caller_of(request).scope)


@get("/tables/{table:str}/rows", summary="Rows of a table, by key")
async def list_rows(
    request: Asked,
    table: Name,
    q: Annotated[str, Parameter(max_length=300, description="How their keys begin.")] = "",
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    return await _desk(request).rows(
        caller_of(request).scope, table, q=q, limit=limit, cursor=cursor
    )


@put("/tables/{table:str}/rows", summary="Put a row", opt={"body": NewRow})
async def put_row(request: Asked, table: Name) -> Any:
    asked = await read(request, NewRow)
    return await _desk(request).put(caller_of(request).scope, table, asked.key, asked.row)


@delete("/tables/{table:str}/rows", summary="Remove a row")
async def delete_row(request: Asked, table: Name, key: Key) -> None:
    await _desk(request).delete(caller_of(request).scope, table, key)


@delete("/tables/{table:str}", summary="Remove a table with all its rows", status_code=200)
async def delete_table(request: Asked, table: Name) -> Any:
    return await _desk(request).drop(caller_of(request).scope, table)


@post(
    "/tables/{table:str}/import",
    summary="Put many rows, all or none",
    status_code=200,
    opt={"body": Import},
)
async def import_rows(request: Asked, table: Name) -> Any:
    scope = caller_of(request).scope
    asked = await read(request, Import, most=IMPORT_BYTES)
    if (asked.rows is None) == (asked.csv is None):
        raise TramoError("table.import_what", "Give either rows or CSV.", status=422)
    rows = [(item.key, item.row) for item in asked.rows or ()]
    if asked.csv is not None:
        rows += read_csv(asked.csv, key=asked.key, numbers=asked.numbers)
    return await _desk(request).take_in(scope, table, rows, replace=asked.replace)


@get("/tables/{table:str}/export", summary="All rows, as JSON or as CSV text")
async def export_rows(request: Asked, table: Name, form: Form = "json") -> dict[str, Any]:
    rows = await _desk(request).give_out(caller_of(request).scope, table)
    if form == "csv":
        return {"table": table, "csv": write_csv(rows, table)}
    return {"table": table, "rows": rows}


def _desk(request: Asked) -> Any:
    return request.app.state.house.tables


ROUTES = [
    list_tables,
    list_rows,
    put_row,
    delete_row,
    delete_table,
    import_rows,
    export_rows,
]
