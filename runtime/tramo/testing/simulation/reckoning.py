"""What must hold at the end, when nothing moves any more."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tramo.model.value import decode
from tramo.store.blob import BlobMissing
from tramo.store.codec import unpack
from tramo.testing.simulation.call import reckon_calls
from tramo.testing.simulation.course import follow
from tramo.testing.simulation.family import reckon_families
from tramo.testing.simulation.file import TOLERANCE_MS, RunFile
from tramo.testing.simulation.poll import reckon_polls
from tramo.testing.simulation.schedule import reckon_firings
from tramo.testing.simulation.sharing import reckon_sharing, told
from tramo.testing.simulation.value import reckon_values
from tramo.testing.simulation.worker import home_of
from tramo.testing.simulation.world import World

UNHEARD_MS = 5_000
"""An event that was stored so long before a deadline comes first."""
ACTING = frozenset({"sim.pay", "sim.ship", "sim.label", "sim.put"})
UNIQUE = frozenset({"pay", "ship", "label"})


def reckon(world: World) -> None:
    """Hold what is stored against what vendors, senders and people know."""
    _deliveries(world)
    _effects(world)
    _counters(world)
    _claims(world)
    _leftovers(world)
    _homes(world)
    _blobs(world)
    reckon_sharing(world)
    reckon_firings(world)
    reckon_polls(world)
    reckon_values(world)
    reckon_calls(world)
    reckon_families(world)
    for file in world.audit.files.values():
        _waits(world, file)
        _taken_over(world, file)
        follow(file, world.broken)


def _deliveries(world: World) -> None:
    """Acknowledged means stored, and one event starts one run of each flow."""
    rows = world.server.ask("SELECT source, delivery_id FROM event WHERE source LIKE 'conn_%'")
    stored = Counter(f"{source}/{delivery}" for source, delivery in rows)
    for id in world.acked:
        if stored[id] != 1:
            world.broken(f"ack.lost: {id} was acknowledged and is stored {stored[id]} times")
    for id, count in stored.items():
        if count > 1:
            world.broken(f"event.twice: {id} is stored {count} times")
    begun = Counter(
        world.server.ask(
            "SELECT e.source, e.delivery_id, r.flow_id FROM run r JOIN event e ON e.id = r.event_id"
            " WHERE r.copied_from IS NULL"
        )
    )
    for (source, delivery, flow_id), count in begun.items():
        if count != 1:
            world.broken(f"event.runs: {source}/{delivery} started {count} runs of {flow_id}")
    heard = {f"{source}/{delivery}" for source, delivery, _ in begun}
    for id in world.acked:
        if "/order:" in id and id not in heard and not world.shape.delayed:
            world.broken(f"event.unheard: {id} was acknowledged and started nothing")


def _effects(world: World) -> None:
    """No effect twice, none without a step that says so, no step that says so without one."""
    done = Counter((effect.kind, effect.step) for effect in world.vendor.effects)
    for (kind, step), count in done.items():
        family = world.audit.family(step[0])
        places = {place for file in family for place in file.steps if place[0] == step[1]}
        resent = sum(world.audit.resent(family[-1], place) for place in places)
        if kind in UNIQUE and count > 1 + resent:
            world.broken(f"effect.twice: {kind} {'/'.join(step)} happened {count} times")
    keys = {effect.key for effect in world.vendor.effects}
    for file in world.audit.files.values():
        _outputs(world, file, keys)


def _outputs(world: World, file: RunFile, keys: set[str]) -> None:
    for _, transition in told(file):
        if transition[0] not in "df":
            continue
        place = (transition[1], tuple(transition[2]))
        step, kind = file.steps[place], _kind(file, transition)
        if transition[0] == "f":
            tried = [each for each in world.audit.family(file.origin) if place in each.steps]
            if tried[-1] is not file:
                continue
            if kind in ("sim.ship", "sim.label") and step.key in keys and not step.answers:
                world.broken(f"effect.denied: {file.id} {transition[1:3]} failed, and it happened")
            sure = transition[6:7] != (True,) and not (step.answers or world.restored)
            if kind == "sim.pay" and sure and step.key in keys:
                world.broken(f"effect.denied: {file.id} {transition[1:3]} surely did nothing")
        elif kind in ACTING and not step.unknown and step.key not in keys:
            world.broken(f"effect.none: {file.id} {transition[1:3]} says it is done")


def _taken_over(world: World, file: RunFile) -> None:
    """What a node did counts for nodes of the same kind only."""
    before = {it.id: it for it in world.audit.family(file.origin) if it.id != file.id}
    for _, transition in told(file):
        if transition[0] != "k" or transition[5:]:
            continue
        place = (transition[1], tuple(transition[2]))
        kinds = {_kind(it, transition) for it in before.values() if place in it.steps}
        if _kind(file, transition) not in kinds:
            world.broken(f"taken.other: {file.id} took over {place} of {sorted(kinds)}")


def _counters(world: World) -> None:
    """A stored step that is done was done once."""
    rows = world.server.ask('SELECT "key", row FROM table_row WHERE "table" = ?', "count")
    counts = {name: decode(bytes(row))["count"] for name, row in rows}
    done = Counter(
        f"{file.origin}/{transition[1]}/"
        for file in world.audit.files.values()
        for _, transition in told(file)
        if transition[0] == "d" and _kind(file, transition) == "sim.count"
    )
    for name in sorted({*counts, *done}):
        if counts.get(name, 0) != 1 or done[name] != 1:
            world.broken(
                f"stored.count: {name} is {counts.get(name, 0)}, and was said {done[name]} times"
            )


def _kind(file: RunFile, transition: Any) -> str:
    assert file.plan is not None
    return file.plan.by_id[transition[1]].type.type


def _claims(world: World) -> None:
    """Of `once`: one holder acts, and one that certainly failed lets go."""
    held: set[tuple[str, str]] = set()
    rows = world.server.ask("SELECT flow_id, node_id, value, run_id FROM once")
    for flow_id, node_id, value, holder in rows:
        held.add((node_id, holder))
        origin, *path = holder.split(".")
        place = (node_id, tuple(map(int, path)))
        family = world.audit.family(origin)
        steps = [file.steps[place] for file in family if place in file.steps]
        if not steps or steps[-1].failed:
            world.broken(f"once.kept: {holder} failed and still holds {flow_id} {node_id} {value}")
    for file in world.audit.files.values() if not world.restored else ():
        last = world.audit.family(file.origin)[-1] is file
        for _, transition in told(file) if last else ():
            if transition[0] == "f" and transition[6:7] == (True,) and _is_once(file, transition):
                holder = ".".join((file.origin, *map(str, transition[2])))
                if (transition[1], holder) not in held:
                    world.broken(f"once.lost: {holder} may have done {transition[1]}, and lets go")
    acted: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for effect in world.vendor.effects:
        file = next(iter(world.audit.family(effect.step[0])), None)
        known = file.plan.by_id.get(effect.step[1]) if file and file.plan else None
        if file is None or known is None or known.node.once is None:
            continue
        ((keys,),) = world.server.ask("SELECT keys FROM run WHERE id = ?", file.id)
        value = next((key[1] for key in decode(keys) if key[0] == "order"), "")
        place = (file.workspace_id, effect.step[1], value)
        acted.setdefault(place, set()).add((file.origin, effect.step[2]))
    for (_, node_id, value), actors in acted.items():
        if len(actors) > 1 and not world.restored:  # A claim that was taken back is anybody's.
            world.broken(f"once.twice: {node_id} was done for {value} by {sorted(actors)}")


def _is_once(file: RunFile, transition: Any) -> bool:
    assert file.plan is not None
    return file.plan.by_id[transition[1]].node.once is not None


def _homes(world: World) -> None:
    """What is of a run is of its workspace, and so are the event that started it and its family."""
    parts = {
        "a wait": "SELECT run_id, workspace_id FROM wait",
        "a key": "SELECT run_id, workspace_id FROM run_key",
        "a slot": "SELECT run_id, workspace_id FROM slot",
        "a claim": "SELECT run_id, workspace_id FROM once",
        "the event": "SELECT r.id, e.workspace_id FROM run r JOIN event e ON e.id = r.event_id",
        "its caller": "SELECT r.id, p.workspace_id FROM run r JOIN run p ON p.id = r.parent",
        "its first run": "SELECT r.id, o.workspace_id FROM run r JOIN run o ON o.id = r.origin",
    }
    homes = dict(world.server.ask("SELECT id, workspace_id FROM run"))
    for what, query in parts.items():
        for run_id, workspace_id in world.server.ask(query):
            if homes.get(run_id.partition(".")[0], workspace_id) != workspace_id:
                world.broken(f"home.other: {what} of {run_id} is of {workspace_id}")


def _leftovers(world: World) -> None:
    """An ended run waits for nothing, holds nothing, and is nobody's."""
    ended = "(SELECT id FROM run WHERE state IN ('cancelled', 'failed', 'succeeded'))"
    queries = {
        "wait.left": "SELECT run_id FROM wait WHERE run_id IN {0}",
        "slot.left": "SELECT run_id FROM slot WHERE run_id IN {0}",
        "owner.left": "SELECT id FROM run WHERE owner IS NOT NULL AND id IN {0}",
        "due.left": "SELECT id FROM run WHERE due_at IS NOT NULL AND id IN {0}",
        "event.none": "SELECT id FROM run WHERE event_id NOT IN (SELECT id FROM event)",
        "key.none": "SELECT event_id FROM event_key WHERE event_id NOT IN (SELECT id FROM event)",
    }
    for rule, query in queries.items():
        for (name,) in world.server.ask(query.replace("{0}", ended)):
            world.broken(f"{rule}: {name}")


def _blobs(world: World) -> None:
    """Every value that is stored elsewhere is there."""
    for of, column in (("event", "payload"), ("segment", "body")):
        for (body,) in world.server.ask(f"SELECT {column} FROM {of}"):  # noqa: S608 - fixed names
            try:
                unpack(bytes(body), world.blobs.get_now)
            except BlobMissing as error:
                world.broken(f"blob.missing: {error.message}")


def _waits(world: World, file: RunFile) -> None:
    """A wait that an event ended in time is not late, and none is ended by another's event."""
    asked: dict[Any, tuple[int, int, Any]] = {}
    began: int | None = None
    for at, transition in told(file):
        began = at if began is None else began
        kind = transition[0]
        if kind == "w" and transition[4].get("matches"):
            asked[str(transition[1:3])] = (at, transition[3], transition[4]["matches"])
        elif kind == "d" and str(transition[1:3]) in asked:
            if transition[3] == "late":
                _look_for_event(world, file, began, *asked[str(transition[1:3])])
            elif transition[4]["ended"] == "event":
                _look_at_event(world, file, began, transition[4], *asked[str(transition[1:3])])


def _look_at_event(
    world: World, file: RunFile, began: int, output: Any, opened: int, _: Any, matches: Any
) -> None:
    event = output["event"]
    if "id" not in event:
        return  # It is another order: what it ended is looked at where it does.
    own = home_of(event["shop"]) == file.workspace_id
    if not own or event["order"] not in {match["value"] for match in matches}:
        world.broken(f"wait.others: {file.id} went on with {event}, another's event")
    name = f"paid:{event['id']}"
    query = "SELECT id FROM event WHERE delivery_id = ? AND source = ?"
    rows = world.server.ask(query, name, event["shop"])
    since = opened if matches[0].get("since") == "now" else began
    stored = world.audit.events
    for (event_id,) in rows:
        mine = stored.get(event_id, since)
        for other in _like(world, event_id) if mine < opened else ():
            if since < stored.get(other, mine) < mine - TOLERANCE_MS:
                world.broken(f"wait.later: {file.id} went on with {event_id}, {other} came before")
        if world.audit.events.get(event_id, since) < since - TOLERANCE_MS:
            world.broken(f"wait.past: {file.id} went on with {event_id}, which came before")


def _like(world: World, event_id: str) -> list[str]:
    """Return the events of the same workspace and type that tell of the same order as another."""
    query = (
        "SELECT b.event_id FROM event_key a JOIN event_key b ON a.workspace_id = b.workspace_id AND"
        " a.type = b.type AND a.kind = b.kind AND a.value = b.value WHERE a.event_id = ?"
        " AND a.kind = 'order'"
    )
    return [other for (other,) in world.server.ask(query, event_id)]


def _look_for_event(
    world: World, file: RunFile, began: int, opened: int, due_at: int, matches: Any
) -> None:
    for match in matches:
        rows = [
            event_id
            for event_id, keys in world.server.ask(
                "SELECT id, keys FROM event WHERE workspace_id = ? AND type = ?"
                " AND received_at >= ? AND id NOT IN (SELECT event_id FROM run WHERE id = ?)",
                file.workspace_id,
                match["type"],
                opened if match.get("since") == "now" else began,
                file.id,
            )
            if [match["kind"], match["value"]] in [key[:2] for key in decode(keys)]
        ]
        for event_id in rows:
            stored = world.audit.events.get(event_id, due_at)
            if match.get("since") == "now" and stored < opened:
                continue  # It was there first; whoever received it has a clock that is ahead.
            if stored < due_at - UNHEARD_MS:
                world.broken(f"wait.unheard: {file.id} was late, and {event_id} came before")
