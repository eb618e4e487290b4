"""The desk for re-runs: the same event once more, without doing again what was done.

A re-run belongs to the family of its origin and goes on from the newest of it, which knows of
everything that any of them did. What it takes over is the engine's rule. Doing it all again is
another thing: a run with an origin of its own, for which nothing was done yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, Row

from tramo.app.act import act_item
from tramo.app.role import require_editor
from tramo.app.run.doubt import unsettled
from tramo.app.run.history import History
from tramo.app.run.item import run_item
from tramo.graph.part import Lay
from tramo.graph.plan import Plan, PlanNode
from tramo.graph.slot import slot_of
from tramo.model.event import Event, Key
from tramo.model.part import CHANGED, PART, Given, Part, read_part, write_part
from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES, Iteration
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.wakeup import Wakeup
from tramo.runner.past import read_past, replaced
from tramo.store import flow as flow_store
from tramo.store import rerun as store
from tramo.store import run_query
from tramo.store.act import Act, acts_of, add_acts
from tramo.store.blob import lighten
from tramo.store.database import Database
from tramo.store.run import Accept, NewRun, read_keys
from tramo.store.slot import admit_runs

Start = Literal["failed", "start"]
Version = Literal["same", "newest"]


class Basis(msgspec.Struct, frozen=True):
    """What another try stands on."""

    last: Row[Any]
    """The newest of the family: it knows of everything that any of them did."""
    base: Row[Any]
    """The newest that was no trial of a few nodes: its version and its data count."""
    known: tuple[str, ...]
    """The family as it was looked at."""
    part: Part | None
    """What `base` had been given."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Data that a person changed."""

    event: Any = UNSET
    """What the trigger outputs instead."""
    steps: tuple[Given, ...] = ()


class RerunDesk:
    """What people do to let a run have another try."""

    def __init__(
        self,
        *,
        database: Database,
        history: History,
        wakeup: Wakeup,
        clock: Clock,
        ids: Ids,
        keys: Callable[[PlanNode, Any], tuple[Key, ...]],
    ) -> None:
        self._database = database
        self.history = history
        self._wakeup = wakeup
        self._clock = clock
        self._ids = ids
        self._keys = keys
        """Tells what an event given by hand is about."""

    async def family(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Return the runs that share a run's origin, oldest first, and what people did to them."""
        row = await self.history.row(scope, run_id)

        def read(connection: Connection) -> tuple[list[Row[Any]], list[Row[Any]]]:
            ids = store.family_ids(connection, scope, row.origin)
            return run_query.get_runs(connection, scope, ids), acts_of(connection, scope, ids)

        rows, acts = await self._database.read(read)
        return {
            "origin": row.origin,
            "items": [run_item(member) for member in rows],
            "acts": [act_item(act) for act in acts],
        }

    async def rerun(
        self,
        scope: Scope,
        run_id: str,
        start: Start = "failed",
        version: Version = "same",
        change: Change | None = None,
    ) -> dict[str, Any]:
        """Let a run's family try again: from what failed, from the start without repeating
        effects, or with data that somebody changed.

        With a changed event everything is read and worked out anew, with a changed output what
        follows from it; what was done stays done. Raises TramoError while one of the family goes
        on, or while it is not known what a step of it did.
        """
        require_editor(scope)
        basis = await self.basis(scope, run_id)
        base = basis.base
        if change is None and start == "failed" and version == "same" and base.state == "succeeded":
            raise TramoError(
                "rerun.nothing_failed",
                "Nothing failed in this run. Re-run it from the start, or do it all again.",
                status=409,
                params={"run": base.id},
            )
        name = base.version if version == "same" else await self._newest(scope, base)
        plan = await self.history.plan(base, name)
        part = store.going_on(basis.last.id, basis.base.id, basis.part)
        event: Event | None = None
        gone = await self._database.read(lambda c: replaced(c, scope, plan, basis.last.version))
        other_keys = change is not None or bool(gone)
        if other_keys:
            await self.check_settled(scope, basis.last, plan, other_keys=True)
        if change is not None:
            part = await self._changed(plan, base, part, change)
            event = self._event(plan, base, change)
        new = await self.make(
            basis.last,
            plan,
            base.trigger,
            rerun=start if change is None else CHANGED,
            part=part,
            event=event,
            # A vendor that knows the key would give the answer to what was sent under it before.
            generation=basis.last.generation + other_keys,
        )
        return await self.queue(scope, new, basis, what="rerun", event=event)

    async def basis(self, scope: Scope, run_id: str) -> Basis:
        """Return what another try of a run stands on; raises TramoError while there can be none."""
        row = await self.history.row(scope, run_id)
        members = await self._members(scope, row.origin)
        _check_ended(members)
        last = await self.history.row(scope, members[-1].id)
        await self._check_kept(last)
        whole = [member.id for member in members if member.rerun != PART]
        base = await self.history.row(scope, whole[-1]) if whole else last
        await self.check_settled(scope, last, await self.history.plan(base))
        part = await self._part_of(base.id)
        return Basis(last, base, tuple(member.id for member in members), part)

    async def given(self, run_id: str) -> tuple[Given, ...]:
        """Return what a run had been given by people."""
        part = await self._part_of(run_id)
        return part.given if part is not None else ()

    async def _part_of(self, run_id: str) -> Part | None:
        body = await self._database.read(lambda c: store.read_part_of(c, run_id))
        return None if body is None else read_part(body)

    async def _changed(self, plan: Plan, base: Row[Any], part: Part | None, change: Change) -> Part:
        """Return what is taken over with changed data: nothing that follows from it but effects."""
        nodes = {given.node for given in change.steps}
        for node in sorted(nodes - plan.by_id.keys()):
            raise TramoError(
                "run.node_unknown", f"This run has no node {node}.", status=404, params={"id": node}
            )
        if base.trigger in nodes:
            raise TramoError(
                "rerun.change_event",
                "What the trigger gave is the event; change that.",
                status=422,
                params={"node": base.trigger},
            )
        lay = Lay(decode(encode(plan.flow)))
        anew = set(lay.ids) if change.event is not UNSET else lay.behind(nodes)
        ports = await self._ports(base) if change.steps else {}
        steps = tuple(
            given
            if given.port
            else msgspec.structs.replace(
                given, port=ports.get((given.node, given.iteration or ())) or "out"
            )
            for given in change.steps
        )
        before = part or Part()
        places = {(given.node, given.iteration) for given in steps}
        kept = tuple(it for it in before.given if (it.node, it.iteration) not in places)
        return msgspec.structs.replace(
            before,
            anew=tuple(sorted(anew - nodes)),
            kept=tuple(sorted(anew)),
            given=(*kept, *steps),
        )

    async def _ports(self, row: Row[Any]) -> dict[tuple[str, Iteration], str | None]:
        told = await self.history.tell(row)
        return {(s.node, tuple(s.iteration)): s.port for s in told.steps} if told else {}

    def _event(self, plan: Plan, base: Row[Any], change: Change) -> Event | None:
        if change.event is UNSET:
            return None
        event_id = self._ids.new("evt")
        return Event(
            id=event_id,
            type=base.event_type,
            source=f"{base.flow_id}/by_hand",
            delivery_id=event_id,
            received_at=self._clock.now_ms(),
            payload=encode(change.event),
            keys=self._keys(plan.by_id[base.trigger], change.event),
        )

    async def again(self, scope: Scope, run_id: str, confirm: str) -> dict[str, Any]:
        """Do everything that a run did once more, effects included: `confirm` is the run's id."""
        require_editor(scope)
        row = await self.history.row(scope, run_id)
        if confirm != run_id:
            raise TramoError(
                "rerun.confirm",
                "Everything that this run did would be done once more: charges, labels, messages. "
                "Confirm it with the id of the run.",
                path="/confirm",
                status=422,
                params={"run": run_id},
            )
        members = await self._members(scope, row.origin)
        _check_ended(members)
        await self._check_kept(row)
        plan = await self.history.plan(row)
        part = await self._part_of(row.id)
        if part is not None:
            part = Part(given=part.given)
        new = await self.make(row, plan, row.trigger, origin=None, rerun=None, part=part)
        known = tuple(member.id for member in members)
        return await self.queue(scope, new, Basis(row, row, known, None), what="again")

    async def _members(self, scope: Scope, origin: str) -> list[Row[Any]]:
        return await self._database.read(
            lambda c: run_query.get_runs(c, scope, store.family_ids(c, scope, origin))
        )

    async def _check_kept(self, row: Row[Any]) -> None:
        if not await self._database.read(lambda c: store.is_known_whole(c, row.id)):
            raise TramoError(
                "rerun.not_kept",
                "What this run did is not kept any more, so that it cannot be re-run. Start the "
                "flow anew with the event itself.",
                status=409,
                params={"run": row.id},
            )

    async def check_settled(
        self, scope: Scope, row: Row[Any], plan: Plan, *, other_keys: bool = False
    ) -> None:
        """Raise TramoError for a family that may have done what nobody knows of.

        `other_keys`: what is sent next goes out under keys that the vendor does not know.
        """
        segments = await self._database.read(lambda c: read_past(c, scope, plan, row.id))
        places = unsettled(plan, segments, self._clock.now_ms(), other_keys=other_keys)
        if places:
            titles = ", ".join(dict.fromkeys(_title(plan, node) for node, _ in places))
            raise TramoError(
                "rerun.doubt",
                f"The run ended before anybody knew whether “{titles}” happened. Look at the "
                "vendor and say it first, then re-run.",
                status=409,
                params={
                    "run": row.id,
                    "steps": titles,
                    "doubts": [{"node": node, "iteration": turn} for node, turn in places],
                },
            )

    async def _newest(self, scope: Scope, row: Row[Any]) -> str:
        flow = await self._database.read(lambda c: flow_store.get_flow(c, scope, row.flow_id))
        if flow is None or flow.version is None:
            raise TramoError(
                "rerun.no_version",
                "This flow has no published version to re-run on; publish it, or re-run on the "
                "version that the run had.",
                status=409,
            )
        plan = await self.history.plan(row, flow.version)
        old = await self.history.plan(row)
        if not _fires(plan, row.trigger, old.by_id[row.trigger].node.type):
            raise TramoError(
                "rerun.trigger_gone",
                f"The newest version has no trigger “{row.trigger}” of this kind; re-run on the "
                "version that the run had.",
                status=409,
                params={"trigger": row.trigger},
            )
        return flow.version

    async def make(
        self,
        last: Row[Any],
        plan: Plan,
        trigger: str,
        *,
        rerun: str | None,
        part: Part | None = None,
        origin: str | None = "same",
        event: Event | None = None,
        generation: int | None = None,
    ) -> NewRun:
        """Return the row of a further run of a family, or with no `origin` of the first of a new
        one."""
        keys = event.keys if event is not None else ()
        if not keys:
            keys = await self._database.read(lambda c: read_keys(c, last.id))
        env = {"flow": plan.shown, trigger: decode(event.payload if event else last.payload)}
        run_id, now = self._ids.new("run"), self._clock.now_ms()
        body = None if part is None else write_part(part)
        return NewRun(
            id=run_id,
            workspace_id=last.workspace_id,
            flow_id=last.flow_id,
            version=plan.version,
            trigger=trigger,
            origin=last.origin if origin else run_id,
            copied_from=last.id if origin else None,
            generation=last.generation if generation is None else generation,
            by_hand=last.by_hand,
            due_at=now,
            started_at=now,
            keys=keys,
            depth=last.depth,
            rerun=rerun or (PART if part is not None else None),
            part=body and await lighten(self._database.blobs, run_id, body),
            slot=slot_of(plan.flow, env, keys),
            limit=plan.flow.limits.concurrency,
        )

    async def queue(
        self, scope: Scope, new: NewRun, basis: Basis, *, what: Any, event: Event | None = None
    ) -> dict[str, Any]:
        """Write a further run, unless the family is not what was looked at, and let it begin."""
        last = basis.last
        act = Act(
            id=self._ids.new("act"), at=new.started_at, what=what, run_id=new.id, reference=last.id
        )
        if event is not None:
            payload = await lighten(self._database.blobs, event.id, event.payload)
            event = msgspec.structs.replace(event, payload=payload)

        def write(connection: Connection) -> None:
            # Somebody else may have re-run it since we looked.
            ids = store.family_ids(connection, scope, last.origin)
            if set(ids) != set(basis.known):
                raise _still_open(ids[-1])
            if event is not None:
                Accept(new.workspace_id, event, []).apply(connection)
            event_id = event.id if event is not None else last.event_id
            store.queue_run(connection, _admitted(connection, new, event_id), event_id)
            add_acts(connection, scope, [act])

        await self._database.write(write)
        self._wakeup.wake([new.id])
        return {"run": new.id, **run_item(await self.history.row(scope, new.id))}


def _admitted(connection: Connection, new: NewRun, event_id: str) -> NewRun:
    """Let a re-run wait for its turn like any other run of its flow."""
    admission = admit_runs(connection, [(event_id, new)])
    if admission.held_back.get(new.id) == "cancelled":
        raise TramoError(
            "rerun.refused",
            "As many runs of this flow as its limit allows are going on, and it refuses more. "
            "Try again when one has ended.",
            status=409,
        )
    return admission.runs[0][1]


def _check_ended(members: Iterable[Row[Any]]) -> None:
    for member in members:
        if member.state == "asking":
            raise TramoError(
                "rerun.asking",
                "A step of this run waits for somebody to say whether it happened. Answer it "
                "first.",
                status=409,
                params={"run": member.id},
            )
        if member.state not in FINAL_RUN_STATES:
            raise _still_open(member.id)


def _still_open(run_id: str) -> TramoError:
    return TramoError(
        "rerun.open",
        f"The run {run_id} is still going on. Wait for its end, or cancel it first.",
        status=409,
        params={"run": run_id},
    )


def _title(plan: Plan, node_id: str) -> str:
    """Return what people call a node; one that this version lacks has only its id."""
    node = plan.by_id.get(node_id)
    return node.node.title if node is not None else node_id


def _fires(plan: Plan, trigger: str, type: str) -> bool:
    node = plan.by_id.get(trigger)
    return node is not None and node.index in plan.triggers and node.node.type == type
