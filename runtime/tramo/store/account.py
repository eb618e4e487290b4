"""People: workspaces, users, members, sessions, one-time links and API tokens.

Secrets come in as SHA-256 digests; this module never sees a session, link or token in the clear.
What happens before anybody is known (signing in, redeeming a link) takes no Scope; the rest does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from tramo.model.scope import Scope
from tramo.store import table

_w = table.workspace.c
_u = table.user.c
_m = table.member.c
_s = table.session.c
_l = table.link.c
_t = table.token.c


# Workspaces ----------------------------------------------------------------------------------


def first_workspace(connection: Connection) -> Row[Any] | None:
    """Return the oldest workspace."""
    return connection.execute(select(table.workspace).order_by(_w.created_at).limit(1)).first()


def add_workspace(connection: Connection, *, workspace_id: str, name: str, now: int) -> None:
    connection.execute(insert(table.workspace).values(id=workspace_id, name=name, created_at=now))


def owner_exists(connection: Connection) -> bool:
    """Tell whether anybody owns any workspace."""
    return (
        connection.execute(select(_m.user_id).where(_m.role == "owner").limit(1)).first()
        is not None
    )


# Users and members ---------------------------------------------------------------------------


def user_by_email(connection: Connection, email: str) -> Row[Any] | None:
    return connection.execute(select(table.user).where(_u.email == email)).one_or_none()


def add_user(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(table.user).values(**values))


def change_user(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(table.user).where(_u.id == user_id).values(**values))


def memberships(connection: Connection, user_id: str) -> list[Row[Any]]:
    """Return a user's memberships, oldest first."""
    return list(
        connection.execute(
            select(table.member).where(_m.user_id == user_id).order_by(_m.created_at)
        ).all()
    )


def add_member(
    connection: Connection, *, workspace_id: str, user_id: str, role: str, now: int
) -> None:
    connection.execute(
        insert(table.member).values(
            workspace_id=workspace_id, user_id=user_id, role=role, created_at=now
        )
    )


def list_members(connection: Connection, scope: Scope) -> Sequence[Any]:
    """Return the people of the workspace, oldest member first."""
    return connection.execute(
        select(_u.id, _u.name, _u.email, _m.role, _m.created_at)
        .join_from(table.member, table.user, _m.user_id == _u.id)
        .where(_m.workspace_id == scope.workspace_id)
        .order_by(_m.created_at, _u.id)
    ).all()


def count_owners(connection: Connection, scope: Scope) -> int:
    return connection.execute(
        select(func.count()).where(_m.workspace_id == scope.workspace_id, _m.role == "owner")
    ).scalar_one()


def remove_member(connection: Connection, scope: Scope, user_id: str) -> None:
    """End a membership with its sessions and tokens."""
    for found in (table.session, table.token, table.member):
        connection.execute(
            delete(found).where(
                found.c.workspace_id == scope.workspace_id, found.c.user_id == user_id
            )
        )


# Sessions ------------------------------------------------------------------------------------


def add_session(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(table.session).values(**values))


def find_session(connection: Connection, digest: str) -> Row[Any] | None:
    """Return a session with its user, workspace and present role; None once the member is gone."""
    return connection.execute(
        select(
            table.session,
            _u.name.label("user_name"),
            _u.email,
            _u.language,
            _w.name.label("workspace_name"),
            _m.role,
        )
        .join_from(table.session, table.user, _s.user_id == _u.id)
        .join(table.workspace, _w.id == _s.workspace_id)
        .join(table.member, (_m.user_id == _s.user_id) & (_m.workspace_id == _s.workspace_id))
        .where(_s.hash == digest)
    ).one_or_none()


def touch_session(connection: Connection, digest: str, now: int) -> None:
    connection.execute(update(table.session).where(_s.hash == digest).values(seen_at=now))


def end_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(table.session).where(_s.hash == digest))


def end_sessions(connection: Connection, user_id: str) -> None:
    """End every session of a user, in all workspaces."""
    connection.execute(delete(table.session).where(_s.user_id == user_id))


def forget_expired(connection: Connection, *, now: int, idle_since: int) -> None:
    """Drop sessions and links that nobody can use any more."""
    connection.execute(
        delete(table.session).where((_s.expires_at <= now) | (_s.seen_at <= idle_since))
    )
    connection.execute(delete(table.link).where(_l.expires_at <= now))


# One-time links ------------------------------------------------------------------------------


def add_link(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(table.link).values(**values))


def drop_links(
    connection: Connection, workspace_id: str, *, purpose: str, email: str | None = None
) -> None:
    """Withdraw unused links of one purpose, for one address or for all."""
    query = delete(table.link).where(
        _l.workspace_id == workspace_id, _l.purpose == purpose, _l.used_at.is_(None)
    )
    connection.execute(query if email is None else query.where(_l.email == email))


def find_link(connection: Connection, digest: str, now: int) -> Row[Any] | None:
    """Return a link that still works."""
    return connection.execute(
        select(table.link).where(_l.hash == digest, _l.used_at.is_(None), _l.expires_at > now)
    ).one_or_none()


def use_link(connection: Connection, digest: str, now: int) -> bool:
    """Spend a link; False when somebody else was faster."""
    spent = connection.execute(
        update(table.link)
        .where(_l.hash == digest, _l.used_at.is_(None), _l.expires_at > now)
        .values(used_at=now)
    )
    return spent.rowcount == 1


# API tokens ----------------------------------------------------------------------------------


def add_token(connection: Connection, values: dict[str, Any]) -> None:
    connection.execute(insert(table.token).values(**values))


def find_token(connection: Connection, digest: str) -> Row[Any] | None:
    """Return a token whose maker, if it has one, is still a member, with that member's role."""
    query = (
        select(table.token, _m.role.label("member_role"))
        .join_from(
            table.token,
            table.member,
            (_m.user_id == _t.user_id) & (_m.workspace_id == _t.workspace_id),
            isouter=True,
        )
        .where(_t.hash == digest)
    )
    row = connection.execute(query).one_or_none()
    if row is None or (row.user_id is not None and row.member_role is None):
        return None
    return row


def touch_token(connection: Connection, token_id: str, now: int) -> None:
    connection.execute(update(table.token).where(_t.id == token_id).values(used_at=now))


def maker_of(connection: Connection, scope: Scope) -> str | None:
    """Return the user behind an actor, whether a person or one of their tokens acts."""
    if not scope.actor.startswith("tok_"):
        return scope.actor if scope.actor.startswith("user_") else None
    return connection.execute(
        select(_t.user_id).where(_t.workspace_id == scope.workspace_id, _t.id == scope.actor)
    ).scalar_one_or_none()


def email_of(connection: Connection, scope: Scope) -> str | None:
    """Return the address of the person behind an actor; None for one that is no person."""
    return connection.execute(
        select(_u.email).where(_u.id == maker_of(connection, scope))
    ).scalar_one_or_none()


def _visible_tokens(scope: Scope, maker: str | None) -> Select[Any]:
    query = select(table.token).where(_t.workspace_id == scope.workspace_id)
    return query if scope.role == "owner" else query.where(_t.user_id == maker)


def list_tokens(connection: Connection, scope: Scope) -> list[Row[Any]]:
    """Return the tokens that the actor may see: an owner all, another person their own."""
    query = _visible_tokens(scope, maker_of(connection, scope))
    return list(connection.execute(query.order_by(_t.created_at.desc(), _t.id)).all())


def delete_token(connection: Connection, scope: Scope, token_id: str) -> bool:
    """Delete a token that the actor may see; False when there is none."""
    query = _visible_tokens(scope, maker_of(connection, scope)).where(_t.id == token_id)
    if connection.execute(query).first() is None:
        return False
    connection.execute(
        delete(table.token).where(_t.workspace_id == scope.workspace_id, _t.id == token_id)
    )
    return True
