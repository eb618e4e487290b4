"""Leafing through the steps of a run, however many there are.

A page holds steps outside loops first, then those of loops in the order of the plan. A cursor names
the last step of a page, not a count, so that a run may go on meanwhile.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Final

import msgspec

from tramo.app.page import cursor_of, read_cursor
from tramo.app.run.history import Told, step_item
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


def first_steps(told: Told, limit: int | None) -> dict[str, Any]:
    """Return a run's steps in the order of the plan, or its first page where there are more."""
    if limit is None:
        steps = [step_item(told, step) for step in told.steps]
        return {"steps": steps, "steps_total": len(steps), "next": None}
    if len(told.steps) <= limit:
        steps = [_shown(told, step) for step in told.steps]
        return {"steps": steps, "steps_total": len(steps), "next": None}
    page = leaf(told, StepFilter(), limit, None)
    return {"steps": page["items"], "steps_total": page["total"], "next": page["next"]}


def leaf(told: Told, wanted: StepFilter, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of the steps that fit, with how many fit in all."""
    order = {node.id: node.order for node in told.plan.nodes}

    def place(step: Step) -> tuple[bool, int, Iteration]:
        return bool(step.iteration), order[step.node], step.iteration

    fitting = sorted((step for step in told.steps if _fits(step, wanted)), key=place)
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
    )


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
