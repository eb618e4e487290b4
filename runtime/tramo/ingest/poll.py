"""Polls: asks vendors that do not call us what is new, and keeps its place.

The events of a page and the cursor behind it are one commit, so that a crash between two polls
neither loses nor repeats anything. The first poll only finds its place. A poll that fails is tried
again, later each time, and says why on its flow.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from tramo.engine.instant import rfc3339
from tramo.graph.plan import Plan
from tramo.ingest.intake import Intake, Prepared
from tramo.ingest.key import trigger_keys
from tramo.ingest.output import plain_output
from tramo.ingest.subscription import Look, Route, Subscriptions, no_look
from tramo.model.event import RejectedDelivery
from tramo.model.value import NotExact, decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.sdk.definition import Page, Polled, Trigger
from tramo.sdk.error import ActionError, CredentialRefused, Transient
from tramo.store import timer
from tramo.store.change import Outdated
from tramo.store.commit import StoreUnavailable, Unit
from tramo.store.database import Database
from tramo.store.epoch import caught_up, restored_poll
from tramo.store.run import Accepted, reject
from tramo.vault.keeper import Keeper

WITHIN_S: Final = 60
LEASE_MS: Final = 2 * WITHIN_S * 1_000
LONGEST_PAUSE_S: Final = 3_600
LOOK_S: Final = 60.0
RETRY_S: Final = 5.0
SEEN_MOST: Final = 5_000
PAGE_MOST: Final = 1_000

_log = logging.getLogger("tramo")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One poll, as the keeper wants to hear of a call."""

    workspace_id: str
    connector: str
    connection_id: str | None
    needs_connection: bool
    key: str
    attempt: int
    language: str
    timezone: str
    now: str

    @property
    def may_send(self) -> Callable[[], bool]:
        """Tell that it may always ask: a poll changes nothing at the vendor."""
        return lambda: True


class Turn(Unit["list[Accepted] | None"]):
    """A page's events and the place behind it, in one commit; None when the lease was lost."""

    def __init__(
        self,
        claim: timer.Claim,
        owner: str,
        events: Sequence[Prepared],
        rejected: Sequence[RejectedDelivery] = (),
        *,
        read_all: bool = False,
        **values: Any,
    ) -> None:
        self._claim = claim
        self._owner = owner
        self._events = events
        self._rejected = rejected
        self._read_all = read_all
        self._values = values

    def apply(self, connection: Connection) -> list[Accepted] | None:
        if not timer.go_on(connection, self._claim, self._owner, **self._values):
            return None
        for each in self._rejected:
            reject(connection, self._claim.workspace_id, each)
        if self._read_all:
            place = self._claim
            caught_up(connection, place.workspace_id, place.flow_id, place.node_id)
        return [each.write(connection) for each in self._events]


class Poller:
    """Asks for what is new, for every active flow that wants to know."""

    def __init__(
        self,
        *,
        intake: Intake,
        subscriptions: Subscriptions,
        plans: Callable[[str, str, str], Any],
        keeper: Keeper,
        triggers: Callable[[str, int], Trigger | None],
        database: Database,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
        look: Look = no_look,
    ) -> None:
        self._look = look
        self._intake = intake
        self._subscriptions = subscriptions
        self._plans = plans
        self._keeper = keeper
        self._triggers = triggers
        self._database = database
        self._clock = clock
        self._spawn = spawn
        self._ids = ids
        self._owner = ids.new("own")
        self._changed = asyncio.Event()
        self._closing = False
        self._loop: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to ask, at once where an earlier process was asking."""
        self._closing = False
        now = self._clock.now_ms()
        await self._database.write(lambda c: timer.orphan(c, now))
        self._loop = self._spawn.start(self._work(), name="poller")

    async def close(self) -> None:
        """Ask no more; what is being asked is asked again at the next start."""
        self._closing = True
        self._changed.set()
        for asking in self._asking:
            asking.cancel()
        waiting = [*self._asking, *([self._loop] if self._loop is not None else [])]
        await asyncio.gather(*waiting, return_exceptions=True)

    def changed(self) -> None:
        """Look anew at what is due."""
        self._changed.set()

    async def repaired(self, workspace_id: str) -> None:
        """Ask at once where asking failed: a connection has been mended."""
        now = self._clock.now_ms()
        await self._database.write(lambda c: timer.hurry_failed(c, workspace_id, now))
        self.changed()

    async def _work(self) -> None:
        while not self._closing:
            self._changed.clear()
            try:
                claims = await self._claim()
                if not claims:
                    await self._rest()
            except Exception as error:  # noqa: BLE001 - polls must outlive every outage
                if not isinstance(error, StoreUnavailable):
                    _log.warning("Looking for due polls failed: %s", error)
                await self._pause(RETRY_S)  # What is due still is: it would ask again at once.
                continue
            for claim in claims:
                asking = self._spawn.start(self.ask(claim), name=f"poll {claim.node_id}")
                self._asking.add(asking)
                asking.add_done_callback(self._asking.discard)

    async def _claim(self) -> list[timer.Claim]:
        due, now = await self._database.read(timer.next_due), self._clock.now_ms()
        if due is None or due > now:
            return []
        return await self._database.write(
            lambda c: timer.claim_due(c, owner=self._owner, now=now, lease_ms=LEASE_MS)
        )

    async def _rest(self) -> None:
        due = await self._database.read(timer.next_due)
        left_s = LOOK_S if due is None else (due - self._clock.now_ms()) / 1_000
        if left_s > 0:
            await self._pause(min(left_s, LOOK_S))

    async def _pause(self, most_s: float) -> None:
        """Wait, unless something changes before."""
        try:
            async with asyncio.timeout(most_s):
                await self._changed.wait()
        except TimeoutError:
            return

    # One poll ------------------------------------------------------------------------------------

    async def ask(self, claim: timer.Claim) -> None:
        """Ask for a page, store what is new, and say when to ask again."""
        route = self._subscriptions.for_node(claim.workspace_id, claim.flow_id, claim.node_id)
        trigger = None if route is None else self._triggers(route.type, route.v)
        if route is None or trigger is None or trigger.poll is None:
            return
        every_s = int(route.params.get("every_s") or trigger.every_s)
        plan: Plan = await self._plans(route.workspace_id, route.flow_id, route.version)
        asked = self._asked(plan, route, trigger, claim)
        try:
            page = await self._page(trigger, route, asked, claim)
        except ActionError as error:
            await self._failed(claim, asked, error, every_s)
        except TimeoutError:
            late = Transient(f"The answer did not come within {WITHIN_S} seconds.")
            await self._failed(claim, asked, late, every_s)
        except Exception as error:  # noqa: BLE001 - the connector's own mistake
            _log.exception("The poll %s of %s failed", route.type, route.flow_id)
            said = f"The connector {trigger.manifest.connector} made a mistake ({error!r:.200})."
            await self._failed(claim, asked, ActionError(said, code="connector.bug"), every_s)
        else:
            await self._take_timely(claim, route, trigger, page, every_s)
        self._changed.set()

    async def _take_timely(
        self, claim: timer.Claim, route: Route, trigger: Trigger, page: Page, every_s: int
    ) -> None:
        """Store a page with the version that the flow has now: it may have changed elsewhere.

        A page of a flow that takes no more events is left; if it does again, it is asked for again.
        """
        current: Route | None = route
        while current is not None:
            try:
                await self._take(claim, current, trigger, page, every_s)
            except Outdated:
                await self._look()
                current = self._subscriptions.for_node(
                    route.workspace_id, route.flow_id, route.node_id
                )
            else:
                return

    def _asked(self, plan: Plan, route: Route, trigger: Trigger, claim: timer.Claim) -> Asked:
        return Asked(
            workspace_id=route.workspace_id,
            connector=trigger.manifest.connector,
            connection_id=route.connection_id,
            needs_connection=trigger.manifest.connection == "required",
            key=hashlib.sha256(f"{route.flow_id}/{route.node_id}".encode()).hexdigest()[:32],
            attempt=claim.failures + 1,
            language=plan.flow.language,
            timezone=plan.flow.timezone,
            now=rfc3339(self._clock.now_ms()),
        )

    async def _page(self, trigger: Trigger, route: Route, asked: Asked, claim: timer.Claim) -> Page:
        assert trigger.poll is not None
        params = msgspec.convert(route.params, trigger.params)
        cursor = decode(claim.cursor) if claim.cursor is not None else None
        async with asyncio.timeout(WITHIN_S):
            page = await trigger.poll(await self._keeper.open(asked), params, cursor)
        if len(page.items) > PAGE_MOST:
            raise ValueError(f"a page of {len(page.items)} items; {PAGE_MOST} is the most")
        return page

    async def _take(
        self, claim: timer.Claim, route: Route, trigger: Trigger, page: Page, every_s: int
    ) -> None:
        seen: list[str] = decode(claim.seen) if claim.seen is not None else []
        events: list[Prepared] = []
        rejected: list[RejectedDelivery] = []
        if not claim.primed:
            seen = [*seen, *(item.id for item in page.items)][-SEEN_MOST:]
        known = set(seen)
        restored = await self._database.read(
            lambda c: restored_poll(c, claim.workspace_id, claim.flow_id, claim.node_id)
        )
        for item in page.items:
            if item.id in known:
                continue
            try:
                output, payload = plain_output(trigger, item.payload)
            except (NotExact, ValueError, TypeError, LookupError) as error:
                rejected.append(self._unreadable(route, item, error))
                continue
            if _wants(trigger, route, output):
                made = await self._event(route, trigger, item.id, output, payload, restored)
                events.append(made)
        now = self._clock.now_ms()
        turn = Turn(
            claim,
            self._owner,
            events,
            rejected,
            read_all=restored is not None and not page.more,
            primed=claim.primed or not page.more,
            cursor=encode(page.cursor),
            seen=encode(seen),
            polled_at=now,
            failures=0,
            error=None,
            due_at=now if page.more else now + every_s * 1_000,
        )
        accepted = await self._database.submit(turn)
        for prepared, each in zip(events, accepted or (), strict=accepted is not None):
            self._intake.adopt(prepared, each)

    async def _event(
        self,
        route: Route,
        trigger: Trigger,
        delivery_id: str,
        output: Any,
        payload: bytes,
        restored_from: int | None,
    ) -> Prepared:
        if len(delivery_id) > 200:
            delivery_id = hashlib.sha256(delivery_id.encode()).hexdigest()
        connection_id = route.connection_id or ""
        return await self._intake.prepare(
            route.workspace_id,
            type=route.type,
            source=f"{route.flow_id}/{route.node_id}",
            payload=payload,
            output=output,
            routes=[route],
            delivery_id=delivery_id,
            keys=trigger_keys(trigger.manifest, route.params, output, connection_id),
            restored_from=restored_from,
        )

    def _unreadable(self, route: Route, item: Polled, error: Exception) -> RejectedDelivery:
        return RejectedDelivery(
            id=self._ids.new("evt"),
            source=f"{route.flow_id}/{route.node_id}",
            received_at=self._clock.now_ms(),
            reason=f"{item.id[:100]}: {error}"[:500],
            body=repr(item.payload).encode()[:100_000],
        )

    async def _failed(
        self, claim: timer.Claim, asked: Asked, error: ActionError, every_s: int
    ) -> None:
        if isinstance(error, CredentialRefused):
            await self._keeper.refused(asked)
        now, failures = self._clock.now_ms(), claim.failures + 1
        pause_s = min(every_s * 2 ** min(failures, 20), max(LONGEST_PAUSE_S, every_s))
        if isinstance(error, Transient) and error.retry_after_s is not None:
            pause_s = max(pause_s, error.retry_after_s)
        said = {"code": error.code, "message": error.message[:500], "at": rfc3339(now)}
        await self._database.submit(
            Turn(
                claim,
                self._owner,
                (),
                polled_at=now,
                failures=failures,
                error=encode(said),
                due_at=now + int(pause_s * 1_000),
            )
        )


def _wants(trigger: Trigger, route: Route, output: Any) -> bool:
    if trigger.matches is None:
        return True
    return trigger.matches(msgspec.convert(route.params, trigger.params), output)
