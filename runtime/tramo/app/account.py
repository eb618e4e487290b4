"""The desk for people: accounts, sessions, one-time links and members.

A session, link or token is 32 random bytes that the holder alone has; the store keeps their
SHA-256. Signing in costs and answers the same whether or not the e-mail is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.password import UNUSABLE, Passwords, check_password
from tramo.app.throttle import Throttle, neighbourhood, region
from tramo.app.token import SEEN_EVERY_MS, TokenDesk, digest
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import Role, Scope
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.store import account as store
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database

Purpose = Literal["owner", "invitation", "sign_in"]

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * 60 * _MINUTE_MS
IDLE_MS: Final = 12 * 60 * _MINUTE_MS
SESSION_MS: Final = 30 * _DAY_MS
LINK_MS: Final[dict[str, int]] = {
    "owner": 30 * _DAY_MS,
    "invitation": 7 * _DAY_MS,
    "sign_in": 30 * _MINUTE_MS,
}
"""An owner's link also dies when the next one is made, at the next start."""
LANGUAGES: Final = ("en", "es", "pt", "ro")

_audit = logging.getLogger("tramo.audit")


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in person, as one request sees them."""

    user: dict[str, str]
    role: Role
    workspace: dict[str, str]
    csrf: str

    @property
    def scope(self) -> Scope:
        return Scope(self.workspace["id"], self.user["id"], self.role)


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """A session that has just begun. `token` goes to the holder and is never seen again."""

    token: str
    session: Session


class Redeemed(msgspec.Struct, frozen=True, kw_only=True):
    """What a one-time link is for; `entered` is set where using it signs in."""

    purpose: Purpose
    email: str
    role: Role
    entered: Entered | None = None


class AccountDesk(TokenDesk):
    """What people do about people."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        url: Callable[[], str],
        passwords: Passwords | None = None,
    ) -> None:
        super().__init__(database=database, clock=clock, ids=ids)
        self._url = url
        self.workspace_id = ""
        """The workspace that the command line acts in; known from `bootstrap` on."""
        self._passwords = passwords or Passwords()
        self._by_account = Throttle(clock, free=5)
        self._by_address = Throttle(clock, free=30, longest_s=300)

    # The beginning -------------------------------------------------------------------------------

    async def bootstrap(self, name: str = "Tramo") -> str:
        """Return the workspace's id, making the workspace at the first start."""
        now = self._clock.now_ms()
        fresh = self._ids.new("ws")

        def begin(connection: Connection) -> str:
            store.forget_expired(connection, now=now, idle_since=now - IDLE_MS)
            found = store.first_workspace(connection)
            if found is not None:
                return found.id
            store.add_workspace(connection, workspace_id=fresh, name=name, now=now)
            return fresh

        self.workspace_id = await self._database.write(begin)
        return self.workspace_id

    async def owner_exists(self) -> bool:
        return await self._database.read(store.owner_exists)

    async def make_link(
        self,
        purpose: Purpose,
        *,
        workspace_id: str | None = None,
        email: str | None = None,
        role: Role = "owner",
        user_id: str | None = None,
        valid_ms: int | None = None,
    ) -> dict[str, str]:
        """Make a one-time link `{url, expires_at}`; an older one for the same person stops working.

        `user_id` says whom a `sign_in` link lets in.
        """
        workspace = workspace_id or await self.bootstrap()
        token = self._ids.token()
        now = self._clock.now_ms()
        expires_at = now + (valid_ms or LINK_MS[purpose])

        def add(connection: Connection) -> None:
            if purpose != "sign_in":
                store.drop_links(connection, workspace, purpose=purpose, email=email)
            values = {
                "hash": digest(token),
                "workspace_id": workspace,
                "purpose": purpose,
                "email": email,
                "role": role,
                "user_id": user_id,
                "created_at": now,
                "expires_at": expires_at,
            }
            store.add_link(connection, values)

        await self._database.write(add)
        _audit.info("link made purpose=%s workspace=%s role=%s", purpose, workspace, role)
        return {"url": f"{self._url()}/start#t={token}", "expires_at": rfc3339(expires_at)}

    async def ensure_owner(self, *, name: str, email: str, language: str = "en") -> str:
        """Return the id of the user with this e-mail, made an owner without a password if new.

        Such an account is entered by `sign_in` links only: the demo's.
        """
        address = read_email(email)
        workspace = await self.bootstrap()
        now = self._clock.now_ms()
        fresh = self._ids.new("user")

        def ensure(connection: Connection) -> str:
            found = store.user_by_email(connection, address)
            if found is not None:
                return found.id
            self._add_account(
                connection, fresh, workspace, "owner", name, address, UNUSABLE, language, now
            )
            return fresh

        return await self._database.write(ensure)

    # Sessions ------------------------------------------------------------------------------------

    async def session(self, token: str) -> Session | None:
        """Return the session of a cookie, unless it ended or its member was removed."""
        key = digest(token)
        row = await self._database.read(lambda c: store.find_session(c, key))
        now = self._clock.now_ms()
        if row is None or row.expires_at <= now or row.seen_at <= now - IDLE_MS:
            return None
        if row.seen_at <= now - SEEN_EVERY_MS:
            with suppress(StoreUnavailable):  # Looking goes on while nothing can be written.
                await self._database.write(lambda c: store.touch_session(c, key, now))
        return _session(row)

    async def sign_in(
        self, email: str, password: str, *, address: str, before: str | None = None
    ) -> Entered:
        """Begin a session; `before` is the session token the browser held until now, which ends.

        Raises TramoError: `session.refused` for any wrong pair, `session.slow_down` after too many.
        """
        try:
            wanted = read_email(email)
        except TramoError:
            wanted = ""
        place = neighbourhood(address)
        account = f"{digest(wanted)}@{place}"
        self._by_account.admit(account)
        self._by_address.admit(place)
        user = await self._database.read(lambda c: store.user_by_email(c, wanted))
        stored = user.password_hash if user is not None else None
        if not await self._passwords.matches(stored, password) or user is None:
            _audit.warning("sign-in refused from=%s", region(address))
            raise _refused()
        renewed = None
        if self._passwords.is_dated(user.password_hash):
            renewed = await self._passwords.hash(password)

        def enter(connection: Connection) -> Entered:
            belongs = store.memberships(connection, user.id)
            if not belongs:
                raise _refused()
            if renewed is not None:
                store.change_user(connection, user.id, password_hash=renewed)
            if before is not None:
                store.end_session(connection, digest(before))
            return self._enter(connection, user.id, belongs[0].workspace_id)

        entered = await self._database.write(enter)
        self._by_account.forgive(account)
        _audit.info("signed in user=%s from=%s", user.id, region(address))
        return entered

    async def sign_out(self, token: str) -> None:
        """End a session."""
        await self._database.write(lambda c: store.end_session(c, digest(token)))
        _audit.info("signed out")

    async def set_language(self, scope: Scope, language: str) -> None:
        """Remember the language that a person reads in."""
        _check_language(language)
        await self._database.write(lambda c: store.change_user(c, scope.actor, language=language))

    def _enter(self, connection: Connection, user_id: str, workspace_id: str) -> Entered:
        now = self._clock.now_ms()
        store.forget_expired(connection, now=now, idle_since=now - IDLE_MS)
        token = self._ids.token()
        values = {
            "hash": digest(token),
            "user_id": user_id,
            "workspace_id": workspace_id,
            "csrf": self._ids.token(),
            "created_at": now,
            "seen_at": now,
            "expires_at": now + SESSION_MS,
        }
        store.add_session(connection, values)
        row = store.find_session(connection, values["hash"])
        if row is None:
            raise _refused()
        return Entered(token=token, session=_session(row))

    # Links and accounts --------------------------------------------------------------------------

    async def redeem(self, link_token: str, *, before: str | None = None) -> Redeemed:
        """Say what a link is for; a `sign_in` link is spent by it and begins a session.

        Raises `link.used` for a link that was used, withdrawn, has expired or never was.
        """
        key = digest(link_token)
        now = self._clock.now_ms()

        def spend(connection: Connection) -> Redeemed:
            link = store.find_link(connection, key, now)
            if link is None:
                raise _used()
            entered = None
            if link.purpose == "sign_in":
                store.use_link(connection, key, now)
                if before is not None:
                    store.end_session(connection, digest(before))
                entered = self._enter(connection, link.user_id, link.workspace_id)
            return Redeemed(
                purpose=link.purpose, email=link.email or "", role=link.role, entered=entered
            )

        redeemed = await self._database.write(spend)
        if redeemed.entered is not None:
            _audit.info("signed in by link user=%s", redeemed.entered.session.user["id"])
        return redeemed

    async def create_account(
        self, link_token: str, *, name: str, email: str, password: str, language: str
    ) -> Entered:
        """Make the account that an owner's or invitation link stands for, and sign in.

        An invitation to somebody who is in no other workspace renews their account: the way back in
        after a forgotten password. Raises TramoError for a spent link or unfit fields.
        """
        address = read_email(email)
        check_password(password)
        _check_language(language)
        key = digest(link_token)
        link = await self._database.read(lambda c: store.find_link(c, key, self._clock.now_ms()))
        _check_link(link, address)
        hashed = await self._passwords.hash(password)
        now = self._clock.now_ms()
        fresh = self._ids.new("user")

        def create(connection: Connection) -> Entered:
            link = _check_link(store.find_link(connection, key, now), address)
            if not store.use_link(connection, key, now):
                raise _used()
            found = store.user_by_email(connection, address)
            if found is None:
                self._add_account(
                    connection, fresh, link.workspace_id, link.role, name, address, hashed,
                    language, now,
                )  # fmt: skip
                return self._enter(connection, fresh, link.workspace_id)
            belongs = {row.workspace_id for row in store.memberships(connection, found.id)}
            if link.purpose != "invitation" or belongs - {link.workspace_id}:
                raise _taken()
            store.change_user(
                connection, found.id, name=name, password_hash=hashed, language=language
            )
            store.end_sessions(connection, found.id)
            if not belongs:
                store.add_member(
                    connection,
                    workspace_id=link.workspace_id, user_id=found.id, role=link.role, now=now,
                )  # fmt: skip
            return self._enter(connection, found.id, link.workspace_id)

        entered = await self._database.write(create)
        _audit.info("account made user=%s", entered.session.user["id"])
        return entered

    def _add_account(
        self,
        connection: Connection,
        user_id: str,
        workspace_id: str,
        role: str,
        name: str,
        email: str,
        password_hash: str,
        language: str,
        now: int,
    ) -> None:
        values = {
            "id": user_id,
            "name": name.strip() or email,
            "email": email,
            "password_hash": password_hash,
            "language": language,
            "created_at": now,
        }
        store.add_user(connection, values)
        store.add_member(connection, workspace_id=workspace_id, user_id=user_id, role=role, now=now)

    # Members -------------------------------------------------------------------------------------

    async def members(self, scope: Scope) -> dict[str, Any]:
        """Return the people of the workspace."""
        rows = await self._database.read(lambda c: store.list_members(c, scope))
        items = [
            {
                "id": row.id,
                "name": row.name,
                "email": row.email,
                "role": row.role,
                "joined_at": rfc3339(row.created_at),
            }
            for row in rows
        ]
        return {"items": items, "next": None}

    async def remove_member(self, scope: Scope, user_id: str) -> None:
        """End a membership with all its sessions and tokens; the last owner stays."""

        def remove(connection: Connection) -> None:
            by_id = {row.id: row for row in store.list_members(connection, scope)}
            if user_id not in by_id:
                raise TramoError("member.unknown", "There is no such member.", status=404)
            if by_id[user_id].role == "owner" and store.count_owners(connection, scope) == 1:
                raise TramoError(
                    "member.last_owner",
                    "The last owner cannot be removed. Invite another owner first.",
                    status=409,
                )
            store.remove_member(connection, scope, user_id)
            store.drop_links(
                connection, scope.workspace_id, purpose="invitation", email=by_id[user_id].email
            )

        await self._database.write(remove)
        _audit.info("member removed user=%s by=%s", user_id, scope.actor)

    async def invite(self, scope: Scope, email: str, role: Role) -> dict[str, str]:
        """Make an invitation link for one e-mail address."""
        return await self.make_link(
            "invitation", workspace_id=scope.workspace_id, email=read_email(email), role=role
        )


def read_email(text: str) -> str:
    """Return an e-mail address in the form it is compared in; raises TramoError."""
    address = text.strip().lower()
    name, at, domain = address.rpartition("@")
    fits = name and at and "." in f"{domain}." and len(address) <= 254 and address.isprintable()
    if not fits or not domain or " " in address:
        raise TramoError(
            "account.email",
            "This is not an e-mail address. It needs the form name@example.com.",
            status=422,
            path="/email",
        )
    return address


def _session(row: Row[Any]) -> Session:
    return Session(
        user={
            "id": row.user_id,
            "name": row.user_name,
            "email": row.email,
            "language": row.language,
        },
        role=row.role,
        workspace={"id": row.workspace_id, "name": row.workspace_name},
        csrf=row.csrf,
    )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise TramoError(
            "account.language",
            f"Tramo speaks {known}; choose one of them.",
            status=422,
            path="/language",
            params={"known": known},
        )


def _check_link(link: Row[Any] | None, email: str) -> Row[Any]:
    if link is None or link.purpose == "sign_in":
        raise _used()
    if link.email and link.email != email:
        raise TramoError(
            "link.other_email",
            "This invitation is for another e-mail address. Use the address it was sent to, or ask "
            "for a new one.",
            status=422,
            path="/email",
        )
    return link


def _refused() -> TramoError:
    return TramoError("session.refused", "E-mail or password is not right.", status=401)


def _used() -> TramoError:
    return TramoError(
        "link.used",
        "This link has been used or has expired. Ask an owner for a new one.",
        status=410,
    )


def _taken() -> TramoError:
    return TramoError(
        "account.email_taken",
        "There is already an account with this e-mail address. Sign in with it.",
        status=409,
        path="/email",
    )
