"""From an event to its runs: one commit holds the event, every run it starts or queues, and their
first segments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from tramo.expression import EvaluationError
from tramo.graph.plan import MissingType, Plan
from tramo.graph.slot import slot_of
from tramo.ingest.key import extract_keys
from tramo.ingest.share import QUEUE_LIMIT, Share
from tramo.ingest.subscription import After, Route
from tramo.model.event import Event, Key
from tramo.model.limit import INLINE_VALUE_BYTES
from tramo.model.part import PART
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.sdk.error import ActionError
from tramo.store.backlog import Kept
from tramo.store.blob import lighten
from tramo.store.commit import Call, Unit
from tramo.store.committer import Busy
from tramo.store.database import Database
from tramo.store.epoch import mark
from tramo.store.run import Accept, Accepted, NewRun
from tramo.store.sift import Origin, Postponed, Sift, Sifted


class Starter(Protocol):
    """Whoever begins runs."""

    def begin(
        self,
        workspace_id: str,
        plan: Plan,
        trigger: int,
        output: Any,
        *,
        keys: tuple[Key, ...] = (),
        by_hand: bool = False,
        restored_from: int | None = None,
    ) -> Any: ...
    def adopt(
        self, begun: Any, taken: Sequence[tuple[str, str]] = (), held_back: str | None = None
    ) -> None: ...
    def wait_for(self, live: Any) -> asyncio.Future[Any]: ...
    def ring(self, run_ids: Sequence[str]) -> None: ...
    def awaits(self, workspace_id: str, type: str) -> bool: ...


class Plans(Protocol):
    """Where compiled versions come from."""

    def peek(self, workspace_id: str, flow_id: str, version: str) -> Plan | None: ...
    async def get(self, workspace_id: str, flow_id: str, version: str) -> Plan: ...


class Twins(Protocol):
    """Lets the twin behind a connection know what an event says of its account."""

    async def learn(
        self, workspace_id: str, connection_id: str | None, type: str, output: Any
    ) -> None: ...


class Taken(msgspec.Struct, frozen=True):
    """What became of an event."""

    event_id: str
    duplicate: bool
    runs: tuple[Any, ...] = ()
    """The live runs it started."""


class Prepared(msgspec.Struct, frozen=True):
    """An event and its runs, decided upon and not yet written."""

    unit: Accept | Sift
    begun: tuple[Any, ...]
    restored_from: int | None = None

    def write(self, connection: Connection) -> Accepted:
        """Write it as a part of another unit."""
        if self.restored_from is not None:
            later = self.unit.postponed if isinstance(self.unit, Sift) else ()
            runs = [*self.unit.runs, *(each.run for each in later)]
            mark(connection, [run.id for run in runs], self.restored_from)
        return self.unit.apply(connection)


class Intake:
    """Takes events in."""

    def __init__(
        self,
        *,
        database: Database,
        plans: Plans,
        starter: Starter,
        twins: Twins,
        clock: Clock,
        ids: Ids,
        awaited: Callable[[str, str], bool] = lambda _workspace_id, _type: False,
        view: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._view = view
        """Tells how often flows had changed as far as this process knows, where others may."""
        self._awaited = awaited
        """Tells whether a version in use waits for events of a type."""
        self._database = database
        self._plans = plans
        self._starter = starter
        self._twins = twins
        self._clock = clock
        self._ids = ids
        self._share = Share()

    @property
    def entering(self) -> int:
        """Events that are about to be stored."""
        return self._share.all

    async def take(self, workspace_id: str, **event: Any) -> Taken:
        """Store an event as `prepare` describes it, start a run per route, and return after the
        durable commit. Raises Busy, and Outdated when the routes are not those of now.
        """
        source = event["source"]
        self._share.enter(workspace_id, source)
        try:
            return await self._take(workspace_id, event)
        finally:
            self._share.leave(workspace_id, source)

    async def _take(self, workspace_id: str, event: dict[str, Any]) -> Taken:
        prepared = await self.prepare(workspace_id, **event)

        # A sender that was told to come back may find its event stored: then its runs go on, and
        # its next try is a duplicate.
        def late(accepted: Accepted) -> None:
            self.adopt(prepared, accepted)

        unit: Unit[Accepted] = prepared.unit
        if prepared.restored_from is not None:
            unit = Call(prepared.write)
        committer = self._database.committer
        submit = committer.submit_impatiently if prepared.unit.kept is None else committer.submit
        accepted = await submit(unit, late)
        return self.adopt(prepared, accepted)

    async def prepare(
        self,
        workspace_id: str,
        *,
        type: str,
        source: str,
        payload: bytes,
        output: Any,
        routes: Sequence[Route],
        delivery_id: str | None = None,
        keys: tuple[Key, ...] = (),
        by_hand: bool = False,
        awaited: bool = False,
        origin: Origin | None = None,
        restored_from: int | None = None,
        kept: Kept | None = None,
    ) -> Prepared:
        """Begin a run per route in memory; whoever writes the unit adopts what came of it.

        `awaited` says that a run may wait for it, now or later, where that is not known otherwise.
        `payload` is `output` as JSON. Without a delivery id the event is its own. `origin` says
        what the event is about, where an action of ours may have brought it about. `restored_from`
        says that the event may have been here before a restore. `kept` is the delivery as it lay in
        the backlog, which it leaves. Raises Busy.
        """
        view = None if by_hand else self._view()
        if self._database.committer.waiting > QUEUE_LIMIT:
            raise Busy()
        event_id = self._ids.new("evt") if kept is None else kept.id
        if kept is not None:
            restored_from = kept.restored_from
        place = None if kept is None else kept.place
        event = Event(
            id=event_id,
            type=type,
            source=source,
            delivery_id=delivery_id or event_id,
            received_at=self._clock.now_ms() if kept is None else kept.received_at,
            payload=payload,
            keys=keys,
        )
        for connection_id in {route.connection_id for route in routes}:
            await self._learn(workspace_id, connection_id, type, output)
        begun: list[Any] = []
        postponed: list[Postponed] = []
        muted: set[str] = set()
        for route in routes:
            plan = self._plans.peek(route.workspace_id, route.flow_id, route.version)
            plan = plan or await self._compile(route)
            if plan is None:
                continue
            if route.after is not None and not by_hand:
                queued = list(self._postpone(plan, route, route.after, event))
                muted.update(each.run.id for each in queued)
                postponed += queued
                continue
            item = self._begin(workspace_id, plan, route, output, keys, by_hand, restored_from)
            begun.append(item)
            if route.mutes_own:
                muted.add(item.row.id)
        rows = [item.row for item in begun]
        if len(payload) > INLINE_VALUE_BYTES or any(_is_big(row) for row in rows):
            event = await self._lighten(event, rows)
        awaited = (
            awaited or self._starter.awaits(workspace_id, type) or self._awaited(workspace_id, type)
        )
        unit: Accept | Sift
        if origin is None and not postponed:
            unit = Accept(workspace_id, event, rows, awaited=awaited, view=view, kept=place)
        else:
            unit = Sift(
                workspace_id,
                event,
                rows,
                postponed=postponed,
                origin=origin,
                muted=frozenset(muted),
                awaited=awaited,
                view=view,
                kept=place,
            )
        return Prepared(unit, tuple(begun), restored_from)

    async def queue(
        self, workspace_id: str, *, plan: Plan, route: Route, output: Any, part: bytes, **event: Any
    ) -> Taken:
        """Store an event that somebody gave by hand, and queue the one run that it starts: it takes
        over what `part` says. Raises Busy."""
        prepared = await self.prepare(
            workspace_id, output=output, payload=encode(output), routes=[], by_hand=True, **event
        )
        unit = prepared.unit
        assert isinstance(unit, Accept)
        await self._learn(workspace_id, route.connection_id, unit.event.type, output)
        keys = unit.event.keys
        if plan.flow.keys:
            keys = tuple(dict.fromkeys((*keys, *_own_keys(plan, route, output))))
        run_id, limit = self._ids.new("run"), plan.flow.limits.concurrency
        env = {"flow": plan.shown, route.node_id: output}
        run = _queued_run(
            run_id,
            route,
            keys,
            at=unit.event.received_at,
            rerun=PART,
            by_hand=True,
            part=await lighten(self._database.blobs, run_id, part),
            limit=limit,
            slot=slot_of(plan.flow, env, keys) if limit is not None else None,
        )
        made = Accept(workspace_id, unit.event, [run])
        accepted = await self._database.committer.submit(made)
        self._starter.ring((run_id, *accepted.woken))
        return Taken(unit.event.id, False, (run_id,))

    async def _lighten(self, event: Event, rows: Sequence[NewRun]) -> Event:
        """Put what is big into blobs, so that the commit carries its name only."""
        blobs = self._database.blobs
        for row in rows:
            if row.segment is not None:
                row.segment = await lighten(blobs, row.id, row.segment)
        payload = await lighten(blobs, event.id, event.payload)
        if payload is event.payload:
            return event
        return msgspec.structs.replace(event, payload=payload)

    def adopt(self, prepared: Prepared, accepted: Accepted) -> Taken:
        """Go on with the runs of an event that is durably stored."""
        event_id = prepared.unit.event.id
        if accepted.duplicate:
            return Taken(event_id, True)
        dropped = accepted.dropped if isinstance(accepted, Sifted) else frozenset()
        started = [item for item in prepared.begun if item.row.id not in dropped]
        for item in started:
            if isinstance(accepted, Sifted):
                item.live.depth = accepted.depth
            run_id = item.row.id
            self._starter.adopt(
                item, accepted.taken.get(run_id, ()), accepted.held_back.get(run_id)
            )
        self._starter.ring((*accepted.woken, *_queued(prepared.unit)))
        return Taken(event_id, False, tuple(item.live for item in started))

    def _postpone(
        self, plan: Plan, route: Route, after: After, event: Event
    ) -> Iterable[Postponed]:
        """Queue a run for each value of the trigger's key, to begin when its delay is over."""
        keys = event.keys
        if plan.flow.keys:
            output = decode(event.payload)
            keys = tuple(dict.fromkeys((*keys, *_own_keys(plan, route, output))))
        for value in dict.fromkeys(key.value for key in event.keys if key.kind == after.kind):
            run_id = self._ids.new("run")
            due_at = event.received_at + after.delay_ms
            run = _queued_run(run_id, route, keys, at=event.received_at, due_at=due_at)
            yield Postponed(run=run, value=value, restart=after.restart)

    async def _learn(
        self, workspace_id: str, connection_id: str | None, type: str, output: Any
    ) -> None:
        try:
            await self._twins.learn(workspace_id, connection_id, type, output)
        except ActionError:
            return  # The connection cannot be used: the step that needs it says so.

    async def _compile(self, route: Route) -> Plan | None:
        try:
            return await self._plans.get(route.workspace_id, route.flow_id, route.version)
        except MissingType:
            return None  # The event is kept; the flow is shown as not able to run.

    def _begin(
        self,
        workspace_id: str,
        plan: Plan,
        route: Route,
        output: Any,
        keys: tuple[Key, ...],
        by_hand: bool,
        restored_from: int | None,
    ) -> Any:
        if plan.flow.keys:
            keys = tuple(dict.fromkeys((*keys, *_own_keys(plan, route, output))))
        trigger = plan.by_id[route.node_id].index
        begun = self._starter.begin(
            workspace_id,
            plan,
            trigger,
            output,
            keys=keys,
            by_hand=by_hand,
            restored_from=restored_from,
        )
        if plan.flow.limits.concurrency is not None:
            env = {"flow": plan.shown, route.node_id: output}
            begun.row.limit = plan.flow.limits.concurrency
            begun.row.slot = slot_of(plan.flow, env, keys)
        return begun


def _queued_run(
    run_id: str,
    route: Route,
    keys: tuple[Key, ...],
    *,
    at: int,
    due_at: int | None = None,
    **fields: Any,
) -> NewRun:
    return NewRun(
        id=run_id,
        workspace_id=route.workspace_id,
        flow_id=route.flow_id,
        version=route.version,
        trigger=route.node_id,
        origin=run_id,
        due_at=at if due_at is None else due_at,
        started_at=at,
        keys=keys,
        **fields,
    )


def _is_big(row: NewRun) -> bool:
    return row.segment is not None and len(row.segment) > INLINE_VALUE_BYTES


def _queued(unit: Accept | Sift) -> list[str]:
    """Return the runs that wait for their time, so that whoever wakes runs looks when it is."""
    return [each.run.id for each in unit.postponed] if isinstance(unit, Sift) else []


def _own_keys(plan: Plan, route: Route, output: Any) -> tuple[Key, ...]:
    """Return the keys that the flow itself names: paths, or formulas over the output."""
    found = {kind: path for kind, path in plan.flow.keys.items() if isinstance(path, str)}
    values = dict(output) if isinstance(output, dict) else {}
    env = {"flow": plan.shown, route.node_id: output}
    for kind, evaluate in plan.keys.items():
        try:
            values[kind] = evaluate(env)
        except EvaluationError:
            continue  # This event has no such key.
        found[kind] = f"{kind}[]" if isinstance(values[kind], list) else kind
    return extract_keys(found, values, route.connection_id or "")
