"""Mistakes about deliveries, and events that runs wait for."""

from __future__ import annotations

import sqlite3
from functools import cache

from tramo.ingest import backlog, door, intake, poll
from tramo.runner import runner, tell
from tramo.store import run, sift, wait
from tramo.testing.simulation import server
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant


@plant
def _ack_before_commit(patch: Patch) -> None:
    """A delivery is acknowledged while it is being written."""
    patch.rewrite(
        intake.Intake,
        "_take",
        ("accepted = await submit", "written = submit"),
        (
            "return self.adopt(prepared, accepted)",
            "written.add_done_callback(lambda done: self.adopt(prepared, done.result()))\n"
            "    return Taken(prepared.unit.event.id, False)",
        ),
    )


@plant
def _copy_unseen(patch: Patch) -> None:
    """Every copy of a delivery is an event of its own."""
    patch.rewrite(
        intake.Intake, "prepare", ("delivery_id=delivery_id or event_id", "delivery_id=event_id")
    )


@plant
def _copy_runs(patch: Patch) -> None:
    """A copy of a delivery is stored once, and starts runs twice."""
    patch.set(run, "_unknown_before", lambda _, units: units)


@plant
def _match_after_commit(patch: Patch) -> None:
    """Which waits an event ends is found out after it is stored."""
    patch.rewrite(
        intake.Intake,
        "_take",
        (
            "accepted = await submit",
            "waited, prepared.unit.awaited = prepared.unit.awaited, False\n"
            "    accepted = await submit",
        ),
        (
            "return self.adopt(prepared, accepted)",
            "if waited:\n"
            "        from tramo.store.wait import match_event\n"
            "        event = prepared.unit.event\n"
            "        self._starter.ring(\n"
            "            await self._database.write(\n"
            "                lambda c: match_event(c, workspace_id, event)\n"
            "            )\n"
            "        )\n"
            "    return self.adopt(prepared, accepted)",
        ),
    )


@plant
def _past_unheard(patch: Patch) -> None:
    """An event that came between a run's beginning and its wait is not looked for."""
    patch.set(wait.Waits, "_look_back", lambda *_: False)


@plant
def _deadline_first(patch: Patch) -> None:
    """A wait that an event has ended is late when its run is taken up after its deadline."""
    patch.rewrite(
        runner.Runner,
        "_take_up",
        (
            "[*recovered, *happened, Due(now)]",
            "[*recovered, Due(now), *happened]",
        ),
    )


@plant
def _recovered_in_line(patch: Patch) -> None:
    """What a run began while it waited in line is taken for what another left behind."""
    patch.rewrite(runner.Runner, "_take_up", ("if live.interrupted else []", ""))


@plant
def _error_swallowed(patch: Patch) -> None:
    """Who says something to a run hears that it is done, whatever came of it."""
    patch.rewrite(tell.Teller, "_answer", ("told.set_exception(error)", "told.set_result(None)"))


@plant
def _waits_lost(patch: Patch) -> None:
    """One wait that is over ends all the others of its run."""
    patch.rewrite(
        wait.Waits,
        "write",
        ("_w.node_id == node_id,", ""),
        ("_w.iteration == _spell(iteration),", ""),
    )


@plant
def _cursor_first(patch: Patch) -> None:
    """A poll's place is written, and what it found some time later."""
    patch.rewrite(
        poll.Poller,
        "_take",
        (
            "accepted = await self._database.submit(turn)",
            "values = dict(turn._values)\n"
            "    await self._database.submit(Turn(claim, self._owner, (), **values))\n"
            "    accepted = [await self._database.submit(each.unit) for each in events]",
        ),
    )


@plant
def _news_anonymous(patch: Patch) -> None:
    """What a poll found is known by when it was found, and not by its id."""
    patch.rewrite(
        poll.Poller,
        "_event",
        ("delivery_id=delivery_id,", 'delivery_id=self._ids.new("evt"),'),
    )


@plant
def _first_poll_starts(patch: Patch) -> None:
    """What the first poll finds starts runs."""
    patch.rewrite(poll.Poller, "_take", ("if not claim.primed:", "if claim is None:"))


@plant
def _topic_forgotten(patch: Patch) -> None:
    """Two deliveries are one if their ids are, whatever they are about."""
    patch.rewrite(
        door.Door,
        "_event",
        ('f"{incoming.topic}:{delivery_id}"[:200]', "delivery_id[:200]"),
    )


@plant
def _others_event(patch: Patch) -> None:
    """A wait is over when an event comes, whatever it is about."""
    patch.rewrite(wait, "match_event", ("_w.value == value,", ""))


@plant
def _others_type(patch: Patch) -> None:
    """A wait is over when something comes that is about the same, whatever it is."""
    patch.rewrite(wait, "match_event", ("_w.type == event.type,", ""))


@plant
def _own_event(patch: Patch) -> None:
    """A wait is over by the event that started its run."""
    patch.rewrite(wait, "match_event", ("~own,", ""))


@plant
def _past_too_far(patch: Patch) -> None:
    """A wait is over when there ever was such an event."""
    patch.rewrite(wait.Waits, "_look_back", ("_k.received_at >= since_ms,", ""))


@plant
def _delay_kept(patch: Patch) -> None:
    """A start that waits comes when its first event's delay is over, whatever came since."""
    patch.rewrite(sift.Sift, "_moved", ("due_at=new.run.due_at,", ""))


@plant
def _delay_of_each(patch: Patch) -> None:
    """Every event has a start of its own when its delay is over."""
    patch.rewrite(sift.Sift, "_replaces", ("if waiting is not None and", "if False and"))


@plant
def _source_forgotten(patch: Patch) -> None:
    """Two deliveries are one if their ids are, whoever sends them."""
    template = server._template

    @cache
    def without_source() -> bytes:
        driver = sqlite3.connect(":memory:", isolation_level=None)
        driver.deserialize(template())
        driver.execute("DROP INDEX event_delivery")
        driver.execute(
            "CREATE UNIQUE INDEX event_delivery ON event (workspace_id, delivery_id) "
            "WHERE delivery_id <> ''"
        )
        return driver.serialize()

    patch.set(server, "_template", without_source)


@plant
def _kept_unwritten(patch: Patch) -> None:
    """A delivery is acknowledged while it is being written down as it came."""
    patch.rewrite(
        backlog.Backlog, "keep", ("await self._database.committer", "self._database.committer")
    )


@plant
def _kept_unread(patch: Patch) -> None:
    """What an earlier process kept is not read."""
    patch.rewrite(backlog.Backlog, "start", ("await self._database.read(count_backlog)", "{}"))


@plant
def _kept_left_first(patch: Patch) -> None:
    """A delivery leaves the backlog before what it told is stored."""
    patch.rewrite(
        intake.Intake,
        "_take",
        (
            "prepared = await",
            "if (kept := event.pop('kept')) is not None:\n"
            "        from tramo.store.backlog import leave\n"
            "        await self._database.write(lambda c: leave(c, [kept.place]))\n"
            "    prepared = await",
        ),
    )
