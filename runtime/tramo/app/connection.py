"""The desk for connections: made, tested, changed and removed; secrets go in and never come out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from sqlalchemy import Row

from tramo.app.credential import Read, merge_credential, read_credential
from tramo.app.failure import tell_with_words
from tramo.app.role import require_editor
from tramo.app.text import texts
from tramo.engine.instant import rfc3339
from tramo.ingest.door import Door
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.outbound import CallContext, HousedTwin, Outbound, Redactor
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.registry import Registry
from tramo.sdk import ActionError, Choice, CredentialRefused, Definition, Unavailable
from tramo.store import connection as store
from tramo.store.database import Database
from tramo.vault import sealed_fields
from tramo.vault.keeper import Keeper, Opened

CALL_S: Final = 30.0
LEDGER_SHOWN: Final = 200
NAME_LENGTH: Final = 200
_TARGETS: Final = ("live", "twin")


class ConnectionDesk:
    """What people do with connections."""

    def __init__(
        self,
        *,
        database: Database,
        registry: Registry,
        keeper: Keeper,
        outbound: Outbound,
        clock: Clock,
        ids: Ids,
        door: Door,
        url: Callable[[], str],
        repaired: Callable[[str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._registry = registry
        self._keeper = keeper
        self._outbound = outbound
        self._clock = clock
        self._ids = ids
        self._door = door
        self._url = url
        self._repaired = repaired

    # Reading -----------------------------------------------------------------------------------

    async def list(self, scope: Scope) -> dict[str, Any]:
        """Return every connection, by name."""
        rows, active = await self._database.read(
            lambda c: (store.list_connections(c, scope), store.active_documents(c, scope))
        )
        return {"items": [self._item(row, active) for row in rows], "next": None}

    async def get(self, scope: Scope, connection_id: str) -> dict[str, Any]:
        """Return one connection."""
        row = await self._row(scope, connection_id)
        active = await self._database.read(lambda c: store.active_documents(c, scope))
        return self._item(row, active)

    def _item(self, row: Row[Any], active: list[tuple[str, bytes]]) -> dict[str, Any]:
        definition = self._registry.connectors.get(row.connector)
        takes = definition is not None and definition.door is not None
        return {
            "id": row.id,
            "name": row.name,
            "connector": row.connector,
            "target": row.target,
            "state": row.state,
            "account": row.account,
            "tested_at": None if row.tested_at is None else rfc3339(row.tested_at),
            "public": decode(row.public),
            "secret_fields": list(sealed_fields(row.sealed)),
            "address": f"{self._url().rstrip('/')}/in/{row.address}" if takes else None,
            # An id stands nowhere but where it is meant: there is no need to read the documents.
            "flows": [name for name, document in active if f'"{row.id}"'.encode() in document],
        }

    async def _row(self, scope: Scope, connection_id: str) -> Row[Any]:
        row = await self._database.read(lambda c: store.get_connection(c, scope, connection_id))
        if row is None:
            raise _missing()
        return row

    # Writing -----------------------------------------------------------------------------------

    async def create(
        self,
        scope: Scope,
        connector: str,
        name: str,
        target: str = "live",
        credential: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Keep a new connection. A twin fills in by itself what it is not given."""
        require_editor(scope)
        definition = self._definition(connector)
        name = _checked_name(name)
        if target not in _TARGETS:
            raise TramoError(
                "connection.target", "The target is “live” or “twin”.", path="/target", status=422
            )
        given = dict(_object(credential or {}))
        if target == "twin":
            given = {**_demo_credential(definition), **given}
        read = read_credential(definition, given)
        connection_id = self._ids.new("conn")
        sealed = self._keeper.vault.seal(scope.workspace_id, connection_id, 1, read.secrets)
        address, now = self._ids.token(), self._clock.now_ms()
        await self._database.write(
            lambda c: store.add_connection(
                c,
                scope,
                connection_id=connection_id,
                name=name,
                connector=connector,
                target=target,
                address=address,
                public=encode(read.public),
                sealed=sealed,
                now=now,
            )
        )
        return await self.get(scope, connection_id)

    async def update(
        self,
        scope: Scope,
        connection_id: str,
        name: str | None = None,
        credential: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Change the name, some fields, or both; secrets that are not given stay."""
        require_editor(scope)
        row = await self._row(scope, connection_id)
        fresh = None if name is None else _checked_name(name)
        read = None if credential is None else self._merged(row, _object(credential))
        now = self._clock.now_ms()
        sealed = b""
        if read is not None:
            sealed = self._keeper.vault.seal(
                scope.workspace_id, connection_id, row.version + 1, read.secrets
            )

        def write(c: Any) -> bool:
            if fresh is not None:
                store.rename(c, scope, connection_id, fresh, now)
            return read is None or store.save_credential(
                c,
                scope,
                connection_id,
                expected=row.version,
                public=encode(read.public),
                sealed=sealed,
                now=now,
            )

        if not await self._database.write(write):
            raise TramoError(
                "connection.changed_elsewhere",
                "Somebody else changed this connection just now; look at it again.",
                status=412,
            )
        self._keeper.changed(scope.workspace_id, connection_id)
        if read is not None:
            await self._repaired(scope.workspace_id)
        return await self.get(scope, connection_id)

    def _merged(self, row: Row[Any], change: Mapping[str, Any]) -> Read:
        try:
            kept = self._keeper.vault.open(row.workspace_id, row.id, row.version, row.sealed)
        except TramoError:
            kept = {}  # what cannot be opened must be entered again, and can be
        return merge_credential(self._definition(row.connector), decode(row.public), kept, change)

    async def delete(self, scope: Scope, connection_id: str) -> None:
        """Remove a connection that no active flow uses, and destroy its secrets."""
        require_editor(scope)
        await self._row(scope, connection_id)
        now = self._clock.now_ms()

        def write(c: Any) -> list[str]:
            flows = [
                name
                for name, document in store.active_documents(c, scope)
                if any(
                    node.get("connection") == connection_id for node in decode(document)["nodes"]
                )
            ]
            if not flows:
                store.delete_connection(c, scope, connection_id, now)
            return flows

        flows = await self._database.write(write)
        if flows:
            names = ", ".join(f"“{name}”" for name in flows[:5])
            raise TramoError(
                "connection.in_use",
                f"Active flows use this connection: {names}. Pause them or give their nodes"
                " another connection first.",
                status=409,
                params={"flows": names},
            )
        self._keeper.changed(scope.workspace_id, connection_id)
        self._outbound.twins.forget(connection_id)

    # Calling -----------------------------------------------------------------------------------

    async def test(self, scope: Scope, connection_id: str, language: str = "en") -> dict[str, Any]:
        """Make a real call that proves the credential, and note what came of it."""
        require_editor(scope)
        version = (await self._row(scope, connection_id)).version
        opened = await self._opened(scope, connection_id)
        state, account, code, message = await self._tried(opened, language)
        now = self._clock.now_ms()
        await self._database.write(
            lambda c: store.set_state(
                c, scope, connection_id, version=version, state=state, account=account, now=now
            )
        )
        self._keeper.changed(scope.workspace_id, connection_id)
        if state == "ok":
            await self._repaired(scope.workspace_id)
        return {"ok": code is None, "account": account, "code": code, "message": message}

    async def _tried(
        self, opened: Opened, language: str
    ) -> tuple[str, str | None, str | None, str]:
        """Return (state, account, error code, message)."""
        test = opened.definition.test
        if test is None:
            return "untested", None, None, f"{opened.definition.title} has nothing to test."
        try:
            context = self._context(opened, language)
            async with asyncio.timeout(CALL_S):
                account = await test(context)
        except CredentialRefused as error:
            problem = self._problem(error, opened, language)
            return "refused", None, problem.code, problem.message
        except Exception as error:  # noqa: BLE001 - a connector's mistake is an answer here, too
            problem = self._problem(error, opened, language)
            return "untested", None, problem.code, problem.message
        return "ok", account.name, None, f"Connected to {account.name}."

    async def choices(
        self, scope: Scope, connection_id: str, name: str, q: str = "", language: str = "en"
    ) -> dict[str, Any]:
        """Return what a form field may offer, fresh from the vendor."""
        opened = await self._opened(scope, connection_id)
        offer = opened.definition.choices.get(name)
        if offer is None:
            raise TramoError(
                "connection.choices_unknown",
                f"{opened.definition.title} offers no choices called “{name}”.",
                status=404,
                params={"connector": opened.definition.title, "name": name},
            )
        try:
            context = self._context(opened, language)
            async with asyncio.timeout(CALL_S):
                offered = await offer(context, q)
        except Exception as error:  # noqa: BLE001 - a connector's mistake is an answer here, too
            raise self._problem(error, opened, language) from None
        return {"items": [hinted(it, opened.definition.package, language) for it in offered]}

    def _problem(self, error: Exception, opened: Opened, language: str) -> TramoError:
        """Return what went wrong in a connector's own code, in a language."""
        problem = _problem_of(error, opened)
        said = {
            "code": problem.code,
            "message": problem.message,
            "params": problem.params,
            "details": getattr(error, "details", None),
        }
        problem.message = tell_with_words(self._registry, said, language)
        return problem

    def _context(self, opened: Opened, language: str) -> CallContext:
        now = rfc3339(self._clock.now_ms())
        return self._keeper.context(opened, language=language, now=now)

    async def _opened(self, scope: Scope, connection_id: str) -> Opened:
        try:
            return await self._keeper.open_connection(scope.workspace_id, connection_id)
        except Unavailable as error:
            if error.code == "connection.missing":
                raise _missing() from None
            raise TramoError(error.code, error.message, status=409) from None

    # Twins -------------------------------------------------------------------------------------

    async def twin(self, scope: Scope, connection_id: str) -> dict[str, Any]:
        """Return what a twin was asked for, newest first, and what it knows."""
        opened, twin = await self._twin(scope, connection_id)
        await twin.refresh()
        redactor = Redactor(str(value) for value in opened.secrets.values())
        entries = reversed(twin.twin.ledger[-LEDGER_SHOWN:])
        return {
            "ledger": [
                {
                    "at": rfc3339(entry.at),
                    "method": entry.method,
                    "path": redactor.text(entry.path),
                    "summary": redactor.text(entry.summary),
                    "status": entry.status,
                    "body": redactor.value(entry.body),
                }
                for entry in entries
            ],
            "items": redactor.value(twin.twin.state),
        }

    async def twin_deliver(
        self, scope: Scope, connection_id: str, type: str | None = None, payload: Any = None
    ) -> dict[str, Any]:
        """Let something happen at a twin, and take its signed delivery in at the door.

        `type` is a trigger (`shopify.order_created`), one of the vendor's own topics, or none.
        """
        require_editor(scope)
        opened, twin = await self._twin(scope, connection_id)
        try:
            delivery = await twin.happen(_topic(opened.definition, type), payload)
        except (ValueError, KeyError, TypeError) as error:
            raise TramoError(
                "twin.refused",
                f"The {opened.definition.title} twin cannot do this: {error}.",
                status=422,
                params={"connector": opened.definition.title, "detail": str(error)},
            ) from None
        if delivery is None:
            raise TramoError(
                "twin.silent",
                f"The {opened.definition.title} twin sends no deliveries.",
                status=422,
                params={"connector": opened.definition.title},
            )
        answer = await self._door.deliver(
            opened.connection.address or "",
            method="POST",
            headers={name.lower(): value for name, value in delivery.headers.items()},
            query=dict(delivery.query),
            body=delivery.body,
        )
        text = answer.body.decode("utf-8", "replace")
        return {"status": answer.status, "events": _events(answer.body), "body_text": text}

    async def _twin(self, scope: Scope, connection_id: str) -> tuple[Opened, HousedTwin]:
        opened = await self._opened(scope, connection_id)
        if opened.connection.target != "twin":
            raise TramoError(
                "connection.live", "This connection is to a real account, not a twin.", status=409
            )
        fields = {**opened.public, **opened.secrets}
        try:
            return opened, self._outbound.twins.open(connection_id, opened.definition, fields)
        except Unavailable as error:
            raise TramoError(error.code, error.message, status=409) from None

    def _definition(self, connector: str) -> Definition:
        definition = self._registry.connectors.get(connector)
        if definition is None:
            raise TramoError(
                "connection.connector_unknown",
                f"The connector “{connector}” is not installed here.",
                path="/connector",
                status=422,
                params={"connector": connector},
            )
        return definition


def _demo_credential(definition: Definition) -> dict[str, Any]:
    if definition.twin is None:
        raise TramoError(
            "connection.no_twin",
            f"{definition.title} has no twin; make a connection to the real account.",
            path="/target",
            status=422,
            params={"connector": definition.title},
        )
    return dict(definition.twin.demo_credential())


def _topic(definition: Definition, wanted: str | None) -> str | None:
    """Return the vendor's topic for a trigger's node type; a topic stays as it is."""
    for trigger in definition.triggers.values():
        if trigger.manifest.type == wanted and trigger.manifest.trigger is not None:
            return trigger.manifest.trigger.topic
    return wanted or None


def _events(body: bytes) -> list[str]:
    try:
        answer = decode(body)
    except ValueError:
        return []
    return answer.get("events", []) if isinstance(answer, dict) else []


def _problem_of(error: Exception, opened: Opened) -> TramoError:
    """Say in a sentence what went wrong in a connector's own code, secrets masked."""
    redactor = Redactor(str(value) for value in opened.secrets.values())
    title = opened.definition.title
    if isinstance(error, ActionError):
        params = redactor.value(error.params)
        return TramoError(error.code, redactor.text(error.message), status=502, params=params)
    if isinstance(error, TimeoutError):
        message = f"{title} did not answer within {CALL_S:g} s; try again."
        shown = {"connector": title, "within_s": f"{CALL_S:g}"}
        return TramoError("connection.no_answer", message, status=504, params=shown)
    detail = redactor.text(f"{type(error).__name__}: {error}"[:300])
    message = f"The connector {opened.definition.id} made a mistake ({detail}). Tell its author."
    shown = {"connector": opened.definition.id, "detail": detail}
    return TramoError("connector.bug", message, status=502, params=shown)


def hinted(offer: Choice, package: str, language: str) -> dict[str, Any]:
    """Return one value that a form may offer, its hint in a language."""
    shown: dict[str, Any] = {"value": offer.value, "label": offer.label}
    known = texts(package, language).get(f"hint.{offer.hint_key}") if offer.hint else None
    hint = offer.hint if known is None else known.format_map(offer.hint_params)
    return {**shown, "hint": hint} if hint else shown


def _checked_name(name: Any) -> str:
    text = name.strip() if isinstance(name, str) else ""
    if not text or len(text) > NAME_LENGTH:
        raise TramoError(
            "connection.name",
            f"Give the connection a name of 1 to {NAME_LENGTH} characters.",
            path="/name",
            status=422,
            params={"most": NAME_LENGTH},
        )
    return text


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TramoError(
            "connection.credential_kind",
            "The credential is an object of fields.",
            path="/credential",
            status=422,
        )
    return value


def _missing() -> TramoError:
    return TramoError(
        "connection.unknown", "There is no such connection here any more.", status=404
    )
