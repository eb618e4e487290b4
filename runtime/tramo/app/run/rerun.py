"""The desk for re-runs: the same event once more, without doing again what was done.

A re-run belongs to the family of its origin and goes on from the newest of it, which knows of
everything that any of them did. What it takes over is the engine's rule. Doing it all again is
another thing: a run with an origin of its own, for which nothing was done yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row

from tramo.app.act import act_item
from tramo.app.role import require_editor
from tramo.app.run.doubt import unsettled
from tramo.app.run.history import History
from tramo.app.run.item import run_item
from tramo.graph.plan import Plan
from tramo.graph.slot import slot_of
from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.wakeup import Wakeup
from tramo.store import flow as flow_store
from tramo.store import rerun as store
from tramo.store import run_query
from tramo.store.act import Act, acts_of, add_acts
from tramo.store.database import Database
from tramo.store.run import NewRun, read_keys
from tramo.store.slot import admit_runs

Start = Literal["failed", "start"]
Version = Literal["same", "newest"]


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
    ) -> None:
        self._database = database
        self._history = history
        self._wakeup = wakeup
        self._clock = clock
        self._ids = ids

    async def family(self, scope: Scope, run_id: str) -> dict[str, Any]:
        """Return the runs that share a run's origin, oldest first, and what people did to them."""
        row = await self._history.row(scope, run_id)

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
        self, scope: Scope, run_id: str, start: Start = "failed", version: Version = "same"
    ) -> dict[str, Any]:
        """Let a run's family try again: from what failed, or from the start without repeating
        effects.

        Raises TramoError while one of the family goes on, or while it is not known what a step of
        it did.
        """
        require_editor(scope)
        row = await self._history.row(scope, run_id)
        members = await self._members(scope, row.origin)
        _check_ended(members)
        last = await self._history.row(scope, members[-1].id)
        await self._check_kept(last)
        if start == "failed" and version == "same" and last.state == "succeeded":
            raise TramoError(
                "rerun.nothing_failed",
                "Nothing failed in this run. Re-run it from the start, or do it all again.",
                status=409,
                params={"run": last.id},
            )
        await self._check_settled(last)
        name = last.version if version == "same" else await self._newest(scope, last)
        new = await self._new_run(last, name, origin=last.origin, copied_from=last.id, rerun=start)
        return await self._queue(scope, new, last, what="rerun", known=[m.id for m in members])

    async def again(self, scope: Scope, run_id: str, confirm: str) -> dict[str, Any]:
        """Do everything that a run did once more, effects included: `confirm` is the run's id."""
        require_editor(scope)
        row = await self._history.row(scope, run_id)
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
        new = await self._new_run(row, row.version, origin=None, copied_from=None, rerun=None)
        return await self._queue(scope, new, row, what="again", known=[m.id for m in members])

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

    async def _check_settled(self, row: Row[Any]) -> None:
        segments = await self._database.read(lambda c: store.read_journals_before(c, row.id))
        plan = await self._history.plan(row)
        places = unsettled(plan, segments, self._clock.now_ms())
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
        plan = await self._history.plan(row, flow.version)
        old = await self._history.plan(row)
        if not _fires(plan, row.trigger, old.by_id[row.trigger].node.type):
            raise TramoError(
                "rerun.trigger_gone",
                f"The newest version has no trigger “{row.trigger}” of this kind; re-run on the "
                "version that the run had.",
                status=409,
                params={"trigger": row.trigger},
            )
        return flow.version

    async def _new_run(
        self,
        row: Row[Any],
        version: str,
        *,
        origin: str | None,
        copied_from: str | None,
        rerun: str | None,
    ) -> NewRun:
        keys = await self._database.read(lambda c: read_keys(c, row.id))
        plan = await self._history.plan(row, version)
        env = {"flow": plan.shown, row.trigger: decode(row.payload)}
        run_id, now = self._ids.new("run"), self._clock.now_ms()
        return NewRun(
            id=run_id,
            workspace_id=row.workspace_id,
            flow_id=row.flow_id,
            version=version,
            trigger=row.trigger,
            state="queued",
            reason=None,
            error=None,
            origin=origin or run_id,
            copied_from=copied_from,
            generation=row.generation,
            by_hand=row.by_hand,
            owner=None,
            lease_until=None,
            due_at=now,
            started_at=now,
            ended_at=None,
            segment=None,
            keys=keys,
            depth=row.depth,
            rerun=rerun,
            slot=slot_of(plan.flow, env, keys),
            limit=plan.flow.limits.concurrency,
        )

    async def _queue(
        self, scope: Scope, new: NewRun, row: Row[Any], *, what: Any, known: Sequence[str]
    ) -> dict[str, Any]:
        act = Act(
            id=self._ids.new("act"), at=new.started_at, what=what, run_id=new.id, reference=row.id
        )

        def write(connection: Connection) -> None:
            # Somebody else may have re-run it since we looked.
            ids = store.family_ids(connection, scope, row.origin)
            if set(ids) != set(known):
                raise _still_open(ids[-1])
            store.queue_run(connection, _admitted(connection, new, row.event_id), row.event_id)
            add_acts(connection, scope, [act])

        await self._database.write(write)
        self._wakeup.wake([new.id])
        return {"run": new.id, **run_item(await self._history.row(scope, new.id))}


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
