"""The commands for named tables: look, fill, carry in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from cyclopts import App, Parameter

from tramo.app.cli.option import USE, Data, Json, Server, Token, place_of

File = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file, or `-` for standard input."""

table = App(name="tables", group=USE, help="See and fill the tables that flows keep.")


@table.command(name="list")
def table_list(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """List the tables; one is there as soon as it has a row."""
    from tramo.app.cli.show import show_table

    answer = _do(lambda api: api.call("GET", "/tables"), data, server, token)
    if json:
        return _print(answer)
    show_table(
        ("table", "rows", "changed"),
        [(item["name"], item["rows"], item["updated_at"]) for item in answer["items"]],
        empty="No tables yet. Fill one with: tramo tables import NAME FILE",
    )
    return 0


@table.command(name="show")
def table_show(
    name: str,
    /,
    *,
    search: Annotated[str, Parameter(help="Only rows whose key begins so.")] = "",
    limit: Annotated[int, Parameter(help="At most so many.")] = 50,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show a table's rows, by key."""
    from tramo.app.cli.show import show_table

    query = {"q": search, "limit": limit}
    answer = _do(lambda api: api.call("GET", _path(name, "rows"), query=query), data, server, token)
    if json:
        return _print(answer)
    show_table(
        ("key", "row"),
        [(item["key"], item["row"]) for item in answer["items"]],
        empty="No rows.",
    )
    return 0


@table.command(name="put")
def table_put(
    name: str,
    key: str,
    row: File,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Put a row, a JSON file with an object or - for standard input, in the place of its key's."""
    from tramo.app.cli.verb import read_json

    body = {"key": key, "row": read_json(row)}
    answer = _do(lambda api: api.call("PUT", _path(name, "rows"), body), data, server, token)
    if json:
        return _print(answer)
    print(f"Kept {key} in {name}.")
    return 0


@table.command(name="delete")
def table_delete(
    name: str, key: str, /, *, data: Data = None, server: Server = None, token: Token = None
) -> int:
    """Remove a row."""
    query = {"key": key}
    _do(lambda api: api.call("DELETE", _path(name, "rows"), query=query), data, server, token)
    print(f"Removed {key} from {name}.")
    return 0


@table.command(name="import")
def table_import(
    name: str,
    file: File,
    /,
    *,
    key: Annotated[str, Parameter(help="CSV: the column that holds the rows' keys.")] = "key",
    number: Annotated[
        list[str] | None,
        Parameter(negative="", help="CSV: a column that holds numbers. Repeat it."),
    ] = None,
    replace: Annotated[
        bool, Parameter(negative="", help="Remove the rows that are not in the file.")
    ] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Put many rows, all or none: a CSV file with a line of names, or what export printed."""
    from tramo.app.cli.verb import read_json, read_text

    body: dict[str, Any] = {"replace": replace}
    if file.suffix.lower() == ".csv":
        body |= {"csv": read_text(file), "key": key, "numbers": number or []}
    else:
        given = read_json(file)
        body["rows"] = given["rows"] if isinstance(given, dict) and "rows" in given else given
    answer = _do(lambda api: api.call("POST", _path(name, "import"), body), data, server, token)
    if json:
        return _print(answer)
    print(f"Kept {answer['rows']} rows in {name}.")
    return 0


@table.command(name="export")
def table_export(
    name: str,
    /,
    *,
    csv: Annotated[bool, Parameter(negative="", help="Print CSV instead of JSON.")] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
) -> int:
    """Print all rows of a table."""
    query = {"form": "csv" if csv else "json"}
    answer = _do(
        lambda api: api.call("GET", _path(name, "export"), query=query), data, server, token
    )
    if csv:
        print(answer["csv"], end="")
        return 0
    return _print(answer)


def _path(name: str, what: str) -> str:
    return f"/tables/{quote(name, safe='')}/{what}"


def _do(work: Any, data: Any, server: Any, token: Any) -> Any:
    from tramo.app.cli.verb import do

    return do(place_of(data, server, token), work)


def _print(value: Any) -> int:
    from tramo.app.cli.show import show_json

    show_json(value)
    return 0
