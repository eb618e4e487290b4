"""What runs share, reckoned at the end: keys, slots, turns, marks, windows, and runs that follow.

It goes by journals and rows alone, as the rest of the reckoning does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from tramo.engine.journal import decode_segment
from tramo.model.value import decode
from tramo.testing.simulation.file import TOLERANCE_MS, RunFile
from tramo.testing.simulation.worker import WORKSPACE

if TYPE_CHECKING:
    from tramo.testing.simulation.world import World

FOLLOWER: Final = "flow_after"


def told(file: RunFile) -> Iterator[tuple[int, Any]]:
    """Give the transitions of a run's journal, each with its time."""
    for fmt, raw in file.segments:
        for at, transitions in decode_segment(fmt, raw):
            for transition in transitions:
                yield at, transition


def reckon_sharing(world: World) -> None:
    """Hold against each other what several runs did with what they share."""
    _keys(world)
    _slots(world)
    _turns(world)
    _marks(world)
    _windows(world)
    _followers(world)
    _delays(world)


def _ends(world: World, kind: str) -> Iterator[tuple[RunFile, int, Any]]:
    """Give how steps of a type ended: the run, when, and the transition."""
    for file in world.audit.files.values():
        assert file.plan is not None
        for at, transition in told(file):
            if transition[0] == "d" and file.plan.by_id[transition[1]].type.type == kind:
                yield file, at, transition


def _keys(world: World) -> None:
    """A run is found by all of its keys."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for run_id, kind, value in world.server.ask("SELECT run_id, kind, value FROM run_key"):
        found[run_id].add((kind, value))
    for run_id, keys in world.server.ask("SELECT id, keys FROM run"):
        missing = {(key[0], key[1]) for key in decode(keys)} - found[run_id]
        if missing:
            world.broken(f"key.lost: {run_id} is not found by {sorted(missing)}")


def _slots(world: World) -> None:
    """Where one run at a time may go on, they begin in the order in which they were accepted."""
    latest: dict[tuple[tuple[str, str], str], int] = {}
    for file in world.audit.files.values():
        limit = world.audit.limits.of.get(file.flow)
        if limit is None or limit.at_once != 1 or file.begun_as is None or world.restored:
            continue
        ((slot,),) = world.server.ask("SELECT slot FROM run WHERE id = ?", file.id)
        if slot is None:
            continue
        place = (file.flow, slot)
        if file.begun_as < latest.get(place, 0):
            world.broken(f"slot.overtaken: {file.id} began after runs that came after it")
        latest[place] = max(file.begun_as, latest.get(place, 0))


def _turns(world: World) -> None:
    """No stretch of time sees more turns than the limit allows, by the database's clock."""
    if "jump" in world.nemesis.faults:
        return
    turns: dict[tuple[tuple[str, str], str], list[int]] = defaultdict(list)
    for file, at, transition in _ends(world, "core.rate_limit"):
        turns[(file.flow, transition[1])].append(at)
    for (flow, node_id), times in turns.items():
        params = _params(world, flow, node_id)
        times.sort()
        for first, later in zip(times, times[params["count"] :], strict=False):
            if later - first < params["per_s"] * 1_000:
                world.broken(f"turn.early: {flow[1]} {node_id} {later - first} ms after the first")


def _params(world: World, flow: tuple[str, str], node_id: str) -> Any:
    file = next(each for each in world.audit.files.values() if each.flow == flow)
    assert file.plan is not None
    return file.plan.by_id[node_id].node.params


def _marks(world: World) -> None:
    """A value is new once, and the first time; or again when it was forgotten."""
    news: Counter[tuple[tuple[str, str], str, str]] = Counter()
    found: dict[tuple[tuple[str, str], str, str], list[tuple[int, bool]]] = defaultdict(list)
    for file, at, transition in _ends(world, "core.dedupe"):
        place, new = (file.flow, transition[1], transition[4]["key"]), transition[3] == "new"
        if _params(world, *place[:2]).get("within_s"):
            found[place].append((at, new))
        else:
            news[place] += new
    for place, times in found.items() if "jump" not in world.nemesis.faults else ():
        _look_at_memory(world, place, sorted(times))
    for (flow, node_id, key), count in news.items():
        if count > 1:
            world.broken(f"mark.twice: {flow[1]} {node_id} found “{key}” new {count} times")
        elif not count and not world.restored:
            world.broken(f"mark.never: {flow[1]} {node_id} has seen “{key}”, and never new")


def _look_at_memory(
    world: World, place: tuple[tuple[str, str], str, str], times: list[tuple[int, bool]]
) -> None:
    within_ms = _params(world, *place[:2])["within_s"] * 1_000
    news = [at for at, new in times if new]
    for first, later in pairwise(news) if not world.restored else ():
        if later - first < within_ms - TOLERANCE_MS:
            world.broken(f"mark.forgotten: {place[1:]} is new again after {later - first} ms")
    for at in (at for at, new in times if not new and not world.restored):
        if not any(-TOLERANCE_MS <= at - noted < within_ms + TOLERANCE_MS for noted in news):
            world.broken(f"mark.remembered: {place[1:]} is not new, and nobody saw it before")


def _windows(world: World) -> None:
    """What was put into a window is taken out once, or still in one. A window waits for its time,
    or until it is full, and takes nothing of a run that was cancelled as it carried one."""
    put: Counter[str] = Counter()
    owners: dict[str, set[str]] = {}
    taken: Counter[str] = Counter()
    for file, _, transition in _ends(world, "core.digest"):
        if transition[3] == "out":
            taken.update(transition[4]["items"])
            _look_at_window(world, file, transition)
            owners[file.id] = set(transition[4]["items"]) - {file.id}
        else:
            put[file.id] += 1
    for carrier, items in owners.items():
        for run_id in sorted(items - put.keys()):
            world.broken(f"window.dead: {carrier} goes on with what {run_id} kept to itself")
    left = Counter(decode(item) for (item,) in world.server.ask("SELECT item FROM window_item"))
    for run_id in put:
        if taken[run_id] + left[run_id] != 1:
            world.broken(
                f"window.item: {run_id} is taken {taken[run_id]} times, {left[run_id]} left"
            )


def _look_at_window(world: World, file: RunFile, transition: Any) -> None:
    params, output = _params(world, file.flow, transition[1]), transition[4]
    opened, closed = (datetime.fromisoformat(output[name]) for name in ("opened_at", "closed_at"))
    if len(output["items"]) < params["size"] and (closed - opened).seconds < params["seconds"]:
        world.broken(f"window.early: {file.id} closes a window after {closed - opened}")
    moved = world.server.ask("SELECT 1 FROM run WHERE state = 'cancelled'")
    if len(output["items"]) > params["size"] and not moved:
        world.broken(f"window.crowded: {file.id} goes on with {len(output['items'])} items")


def _followers(world: World) -> None:
    """A run that failed starts one run of the flow that follows it, any other run starts none."""
    if FOLLOWER not in {document["id"] for document in world.shape.flows}:
        return
    query = "SELECT e.delivery_id FROM run r JOIN event e ON e.id = r.event_id WHERE r.flow_id = ?"
    heard = Counter(name for (name,) in world.server.ask(query, FOLLOWER))
    query = "SELECT id, workspace_id, state FROM run WHERE flow_id = 'flow_main'"
    for run_id, workspace_id, state in world.server.ask(query):
        if heard[run_id] != (state == "failed" and workspace_id == WORKSPACE):
            world.broken(f"follow.heard: {run_id} is {state} and is followed {heard[run_id]} times")


def _delays(world: World) -> None:
    """The newest event of a value starts a run when its delay is over, and no event starts two."""
    delayed = [
        (document["id"], document["nodes"][0]["params"]["seconds"])
        for document in world.shape.flows
        if document["nodes"][0]["type"] == "core.after"
    ]
    for flow_id, seconds in delayed:
        order = {id: number for number, id in enumerate(world.audit.events)}  # As they were stored.
        events = world.server.ask("SELECT id, keys, received_at FROM event")
        events.sort(key=lambda event: order[event[0]])
        received = {id: at for id, _, at in events}
        runs = world.server.ask("SELECT id, event_id FROM run WHERE flow_id = ?", flow_id)
        started = Counter(event_id for _, event_id in runs)
        by_value: dict[str, list[str]] = defaultdict(list)
        for id, keys, _ in events:
            by_value[str(decode(keys)[0][1])].append(id)
        for ids in by_value.values() if "jump" not in world.nemesis.faults else ():
            for id, following in zip(ids, [*ids[1:], ids[-1]], strict=True):
                due_at = received[id] + seconds * 1_000
                overtaken = id != following and world.audit.events[following] < due_at
                if overtaken and started[id]:
                    world.broken(f"delay.each: {id} started a run, and {following} took its place")
                elif id == following and started[id] != 1:
                    world.broken(f"delay.lost: {id} came last and started {started[id]} runs")
        query = "SELECT id, event_id, started_at FROM run WHERE flow_id = ? AND copied_from IS NULL"
        for run_id, event_id, started_at in world.server.ask(query, flow_id):
            if started_at != received[event_id]:
                world.broken(f"delay.started: {run_id} is dated by another event than {event_id}")
        for run_id, event_id in runs if "jump" not in world.nemesis.faults else ():
            first = next(told(world.audit.files[run_id]), None)
            if first is not None and first[0] < received[event_id] + seconds * 1_000:
                world.broken(f"delay.early: {run_id} began before its delay was over")
