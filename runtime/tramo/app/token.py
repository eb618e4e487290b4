"""API tokens: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import logging
from typing import Any, Final

from sqlalchemy import Connection

from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Role, Scope
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.store import account as store
from tramo.store.database import Database

PREFIX: Final = "tramo_"
SEEN_EVERY_MS: Final = 60_000
"""How exactly the last use of a session or token is remembered."""
_RANK: Final = {"viewer": 0, "editor": 1, "owner": 2}

_audit = logging.getLogger("tramo.audit")


class TokenDesk:
    """What people do about API tokens."""

    def __init__(self, *, database: Database, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._local: dict[str, Scope] = {}

    async def tokens(self, scope: Scope) -> dict[str, Any]:
        """Return the API tokens that the actor may see, without their secrets."""
        rows = await self._database.read(lambda c: store.list_tokens(c, scope))
        items = [
            {
                "id": row.id,
                "name": row.name,
                "role": row.role,
                "created_at": rfc3339(row.created_at),
                "last_used_at": rfc3339(row.used_at) if row.used_at is not None else None,
            }
            for row in rows
        ]
        return {"items": items, "next": None}

    async def create_token(self, scope: Scope, name: str, role: Role) -> dict[str, str]:
        """Make an API token with at most the actor's own role; its text is shown this once."""
        if _RANK[role] > _RANK[scope.role]:
            raise TramoError(
                "token.role",
                "A token cannot be given a role above your own.",
                status=403,
                path="/role",
            )
        text = PREFIX + self._ids.token()
        token_id = self._ids.new("tok")
        now = self._clock.now_ms()

        def add(connection: Connection) -> None:
            values = {
                "id": token_id,
                "hash": digest(text),
                "workspace_id": scope.workspace_id,
                "user_id": store.maker_of(connection, scope),
                "name": name,
                "role": role,
                "created_at": now,
            }
            store.add_token(connection, values)

        await self._database.write(add)
        _audit.info("token made token=%s role=%s by=%s", token_id, role, scope.actor)
        return {"id": token_id, "name": name, "token": text}

    async def delete_token(self, scope: Scope, token_id: str) -> None:
        """Make a token useless at once."""
        if not await self._database.write(lambda c: store.delete_token(c, scope, token_id)):
            raise TramoError("token.unknown", "There is no such token.", status=404)
        _audit.info("token deleted token=%s by=%s", token_id, scope.actor)

    def local_token(self, scope: Scope) -> str:
        """Make a token that lives as long as this process: the command line's, never stored."""
        text = PREFIX + self._ids.token()
        self._local[digest(text)] = scope
        return text

    async def token_scope(self, text: str) -> Scope | None:
        """Return the scope in which the bearer of an API token acts."""
        if not text.startswith(PREFIX):
            return None
        if (local := self._local.get(digest(text))) is not None:
            return local
        row = await self._database.read(lambda c: store.find_token(c, digest(text)))
        if row is None:
            return None
        now = self._clock.now_ms()
        if row.used_at is None or row.used_at <= now - SEEN_EVERY_MS:
            await self._database.write(lambda c: store.touch_token(c, row.id, now))
        role = min(row.role, row.member_role or row.role, key=_RANK.__getitem__)
        return Scope(row.workspace_id, row.id, role)


def digest(secret: str) -> str:
    """Return what the store keeps of a secret that is random enough to need no salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
