"""fold(journal) -> state: what `decide` left behind, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tramo.engine.rule  # noqa: F401 - fills the table of rules
from tramo.engine.journal import decode_segment
from tramo.engine.state import Given, PriorItems, State
from tramo.graph.plan import Plan
from tramo.model.pause import Exit
from tramo.model.run import Iteration


def fold(
    plan: Plan,
    *,
    run_id: str,
    trigger: str,
    output: Any,
    segments: Iterable[tuple[int, bytes]],
    origin: str | None = None,
    generation: int = 0,
    keys: Mapping[str, str] | None = None,
    prior: Mapping[tuple[str, Iteration], Exit] | None = None,
    prior_items: PriorItems | None = None,
    given: Given | None = None,
    restored_from: int | None = None,
    sent: Mapping[tuple[str, Iteration], int] | None = None,
) -> State:
    """Rebuild a run's state from its segments (format, body), oldest first.

    Raises ValueError for a segment of an unknown format.
    """
    state = State(
        plan,
        run_id=run_id,
        trigger=plan.by_id[trigger].index,
        origin=origin,
        generation=generation,
        keys=keys,
        prior=prior,
        prior_items=prior_items,
        given=given,
        restored_from=restored_from,
        sent=sent,
    )
    for fmt, body in segments:
        for at, transitions in decode_segment(fmt, body):
            for transition in transitions:
                if transition[0] == "t":
                    state.begin(at, output, transition[2] if len(transition) > 2 else None)
                state.apply(at, transition)
    return state
