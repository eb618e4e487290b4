"""Who asks, and whether they may: one guard before every route of the API.

A route is closed unless it says otherwise: reading needs a viewer, writing an editor;
`opt={"role": …}` names another role, or `anyone`.
"""

from __future__ import annotations

import hmac
from typing import Any, Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from tramo.app.account import AccountDesk, Session
from tramo.model.problem import TramoError
from tramo.model.scope import Scope

from tramo_web.front import Front

Connection = ASGIConnection[Any, Any, Any, Any]

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
RANK: Final = {"anyone": -1, "viewer": 0, "editor": 1, "owner": 2}
COOKIE_AGE_S: Final = 30 * 24 * 3600


class Caller(msgspec.Struct, frozen=True):
    """Whoever sent a request: a person with a session, or the bearer of an API token."""

    scope: Scope
    secret: str
    session: Session | None = None


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let a request through to its route with its Caller, or raise TramoError."""
    writes = connection.scope.get("method") not in SAFE
    need = handler.opt.get("role", "editor" if writes else "viewer")
    front: Front = connection.app.state.front
    if need == "anyone":
        if writes:
            _check_origin(connection, front)
        return
    house = connection.app.state.house
    accounts: AccountDesk = house.accounts
    caller = await identify(connection, accounts, front)
    if caller is None:
        raise await _nobody(accounts, demo=house.settings.demo)
    if writes and caller.session is not None:
        _check_origin(connection, front)
        said = connection.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(said.encode(), caller.session.csrf.encode()):
            raise TramoError(
                "session.csrf",
                "This request does not come from a page of ours. Reload the page and try again.",
                status=403,
            )
    if RANK[caller.scope.role] < RANK[need]:
        raise TramoError(
            "session.role",
            f"This needs the role {need}; yours is {caller.scope.role}. Ask an owner.",
            status=403,
            params={"needed": need, "role": caller.scope.role},
        )
    connection.state.caller = caller


async def identify(connection: Connection, accounts: AccountDesk, front: Front) -> Caller | None:
    """Return who asks; raises TramoError for a token that is not good."""
    kind, _, text = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        scope = await accounts.token_scope(text.strip())
        if scope is None:
            raise TramoError(
                "token.refused",
                "This API token is not known, or was deleted. Make a new one.",
                status=401,
            )
        return Caller(scope, text.strip())
    secret = read_cookie(connection, front)
    session = await accounts.session(secret) if secret else None
    return Caller(session.scope, secret or "", session) if session else None


async def is_still_welcome(caller: Caller, accounts: AccountDesk) -> bool:
    """Tell whether a caller would still be let in, for streams that outlive their request."""
    if caller.session is None:
        return await accounts.token_scope(caller.secret) is not None
    return await accounts.session(caller.secret) is not None


def caller_of(connection: Connection) -> Caller:
    """Return the caller that the guard let through."""
    return connection.state.caller


def session_of(connection: Connection) -> tuple[str, Session]:
    """Return the caller's session and its secret; raises TramoError for an API token."""
    caller = caller_of(connection)
    if caller.session is None:
        raise TramoError(
            "session.required", "Only a signed-in person can do this, not a token.", status=403
        )
    return caller.secret, caller.session


def read_cookie(connection: Connection, front: Front) -> str | None:
    """Return the session cookie; None when it comes twice, for then one may be a stranger's."""
    found = [
        value.strip()
        for header in connection.headers.getall("cookie", [])
        for part in header.split(";")
        for name, _, value in [part.partition("=")]
        if name.strip() == front.cookie
    ]
    return found[0] if len(found) == 1 else None


def write_cookie(secret: str | None, front: Front) -> str:
    """Return the Set-Cookie text that begins a session, or ends it with None."""
    secure = "; Secure" if front.is_secure else ""
    age = COOKIE_AGE_S if secret is not None else 0
    return f"{front.cookie}={secret or ''}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"


def client_address(connection: Connection) -> str:
    """Return the address at the other end of the connection."""
    client = connection.scope.get("client")
    return client[0] if client else "unknown"


def _check_origin(connection: Connection, front: Front) -> None:
    origin = connection.headers.get("origin")
    site = connection.headers.get("sec-fetch-site", "same-origin")
    host = connection.headers.get("host", "")
    stranger = origin is not None and not front.knows_origin(origin, host)
    if stranger or site not in ("same-origin", "none"):
        raise TramoError(
            "session.origin",
            "This request comes from another site's page and was refused.",
            status=403,
        )


async def _nobody(accounts: AccountDesk, *, demo: bool) -> TramoError:
    return TramoError(
        "session.none",
        "Nobody is signed in. Sign in, or send an API token.",
        status=401,
        params={"owner_exists": await accounts.owner_exists(), "demo": demo},
    )
