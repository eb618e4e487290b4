"""The desk for workspace variables: values that every flow of a workspace reads as `vars.name`.

A run takes them all when it begins and keeps them; what is set later counts for later runs. They
are no place for secrets: everybody who may look at runs sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row

from tramo.app.role import require_editor
from tramo.engine.instant import rfc3339
from tramo.model.id import NODE_ID, RESERVED_NODE_IDS
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.store import variable as store
from tramo.store.database import Database

MOST_BYTES: Final = 16 * 1024
"""All variables of a workspace together: every run keeps them."""

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class VariableDesk:
    """What people do with variables, and where runs get them from."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._values: dict[str, Mapping[str, Any]] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called when a variable was set or removed here."""

    async def load(self) -> None:
        """Read every workspace's variables: from now on `of` knows them."""
        found: dict[str, dict[str, Any]] = {}
        for row in await self._database.read(store.all_variables):
            found.setdefault(row.workspace_id, {})[row.name] = decode(row.value)
        self._values = dict(found)

    def of(self, workspace_id: str) -> Mapping[str, Any]:
        """Return the variables that a run of a workspace begins with."""
        return self._values.get(workspace_id, _NONE)

    async def list(self, scope: Scope) -> dict[str, Any]:
        """Return the variables by name."""
        rows = await self._database.read(lambda c: store.list_variables(c, scope))
        return {"items": [_item(row) for row in rows], "next": None}

    async def get(self, scope: Scope, name: str) -> dict[str, Any]:
        """Return one variable."""
        for item in (await self.list(scope))["items"]:
            if item["name"] == name:
                return item
        raise _unknown(name)

    async def put(self, scope: Scope, name: str, value: Any) -> dict[str, Any]:
        """Set a variable to a plain value."""
        require_editor(scope)
        if not NODE_ID.match(name) or name in RESERVED_NODE_IDS:
            raise TramoError(
                "variable.name",
                f"“{name[:64]}” cannot name a variable: use small letters, digits and _, a letter "
                "first, and no word that means something else in a formula.",
                status=422,
                params={"name": name[:64]},
            )
        raw, now = encode(value), self._clock.now_ms()

        def write(connection: Connection) -> Sequence[Row[Any]]:
            store.put_variable(connection, scope, name, raw, now=now)
            rows = store.list_variables(connection, scope)
            if sum(len(row.name) + len(row.value) for row in rows) > MOST_BYTES:
                raise TramoError(
                    "variable.size",
                    f"The variables of a workspace take {MOST_BYTES // 1024} KiB at most: every "
                    "run keeps them. Put long lists into a table.",
                    status=422,
                    params={"most_kib": MOST_BYTES // 1024},
                )
            return rows

        self._remember(scope, await self._database.write(write))
        return await self.get(scope, name)

    async def delete(self, scope: Scope, name: str) -> None:
        """Remove a variable: flows that read it fail there from now on."""
        require_editor(scope)

        def write(connection: Connection) -> Sequence[Row[Any]] | None:
            if not store.delete_variable(connection, scope, name):
                return None
            return store.list_variables(connection, scope)

        rows = await self._database.write(write)
        if rows is None:
            raise _unknown(name)
        self._remember(scope, rows)

    def _remember(self, scope: Scope, rows: Sequence[Row[Any]]) -> None:
        self._values[scope.workspace_id] = {row.name: decode(row.value) for row in rows}
        self.on_change()


def _item(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": decode(row.value),
        "updated_at": rfc3339(row.updated_at),
        "updated_by": row.updated_by_name,
    }


def _unknown(name: str) -> TramoError:
    return TramoError("variable.unknown", f"There is no variable “{name[:64]}”.", status=404)
