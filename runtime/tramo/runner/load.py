"""From a claimed row to a run in memory: its plan, its journal folded, its keys, its waits."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from tramo.engine import Cancelled, Happening, Occurred, fold
from tramo.graph.plan import MissingType, Plan
from tramo.model.event import Key
from tramo.model.limit import CRASHES_BEFORE_QUARANTINE
from tramo.model.part import Part, read_part
from tramo.model.scope import system_scope
from tramo.model.value import decode
from tramo.runner.doubt import doubtful_sends
from tramo.runner.live import LiveRun
from tramo.runner.past import read_past
from tramo.runner.plan import PlanCache
from tramo.runner.prior import Segments, given_ends, prior_items, prior_steps
from tramo.store import lease
from tramo.store import run as store
from tramo.store.database import Database
from tramo.store.epoch import restored_from
from tramo.store.lease import Claim
from tramo.store.measure import holds_much
from tramo.store.rerun import read_part_of
from tramo.store.slot import turn_away
from tramo.store.unbegun import Unbegun, read_unbegun
from tramo.store.wait import Matched, Place, read_matched, read_waiting

KEPT: Final = 128
"""Waiting runs kept at hand."""
WORTH_KEEPING: Final = 8
"""Segments that a journal must have for that."""


BIG_AT_ONCE: Final = 12
"""Runs that hold much are in memory at once, so that a thousand of them do not fill it."""


class Loaded(msgspec.Struct, frozen=True):
    """A run as it was found."""

    live: LiveRun
    matched: list[Matched]
    """Events that its waits are over for."""
    begun: bool
    payload: bytes
    stop_by: str | None
    """Who has asked it to stop."""

    def missed(self, now: int) -> list[Happening]:
        """Return what happened to it while nobody worked on it, a stop first."""
        stop = [Cancelled(now, self.stop_by)] if self.stop_by is not None else []
        return [*stop, *occurred(self.live, self.matched, now)]


class _Found(msgspec.Struct, frozen=True):
    segments: Segments
    payload: bytes
    keys: tuple[Key, ...]
    waits: set[Place]
    matched: list[Matched]
    copied: Segments
    restored_from: int | None
    part: Part | None = None
    data: Segments = []


class Loader:
    """Takes claimed runs into memory.

    Runs with a long journal that waited in this process a moment ago are kept at hand: a loop that
    waits at every item would otherwise read its whole past at every item.
    """

    def __init__(self, database: Database, plans: PlanCache) -> None:
        self._database = database
        self._plans = plans
        self._resting: OrderedDict[str, LiveRun] = OrderedDict()
        self._room = asyncio.Semaphore(BIG_AT_ONCE)
        self._ahead: dict[tuple[str, int], Unbegun] = {}
        """What claimed runs that have not begun need, read for many of them at once; by run and
        token, for under another one it may have begun."""

    async def read_ahead(self, claims: Sequence[Claim]) -> None:
        """Read what those of the claimed runs need that have not begun and hold little."""
        places = {c.id: c.event_id for c in claims if c.seq == 0 and c.rerun is None}
        if places:
            found = await self._database.read(lambda c: read_unbegun(c, places))
            self._ahead |= {(c.id, c.token): found[c.id] for c in claims if c.id in found}

    def rest(self, live: LiveRun) -> None:
        """Keep a run that waits from now on; the row is what counts, this only saves reading it."""
        if live.seq < WORTH_KEEPING or live.is_big:
            return
        self._resting[live.state.run_id] = live
        if len(self._resting) > KEPT:
            self._resting.popitem(last=False)

    async def take_up(self, claim: Claim) -> Loaded | None:
        """Return a run that has come due; None when it was set aside instead."""
        ahead = self._ahead.pop((claim.id, claim.token), None)
        plan = self._plans.peek(claim.workspace_id, claim.flow_id, claim.version)
        limited = plan is None or plan.flow.limits.concurrency is not None
        unbegun = claim.seq == 0 and claim.stop_by is None  # As far as the row says.
        if limited and unbegun:
            away = await self._database.write(lambda c: turn_away(c, claim.id, claim.token))
            if away:
                return None
        return await self.load(claim, ahead)

    async def load(self, claim: Claim, ahead: Unbegun | None = None) -> Loaded | None:
        """Return a claimed run; None when it was set aside instead. `ahead` is what was read of it
        since it was claimed.

        A run that took its worker down again and again goes into quarantine; one whose connector
        is not installed waits for it.
        """
        live = self._resting.pop(claim.id, None)
        if live is not None and (live.seq, live.token + 1) == (claim.seq, claim.token):
            live.token, live.rung = claim.token, claim.rung
            live.due_at = None  # Who takes it up tells it: told twice, a step would begin twice.
            matched = await self._database.read(lambda c: read_matched(c, claim.id))
            return Loaded(live, matched, True, b"", claim.stop_by)
        suspected = claim.crashes >= CRASHES_BEFORE_QUARANTINE
        if suspected and await self._database.write(lambda c: lease.set_aside(c, claim)):
            return None
        try:
            plan = await self._plans.get(claim.workspace_id, claim.flow_id, claim.version)
        except MissingType:
            await self._database.write(lambda c: lease.hold(c, claim.id, claim.token))
            return None
        if ahead is not None:
            found = _Found([], ahead.payload, ahead.keys, set(), [], [], None)
            return Loaded(_revive(plan, claim, found), [], False, found.payload, claim.stop_by)
        is_big = await self._database.read(lambda c: holds_much(c, claim.id, claim.event_id))
        if is_big:
            await self._room.acquire()
        try:
            found = await self._database.read(lambda c: _read(c, claim, plan))
            live = _revive(plan, claim, found)
        except BaseException:
            if is_big:
                self._room.release()
            raise
        live.is_big = is_big
        return Loaded(live, found.matched, bool(found.segments), found.payload, claim.stop_by)

    def let_go(self, live: LiveRun) -> None:
        """Make room for the next big run, if this is one."""
        if live.is_big:
            live.is_big = False
            self._room.release()


def _revive(plan: Plan, claim: Claim, found: _Found) -> LiveRun:
    prior = prior_steps(plan, found.copied, claim.rerun, found.part, found.data)
    sent = {place: sent.first_at for place, sent in doubtful_sends(plan, found.copied).items()}
    state = fold(
        plan,
        run_id=claim.id,
        trigger=claim.trigger,
        output=decode(found.payload),
        segments=found.segments,
        origin=claim.origin,
        generation=claim.generation,
        keys=first_keys(found.keys),
        prior=prior,
        prior_items=prior_items(plan, [*found.data, *found.copied], {**prior, **sent}),
        given=given_ends(found.part),
        restored_from=found.restored_from,
        sent=sent,
    )
    return LiveRun(
        claim.workspace_id,
        state,
        token=claim.token,
        seq=claim.seq,
        crashes=claim.crashes,
        keys=found.keys,
        parent=claim.parent,
        depth=claim.depth,
        rung=claim.rung,
        waits=found.waits,
    )


def _read(connection: Connection, claim: Claim, plan: Plan) -> _Found:
    part = _read_part(connection, claim)
    scope = system_scope(claim.workspace_id)
    return _Found(
        store.read_journal(connection, claim.id),
        store.read_payload(connection, claim.event_id),
        store.read_keys(connection, claim.id),
        read_waiting(connection, claim.id),
        read_matched(connection, claim.id),
        read_past(connection, scope, plan, claim.copied_from),
        restored_from(connection, claim.id),
        part,
        read_past(connection, scope, plan, part.data_of) if part is not None else [],
    )


def _read_part(connection: Connection, claim: Claim) -> Part | None:
    body = read_part_of(connection, claim.id) if claim.rerun is not None else None
    return None if body is None else read_part(body)


def occurred(live: LiveRun, matched: list[Matched], now: int) -> list[Happening]:
    """Return what events that ended waits are to the run."""
    by_id = live.state.plan.by_id
    return [
        Occurred(now, by_id[m.node_id].index, m.iteration, m.port, decode(m.payload))
        for m in matched
    ]


def first_keys(keys: Iterable[Key]) -> dict[str, str]:
    """Return the first business key of each kind."""
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(key.kind, key.value)
    return found
