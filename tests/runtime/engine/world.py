"""Small flows for engine tests: node types that need no connector, and a world that answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tramo.engine import (
    Began,
    Command,
    Continued,
    Due,
    Ended,
    Failed,
    Failure,
    Finish,
    GoOn,
    Held,
    Perform,
    State,
    Wait,
    decide,
    decode_segment,
    encode_segment,
    fold,
)
from tramo.graph.plan import Plan, compile_plan
from tramo.model.flow import Edge, Flow, Limits, Node
from tramo.model.node_type import NodeType, Port, TriggerManifest
from tramo.model.pause import Ask, Exit, Hold, Match, Pause


def _set(params: Any, compile_template: Any) -> Any:
    fields = compile_template(params.get("fields", {}))
    return lambda env: ("out", fields(env))


def _branch(params: Any, compile_template: Any) -> Any:
    rules = [(rule["port"], compile_template(rule["when"])) for rule in params["rules"]]

    def settle(env: Any) -> Any:
        for port, when in rules:
            if when(env):
                return port, {"port": port}
        return "else", {"port": "else"}

    return settle


def _merge(params: Any, compile_template: Any) -> Any:
    return lambda env: ("out", None)


def _stop(params: Any, compile_template: Any) -> Any:
    said = {"message": "enough"} if params.get("says", True) else {}
    return lambda env: ("out", {"outcome": params.get("outcome", "failed"), **said})


def _respond(params: Any, compile_template: Any) -> Any:
    said = compile_template(params)
    return lambda env: ("out", said(env))


class Unfit(Exception):
    """A failure that says its code and details itself."""

    code, message, details = "t.unfit", "does not fit", {"by": 2}


def _broken(params: Any, compile_template: Any) -> Any:
    def settle(env: Any) -> Any:
        raise Unfit if params.get("unfit") else ValueError("no such thing")

    return settle


def _loop(params: Any, compile_template: Any) -> Any:
    items = compile_template(params["items"])
    return lambda env: ("done", {"items": items(env)})


def _wait(params: Any, compile_template: Any) -> Any:
    now, fields = compile_template({"$expr": "now"}), compile_template(params)

    def settle(env: Any) -> Any:
        said = fields(env)
        at = int(datetime.fromisoformat(now(env)).timestamp() * 1_000)
        seconds = said.get("seconds")
        port = "late" if said.get("key") or said.get("ask") else "out"
        return Pause(
            until_ms=None if seconds is None else at + int(seconds) * 1_000,
            late=None if seconds is None else Exit(port, {"ended": "time"}),
            matches=tuple(
                Match(type="t.paid", kind="order", value=said[name], port=way)
                for name, way in (("key", "out"), ("unless", "left"))
                if said.get(name)
            ),
            ask=Ask(kind="approve", title="May it?") if said.get("ask") else None,
        )

    return settle


def _kind(name: str, **fields: Any) -> NodeType:
    return NodeType(
        **{
            "type": f"t.{name}",
            "kind": "action",
            "connector": "t",
            "title": name,
            "effect": "pure",
            **fields,
        }
    )


TYPES = {
    kind.type: kind
    for kind in (
        _kind("start", kind="trigger", trigger=TriggerManifest(source="manual")),
        _kind("set", build=_set),
        _kind("branch", build=_branch, kind="control"),
        _kind("merge", build=_merge, rule="merge", kind="control"),
        _kind("stop", build=_stop, rule="stop", kind="control"),
        _kind("respond", build=_respond, rule="respond", kind="control"),
        _kind("broken", build=_broken),
        _kind("each", build=_loop, rule="loop", kind="control", ports=(Port("done"),)),
        _kind("wait", build=_wait, kind="control", ports=(Port("out"), Port("late"))),
        _kind("count", effect="stored"),
        _kind("read"),
        _kind("tag", effect="repeatable"),
        _kind("refund", effect="keyed", key_window_s=3_600),
        _kind("label", effect="never_repeat"),
        _kind("ask", effect="never_repeat", has_probe=True),
        _kind("call", effect="never_repeat", effect_of=lambda p: p.get("as", "never_repeat")),
    )
}


def node_types(name: str, v: int) -> NodeType | None:
    return TYPES.get(name) if v == 1 else None


def flow(nodes: list[tuple[Any, ...]], edges: str, **limits: Any) -> Flow:
    """Make a flow: nodes are (id, type[, fields]), edges are text such as `a > b, b.port > c`."""
    made = []
    for entry in nodes:
        node_id, kind, fields = (*entry, {})[:3]
        made.append(Node(id=node_id, type=f"t.{kind}", **fields))
    arrows = []
    for text in filter(None, (part.strip() for part in edges.split(","))):
        start, end = (side.strip() for side in text.split(">"))
        start, _, port = start.partition(".")
        arrows.append(Edge(from_=start, to=end, port=port or "out"))
    return Flow(format=1, id="flow_t", name="T", nodes=made, edges=arrows, limits=Limits(**limits))


def plan(nodes: list[tuple[Any, ...]], edges: str, **limits: Any) -> Plan:
    return compile_plan(flow(nodes, edges, **limits), "v1", node_types)


def flow_of_one(kind: str, **fields: Any) -> Plan:
    """Make a flow of a trigger and one node, `act`."""
    return plan([("start", "start"), ("act", kind, fields)], "start > act")


Answer = Callable[[str, Perform], Any]
"""What the world does with a step: an output, a Failure, or None for no answer."""


class World:
    """Runs a plan by hand: answers performs in order, keeps the journal, and can crash anywhere."""

    def __init__(
        self,
        plan: Plan,
        answer: Answer | None = None,
        output: Any = None,
        prior: Any = None,
        variables: dict[str, Any] | None = None,
    ) -> None:
        self.plan = plan
        self.answer = answer or (lambda node, perform: {"from": node})
        self.at = 1_000_000
        self.output = output if output is not None else {"total": 100}
        self.state = State(plan, run_id="run_1", trigger=plan.triggers[0], prior=prior)
        self.segments: list[tuple[int, bytes]] = []
        self.sent: list[tuple[str, int, str]] = []
        """(node, attempt, key) of everything that was performed."""
        self.performs: list[Perform] = []
        self.due: int | None = None
        self.finish: Finish | None = None
        self.restored_from: int | None = None
        self.happen(Began(self.at, self.output, variables or {}))

    def happen(self, happening: Any) -> list[Command]:
        commands = decide(self.state, happening)
        assert {at for at, _ in self.state.moments} <= {happening.at}, "each word has its instant"
        self.commit()
        self.due = None
        self.goes_on = False
        for command in commands:
            match command:
                case Perform():
                    self.performs.append(command)
                case Wait(due_at=due):
                    self.due = due
                case GoOn():
                    self.goes_on = True
                case Finish():
                    self.finish = command
        return commands

    def commit(self) -> None:
        moments = self.state.take()
        if moments:
            self.segments.append((1, encode_segment(moments)))

    def step(self) -> bool:
        """Let the world answer one perform, or time come; false when nothing is left."""
        if self.performs:
            perform = self.performs.pop(0)
            node = self.plan.nodes[perform.node].id
            self.sent.append((node, perform.attempt, perform.key))
            answer = self.answer(node, perform)
            place = (perform.node, perform.iteration)
            self.at += 10
            if isinstance(answer, Failure):
                self.happen(Failed(self.at, *place, answer))
            elif isinstance(answer, Hold):
                self.happen(Held(self.at, *place, answer.until_ms))
            elif answer is not None:
                self.happen(Ended(self.at, *place, answer, answer))
            return True
        if self.goes_on:
            self.happen(Continued(self.at))
            return True
        if self.finish is None and self.due is not None:
            self.at = max(self.at, self.due)
            self.happen(Due(self.at))
            return True
        return False

    def run(self) -> World:
        for _ in range(10_000):
            if not self.step():
                return self
        raise AssertionError("the run does not end")

    def crash(self) -> None:
        """Forget everything that no commit holds, and fold the journal."""
        self.performs = []
        self.goes_on = False
        self.state = fold(
            self.plan,
            run_id="run_1",
            trigger=self.plan.nodes[self.plan.triggers[0]].id,
            output=self.output,
            segments=self.segments,
            restored_from=self.restored_from,
        )

    def states(self) -> dict[str, str]:
        return {node.id: self.state.root.states[node.slot] for node in self.plan.root.nodes}

    def transitions(self) -> list[tuple[Any, ...]]:
        return [
            transition
            for fmt, body in self.segments
            for _, items in decode_segment(fmt, body)
            for transition in items
        ]


def lost(code: str = "vendor.timeout") -> Failure:
    return Failure(kind="transient", code=code, message="no answer", doubt=True)


def busy(retry_after_s: float | None = None) -> Failure:
    return Failure(
        kind="transient", code="vendor.busy", message="later", retry_after_s=retry_after_s
    )


def rejected() -> Failure:
    return Failure(kind="rejected", code="vendor.rejected", message="no", details={"why": "x"})
