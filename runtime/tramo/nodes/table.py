"""The nodes that read and write named tables: points, waitlists, suppliers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

_Table = Annotated[
    str,
    Meta(
        title="Table",
        description="Its name: a letter, then letters, digits, _ and -. A table is there as soon "
        "as it has a row.",
        pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$",
    ),
    sdk.hint(widget="table"),
]


class Condition(sdk.Params, kw_only=True):
    field: Annotated[
        str,
        Meta(
            title="Field",
            description="A field of the rows, such as status or address.city; key is the row's "
            "key.",
            min_length=1,
        ),
    ]
    op: Annotated[
        Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains"],
        Meta(
            title="Comparison",
            description="How the field is compared with the value.",
        ),
        sdk.hint(
            labels={
                "eq": "is",
                "ne": "is not",
                "gt": "is more than",
                "ge": "is at least",
                "lt": "is less than",
                "le": "is at most",
                "in": "is one of",
                "contains": "contains",
            }
        ),
    ] = "eq"
    value: Annotated[Any, Meta(title="Value", description="What the field is compared with.")]


class TableRead(sdk.Params, kw_only=True):
    table: _Table
    key: Annotated[
        Any,
        Meta(
            title="Key",
            description="Reads the one row with this key, such as customer.id. Empty: looks for "
            "rows by the conditions.",
        ),
        sdk.hint(formula=True, at_most_one_of="rows"),
    ] = msgspec.UNSET
    where: Annotated[
        list[Condition],
        Meta(
            title="Conditions",
            description="Rows that meet them all are found; none: every row.",
            max_length=20,
        ),
        sdk.hint(at_most_one_of="rows"),
    ] = msgspec.field(default_factory=list)
    order: Annotated[
        str | None,
        Meta(
            title="Order by",
            description="A field of the rows. Empty: as they were added.",
        ),
    ] = None
    descending: Annotated[
        bool,
        Meta(title="Backwards", description="Largest, or newest, first."),
    ] = False
    limit: Annotated[
        int,
        Meta(title="At most", description="How many rows are handed on.", ge=1, le=1000),
    ] = 100


class Read(sdk.Output):
    """The row of a key; without a key, the rows and how many there are of them in the table."""

    found: bool | msgspec.UnsetType = msgspec.UNSET
    row: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    rows: list[Any] | msgspec.UnsetType = msgspec.UNSET
    count: int | msgspec.UnsetType = msgspec.UNSET


READ = {"found": True, "row": {"points": 120}}


def table_read(store: sdk.Store, params: TableRead) -> dict[str, Any]:
    """Read the row of a key, or the rows that meet conditions, from a named table."""
    tables = store.tables
    if params.key is not msgspec.UNSET:
        row = tables.get(params.table, value.key(params.key, "key"))
        return {"row": row, "found": row is not None}
    found = tables.query(
        params.table,
        [(condition.field, condition.op, condition.value) for condition in params.where],
        order=params.order,
        descending=params.descending,
        limit=params.limit,
    )
    return {"rows": found.rows, "count": found.count}


class TableWrite(sdk.Params, kw_only=True):
    table: _Table
    mode: Annotated[
        Literal["upsert", "replace", "increment", "delete"],
        Meta(
            title="Change",
            description="Set: the other fields stay. Replace: the row has these fields only. Add: "
            "numbers are added to, 0 where there is none.",
        ),
        sdk.hint(
            labels={
                "upsert": "Set these fields",
                "replace": "Replace the row",
                "increment": "Add to numbers",
                "delete": "Remove the row",
            }
        ),
    ] = "upsert"
    key: Annotated[
        Any,
        Meta(title="Key", description="Which row, such as customer.id; a text or a number."),
        sdk.hint(formula=True),
    ]
    values: Annotated[
        dict[str, Any],
        Meta(title="Fields", description="A name and a value for each field."),
        sdk.hint(when={"mode": ["upsert", "replace", "increment"]}, widget="fields"),
    ] = msgspec.field(default_factory=dict)


class Written(sdk.Output):
    """The row as it is now, or as it was before it was removed."""

    row: dict[str, Any] | None
    created: bool


WRITTEN = {"row": {"points": 120, "tier": "gold"}, "created": False}


def table_write(store: sdk.Store, params: TableWrite) -> Written:
    """Set, add to or remove a row of a named table, exactly once."""
    tables, table, key = store.tables, params.table, value.key(params.key, "key")
    before = tables.get(table, key)
    if params.mode == "delete":
        tables.delete(table, key)
        return Written(row=before, created=False)
    match params.mode:
        case "replace":
            row = params.values
        case "increment":
            row = _added(before or {}, params.values)
        case _:
            row = {**(before or {}), **params.values}
    tables.put(table, key, row)
    return Written(row=row, created=before is None)


def _added(row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    made = dict(row)
    for field, amount in values.items():
        there = made.get(field)
        if not value.is_number(amount):
            raise sdk.BadParams(
                f"“values.{field}” must be a number to add, but it is {value.describe(amount)}; "
                "add | number to the expression.",
                params={
                    "why": "kind",
                    "field": field,
                    "wanted": "a number",
                    "kind": value.describe(amount),
                },
            )
        if there is not None and not value.is_number(there):
            raise sdk.Rejected(
                f"The row's “{field}” is {value.describe(there)}, and nothing can be added to it; "
                "set it to a number first.",
                code="table.not_a_number",
                params={"field": field, "kind": value.describe(there)},
            )
        made[field] = _sum(there or 0, amount)
    return made


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return value.EXACT.add(left, right)
