"""Flows, their versions and the addresses of their webhook triggers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update

from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.change import FLOWS, bump
from tramo.store.pin import delete_pins
from tramo.store.presence import drop_all
from tramo.store.timer import disarm
from tramo.store.upsert import upsert

_f = table.flow.c
_v = table.flow_version.c
_a = table.address.c


def list_flows(
    connection: Connection, scope: Scope, *, limit: int, before: tuple[int, str] | None
) -> list[Any]:
    """Return flows, last changed first, each with its last run's id, state and start."""
    r = table.run.c
    last = (
        select(func.max(r.id))
        .where(r.workspace_id == scope.workspace_id, r.flow_id == _f.id)
        .correlate(table.flow)
        .scalar_subquery()
    )
    query = (
        select(table.flow, r.id.label("run_id"), r.state.label("run_state"), r.started_at)
        .select_from(table.flow.outerjoin(table.run, r.id == last))
        .where(_f.workspace_id == scope.workspace_id, _f.deleted_at.is_(None))
        .order_by(_f.updated_at.desc(), _f.id.desc())
        .limit(limit)
    )
    if before is not None:
        at, flow_id = before
        query = query.where((_f.updated_at < at) | ((_f.updated_at == at) & (_f.id < flow_id)))
    return list(connection.execute(query).all())


def get_flow(connection: Connection, scope: Scope, flow_id: str) -> Any:
    """Return a flow's row, unless it is deleted or foreign."""
    return connection.execute(
        select(table.flow).where(
            _f.workspace_id == scope.workspace_id, _f.id == flow_id, _f.deleted_at.is_(None)
        )
    ).one_or_none()


def add_flow(
    connection: Connection,
    scope: Scope,
    *,
    flow_id: str,
    name: str,
    draft: bytes,
    etag: str,
    now: int,
) -> bool:
    """Add a flow; False when the id is taken in this workspace.

    A deleted flow with this id comes back as a draft; its runs and versions never went away.
    """
    fresh = {
        "name": name,
        "draft": draft,
        "etag": etag,
        "state": "draft",
        "version": None,
        "updated_at": now,
        "updated_by": scope.actor,
        "deleted_at": None,
    }
    statement = upsert(table.flow).values(
        workspace_id=scope.workspace_id, id=flow_id, created_at=now, **fresh
    )
    done = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[_f.workspace_id, _f.id], set_=fresh, where=_f.deleted_at.is_not(None)
        )
    )
    return done.rowcount == 1


def save_draft(
    connection: Connection,
    scope: Scope,
    *,
    flow_id: str,
    name: str,
    draft: bytes,
    etag: str,
    expected: str | None,
    now: int,
) -> bool:
    """Replace a draft; False when somebody else changed it since `expected` was read."""
    statement = update(table.flow).where(
        _f.workspace_id == scope.workspace_id, _f.id == flow_id, _f.deleted_at.is_(None)
    )
    if expected is not None:
        statement = statement.where(_f.etag == expected)
    return (
        connection.execute(
            statement.values(
                draft=draft, name=name, etag=etag, updated_at=now, updated_by=scope.actor
            )
        ).rowcount
        == 1
    )


def set_state(
    connection: Connection,
    scope: Scope,
    flow_id: str,
    *,
    state: str,
    version: str | None,
    now: int,
    reason: str | None = None,
) -> None:
    """Say whether a flow takes events, and with which version; its failures are counted anew."""
    connection.execute(
        update(table.flow)
        .where(_f.workspace_id == scope.workspace_id, _f.id == flow_id)
        .values(
            state=state,
            version=version,
            pause_reason=reason,
            updated_at=now,
            updated_by=scope.actor,
        )
    )
    if state != "active":
        disarm(connection, scope, flow_id)
    bump(connection, FLOWS)
    w = table.flow_watch.c
    connection.execute(
        update(table.flow_watch)
        .where(w.workspace_id == scope.workspace_id, w.flow_id == flow_id)
        .values(failures=0, failing_since=None)
    )


def delete_flow(connection: Connection, scope: Scope, flow_id: str, now: int) -> None:
    """Hide a flow. Its versions stay: runs in flight end on them."""
    connection.execute(
        update(table.flow)
        .where(_f.workspace_id == scope.workspace_id, _f.id == flow_id)
        .values(deleted_at=now, state="paused")
    )
    delete_pins(connection, scope, flow_id)
    drop_all(connection, scope, flow_id)
    disarm(connection, scope, flow_id)
    bump(connection, FLOWS)


def add_version(
    connection: Connection,
    scope: Scope,
    *,
    flow_id: str,
    version: str,
    name: str,
    document: bytes,
    published_at: int | None,
) -> None:
    """Keep an immutable version. The same logic published again keeps its bytes and gets the new
    date."""
    statement = upsert(table.flow_version).values(
        workspace_id=scope.workspace_id,
        flow_id=flow_id,
        version=version,
        name=name,
        document=document,
        published_at=published_at,
        published_by=scope.actor,
    )
    if published_at is None:
        connection.execute(statement.on_conflict_do_nothing())
        return
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[_v.workspace_id, _v.flow_id, _v.version],
            set_={"published_at": published_at, "published_by": scope.actor, "name": name},
        )
    )


def list_versions(connection: Connection, scope: Scope, flow_id: str) -> list[Any]:
    """Return a flow's published versions, newest first, without their documents."""
    return list(
        connection.execute(
            select(_v.version, _v.name, _v.published_at, _v.published_by)
            .where(
                _v.workspace_id == scope.workspace_id,
                _v.flow_id == flow_id,
                _v.published_at.is_not(None),
            )
            .order_by(_v.published_at.desc())
        ).all()
    )


def get_version(connection: Connection, scope: Scope, flow_id: str, version: str) -> Any:
    """Return a version with its document."""
    return connection.execute(
        select(table.flow_version).where(
            _v.workspace_id == scope.workspace_id, _v.flow_id == flow_id, _v.version == version
        )
    ).one_or_none()


def active_flows(connection: Connection) -> list[Any]:
    """Return (workspace_id, flow_id, version, document) of every flow that takes events.

    Without a Scope, for it builds the subscriptions of all workspaces.
    """
    return list(
        connection.execute(
            select(_f.workspace_id, _f.id, _f.version, _v.document)
            .join_from(
                table.flow,
                table.flow_version,
                (_v.workspace_id == _f.workspace_id)
                & (_v.flow_id == _f.id)
                & (_v.version == _f.version),
            )
            .where(_f.state == "active", _f.deleted_at.is_(None))
        ).all()
    )


def active_versions(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the version of every flow that takes events, by workspace and flow."""
    rows = connection.execute(
        select(_f.workspace_id, _f.id, _f.version).where(
            _f.state == "active", _f.deleted_at.is_(None)
        )
    )
    return {(row.workspace_id, row.id): row.version for row in rows}


def ensure_address(
    connection: Connection,
    scope: Scope,
    flow_id: str,
    node_id: str,
    token: str,
    slug: str | None = None,
) -> str:
    """Return a node's address, made with `token` the first time, then for ever.

    A `slug` is an address that people chose, and takes the place of the one before. Raises
    TramoError for one that another node has.
    """
    connection.execute(
        upsert(table.address)
        .values(token=token, workspace_id=scope.workspace_id, flow_id=flow_id, node_id=node_id)
        .on_conflict_do_nothing()
    )
    place = (_a.workspace_id == scope.workspace_id, _a.flow_id == flow_id, _a.node_id == node_id)
    if slug is not None:
        holder = find_address(connection, slug)
        if holder not in (None, (scope.workspace_id, flow_id, node_id)):
            raise TramoError(
                "form.slug_taken",
                f"The address “{slug}” belongs to another form; choose another.",
                status=409,
                params={"slug": slug},
            )
        connection.execute(update(table.address).where(*place).values(token=slug))
    return connection.execute(select(_a.token).where(*place)).scalar_one()


def addresses(connection: Connection, scope: Scope, flow_id: str) -> dict[str, str]:
    """Return a flow's addresses by node."""
    rows = connection.execute(
        select(_a.node_id, _a.token).where(
            _a.workspace_id == scope.workspace_id, _a.flow_id == flow_id
        )
    ).all()
    return {row.node_id: row.token for row in rows}


def find_address(connection: Connection, token: str) -> tuple[str, str, str] | None:
    """Return (workspace, flow, node) of a webhook address; the address itself is the permission."""
    row = connection.execute(
        select(_a.workspace_id, _a.flow_id, _a.node_id).where(_a.token == token)
    ).one_or_none()
    return None if row is None else (row.workspace_id, row.flow_id, row.node_id)


def all_addresses(connection: Connection) -> dict[tuple[str, str], dict[str, str]]:
    """Return every webhook address by flow and node; like `active_flows`, of all workspaces."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(select(table.address)):
        found.setdefault((row.workspace_id, row.flow_id), {})[row.node_id] = row.token
    return found


def user_name(connection: Connection, user_id: str) -> str | None:
    """Return the name of whoever changed a flow; None for a token or the runtime itself."""
    u = table.user.c
    return connection.execute(select(u.name).where(u.id == user_id)).scalar()
