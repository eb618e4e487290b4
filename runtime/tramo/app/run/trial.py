"""The desk for trials: a draft, or some nodes of it, run by hand with data that is known already.

A trial is a run like any other, on a version that nobody published: the nodes that are tried and
what they need. What it does not run it takes over, from pinned data or from a run. With the data
of a run it joins that run's family, so that neither does again what the other did. Nothing is done
outside before somebody has confirmed what and where.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection

from tramo.app.flow import FlowDesk, chosen_trigger
from tramo.app.role import require_editor
from tramo.app.run.outside import digest_of, outside
from tramo.app.run.rerun import Basis, RerunDesk
from tramo.graph.part import Lay, prune
from tramo.graph.plan import Plan
from tramo.ingest.intake import Intake
from tramo.ingest.subscription import route_of
from tramo.model.node_type import NodeTypes
from tramo.model.part import PART, Given, Part, write_part
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.runner.past import read_past, replaced
from tramo.runner.prior import Segments, done_effects, prior_steps
from tramo.store import pin as pin_store
from tramo.store.connection import list_connections
from tramo.store.database import Database

Mode = Literal["until", "only", "from"]


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to try."""

    mode: Mode | None = None
    """Up to a node, one node only, or from a node on; None: everything."""
    node: str = ""
    run: str | None = None
    """The run whose data is taken."""
    event: Any = UNSET
    trigger: str | None = None
    version: str = "draft"
    pins: bool = False
    keep: bool = False
    """Whether what was done in the family of `run` is kept even where it could be done again."""
    confirm: str | None = None
    """The digest of the effects that were confirmed."""


class _Known(msgspec.Struct, frozen=True):
    """What a trial finds before it begins."""

    done: frozenset[str]
    """Nodes that changed something in the family."""
    ended: frozenset[str]
    """Nodes whose ends can be taken over."""


class TrialDesk:
    """Runs drafts, and parts of them, by hand."""

    def __init__(
        self,
        *,
        database: Database,
        flows: FlowDesk,
        reruns: RerunDesk,
        intake: Intake,
        node_types: NodeTypes,
        all_practice: bool = False,
    ) -> None:
        self._database = database
        self._flows = flows
        self._reruns = reruns
        self._intake = intake
        self._node_types = node_types
        self._all_practice = all_practice

    async def start(self, scope: Scope, flow_id: str, trial: Trial) -> str:
        """Start a trial and return the id of its run after the commit.

        Raises TramoError `trial.confirm` with the effects outside that nobody has confirmed yet.
        """
        require_editor(scope)
        document = await self._flows.document(scope, flow_id, trial.version)
        keep, anew = _chosen(document, trial)
        if trial.mode is not None:
            document = prune(document, keep)
            self._check_trigger(document, trial.node)
        plan = await self._flows.plan_of(scope, flow_id, document)
        basis = await self._reruns.basis(scope, trial.run) if trial.run is not None else None
        given = await self._given(scope, flow_id, trial, plan, basis)
        if basis is None:
            await self._confirm(scope, plan, trial, given, _Known(frozenset(), frozenset()), [])
            return await self._start_anew(scope, plan, trial, given)
        return await self._go_on(scope, plan, trial, given, basis, anew)

    def _check_trigger(self, document: dict[str, Any], node: str) -> None:
        types = [each.get("type") for each in document["nodes"]]
        kinds = [self._node_types(it, 1) for it in types if isinstance(it, str)]
        if not any(kind is not None and kind.kind == "trigger" for kind in kinds):
            title = next(it.get("label") or node for it in document["nodes"] if it["id"] == node)
            raise TramoError(
                "trial.no_trigger",
                f"No trigger leads to “{title}”. Connect it to one first.",
                status=422,
                params={"title": title},
            )

    async def _given(
        self, scope: Scope, flow_id: str, trial: Trial, plan: Plan, basis: Basis | None
    ) -> tuple[Given, ...]:
        """Return the pinned data, and what the run that gives data had been given itself."""
        given: dict[str, list[Given]] = {}
        if basis is not None and trial.run is not None:
            for item in (await self._reruns.given(trial.run)) if trial.mode != "until" else ():
                given.setdefault(item.node, []).append(item)
        if trial.pins:
            rows = await self._database.read(lambda c: pin_store.list_pins(c, scope, flow_id))
            for row in rows:
                given[row.node_id] = [Given(row.node_id, row.port, decode(row.output))]
        given.pop(trial.node, None)  # It is tried itself.
        return tuple(it for node, items in given.items() if node in plan.by_id for it in items)

    # With an event of its own -------------------------------------------------------------------

    async def _start_anew(
        self, scope: Scope, plan: Plan, trial: Trial, given: tuple[Given, ...]
    ) -> str:
        node = chosen_trigger(plan, trial.trigger)
        pinned = next((item for item in given if item.node == node.id), None)
        event = trial.event
        if event is UNSET:
            if pinned is None:
                raise TramoError("run.start_with", "Give either an event or a record.", status=422)
            event = pinned.output
        rest = tuple(item for item in given if item.node != node.id)
        taken = await self._intake.queue(
            scope.workspace_id,
            plan=plan,
            route=route_of(scope.workspace_id, plan, node),
            output=event,
            part=write_part(Part(given=rest)),
            type=node.node.type,
            source=f"{plan.flow.id}/by_hand",
            keys=self._flows.keys(node, event),
        )
        return taken.runs[0]

    # With the data of a run ---------------------------------------------------------------------

    async def _go_on(
        self,
        scope: Scope,
        plan: Plan,
        trial: Trial,
        given: tuple[Given, ...],
        basis: Basis,
        anew: set[str],
    ) -> str:
        source = await self._reruns.history.row(scope, trial.run or "")
        if source.trigger not in plan.by_id:
            raise TramoError(
                "trial.trigger_apart",
                f"The run began at “{source.trigger}”, from which nothing leads to this node now. "
                "Take the data of another run.",
                status=409,
                params={"trigger": source.trigger},
            )
        last = basis.last
        data_of = source.id if source.id != last.id else None

        def read(connection: Connection) -> tuple[Segments, Segments, frozenset[str]]:
            return (
                read_past(connection, scope, plan, last.id),
                read_past(connection, scope, plan, data_of),
                replaced(connection, scope, plan, last.version),
            )

        segments, data, gone = await self._database.read(read)
        part = Part(data_of=data_of)
        done = done_effects(plan, segments)
        ended = {place[0] for place in prior_steps(plan, segments, PART, part, data)}
        known = _Known(frozenset(done), frozenset(ended - anew))
        kept = await self._kept(scope, plan, trial, anew & done.keys())
        await self._confirm(scope, plan, trial, given, known, kept)
        again = {node for node in anew & done.keys() if node not in kept}
        if again or gone:
            await self._reruns.check_settled(scope, last, plan, other_keys=True)
        part = Part(
            anew=tuple(sorted(anew)),
            kept=tuple(kept),
            given=tuple(item for item in given if item.node != source.trigger),
            data_of=data_of,
        )
        new = await self._reruns.make(
            last,
            plan,
            source.trigger,
            rerun=PART,
            part=part,
            # What is done once more goes out under keys of its own, or the vendor would not do it.
            generation=last.generation + bool(again or gone),
        )
        new.by_hand = True
        made = await self._reruns.queue(scope, new, basis, what="trial")
        return made["run"]

    async def _kept(self, scope: Scope, plan: Plan, trial: Trial, done: set[str]) -> list[str]:
        """Return which nodes that did something are not to do it again: those that cost, always."""
        if trial.keep:
            return sorted(done)
        nodes = [plan.by_id[node] for node in sorted(done)]
        found = await self._outside(scope, [node for node in nodes if node.type.costly], done)
        return [item["node"] for item in found]

    # Confirming ---------------------------------------------------------------------------------

    async def _confirm(
        self,
        scope: Scope,
        plan: Plan,
        trial: Trial,
        given: tuple[Given, ...],
        known: _Known,
        kept: list[str],
    ) -> None:
        """Raise TramoError with what would be done outside, unless just that was confirmed."""
        skipped = {item.node for item in given if item.iteration is None} | set(kept)
        nodes = [
            node
            for node in plan.nodes
            if node.id not in skipped and (node.id not in known.ended or node.node.inside)
        ]
        found = await self._outside(scope, nodes, known.done)
        if found and trial.confirm != (digest := digest_of(found)):
            titles = ", ".join(dict.fromkeys(item["title"] for item in found))
            raise TramoError(
                "trial.confirm",
                f"This really acts outside: {titles}. Confirm it, or connect practice accounts.",
                status=409,
                params={
                    "steps": titles,
                    "effects": found,
                    "confirm": digest,
                    "kept": [plan.by_id[node].node.title for node in kept],
                },
            )

    async def _outside(self, scope: Scope, nodes: Any, done: Any) -> list[dict[str, Any]]:
        rows = await self._database.read(lambda c: list_connections(c, scope))
        if self._all_practice:
            nodes = [node for node in nodes if node.type.connector == "core"]
        return outside(nodes, {row.id: row for row in rows}, done)


def _chosen(document: dict[str, Any], trial: Trial) -> tuple[set[str], set[str]]:
    """Return which nodes a trial consists of, and which of them run anew."""
    lay = Lay(document)
    if trial.mode is None:
        return set(lay.ids), set(lay.ids)
    if trial.node not in lay.before:
        raise TramoError(
            "trial.node_unknown",
            f"This flow has no node “{trial.node[:64]}” to run.",
            status=404,
            params={"node": trial.node[:64]},
        )
    if trial.mode == "from":
        anew = lay.behind([trial.node])
        return lay.whole(anew), anew
    keep = lay.whole([trial.node])
    return keep, ({trial.node} | set(lay.body[trial.node]) if trial.mode == "only" else keep)
