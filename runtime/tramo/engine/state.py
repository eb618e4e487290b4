"""The state of a run: frames of variables, steps that are open, loops on their way.

The root and every open iteration of a loop have a frame of their own. `decide` and `fold` both
change a state only through `apply`, by the rules of `engine/rule.py`, so that what was decided and
what is read back from the journal cannot differ.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from heapq import heappush
from typing import Any, Final, Literal

from tramo.engine.journal import Moment, Transition
from tramo.graph.plan import Box, Plan, PlanNode
from tramo.model.pause import Exit, Pause
from tramo.model.run import FINAL_RUN_STATES, Iteration, StepError

RunStatus = Literal[
    "queued", "running", "waiting", "asking", "succeeded", "failed", "cancelled", "quarantined"
]

PENDING: Final = "pending"
AT_ONCE: Final = -1
"""Stands before every position in Kahn's order."""
ROOT: Final[Iteration] = ()

Place = tuple[int, Iteration]
"""A step: the node's position, and the iteration it stands in."""


Given = Mapping[tuple[str, Iteration | None], Exit]
"""How steps are to end; with None for the iteration, in every one."""
PriorItems = Mapping[tuple[str, Iteration], Mapping[int, Any]]
"""By loop, the items for which something ended or was sent in the runs before."""


class OpenStep:
    """A step that has started and not ended."""

    __slots__ = (
        "attempts",
        "code",
        "doubted",
        "due_at",
        "effect",
        "first_at",
        "generation",
        "held",
        "iteration",
        "key",
        "lost",
        "message",
        "node",
        "params",
        "pause",
        "state",
    )

    def __init__(self, node: int, iteration: Iteration) -> None:
        self.node = node
        self.iteration = iteration
        self.state = "running"
        """running, asking, or what it waits for: retry, connection, time, event, answer, turn."""
        self.attempts = 0
        self.effect: Any = "pure"
        self.key = ""
        self.params: Any = None
        self.generation = 0
        self.first_at = 0
        self.due_at: int | None = None
        self.code = ""
        self.message = ""
        self.pause: Pause | None = None
        self.held = False
        """Its function has asked to be called again."""
        self.doubted = False
        """An attempt under its key had no answer."""
        self.lost = False
        """Nothing wants it any more: what is in flight may end, but it begins no other try."""


class Frame:
    """The variables and nodes of the root, or of one iteration of a loop."""

    __slots__ = ("box", "busy", "delivered", "ending", "env", "open_edges", "path", "states")

    def __init__(self, box: Box, path: Iteration, env: dict[str, Any]) -> None:
        self.box = box
        self.path = path
        self.env = env
        """The variables: outputs by node id. A skipped node's output is absent."""
        self.states: list[str] = [PENDING] * len(box.nodes)
        self.open_edges: list[int] = box.incoming.copy()
        self.delivered: dict[int, list[int]] = {}
        """Node with several edges -> positions of the nodes that delivered."""
        self.busy = 0
        """Nodes that are ready or open; when none is left, the frame is done."""
        self.ending: StepError | Literal["cancelled"] | None = None
        """Why nothing new begins here."""


class Loop:
    """A loop on its way through its items."""

    __slots__ = ("ending", "failed", "frames", "items", "next", "node", "path", "results")

    def __init__(self, node: PlanNode, path: Iteration, items: list[Any]) -> None:
        self.node = node
        self.path = path
        self.items = items
        self.next = 0
        self.frames: dict[int, Frame] = {}
        """The open iterations; a finished one leaves memory."""
        self.failed = 0
        rule = node.loop
        collects = rule is not None and (rule.collect or rule.collected)
        self.results: list[Any] | None = [None] * len(items) if collects else None
        self.ending: StepError | Literal["cancelled"] | None = None

    @property
    def output(self) -> dict[str, Any]:
        return {"count": len(self.items), "failed": self.failed, "results": self.results or []}


class State:
    """Everything the engine knows of a run. Owned and changed by one caller at a time."""

    __slots__ = (
        "cancelled_by",
        "dues",
        "error",
        "generation",
        "given",
        "halted",
        "keys",
        "loops",
        "moments",
        "open",
        "origin",
        "plan",
        "prior",
        "prior_items",
        "quiet",
        "ready",
        "reason",
        "response",
        "restored_from",
        "root",
        "run_id",
        "sent",
        "started_at",
        "status",
        "stopping",
        "tally",
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
        keys: Mapping[str, str] | None = None,
        prior: Mapping[tuple[str, Iteration], Exit] | None = None,
        prior_items: PriorItems | None = None,
        given: Given | None = None,
        restored_from: int | None = None,
        sent: Mapping[tuple[str, Iteration], int] | None = None,
    ) -> None:
        self.plan = plan
        self.run_id = run_id
        self.origin = origin or run_id
        self.generation = generation
        self.trigger = trigger
        self.keys = dict(keys or {})
        self.prior = prior or {}
        """How steps ended in the run that this one goes on with: they are taken over."""
        self.prior_items = prior_items or {}
        self.sent = sent or {}
        """When the runs before first sent steps of which nobody knows what came of them."""
        self.given = given or {}
        """How steps end because a person said so, even those that are settled at once."""
        self.restored_from = restored_from
        """When the backup was made that brought the run back: what it did after that is not in its
        journal."""
        self.status: RunStatus = "queued"
        self.reason: str | None = None
        self.error: StepError | None = None
        self.started_at = 0
        self.root = Frame(plan.root, ROOT, {})
        self.loops: dict[Place, Loop] = {}
        self.ready: list[tuple[int, Iteration, int]] = []
        """Heap of (position in Kahn's order, iteration, node)."""
        self.open: dict[Place, OpenStep] = {}
        self.tally: dict[str, int] = {}
        """Open steps by state."""
        self.dues: list[tuple[int, int, Iteration]] = []
        """Heap of (due_at, node, iteration); entries of steps that moved on are left in it."""
        self.quiet: deque[Frame] = deque()
        """Iterations in which nothing is left to do."""
        self.stopping: tuple[str, str | None, StepError | None] | None = None
        """The end (state, reason, error) that waits for steps in flight."""
        self.halted = False
        """Nothing new begins for now: whoever has the run is about to let go of it."""
        self.cancelled_by: str | None = None
        self.response: Any = None
        """What `core.respond` answers to whoever sent the event; set at most once."""
        self.moments: list[Moment] = []
        """Transitions that no commit holds yet."""

    # Writing -----------------------------------------------------------------------------------

    def record(self, at: int, transition: Transition, journal: Transition | None = None) -> None:
        """Apply a transition, and note it for the journal (as `journal`, where that is encoded
        already)."""
        self.note(at, journal or transition)
        RULES[transition[0]](self, at, transition)

    def note(self, at: int, transition: Transition) -> None:
        """Note for the journal what is applied already."""
        moments = self.moments
        if moments and moments[-1][0] == at:
            moments[-1][1].append(transition)
        else:
            moments.append((at, [transition]))

    def take(self) -> list[Moment]:
        """Hand over what the next commit must hold."""
        moments, self.moments = self.moments, []
        return moments

    def apply(self, at: int, transition: Transition) -> None:
        """Change the state as a transition says.

        An ended run changes no more: what follows its end are answers to doubts that the end left
        open, for the runs that go on with it.
        """
        if self.status not in FINAL_RUN_STATES:
            RULES[transition[0]](self, at, transition)

    # Reading -----------------------------------------------------------------------------------

    def frame_of(self, node: PlanNode, iteration: Iteration) -> Frame:
        """Return the frame that a step stands in."""
        if not iteration:
            return self.root
        assert node.box.loop is not None
        return self.loops[(node.box.loop.index, iteration[:-1])].frames[iteration[-1]]

    def open_frame(self, node: PlanNode, iteration: Iteration) -> Frame | None:
        """Return the frame that a step stands in, if it is open still."""
        if not iteration:
            return self.root
        assert node.box.loop is not None
        loop = self.loops.get((node.box.loop.index, iteration[:-1]))
        return loop.frames.get(iteration[-1]) if loop is not None else None

    def counted(self, state: str) -> int:
        """Return how many open steps are in a state."""
        return self.tally.get(state, 0)

    def frames(self) -> Iterator[Frame]:
        """Yield every open frame, the root first."""
        yield self.root
        for loop in self.loops.values():
            yield from loop.frames.values()

    # What transitions have in common ------------------------------------------------------------

    def begin(self, at: int, output: Any, variables: Mapping[str, Any] | None = None) -> None:
        """Set the variables of a run whose trigger fired with `output`."""
        plan = self.plan
        self.started_at = at
        env = self.root.env
        env["flow"] = plan.shown
        env["run"] = {"id": self.run_id, "origin": self.origin, "keys": self.keys}
        env["vars"] = variables or {}
        env[plan.nodes[self.trigger].id] = output
        self.status = "running"

    def open_step(self, node_id: str, iteration: Any) -> OpenStep:
        """Return the open step that a transition names."""
        return self.open[(self.plan.by_id[node_id].index, tuple(iteration))]

    def add_step(self, node: PlanNode, iteration: Iteration) -> OpenStep:
        """Open a step."""
        step = self.open[(node.index, iteration)] = OpenStep(node.index, iteration)
        step.generation = self.generation
        self.tally["running"] = self.tally.get("running", 0) + 1
        return step

    def turn(self, step: OpenStep, state: str, due_at: int | None = None) -> None:
        """Let an open step be in another state, due then."""
        tally = self.tally
        tally[step.state] -= 1
        tally[state] = tally.get(state, 0) + 1
        step.state, step.due_at = state, due_at
        if due_at is not None:
            heappush(self.dues, (due_at, step.node, step.iteration))

    def drop_step(self, place: Place) -> None:
        """Let go of an open step, if it is one."""
        step = self.open.pop(place, None)
        if step is not None:
            self.tally[step.state] -= 1

    def make_ready(self, frame: Frame, node: PlanNode, position: int | None = None) -> None:
        """Let a node start in its turn."""
        heappush(self.ready, (node.order if position is None else position, frame.path, node.index))
        frame.states[node.slot] = "ready"
        frame.busy += 1

    def leave(self, frame: Frame) -> None:
        """Count a ready or open node of a frame as ended."""
        frame.busy -= 1
        if not frame.busy and frame.path:
            self.quiet.append(frame)

    def settle(
        self, frame: Frame, node: PlanNode, port: str | None, state: str = "succeeded"
    ) -> None:
        """End a node: its edges on `port` deliver, the others are skipped, and so on down the
        graph."""
        states, ready = frame.states, self.ready
        states[node.slot] = state
        if frame.ending is None:
            path, settled = frame.path, [(node, port)]
            for source, way in settled:  # It grows by the nodes that are skipped.
                for name, targets in source.ways:
                    for target in targets:
                        if not target.single:
                            self._settle_edge(frame, source, target, name == way, settled)
                        elif states[target.slot] == PENDING:  # Its one edge decides it.
                            if name == way:
                                heappush(ready, (target.order, path, target.index))
                                states[target.slot] = "ready"
                                frame.busy += 1
                            else:
                                states[target.slot] = "skipped"
                                settled.append((target, None))
        frame.busy -= 1
        if not frame.busy and frame.path:
            self.quiet.append(frame)

    def _settle_edge(
        self,
        frame: Frame,
        node: PlanNode,
        target: PlanNode,
        live: bool,
        settled: list[tuple[PlanNode, str | None]],
    ) -> None:
        """Settle one of several edges into a node, which starts or dies with the last of them."""
        slot = target.slot
        if live:
            frame.delivered.setdefault(target.index, []).append(node.index)
        frame.open_edges[slot] -= 1
        if target.rule == "merge" and self._merge_fires(frame, target, live):
            return
        if frame.open_edges[slot] == 0 and frame.states[slot] == PENDING:
            if target.index in frame.delivered and not self._merge_starves(frame, target):
                self.make_ready(frame, target)
            else:
                frame.states[slot] = "skipped"
                settled.append((target, None))

    def _merge_fires(self, frame: Frame, node: PlanNode, live: bool) -> bool:
        """`first`: the first delivery lets it fire before any other node begins; what comes later
        is ignored."""
        if node.node.params.get("wait", "all") != "first":
            return False
        if live and frame.states[node.slot] == PENDING:
            self.make_ready(frame, node, AT_ONCE)
        return frame.states[node.slot] != PENDING

    def _merge_starves(self, frame: Frame, node: PlanNode) -> bool:
        """`all`: skipped unless every edge delivered."""
        if node.rule != "merge" or node.node.params.get("wait", "all") != "all":
            return False
        return len(frame.delivered[node.index]) < node.incoming


RULES: dict[str, Any] = {}
"""What each transition does, by its letter; filled by `engine/rule.py`."""
