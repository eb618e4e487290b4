"""Starting steps: inline nodes are settled at once, others become a command; iterations end."""

from __future__ import annotations

from heapq import heappop
from typing import Any, Final

import msgspec

from tramo.engine.command import Command, GoOn, Perform
from tramo.engine.instant import rfc3339
from tramo.engine.journal import told
from tramo.engine.loop import is_over
from tramo.engine.retry import is_restored, may_be_sent_already
from tramo.engine.rule import settle_inline
from tramo.engine.state import Frame, Loop, OpenStep, State
from tramo.expression import EvaluationError
from tramo.graph.plan import PlanNode
from tramo.graph.shape import spell_pointer
from tramo.model.effect import effect_key
from tramo.model.pause import Pause
from tramo.model.run import StepError

SETTLED_AT_ONCE: Final = 2_000
"""Steps that one commit may hold; a loop over many items goes on after it."""


def start_ready(state: State, at: int, commands: list[Command]) -> None:
    """Start what is ready, as far as the run's limit of steps side by side allows."""
    ready, nodes, quiet, root = state.ready, state.plan.nodes, state.quiet, state.root
    if state.halted:
        if ready or quiet:
            commands.append(GoOn())
        return
    now = rfc3339(at) if state.plan.uses_now else None
    running = state.counted("running")
    held: list[Any] = []
    left = SETTLED_AT_ONCE
    while state.stopping is None:
        if quiet:
            _end_iteration(state, quiet[0], at)
        elif ready:
            entry = heappop(ready)
            node = nodes[entry[2]]
            frame = state.open_frame(node, entry[1]) if entry[1] else root
            if frame is None or frame.states[node.slot] != "ready":
                continue  # It lost a race, or its loop is being ended.
            if now is not None:
                frame.env["now"] = now
            if node.settle is not None:
                _settle_inline(state, frame, node, at)
            elif running < state.plan.at_once:
                running += _start(state, frame, node, at, commands)
            else:
                held.append(entry)
                continue
        else:
            break
        left -= 1
        if not left:
            commands.append(GoOn())
            break
    for entry in held:
        ready.append(entry)
    if held:
        ready.sort()


def _settle_inline(state: State, frame: Frame, node: PlanNode, at: int) -> None:
    path = frame.path
    if node.disabled:
        state.record(at, ("b", node.id, path) if path else ("b", node.id))
        return
    if state.given and _end_as_given(state, frame, node, at):
        return
    try:
        if node.rule == "merge":
            settled: Any = ("out", _merged_output(state, frame, node))
        else:
            settled = node.settle(frame.env)  # type: ignore[misc]
    except Exception as error:  # noqa: BLE001 - whatever a node raises is its step's failure
        _fail(state, frame, node, at, error)
        return
    if type(settled) is not tuple:
        _pause(state, frame, node, settled, at)
        return
    port, output = settled
    if node.loop is not None:
        _loop(state, frame, node, output["items"], at)
        return
    state.note(at, ("i", node.id, port, output, path) if path else ("i", node.id, port, output))
    settle_inline(state, frame, node, port, output)


def _merged_output(state: State, frame: Frame, node: PlanNode) -> dict[str, Any]:
    """The outputs that arrived, by the id of the node they came from, in the order of the edges."""
    arrived = set(frame.delivered.get(node.index, ()))
    nodes = state.plan.nodes
    return {
        nodes[source].id: frame.env.get(nodes[source].id)
        for source in dict.fromkeys(node.sources)
        if source in arrived
    }


def _pause(state: State, frame: Frame, node: PlanNode, pause: Pause, at: int) -> None:
    if _take_over(state, frame, node, at):
        return
    due_at = pause.until_ms
    if due_at is not None and due_at <= at and pause.late is not None and not pause.matches:
        late = pause.late
        state.record(at, ("i", node.id, late.port, late.output, frame.path))
        return
    due_at = earlier(due_at, deadline_of(node, at))
    state.record(at, ("w", node.id, frame.path, due_at, pause))


def deadline_of(node: PlanNode, began_at: int) -> int | None:
    """Return when a waiting step's own time limit is over."""
    timeout_s = node.node.timeout_s
    return None if timeout_s is None else began_at + timeout_s * 1_000


def earlier(one: int | None, other: int | None) -> int | None:
    """Return the earlier of two instants that there may be."""
    return other if one is None else one if other is None else min(one, other)


def _loop(state: State, frame: Frame, node: PlanNode, items: list[Any], at: int) -> None:
    for index, item in state.prior_items.get((node.id, frame.path), {}).items():
        if index < len(items) and items[index] != item:
            _fail(state, frame, node, at, ItemsChanged(index + 1))
            return
    state.record(at, ("l", node.id, frame.path, items))
    _end_loop(state, state.loops[(node.index, frame.path)], at)


class ItemsChanged(Exception):
    """In a further run of a family, another item stands where one was that something was done for:
    taken over by its place, what was done would count for the wrong one."""

    code = "loop.items_changed"

    def __init__(self, item: int) -> None:
        self.params = {"item": item}
        self.message = (
            f"something was done for item {item} of the list in the runs before, and another item "
            "stands there now. Put the list back as it was, then try again."
        )


def _end_iteration(state: State, frame: Frame, at: int) -> None:
    """Close an iteration in which nothing is left to do, and its loop with the last one."""
    node = frame.box.loop
    assert node is not None
    loop = state.loops[(node.index, frame.path[:-1])]
    head = ("z", node.id, frame.path)
    if isinstance(frame.ending, StepError):
        error = frame.ending
        state.record(at, (*head, None, *told(error)))
    elif frame.ending is not None or loop.results is None:
        state.record(at, head)
    else:
        try:
            result = _collected(node, frame)
        except Exception as error:  # noqa: BLE001 - it is the item's failure
            said = _explain(node, error)
            details = {"iteration": list(frame.path), "node": node.id, "code": said.code}
            said = msgspec.structs.replace(said, details=details)
            state.record(at, (*head, None, *told(said)))
        else:
            state.record(at, (*head, result))
    _end_loop(state, loop, at)


def _collected(node: PlanNode, frame: Frame) -> Any:
    rule = node.loop
    assert rule is not None
    if rule.collected is not None:
        return frame.env.get(rule.collected)
    assert rule.collect is not None
    return rule.collect(frame.env)


def _end_loop(state: State, loop: Loop, at: int) -> None:
    if not is_over(loop):
        return
    place = (loop.node.id, loop.path)
    if loop.ending is None:
        state.record(at, ("d", *place, "done", loop.output))
    elif isinstance(loop.ending, StepError):
        error = loop.ending
        # People count from one; `details` names the iteration as the run does.
        where = ".".join(str(i + 1) for i in (error.details or {}).get("iteration", ()))
        message = f"“{loop.node.node.title}”, item {where}: {error.message}"
        params = (False, error.params) if error.params else ()
        state.record(at, ("f", *place, "loop.item_failed", message, error.details, *params))
    else:
        state.record(at, ("n", *place))


def _take_over(state: State, frame: Frame, node: PlanNode, at: int) -> bool:
    """Let a step end as a person said, or as it did in the run that this one goes on with."""
    if state.given and _end_as_given(state, frame, node, at):
        return True
    prior = state.prior.get((node.id, frame.path)) if state.prior else None
    if prior is None:
        return False
    state.record(at, ("k", node.id, frame.path, prior.port, prior.output))
    return True


def _end_as_given(state: State, frame: Frame, node: PlanNode, at: int) -> bool:
    given = state.given.get((node.id, frame.path)) or state.given.get((node.id, None))
    if given is None:
        return False
    state.record(at, ("k", node.id, frame.path, given.port, given.output, True))
    return True


def _start(state: State, frame: Frame, node: PlanNode, at: int, commands: list[Command]) -> int:
    """Begin a step that needs the world; return how many that sets running."""
    path = frame.path
    if node.disabled:
        state.record(at, ("b", node.id, path) if path else ("b", node.id))
        return 0
    if _take_over(state, frame, node, at):
        return 0
    assert node.params is not None
    try:
        params = node.params(frame.env)
        effect = node.type.effect_of(params) if node.type.effect_of else node.type.effect
    except Exception as error:  # noqa: BLE001 - as above
        _fail(state, frame, node, at, error)
        return 0
    key = effect_key(state.origin, node.id, path, state.generation)
    state.record(at, ("s", node.id, path, 1, effect, key, params))
    before = len(commands)
    send(state, state.open[(node.index, path)], at, commands)
    return len(commands) - before


def _fail(state: State, frame: Frame, node: PlanNode, at: int, error: Exception) -> None:
    """Record that a step could not start: its values cannot be had."""
    said = _explain(node, error)
    params = (False, said.params) if said.params else ()
    head = ("f", node.id, frame.path)
    state.record(at, (*head, said.code, said.message, said.details, *params))


def _explain(node: PlanNode, error: Exception) -> StepError:
    code = getattr(error, "code", "node.bug")
    message = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
    details: Any = getattr(error, "details", None)
    params: dict[str, Any] = getattr(error, "params", {})
    place = f"“{node.node.title}”"
    if isinstance(error, EvaluationError):
        details = {"line": error.line, "column": error.column}
        if field := spell_pointer(error.path or ""):
            place += f", {field}"
            details["field"] = field
    return StepError(code, f"{place}: {message}", details, params)


def attempt(state: State, step: OpenStep, at: int, commands: list[Command]) -> None:
    """Send an open step once more, with the params it began with."""
    node = state.plan.nodes[step.node]
    key = effect_key(state.origin, node.id, step.iteration, step.generation)
    number = step.attempts + (not step.held)
    state.record(at, ("s", node.id, step.iteration, number, step.effect, key, step.params))
    send(state, step, at, commands)


def send(
    state: State, step: OpenStep, at: int, commands: list[Command], *, claimed: bool = False
) -> None:
    """Let a started step be carried out: its claim of `once` first, and a doubt before all else."""
    node = state.plan.nodes[step.node]
    once = None if claimed else node.node.once
    if once is not None or not may_be_sent_already(state, step, at):
        commands.append(perform(node, step, once=once))
        return
    title = node.node.title
    why = f"“{title}” had no answer, and the vendor may have forgotten that it was sent."
    question(state, step, at, commands, name_restore(state, step) or why)


def name_restore(state: State, step: OpenStep) -> str:
    """Say which restore makes a step doubtful; nothing where none does."""
    if not is_restored(state, step):
        return ""
    title = state.plan.nodes[step.node].node.title
    backup = rfc3339(state.restored_from or 0)
    return f"Tramo was restored from a backup of {backup}: “{title}” may be done since then."


def question(state: State, step: OpenStep, at: int, commands: list[Command], why: str) -> None:
    """Let a doubt be settled: by the vendor's answer where it can be asked, else as the node says
    or by a person."""
    node = state.plan.nodes[step.node]
    if node.type.has_probe:
        commands.append(perform(node, step, once=None, probe=True))
    elif node.node.on_doubt == "skip":
        state.record(at, ("d", node.id, step.iteration, "out", {"unknown_outcome": True}))
    else:
        said = f"{why} Look at the vendor and say whether it happened."
        state.record(at, ("q", node.id, step.iteration, "step.unknown_outcome", said))


def perform(node: PlanNode, step: OpenStep, *, once: str | None, probe: bool = False) -> Perform:
    """Return the command that carries a step out."""
    return Perform(
        node=node.index,
        iteration=step.iteration,
        attempt=step.attempts,
        key=step.key,
        params=step.params,
        effect=step.effect,
        once=once,
        held=step.held,
        probe=probe,
    )
