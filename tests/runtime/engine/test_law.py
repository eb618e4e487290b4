"""Laws: what a run gives does not depend on crashes, and no journal can be read in two ways."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tramo.engine import Failure, Perform, Recovered, State, fold, view_steps
from tramo.graph.plan import Plan
from tramo.model.pause import Hold
from tramo.model.value import encode

from tests.runtime.engine.world import World, plan, rejected


class Draw:
    """Draws a random flow: nodes in boxes, edges that never cross them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.nodes: list[tuple[str, str, dict[str, Any]]] = [("start", "start", {})]
        self.edges: list[str] = []

    def plan(self) -> Plan:
        self.box(None, ["start"], depth=0)
        return plan(self.nodes, ", ".join(self.edges))

    def box(self, inside: str | None, before: list[str], depth: int) -> None:
        chance = self.random
        known = list(before)
        for _ in range(chance.randint(1, 4)):
            kinds = ["set", "read", "tag", "wait", "count", "branch", "merge"]
            kind = chance.choice(kinds + ["each"] * (2 if depth < 2 else 0))
            if kind == "merge" and len(known) < 2:
                kind = "set"
            name = f"n{len(self.nodes)}"
            around = {"inside": inside} if inside else {}
            self.nodes.append((name, kind, {**self.fields(kind, inside), **around}))
            sources = chance.sample(known, min(len(known), 2 if kind == "merge" else 1))
            for source in sources:
                port = self.port(source)
                self.edges.append(f"{source}{port} > {name}")
            if kind == "each":
                self.box(name, [], depth + 1)
            known.append(name)

    def port(self, source: str) -> str:
        kind = next(kind for name, kind, _ in self.nodes if name == source)
        fields = next(fields for name, _, fields in self.nodes if name == source)
        if kind == "branch":
            return self.random.choice([".big", ".else"])
        if kind == "each":
            return ".done"
        return ".error" if fields.get("on_error") == "branch" and self.random.random() < 0.4 else ""

    def fields(self, kind: str, inside: str | None) -> dict[str, Any]:
        chance = self.random
        match kind:
            case "set":
                value = {"$expr": "item"} if inside else {"$expr": "start.n"}
                return {"params": {"fields": {"v": value}}}
            case "wait":
                return {"params": {"seconds": chance.choice([1, 5, 60])}}
            case "branch":
                when = {"$expr": "index > 0"} if inside else {"$expr": "start.n > 1"}
                return {"params": {"rules": [{"port": "big", "when": when}]}}
            case "merge":
                return {"params": {"wait": chance.choice(["all", "any"])}}
            case "each":
                items = list(range(chance.randint(0, 4)))
                return {
                    "params": {
                        "items": items,
                        "at_once": chance.randint(1, 3),
                        "collect": chance.choice([None, True]),
                        "on_item_error": "continue",
                    }
                }
        return {"on_error": chance.choice(["branch", "continue"]), "retry": None}


def answer(node: str, perform: Perform) -> Any:
    """What the world says depends on the step alone, and on how often it was asked."""
    luck = random.Random(f"{node}{perform.iteration}").random()
    if luck < 0.2:
        return rejected()
    if luck < 0.4 and perform.attempt < 3 and perform.effect != "stored":
        return Failure(kind="transient", code="vendor.busy", message="later")
    if luck < 0.6 and perform.effect == "stored" and not perform.held:
        return Hold(until_ms=2_000_000)
    return {"from": node, "iteration": list(perform.iteration)}


def told(world: World) -> bytes:
    fresh = State(world.plan, run_id="run_1", trigger=world.plan.triggers[0])
    steps = view_steps(fresh, world.segments, world.output)
    for step in steps:
        # When, and how often it was tried, a crash may change.
        step.started_at, step.ended_at, step.attempts = None, None, 0
    return encode(steps)


@given(seed=st.integers(0, 2**32), crashes=st.integers(0, 2**32))
def test_a_crash_after_any_commit_leaves_every_step_as_it_would_have_been(seed: int, crashes: int):
    made = Draw(seed).plan()
    calm = World(made, answer, {"n": seed % 4}).run()
    assert calm.finish is not None
    chance = random.Random(crashes)
    shaken = World(made, answer, {"n": seed % 4})
    while shaken.finish is None:
        if chance.random() < 0.3:
            shaken.crash()
            shaken.happen(Recovered(shaken.at))
        elif not shaken.step():
            break
    assert shaken.finish is not None
    assert shaken.state.status == calm.state.status
    assert told(shaken) == told(calm)


def picture(state: State) -> dict[str, Any]:
    """Everything that a state holds, except what `decide` works out again each time it is asked."""
    steps = {place: fields_of(step) for place, step in state.open.items()}
    frames = [fields_of(frame, but=("box",)) for frame in state.frames()]
    loops = {place: fields_of(loop, but=("node", "frames")) for place, loop in state.loops.items()}
    tally = {name: count for name, count in state.tally.items() if count}
    again = (
        "open",
        "root",
        "loops",
        "tally",
        "plan",
        "moments",
        "dues",
        "ready",
        "status",
        "reason",
    )
    rest = fields_of(state, but=again)
    assert not rest.pop("quiet")
    return {"steps": steps, "frames": frames, "loops": loops, "tally": tally, **rest}


def fields_of(thing: Any, but: tuple[str, ...] = ()) -> dict[str, Any]:
    fields = {name: getattr(thing, name) for name in thing.__slots__ if name not in but}
    if "env" in fields:  # Only what begins sees what time it is.
        fields["env"] = {name: value for name, value in fields["env"].items() if name != "now"}
    return fields


@given(seed=st.integers(0, 2**32), stop=st.integers(0, 60))
def test_folding_a_journal_gives_the_state_that_was_left(seed: int, stop: int):
    made = Draw(seed).plan()
    world = World(made, answer, {"n": seed % 4})
    for _ in range(stop):
        if not world.step():
            break
    trigger = made.nodes[made.triggers[0]].id
    folded = fold(
        made, run_id="run_1", trigger=trigger, output=world.output, segments=world.segments
    )
    assert picture(folded) == picture(world.state)
