"""When a failed attempt is tried again, and when it must not be."""

from __future__ import annotations

import zlib
from typing import Literal

from tramo.engine.happening import Failure
from tramo.engine.state import OpenStep, State
from tramo.graph.plan import PlanNode
from tramo.model import limit
from tramo.model.flow import Retry

RETRY_AFTER_MAX_S = 3_600.0
BACKOFF_MAX_S = 900.0

Verdict = Literal["retry", "park", "ask", "fail", "skip"]

_DEFAULT = Retry(attempts=limit.RETRY_ATTEMPTS)


def judge(state: State, step: OpenStep, failure: Failure, at: int) -> Verdict:
    """Say what follows from a failed attempt.

    A doubt about an effect that must not be repeated is a question before it is anything else.
    """
    node = state.plan.nodes[step.node]
    if failure.doubt and must_not_repeat(state, step, at):
        return "skip" if node.node.on_doubt == "skip" else "ask"
    if failure.kind == "credential":
        return "park"
    if failure.kind != "transient":
        return "fail"
    return "retry" if step.attempts < (node.node.retry or _DEFAULT).attempts else "fail"


def must_not_repeat(state: State, step: OpenStep, at: int) -> bool:
    """Tell whether a step whose effect may have taken place must not be sent once more."""
    node = state.plan.nodes[step.node]
    if node.node.on_doubt == "repeat":
        return False
    if step.effect == "never_repeat":
        return True
    return step.effect == "keyed" and _window_closed(state, node, step, at)


def may_be_sent_already(state: State, step: OpenStep, at: int) -> bool:
    """Tell whether a step that is to be sent may have been, and must not be once more: an answer
    was lost too long ago, or nobody remembers what happened."""
    doubtful = step.doubted or is_restored(state, step)
    return doubtful and must_not_repeat(state, step, at)


def is_restored(state: State, step: OpenStep) -> bool:
    """Tell whether a restore brought the run back without what it may have sent meanwhile.

    What a person wants sent once more has an effect key of its own, under which nothing was sent.
    """
    return state.restored_from is not None and step.generation == state.generation


def _window_closed(state: State, node: PlanNode, step: OpenStep, at: int) -> bool:
    """Tell whether the vendor may have forgotten the key: half its window is our horizon.

    A step that is sent after a restore may have been sent first as early as the backup was made.
    """
    window_s, first_at = node.type.key_window_s, step.first_at
    if state.restored_from is not None and is_restored(state, step):
        first_at = min(first_at, state.restored_from)
    return window_s is not None and at - first_at > window_s * 500


def next_attempt_at(node: PlanNode, step: OpenStep, failure: Failure, at: int) -> int:
    """Return when to try again: doubling from `backoff_s`, or later where the vendor says so.

    The spread of up to a quarter comes from the effect key, so that the same inputs give the same
    time.
    """
    retry = node.node.retry or _DEFAULT
    delay_s = min(retry.backoff_s * 2.0 ** (step.attempts - 1), BACKOFF_MAX_S)
    spread = zlib.crc32(f"{step.key}{step.attempts}".encode()) % 1_000 / 4_000
    delay_s *= 1 + spread
    if failure.retry_after_s is not None:
        delay_s = max(delay_s, min(failure.retry_after_s, RETRY_AFTER_MAX_S))
    return at + int(delay_s * 1_000)
