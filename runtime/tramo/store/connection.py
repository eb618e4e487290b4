"""Connections: their rows, with the secrets as sealed boxes that this room cannot open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.change import CONNECTIONS, bump
from tramo.store.twin import forget

_c = table.connection.c
_f = table.flow.c
_v = table.flow_version.c


def list_connections(connection: Connection, scope: Scope) -> list[Row[Any]]:
    """Return a workspace's connections by name."""
    return list(
        connection.execute(
            select(table.connection)
            .where(_c.workspace_id == scope.workspace_id, _c.deleted_at.is_(None))
            .order_by(_c.name, _c.id)
        ).all()
    )


def get_connection(connection: Connection, scope: Scope, connection_id: str) -> Row[Any] | None:
    """Return a connection's row, unless it is deleted or foreign."""
    return connection.execute(
        select(table.connection).where(
            _c.workspace_id == scope.workspace_id,
            _c.id == connection_id,
            _c.deleted_at.is_(None),
        )
    ).one_or_none()


def find_by_address(connection: Connection, address: str) -> Row[Any] | None:
    """Return the connection behind a webhook address; the address itself is the permission."""
    return connection.execute(
        select(table.connection).where(_c.address == address, _c.deleted_at.is_(None))
    ).one_or_none()


def add_connection(
    connection: Connection,
    scope: Scope,
    *,
    connection_id: str,
    name: str,
    connector: str,
    target: str,
    address: str,
    public: bytes,
    sealed: bytes,
    now: int,
) -> None:
    """Add a connection at version 1, not tested yet."""
    connection.execute(
        insert(table.connection).values(
            workspace_id=scope.workspace_id,
            id=connection_id,
            name=name,
            connector=connector,
            target=target,
            state="untested",
            address=address,
            public=public,
            sealed=sealed,
            version=1,
            created_at=now,
            updated_at=now,
        )
    )


def rename(connection: Connection, scope: Scope, connection_id: str, name: str, now: int) -> None:
    connection.execute(_update(scope, connection_id).values(name=name, updated_at=now))
    bump(connection, CONNECTIONS)


def save_credential(
    connection: Connection,
    scope: Scope,
    connection_id: str,
    *,
    expected: int,
    public: bytes,
    sealed: bytes,
    now: int,
) -> bool:
    """Replace a credential, sealed for version `expected + 1`; False when somebody was faster."""
    done = connection.execute(
        _update(scope, connection_id)
        .where(_c.version == expected)
        .values(
            public=public,
            sealed=sealed,
            version=expected + 1,
            state="untested",
            account=None,
            tested_at=None,
            updated_at=now,
        )
    )
    bump(connection, CONNECTIONS)
    return done.rowcount == 1


def set_state(
    connection: Connection,
    scope: Scope,
    connection_id: str,
    *,
    version: int,
    state: str,
    account: str | None,
    now: int | None,
) -> None:
    """Note what a test said about the credential of `version`, unless it was changed meanwhile."""
    connection.execute(
        _update(scope, connection_id)
        .where(_c.version == version)
        .values(state=state, account=account, tested_at=now)
    )
    bump(connection, CONNECTIONS)


def delete_connection(connection: Connection, scope: Scope, connection_id: str, now: int) -> None:
    """Hide a connection and destroy its secrets."""
    connection.execute(
        _update(scope, connection_id).values(deleted_at=now, sealed=b"", public=b"{}")
    )
    forget(connection, connection_id)
    bump(connection, CONNECTIONS)


def active_documents(connection: Connection, scope: Scope) -> list[tuple[str, bytes]]:
    """Return name and published document of each flow that takes events."""
    rows = connection.execute(
        select(_f.name, _v.document)
        .join_from(
            table.flow,
            table.flow_version,
            (_v.workspace_id == _f.workspace_id)
            & (_v.flow_id == _f.id)
            & (_v.version == _f.version),
        )
        .where(_f.workspace_id == scope.workspace_id, _f.state == "active", _f.deleted_at.is_(None))
    ).all()
    return [(name, document) for name, document in rows]


def all_boxes(connection: Connection) -> list[Any]:
    """Return rows of (workspace_id, id, version, sealed), one for every connection.

    Without a Scope: for the start and for changing the key, which concern all workspaces.
    """
    return list(
        connection.execute(
            select(_c.workspace_id, _c.id, _c.version, _c.sealed).where(_c.deleted_at.is_(None))
        ).all()
    )


def replace_box(
    connection: Connection,
    workspace_id: str,
    connection_id: str,
    *,
    old: bytes,
    new: bytes,
) -> bool:
    """Put the same secrets under a new key; False when the row was changed meanwhile."""
    done = connection.execute(
        update(table.connection)
        .where(_c.workspace_id == workspace_id, _c.id == connection_id, _c.sealed == old)
        .values(sealed=new)
    )
    bump(connection, CONNECTIONS)
    return done.rowcount == 1


def _update(scope: Scope, connection_id: str) -> Any:
    return update(table.connection).where(
        _c.workspace_id == scope.workspace_id,
        _c.id == connection_id,
        _c.deleted_at.is_(None),
    )
