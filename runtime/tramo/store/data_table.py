"""Named tables: rows of plain values that flows and people keep in this workspace.

A row is an object, known by its key. What is asked of a table is answered by looking at its rows,
numbers as numbers, instants as instants; past the bounds here a table is refused, never cut short.
"""

from __future__ import annotations

import heapq
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select

from tramo.expression.operator import read_instant
from tramo.model import limit as bound
from tramo.model.problem import TramoError
from tramo.model.value import NotExact, decode, encode
from tramo.sdk.stored import Found
from tramo.store import table
from tramo.store.upsert import upsert

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}\Z")
KEY_LENGTH: Final = 300
ROW_BYTES: Final = 64 * 1024
ROWS_SEARCHED: Final = 100_000
ROWS_FOUND: Final = 1_000

Where = Sequence[tuple[str, str, Any]]
"""(field, comparison, value): a row has to pass them all."""

_r = table.table_row.c


_insert = upsert(table.table_row)
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=[_r.workspace_id, _r.table, _r.key],
    set_={"row": _insert.excluded.row, "updated_at": _insert.excluded.updated_at},
)


# One row -----------------------------------------------------------------------------------------


def get_row(connection: Connection, workspace_id: str, name: str, key: str) -> Any:
    """Return a row, or None."""
    raw = connection.execute(
        select(_r.row).where(*_of(workspace_id, name), _r.key == _checked_key(key))
    ).scalar()
    return None if raw is None else decode(raw)


def put_row(
    connection: Connection, workspace_id: str, name: str, key: str, row: Any, now: int
) -> None:
    """Put a row in the place of what its key had."""
    put_rows(connection, workspace_id, name, [(key, row)], now)


def put_rows(
    connection: Connection,
    workspace_id: str,
    name: str,
    rows: Iterable[tuple[str, Any]],
    now: int,
) -> None:
    """Put rows, each in the place of what its key had; of one key given twice, the last stays."""
    place = {"workspace_id": workspace_id, "table": _checked_name(name)}
    times = {"created_at": now, "updated_at": now}
    values = [
        {**place, **times, "key": _checked_key(key), "row": _encoded(row, name, key)}
        for key, row in rows
    ]
    if values:
        connection.execute(_PUT, values)


def delete_row(connection: Connection, workspace_id: str, name: str, key: str) -> bool:
    """Remove a row; False when there was none."""
    done = connection.execute(
        delete(table.table_row).where(*_of(workspace_id, name), _r.key == _checked_key(key))
    )
    return done.rowcount > 0


def _of(workspace_id: str, name: str) -> tuple[Any, ...]:
    return _r.workspace_id == workspace_id, _r.table == _checked_name(name)


def _checked_name(name: str) -> str:
    if NAME.match(name):
        return name
    raise TramoError(
        "table.name",
        f"“{name[:80]}” cannot be the name of a table; take a letter, then letters, digits, _ "
        "and -, 64 at most.",
        params={"name": name[:80]},
    )


def _checked_key(key: str) -> str:
    if key.strip() and len(key) <= KEY_LENGTH:
        return key
    raise TramoError(
        "table.key",
        f"A row's key is a text of 1 to {KEY_LENGTH} characters.",
        params={"most": KEY_LENGTH},
    )


def _encoded(row: Any, name: str, key: str) -> bytes:
    if type(row) is not dict:
        raise TramoError("table.row", "A row is an object: fields with values.")
    raw = encode(row)
    place = {"table": name, "key": key[:80]}
    if len(raw) > ROW_BYTES:
        raise TramoError(
            "table.row_large",
            f"The row “{key[:80]}” of “{name}” has more than {ROW_BYTES // 1024} KiB; keep less "
            "in it.",
            params={**place, "most_kib": ROW_BYTES // 1024},
        )
    try:
        decode(raw)
    except NotExact as error:
        raise TramoError(
            "table.row_number",
            f"The row “{key[:80]}” of “{name}” cannot be kept exactly: {error}.",
            params={**place, "detail": str(error)},
        ) from None
    return raw


# Many rows ---------------------------------------------------------------------------------------


def list_tables(connection: Connection, workspace_id: str) -> list[Any]:
    """Return (table, rows, updated_at) of every table, by name."""
    query = (
        select(_r.table, func.count().label("rows"), func.max(_r.updated_at).label("updated_at"))
        .where(_r.workspace_id == workspace_id)
        .group_by(_r.table)
        .order_by(_r.table)
    )
    return list(connection.execute(query).all())


def count_rows(connection: Connection, workspace_id: str, name: str) -> int:
    """Return how many rows a table has; 0 for one that nobody has put a row in."""
    return connection.execute(
        select(func.count()).select_from(table.table_row).where(*_of(workspace_id, name))
    ).scalar_one()


def page_rows(
    connection: Connection,
    workspace_id: str,
    name: str,
    *,
    limit: int,
    after: str = "",
    search: str = "",
) -> list[Row[Any]]:
    """Return rows by key, those whose key begins with `search`, in capitals or small letters."""
    query = select(table.table_row).where(*_of(workspace_id, name), _r.key > after)
    if search:
        query = query.where(_r.key.istartswith(search, autoescape=True))
    return list(connection.execute(query.order_by(_r.key).limit(limit)).all())


def delete_table(connection: Connection, workspace_id: str, name: str) -> int:
    """Remove every row of a table and return how many there were."""
    return connection.execute(delete(table.table_row).where(*_of(workspace_id, name))).rowcount


def query_rows(
    connection: Connection,
    workspace_id: str,
    name: str,
    where: Where,
    *,
    order: str | None,
    descending: bool,
    limit: int,
) -> Found:
    """Return the rows that pass `where`: by a field, or else as they were added.

    Raises TramoError for a table or an answer past the bounds, and where texts stand against
    numbers.
    """
    if not 1 <= limit <= ROWS_FOUND:
        raise TramoError(
            "table.limit",
            f"At most {ROWS_FOUND} rows are read at once; give a limit from 1 to {ROWS_FOUND}.",
            params={"most": ROWS_FOUND},
        )
    tests = [_test(*condition) for condition in where]
    count = 0

    def passing() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in _each(connection, workspace_id, name, newest_first=descending and not order):
            if all(test(row) for test in tests):
                count += 1
                yield row

    if order is None:
        rows = [row for row in passing() if count <= limit]
    else:
        choose = heapq.nlargest if descending else heapq.nsmallest
        rows = choose(limit, passing(), key=_order_by(order, descending))
    if sum(len(encode(row)) for row in rows) > bound.OUTPUT_BYTES:
        raise TramoError(
            "table.answer_large",
            f"The rows found in “{name}” have more than {bound.OUTPUT_BYTES // 1024 // 1024} MiB; "
            "ask for fewer.",
            params={"table": name, "most_mib": bound.OUTPUT_BYTES // 1024 // 1024},
        )
    return Found(count, rows)


def _each(
    connection: Connection, workspace_id: str, name: str, *, newest_first: bool
) -> Iterator[dict[str, Any]]:
    age = (_r.created_at, _r.key)
    query = (
        select(_r.key, _r.row)
        .where(*_of(workspace_id, name))
        .order_by(*(column.desc() if newest_first else column for column in age))
        .limit(ROWS_SEARCHED + 1)
    )
    found = connection.execute(query, execution_options={"yield_per": 500})
    for number, (key, raw) in enumerate(found):
        if number == ROWS_SEARCHED:
            found.close()
            raise TramoError(
                "table.large",
                f"“{name}” has more than {ROWS_SEARCHED:,} rows, too many to search; read its rows "
                "by key, or keep them in several tables.",
                params={"table": name, "most": ROWS_SEARCHED},
            )
        yield {"key": key, **decode(raw)}


# Comparing ---------------------------------------------------------------------------------------

Test = Callable[[dict[str, Any]], bool]

_ORDERINGS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
COMPARISONS: Final = ("eq", "ne", *_ORDERINGS, "in", "contains")


def _test(field: str, comparison: str, wanted: Any) -> Test:
    if comparison not in COMPARISONS:
        raise TramoError(
            "table.comparison",
            f"“{comparison[:40]}” is no comparison; take one of {', '.join(COMPARISONS)}.",
            params={"found": comparison[:40], "known": ", ".join(COMPARISONS)},
        )
    if comparison == "in" and type(wanted) is not list:
        raise TramoError(
            "table.in_list", f"“{field}” in …: give a list of values.", params={"field": field}
        )
    path = field.split(".")

    def test(row: dict[str, Any]) -> bool:
        value = _value_at(row, path)
        match comparison:
            case "eq" | "ne":
                _refuse_mismatch(row, field, value, wanted)
                return _same(value, wanted) == (comparison == "eq")
            case "in":
                return any(_same(value, item) for item in wanted)
            case "contains":
                if type(value) is list:
                    return any(_same(item, wanted) for item in value)
                return type(value) is type(wanted) is str and wanted in value
            case _:
                _refuse_mismatch(row, field, value, wanted)
                pair = _comparable(value, wanted)
                return pair is not None and _ORDERINGS[comparison](*pair)

    return test


def _value_at(row: dict[str, Any], path: Sequence[str]) -> Any:
    value: Any = row
    for step in path:
        value = value.get(step) if type(value) is dict else None
    return value


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is Decimal


def _same(left: Any, right: Any) -> bool:
    if type(left) is bool or type(right) is bool:
        return left is right
    return left == right


def _comparable(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Return two values that have an order, texts that name instants as instants; else None."""
    if _is_number(left) and _is_number(right):
        return left, right
    if type(left) is str and type(right) is str:
        first, second = read_instant(left), read_instant(right)
        return (first, second) if first and second else (left, right)
    return None


def _refuse_mismatch(row: dict[str, Any], field: str, left: Any, right: Any) -> None:
    """Refuse a number beside a text: “12” and 12 are two things, and nobody can see which."""
    if (_is_number(left) and type(right) is str) or (type(left) is str and _is_number(right)):
        kinds = ("a text", "a number") if type(left) is str else ("a number", "a text")
        raise TramoError(
            "table.mismatch",
            f"In the row “{row['key']}”, “{field}” is {kinds[0]}, but it is compared with "
            f"{kinds[1]}; make both the same, with | number or | text.",
            params={"key": row["key"], "field": field},
        )


def _order_by(field: str, descending: bool) -> Callable[[dict[str, Any]], Any]:
    """Return what rows are ordered by: numbers, then texts, then the rest; without one comes last.

    Among equals, heapq keeps those first that come first.
    """
    path = field.split(".")

    def rank(row: dict[str, Any]) -> tuple[int, Any]:
        value = _value_at(row, path)
        if value is None:
            return (-1 if descending else 3), 0
        if _is_number(value):
            return 0, value
        return (1, value) if type(value) is str else (2, encode(value))

    return rank
