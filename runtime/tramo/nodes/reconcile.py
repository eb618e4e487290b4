"""The node that lays two lists beside each other: payouts and orders, stock here and there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.nodes.item import NAMES, confused, each, identity, reading
from tramo.sdk import Meta


class Compared(sdk.Params):
    """A field that must agree on both sides."""

    field: Annotated[
        str,
        Meta(title="Field", description="Its path in both rows, such as total.", min_length=1),
        sdk.hint(fixed=True),
    ]
    right: Annotated[
        str | None,
        Meta(title="Right-hand field", description="Its path on the right, where it is another."),
        sdk.hint(fixed=True),
    ] = None
    tolerance: Annotated[
        Decimal,
        Meta(title="Tolerance", description="By how much two numbers may differ."),
        sdk.hint(fixed=True),
    ] = Decimal(0)


class Reconcile(sdk.Params):
    left: Annotated[list[Any], Meta(title="Left", description="The first list.")]
    right: Annotated[list[Any], Meta(title="Right", description="The list beside it.")]
    key: Annotated[
        Any,
        Meta(
            title="Key",
            description="What rows of both lists are paired by: a field such as order_id, or a "
            "formula over item.",
        ),
        sdk.hint(widget="place", names=NAMES),
    ]
    right_key: Annotated[
        Any,
        Meta(
            title="Right-hand key",
            description="The field or formula on the right, where it is another.",
        ),
        sdk.hint(widget="place", names=NAMES),
    ] = None
    compare: Annotated[
        list[Annotated[Annotated[str, Meta(min_length=1)] | Compared, sdk.hint(fixed=True)]],
        Meta(
            title="Compare",
            description="The fields that must agree. Empty: all that both rows have.",
        ),
        sdk.hint(fixed=True),
    ] = msgspec.field(default_factory=list)


class Difference(sdk.Output):
    """One field in which two rows differ; `by` is how much, right less left, for numbers."""

    field: str
    left: Any
    right: Any
    by: Any = None


class Pair(sdk.Output):
    """Two rows with the same key that do not agree."""

    key: Any
    left: Any
    right: Any
    fields: list[Difference]


class Reconciled(sdk.Output):
    """What only one side has, what differs, and how many pairs agree."""

    only_left: list[Any]
    only_right: list[Any]
    different: list[Pair]
    same: int


RECONCILED: Final = {
    "only_left": [{"order_id": 1003, "total": Decimal("20.00")}],
    "only_right": [],
    "different": [
        {
            "key": 1001,
            "left": {"order_id": 1001, "total": Decimal("10.10")},
            "right": {"order_id": 1001, "total": Decimal("10.00")},
            "fields": [
                {
                    "field": "total",
                    "left": Decimal("10.10"),
                    "right": Decimal("10.00"),
                    "by": Decimal("-0.10"),
                }
            ],
        }
    ],
    "same": 41,
}

_Field = tuple[str, sdk.Formula, sdk.Formula, Any]


def reconcile(params: Mapping[str, Any], compile: sdk.Compile) -> sdk.Settle:
    """Compare two lists by a key: what only one of them has, and what differs."""
    lists = compile(params["left"]), compile(params["right"])
    right_key = params.get("right_key")
    keys = (
        reading(params["key"], compile),
        reading(params["key"] if right_key is None else right_key, compile),
    )
    fields = [_field(entry, compile) for entry in params.get("compare") or []]

    def settle(env: sdk.Env) -> sdk.Settled:
        left, right = (
            _Side(env, value.items(rows(env), name), key)
            for rows, name, key in zip(lists, ("left", "right"), keys, strict=True)
        )
        pairs = left.pair(right)
        if not pairs and confused(left.keys, right.keys):
            raise sdk.BadParams(
                "The keys of one list are texts and those of the other numbers, so no rows can be "
                "paired; add | text or | number to a key.",
                params={"why": "keys_differ"},
            )
        different: list[dict[str, Any]] = []
        for here, there in pairs:
            rows = left.rows[here], right.rows[there]
            found = _differences(fields, left.at(here), right.at(there)) if fields else _all(*rows)
            if found:
                pair = {"key": left.keys[here], "left": rows[0], "right": rows[1], "fields": found}
                different.append(pair)
        paired = {here for here, _ in pairs}, {there for _, there in pairs}
        return "out", {
            "only_left": [row for at, row in enumerate(left.rows) if at not in paired[0]],
            "only_right": [row for at, row in enumerate(right.rows) if at not in paired[1]],
            "different": different,
            "same": len(pairs) - len(different),
        }

    return settle


class _Side:
    """One of the two lists, with the key of each row."""

    def __init__(self, env: sdk.Env, rows: list[Any], key: sdk.Formula) -> None:
        self.rows = rows
        self.keys = list(key.each(each(env, rows)))
        self._env = dict(env)

    def at(self, index: int) -> sdk.Env:
        """Return the variables for one row: always the same object, so read it at once."""
        self._env["item"], self._env["index"] = self.rows[index], index
        return self._env

    def pair(self, other: _Side) -> list[tuple[int, int]]:
        """Return the places of rows with equal keys; of several with one key, each with its like.

        A row without a key (null) has no like.
        """
        waiting: dict[Any, list[int]] = {}
        for index in range(len(other.keys) - 1, -1, -1):
            waiting.setdefault(identity(other.keys[index]), []).append(index)
        pairs: list[tuple[int, int]] = []
        for index, key in enumerate(self.keys):
            places = waiting.get(identity(key)) if key is not None else None
            if places:
                pairs.append((index, places.pop()))
        return pairs


def _field(entry: Any, compile: sdk.Compile) -> _Field:
    if isinstance(entry, str):
        entry = {"field": entry}
    name = entry["field"]
    right = entry.get("right") or name
    tolerance = entry.get("tolerance", 0)
    return name, reading(name, compile), reading(right, compile), value.spelled(tolerance)


def _differences(fields: list[_Field], left: sdk.Env, right: sdk.Env) -> list[dict[str, Any]]:
    found = ((name, of(left), other(right), within) for name, of, other, within in fields)
    return [difference for each_field in found if (difference := _difference(*each_field))]


def _all(left: Any, right: Any) -> list[dict[str, Any]]:
    """Compare every field that both rows have, or the rows themselves."""
    if not isinstance(left, dict) or not isinstance(right, dict):
        difference = _difference("", left, right, 0)
        return [difference] if difference else []
    both = [name for name in left if name in right]
    return [
        difference for name in both if (difference := _difference(name, left[name], right[name], 0))
    ]


def _difference(name: str, left: Any, right: Any, tolerance: Any) -> dict[str, Any] | None:
    if identity(left) == identity(right):
        return None
    by: int | Decimal | None = None
    if value.is_number(left) and value.is_number(right):
        by = _less(right, left)
        if abs(by) <= value.number(tolerance, "tolerance", 0, 10**40):
            return None
        by = value.kept(by, name)
    return {"field": name, "left": left, "right": right, "by": by}


def _less(number: int | Decimal, other: int | Decimal) -> int | Decimal:
    if isinstance(number, int) and isinstance(other, int):
        return number - other
    return value.EXACT.subtract(Decimal(number), Decimal(other))
