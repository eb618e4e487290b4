"""Workspace variables: plain values by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.change import VARIABLES, bump
from tramo.store.upsert import upsert

_v = table.variable.c


def all_variables(connection: Connection) -> list[Row[Any]]:
    """Return the variables of every workspace."""
    return list(connection.execute(select(table.variable)).all())


def list_variables(connection: Connection, scope: Scope) -> list[Row[Any]]:
    """Return a workspace's variables by name, with who changed them last."""
    u = table.user.c
    query = (
        select(table.variable, u.name.label("updated_by_name"))
        .select_from(table.variable.outerjoin(table.user, u.id == _v.updated_by))
        .where(_v.workspace_id == scope.workspace_id)
        .order_by(_v.name)
    )
    return list(connection.execute(query).all())


def put_variable(
    connection: Connection, scope: Scope, name: str, value: bytes, *, now: int
) -> None:
    """Set a variable, new or known."""
    fresh = {"value": value, "updated_at": now, "updated_by": scope.actor}
    connection.execute(
        upsert(table.variable)
        .values(workspace_id=scope.workspace_id, name=name, **fresh)
        .on_conflict_do_update(index_elements=[_v.workspace_id, _v.name], set_=fresh)
    )
    bump(connection, VARIABLES)


def delete_variable(connection: Connection, scope: Scope, name: str) -> bool:
    """Remove a variable; False when there is none of this name."""
    done = connection.execute(
        delete(table.variable).where(_v.workspace_id == scope.workspace_id, _v.name == name)
    )
    bump(connection, VARIABLES)
    return done.rowcount == 1
