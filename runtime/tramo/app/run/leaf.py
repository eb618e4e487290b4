"""Leafing through the steps of a run, however many there are.

A page holds steps outside loops first, then those of loops in the order of the plan. A cursor names
the last step of a page, not a count, so that a run may go on meanwhile.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Any, Final

import msgspec

from tramo.app.page import cursor_of, read_cursor
from tramo.app.run.history import Told, step_item
from tramo.app.run.hit import needle_of
from tramo.app.run.large import shorten_fields
from tramo.model.problem import TramoError
from tramo.model.run import Iteration, Step
from tramo.model.value import NotExact, decode, encode

SHOWN: Final = 1_000
"""Steps that a run's document carries; more are on its pages of steps."""


class StepFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which steps a page is about."""

    node: str | None = None
    state: str | None = None
    inside: Iteration = ()
    """Of this round of a loop, and of all the rounds in it."""
    after: Iteration = ()
    """Only of later rounds than this one."""
    text: str | None = None
    """Only with this text in what went in, came out, or was said of a failure."""


def first_steps(told: Told, limit: int | None) -> dict[str, Any]:
    """Return a run's steps in the order of the plan, or its first page where there are more.

    Where there are more, `totals` counts all of them: node -> {states, ports, last iteration}.
    """
    if limit is None:
        steps = [step_item(told, step) for step in told.steps]
        return {"steps": steps, "steps_total": len(steps), "next": None}
    if len(told.steps) <= limit:
        steps = [_shown(told, step) for step in told.steps]
        return {"steps": steps, "steps_total": len(steps), "next": None}
    page = leaf(told, StepFilter(), limit, None)
    return {
        "steps": page["items"],
        "steps_total": page["total"],
        "next": page["next"],
        "totals": total_steps(told),
    }


def leaf(told: Told, wanted: StepFilter, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of the steps that fit, with how many fit in all."""
    order = {node.id: node.order for node in told.plan.nodes}

    def place(step: Step) -> tuple[bool, int, Iteration]:
        return bool(step.iteration), order[step.node], step.iteration

    needle = needle_of(wanted.text) if wanted.text else None
    fitting = sorted(
        (step for step in told.steps if _fits(step, wanted) and _holds(told, step, needle)),
        key=place,
    )
    after = _read_place(cursor)
    first = 0 if after is None else bisect_right(fitting, after, key=place)
    page = fitting[first : first + limit]
    more = first + limit < len(fitting)
    return {
        "items": [_shown(told, step) for step in page],
        "total": len(fitting),
        "next": _cursor(place(page[-1])) if more else None,
    }


def _shown(told: Told, step: Step) -> dict[str, Any]:
    return shorten_fields(step_item(told, step), "input", "output")


def _fits(step: Step, wanted: StepFilter) -> bool:
    inside = wanted.inside
    return (
        wanted.node in (None, step.node)
        and wanted.state in (None, step.state)
        and step.iteration[: len(inside)] == inside
        and (not wanted.after or step.iteration > wanted.after)
    )


def _holds(told: Told, step: Step, needle: str | None) -> bool:
    if needle is None:
        return True
    item = step_item(told, step)
    said = [item[name] for name in ("input", "output", "error") if name in item]
    return needle in encode(said).decode().casefold()


def total_steps(told: Told) -> dict[str, Any]:
    """Return for each node how many of its steps are in which state, and which ports they took."""
    totals: dict[str, Any] = {}
    for step in told.steps:
        total = totals.setdefault(step.node, {"states": Counter(), "ports": Counter(), "last": []})
        total["states"][step.state] += 1
        total["last"] = max(total["last"], list(step.iteration))
        if step.port:
            total["ports"][step.port] += 1
    return totals


def _cursor(place: tuple[bool, int, Iteration]) -> str:
    return cursor_of(place[1], encode(place[2]).decode())


def _read_place(cursor: str | None) -> tuple[bool, int, Iteration] | None:
    found = read_cursor(cursor)
    if found is None:
        return None
    try:
        iteration = tuple(msgspec.convert(decode(found[1]), list[int]))
    except (NotExact, msgspec.ValidationError):
        raise TramoError(
            "page.cursor", "This cursor is not one of ours; start at the first page."
        ) from None
    return bool(iteration), found[0], iteration


def read_iteration(text: str | None) -> Iteration:
    """Read `3,0`, a round of a loop inside a round of a loop."""
    parts = text.split(",") if text else []
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise TramoError(
            "run.iteration",
            f"“{text}” names no round of a loop; write its numbers with commas between, as 3,0.",
            params={"text": text},
        )
    return tuple(int(part) for part in parts)
