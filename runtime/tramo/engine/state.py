"""The state of a run, and how each transition of the journal changes it.

`decide` and `fold` both change a state only through `apply`, so that what was decided and what is
read back from the journal cannot differ.
"""

from __future__ import annotations

from heapq import heappush
from typing import Any, Final, Literal

from tramo.engine.journal import Moment, Transition
from tramo.graph.plan import Plan, PlanNode
from tramo.model.run import Iteration, StepError

RunStatus = Literal[
    "queued", "running", "waiting", "asking", "succeeded", "failed", "cancelled", "quarantined"
]

PENDING: Final = "pending"
AT_ONCE: Final = -1
"""Stands before every position in Kahn's order."""


class OpenStep:
    """A step that has started and not ended."""

    __slots__ = (
        "attempts",
        "code",
        "due_at",
        "effect",
        "first_at",
        "generation",
        "iteration",
        "key",
        "message",
        "node",
        "params",
        "state",
    )

    def __init__(self, node: int, iteration: Iteration) -> None:
        self.node = node
        self.iteration = iteration
        self.state: Literal["running", "waiting", "parked", "asking"] = "running"
        self.attempts = 0
        self.effect: Any = "pure"
        self.key = ""
        self.params: Any = None
        self.generation = 0
        self.first_at = 0
        self.due_at: int | None = None
        self.code = ""
        self.message = ""


class State:
    """Everything the engine knows of a run. Owned and changed by one caller at a time."""

    __slots__ = (
        "cancelled_by",
        "delivered",
        "env",
        "error",
        "generation",
        "moments",
        "open",
        "open_edges",
        "origin",
        "plan",
        "ready",
        "reason",
        "response",
        "run_id",
        "started_at",
        "status",
        "step_states",
        "stopping",
        "trigger",
    )

    def __init__(
        self,
        plan: Plan,
        *,
        run_id: str,
        trigger: int,
        origin: str | None = None,
        generation: int = 0,
    ) -> None:
        self.plan = plan
        self.run_id = run_id
        self.origin = origin or run_id
        self.generation = generation
        self.trigger = trigger
        self.status: RunStatus = "queued"
        self.reason: str | None = None
        self.error: StepError | None = None
        self.started_at = 0
        self.env: dict[str, Any] = {}
        """The variables: outputs by node id. A skipped node's output is absent."""
        self.open_edges: list[int] = plan.incoming.copy()
        self.delivered: dict[int, list[int]] = {}
        """Node with several edges -> positions of the nodes that delivered."""
        self.step_states: list[str] = [PENDING] * len(plan.nodes)
        self.ready: list[tuple[int, int]] = []
        """Heap of (position in Kahn's order, node)."""
        self.open: dict[tuple[int, Iteration], OpenStep] = {}
        self.stopping: tuple[str, str | None, StepError | None] | None = None
        """The end (state, reason, error) that waits for steps in flight."""
        self.cancelled_by: str | None = None
        self.response: Any = None
        """What `core.respond` answers to whoever sent the event; set at most once."""
        self.moments: list[Moment] = []
        """Transitions that no commit holds yet."""

    # Writing -----------------------------------------------------------------------------------

    def record(self, at: int, transition: Transition, journal: Transition | None = None) -> None:
        """Apply a transition, and note it for the journal (as `journal`, where that is encoded
        already)."""
        moments = self.moments
        if moments and moments[-1][0] == at:
            moments[-1][1].append(journal or transition)
        else:
            moments.append((at, [journal or transition]))
        _RULES[transition[0]](self, at, transition)

    def take(self) -> list[Moment]:
        """Hand over what the next commit must hold."""
        moments, self.moments = self.moments, []
        return moments

    def apply(self, at: int, transition: Transition) -> None:
        """Change the state as a transition says."""
        _RULES[transition[0]](self, at, transition)

    # What transitions do -----------------------------------------------------------------------

    def begin(self, at: int, output: Any) -> None:
        """Set the variables of a run whose trigger fired with `output`."""
        plan = self.plan
        self.started_at = at
        trigger = plan.nodes[self.trigger]
        env = self.env
        env["flow"] = plan.shown
        env["run"] = {"id": self.run_id, "origin": self.origin}
        env["vars"] = {}
        env[trigger.id] = output
        self.status = "running"

    def settle(self, node: PlanNode, port: str | None, state: str = "succeeded") -> None:
        """End a node: its edges on `port` deliver, the others are skipped, and so on down the
        graph."""
        self.step_states[node.index] = state
        dead: list[PlanNode] = []
        self._spread(node, port, dead)
        while dead:
            skipped = dead.pop()
            self.step_states[skipped.index] = "skipped"
            self._spread(skipped, None, dead)

    def _spread(self, node: PlanNode, port: str | None, dead: list[PlanNode]) -> None:
        nodes, states = self.plan.nodes, self.step_states
        for name, ends in node.arrows.items():
            live = name == port
            for end in ends:
                target = nodes[end]
                if not target.single:
                    self._settle_edge(node, target, live, dead)
                elif states[end] == PENDING:  # Its one edge decides it; most nodes have one.
                    if live:
                        states[end] = "ready"
                        heappush(self.ready, (target.order, end))
                    else:
                        dead.append(target)

    def _settle_edge(
        self, node: PlanNode, target: PlanNode, live: bool, dead: list[PlanNode]
    ) -> None:
        """Settle one of several edges into a node, which starts or dies with the last of them."""
        end, delivered = target.index, self.delivered
        if live:
            delivered.setdefault(end, []).append(node.index)
        self.open_edges[end] -= 1
        if target.type.rule == "merge" and self._merge_fires(target, live):
            return
        if self.open_edges[end] == 0 and self.step_states[end] == PENDING:
            if end in delivered and not self._merge_starves(target):
                heappush(self.ready, (target.order, end))
                self.step_states[end] = "ready"
            else:
                dead.append(target)

    def _merge_fires(self, node: PlanNode, live: bool) -> bool:
        """`first`: the first delivery lets it fire before any other node begins; what comes later
        is ignored."""
        if node.node.params.get("wait", "all") != "first":
            return False
        if live and self.step_states[node.index] == PENDING:
            heappush(self.ready, (AT_ONCE, node.index))
            self.step_states[node.index] = "ready"
        return self.step_states[node.index] != PENDING

    def _merge_starves(self, node: PlanNode) -> bool:
        """`all`: skipped unless every edge delivered."""
        if node.type.rule != "merge" or node.node.params.get("wait", "all") != "all":
            return False
        return len(self.delivered[node.index]) < node.incoming

    def open_step(self, node_id: str, iteration: Any) -> OpenStep:
        """Return the open step that a transition names."""
        return self.open[(self.plan.by_id[node_id].index, tuple(iteration))]


def _fired(state: State, at: int, transition: Transition) -> None:
    node = state.plan.by_id[transition[1]]
    for index in state.plan.triggers:
        if index != node.index:
            state.settle(state.plan.nodes[index], None, "skipped")
    state.settle(node, "out")


def _inline(state: State, at: int, transition: Transition) -> None:
    _, node_id, port, output = transition
    node = state.plan.by_id[node_id]
    state.env[node_id] = output
    state.settle(node, port)
    rule = node.type.rule
    if rule != "plain":
        _BY_RULE[rule](state, node, output)


def _stop(state: State, node: PlanNode, output: Any) -> None:
    if state.stopping is None:
        outcome, message = output["outcome"], output.get("message")
        error = StepError("run.stopped", message or "") if outcome == "failed" else None
        state.stopping = (outcome, "stopped", error)


def _respond(state: State, node: PlanNode, output: Any) -> None:
    if state.response is None:
        state.response = output


def _merged(state: State, node: PlanNode, output: Any) -> None:
    """What lost the race of `merge first` and has not started never will."""
    for index in node.captives:
        if state.step_states[index] in _STOPPABLE:
            state.step_states[index] = "cancelled"
            for place in [place for place in state.open if place[0] == index]:
                del state.open[place]


_STOPPABLE = frozenset({PENDING, "ready", "waiting"})
_BY_RULE = {"stop": _stop, "respond": _respond, "merge": _merged}


def _bypassed(state: State, at: int, transition: Transition) -> None:
    state.settle(state.plan.by_id[transition[1]], "out", "skipped")


def _started(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, attempt, effect, key, params = transition
    node = state.plan.by_id[node_id]
    place = (node.index, tuple(iteration))
    step = state.open.get(place)
    if step is None:
        step = state.open[place] = OpenStep(*place)
        step.generation = state.generation
    if step.key != key:
        step.first_at = at
    step.state = "running"
    step.attempts, step.effect, step.key, step.params = attempt, effect, key, params
    step.due_at = None
    state.step_states[node.index] = "running"


def _done(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, port, output = transition
    node = state.plan.by_id[node_id]
    state.open.pop((node.index, tuple(iteration)), None)
    state.env[node_id] = output
    state.settle(node, port)


def _failed(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, code, message, details = transition
    node = state.plan.by_id[node_id]
    state.open.pop((node.index, tuple(iteration)), None)
    error = StepError(code, message, details)
    on_error = node.node.on_error
    if on_error == "stop":
        state.step_states[node.index] = "failed"
        if state.stopping is None:
            state.stopping = ("failed", code, error)
        return
    state.env[node_id] = {"code": code, "message": message, "details": details}
    state.settle(node, "error" if on_error == "branch" else "out", "failed")


def _retry(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, due_at, code, message = transition
    step = state.open_step(node_id, iteration)
    step.state, step.due_at, step.code, step.message = "waiting", due_at, code, message
    state.step_states[step.node] = "waiting"


def _parked(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, code, message = transition
    step = state.open_step(node_id, iteration)
    step.state, step.due_at, step.code, step.message = "parked", None, code, message
    state.step_states[step.node] = "waiting"


def _asked(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, code, message = transition
    step = state.open_step(node_id, iteration)
    step.state, step.due_at, step.code, step.message = "asking", None, code, message
    state.step_states[step.node] = "asking"


def _answered(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration, outcome, output, _actor = transition
    step = state.open_step(node_id, iteration)
    node = state.plan.nodes[step.node]
    if outcome == "resend":
        step.generation += 1
        step.state, step.due_at = "waiting", at
        state.step_states[step.node] = "waiting"
        return
    del state.open[(step.node, step.iteration)]
    if outcome == "happened":
        state.env[node.id] = output
        state.settle(node, "out")
        return
    state.step_states[step.node] = "cancelled"
    if state.stopping is None:
        state.stopping = ("cancelled", "aborted", None)


def _taken(state: State, at: int, transition: Transition) -> None:
    _, node_id, iteration = transition
    node = state.plan.by_id[node_id]
    state.open.pop((node.index, tuple(iteration)), None)
    state.settle(node, None, "skipped")


def _cancel(state: State, at: int, transition: Transition) -> None:
    state.cancelled_by = transition[1]
    if state.stopping is None:
        state.stopping = ("cancelled", "cancelled", None)


def _halted(state: State, at: int, transition: Transition) -> None:
    if state.stopping is None:
        state.stopping = ("failed", transition[1], StepError(transition[1], transition[2]))


def _ended(state: State, at: int, transition: Transition) -> None:
    _, status, reason, error = transition
    state.status, state.reason = status, reason
    state.error = StepError(*error) if error else None
    for place, step in list(state.open.items()):
        state.step_states[step.node] = "cancelled"
        del state.open[place]
    state.ready.clear()


_RULES = {
    "t": _fired,
    "i": _inline,
    "b": _bypassed,
    "s": _started,
    "d": _done,
    "f": _failed,
    "r": _retry,
    "p": _parked,
    "q": _asked,
    "a": _answered,
    "o": _taken,
    "c": _cancel,
    "x": _halted,
    "e": _ended,
}
