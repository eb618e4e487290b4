"""The courier: takes notices out, one way after the other, until they arrive or a day is over.

At least once: a crash between the sending and the note of it sends again, under the same key. It
waits by the event loop's own time, so a clock that is moved by hand does not make it run.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, Row

from tramo import sdk
from tramo.app.attention.notice import default_way
from tramo.app.token import digest
from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError
from tramo.model.scope import system_scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.registry import Registry
from tramo.store import notice as store
from tramo.store.connection import list_connections
from tramo.store.database import Database
from tramo.vault.keeper import Keeper

DAY_MS: Final = 86_400_000
SEND_S: Final = 60.0
AT_ONCE: Final = 8
SWEEP_S: Final = 5.0
FIRST_WAIT_S: Final = 15
LONGEST_WAIT_S: Final = 3_600
NO_WAY_S: Final = 60
LINK_MS: Final = 90 * DAY_MS
"""How long a link to a question without a deadline works."""

_log = logging.getLogger("tramo")


class _Call(msgspec.Struct, frozen=True):
    """What the keeper is told of a credential that was refused."""

    workspace_id: str
    connection_id: str


class Courier:
    """Brings notices to their readers."""

    def __init__(
        self,
        *,
        database: Database,
        keeper: Keeper,
        registry: Registry,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
        url: Callable[[], str],
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._registry = registry
        self._clock = clock
        self._ids = ids
        self._spawn = spawn
        self._url = url
        self._bell = asyncio.Event()
        self._turn = asyncio.Lock()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take notices out."""
        self._loop = self._spawn.start(self._work(), name="courier")

    async def close(self) -> None:
        """Take none out any more; one on its way is sent again at the next start."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    def ring(self) -> None:
        """Say that a notice may be due."""
        self._bell.set()

    async def _work(self) -> None:
        while True:
            try:
                while await self.deliver():
                    pass
            except TramoError:
                pass  # The database is away; it is asked again soon.
            except Exception:  # noqa: BLE001 - the courier must outlive every mistake
                _log.exception("Taking notices out failed")
            self._bell.clear()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def deliver(self) -> int:
        """Send what is due now, and return how many notices that were."""
        async with self._turn:
            now = self._clock.now_ms()
            rows = await self._database.read(lambda c: store.due_notices(c, now, AT_ONCE))
            await asyncio.gather(*(self._deliver(row, now) for row in rows))
            return len(rows)

    async def _deliver(self, row: Row[Any], now: int) -> None:
        connection_id = row.connection_id or await self._default(row.workspace_id)
        if connection_id is None:
            await self._note(row, now, None, _NO_WAY, wait_s=NO_WAY_S)
            return
        links = await self._begin(row, now)
        if links is None:
            return
        context: Any = None
        try:
            opened = await self._keeper.open_connection(row.workspace_id, connection_id)
            notify = opened.definition.notify
            if notify is None:
                raise sdk.Unavailable("This connection brings no messages; choose another.")
            context = self._keeper.context(
                opened,
                key=hashlib.sha256(row.id.encode()).hexdigest()[:32],
                attempt=row.attempts + 1,
                language=row.language,
                now=rfc3339(row.created_at),
            )
            async with asyncio.timeout(SEND_S):
                await notify(context, _notice(row, links))
        except Exception as error:  # noqa: BLE001 - whatever a connector raises is an answer here
            if isinstance(error, sdk.CredentialRefused):
                await self._keeper.refused(_Call(row.workspace_id, connection_id))  # type: ignore[arg-type]
            await self._note(row, now, context, error)
            return
        await self._database.write(
            lambda c: store.change_notice(
                c, row.id, state="sent", sent_at=now, due_at=None, code=None, message=None
            )
        )

    async def _default(self, workspace_id: str) -> str | None:
        scope = system_scope(workspace_id)
        chosen, rows = await self._database.read(
            lambda c: (store.ways(c, workspace_id), list_connections(c, scope))
        )
        return chosen[0] if chosen else default_way(rows, self._registry)

    async def _begin(self, row: Row[Any], now: int) -> list[sdk.NoticeLink] | None:
        """Note the attempt and return its links; None for a question that is answered already."""
        token = self._ids.token() if row.iteration is not None else None

        def begin(connection: Connection) -> list[sdk.NoticeLink] | None:
            if token is not None and not self._keep_link(connection, row, token, now):
                store.change_notice(connection, row.id, state="withdrawn", due_at=None)
                return None
            store.change_notice(
                connection,
                row.id,
                attempts=row.attempts + 1,
                due_at=now + round(2 * SEND_S * 1_000),
            )
            return [
                sdk.NoticeLink(label, self._url() + _path(target, token))
                for label, target in decode(row.links)
            ]

        return await self._database.write(begin)

    def _keep_link(self, connection: Connection, row: Row[Any], token: str, now: int) -> bool:
        due_at = store.open_until(connection, row.run_id, row.node_id, row.iteration)
        if due_at is None:
            return False
        values = {
            "hash": digest(token),
            "workspace_id": row.workspace_id,
            "run_id": row.run_id,
            "node_id": row.node_id,
            "iteration": row.iteration,
            "person": row.recipient,
            "language": row.language,
            "created_at": now,
            "expires_at": due_at or now + LINK_MS,
        }
        store.add_link(connection, values)
        return True

    async def _note(
        self,
        row: Row[Any],
        now: int,
        context: Any,
        error: Exception,
        *,
        wait_s: float | None = None,
    ) -> None:
        """Say when a notice is tried again; one that nobody takes, or for a day, is given up."""
        code, message = _said(error)
        if context is not None:
            message = context.redactor.text(message)
        if wait_s is None:
            wait_s = _wait_s(row.attempts, error)
        hopeless = isinstance(error, sdk.Rejected | sdk.BadParams)
        due_at = now + round(wait_s * 1_000)
        given_up = hopeless or due_at >= row.created_at + DAY_MS
        if given_up:
            _log.warning("Notice %s is given up: %s", row.id, code)
        await self._database.write(
            lambda c: store.change_notice(
                c,
                row.id,
                state="given_up" if given_up else "waiting",
                due_at=None if given_up else due_at,
                code=code,
                message=message,
            )
        )


_NO_WAY: Final = sdk.Unavailable(
    "No connection brings messages yet. Connect an e-mail account, or choose a connection for "
    "notices.",
    code="notice.no_way",
)


def _notice(row: Row[Any], links: list[sdk.NoticeLink]) -> sdk.Notice:
    return sdk.Notice(
        to=row.recipient,
        subject=row.subject,
        text=row.text,
        links=tuple(links),
        language=row.language,
    )


def _path(target: str, token: str | None) -> str:
    return target if token is None else f"/answer/{token}?port={quote(target)}"


def _said(error: Exception) -> tuple[str, str]:
    if isinstance(error, sdk.ActionError):
        return error.code[:80], error.message
    if isinstance(error, TimeoutError):
        return "notice.slow", f"The connection did not take it within {SEND_S:g} s."
    return "connector.bug", f"The connector made a mistake ({type(error).__name__})."


def _wait_s(attempts: int, error: Exception) -> float:
    wished = error.retry_after_s if isinstance(error, sdk.Transient) else None
    return max(wished or 0, min(FIRST_WAIT_S * 4 ** min(attempts, 6), LONGEST_WAIT_S))
