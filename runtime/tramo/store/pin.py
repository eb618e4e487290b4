"""Pinned data: what stands in for nodes' outputs while a draft is tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.upsert import upsert

_p = table.pin.c


def list_pins(connection: Connection, scope: Scope, flow_id: str) -> list[Row[Any]]:
    """Return a flow's pins by node, with the names of those who set them."""
    u = table.user.c
    query = (
        select(table.pin, u.name.label("updated_by_name"))
        .select_from(table.pin.outerjoin(table.user, u.id == _p.updated_by))
        .where(*_of_flow(scope, flow_id))
        .order_by(_p.node_id)
    )
    return list(connection.execute(query).all())


def put_pin(
    connection: Connection,
    scope: Scope,
    flow_id: str,
    node_id: str,
    *,
    port: str,
    output: bytes,
    source: str | None,
    now: int,
) -> None:
    """Pin data to a node, in place of what was pinned before."""
    fresh = {
        "port": port,
        "output": output,
        "source": source,
        "updated_at": now,
        "updated_by": scope.actor,
    }
    connection.execute(
        upsert(table.pin)
        .values(workspace_id=scope.workspace_id, flow_id=flow_id, node_id=node_id, **fresh)
        .on_conflict_do_update(index_elements=[_p.workspace_id, _p.flow_id, _p.node_id], set_=fresh)
    )


def delete_pin(connection: Connection, scope: Scope, flow_id: str, node_id: str) -> bool:
    """Unpin a node; False when nothing was pinned."""
    done = connection.execute(
        delete(table.pin).where(*_of_flow(scope, flow_id), _p.node_id == node_id)
    )
    return done.rowcount == 1


def delete_pins(connection: Connection, scope: Scope, flow_id: str) -> None:
    """Unpin everything of a flow: it may be about people, and goes when the flow does."""
    connection.execute(delete(table.pin).where(*_of_flow(scope, flow_id)))


def _of_flow(scope: Scope, flow_id: str) -> tuple[Any, ...]:
    return (_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id)
