"""The rules of boxes: which nodes a loop holds, how loops nest, and what they name their item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tramo.graph.draft import Draft, Placed
from tramo.graph.local import own_items
from tramo.graph.report import Report
from tramo.model.id import NODE_ID, RESERVED_NODE_IDS

LOOP_TYPE: Final = "core.for_each"
ITEM: Final = "item"
_DEEPEST_LOOKED_AT: Final = 100
"""Loops nest a few levels; the bound keeps a hostile document from taking quadratic time."""


def item_name(placed: Placed) -> str:
    """Return what a loop calls its item."""
    name = placed.params.get("as", ITEM)
    return name if isinstance(name, str) else ITEM


def boxes_around(draft: Draft, placed: Placed) -> Iterator[Placed]:
    """Yield the loops around a node, innermost first."""
    seen: set[int] = {placed.index}
    box = draft.find(placed.node.inside)
    while box is not None and box.index not in seen and len(seen) <= _DEEPEST_LOOKED_AT:
        yield box
        seen.add(box.index)
        box = draft.find(box.node.inside)


def check_loops(draft: Draft, report: Report) -> None:
    """Report nodes in boxes that cannot hold them, loops in a circle, and clashing names."""
    held: set[int] = set()
    for placed in draft.nodes:
        if placed.node.inside is not None:
            box = _check_inside(draft, placed, report)
            held.update([box.index] if box else [])
    _check_circles(draft, report)
    for placed in draft.nodes:
        if placed.node.type == LOOP_TYPE:
            _check_name(draft, placed, report)
            _check_collected(draft, placed, report)
            if placed.index not in held:
                report.add(placed.path, "loop.empty", node=placed.node.title)
        if placed.type is not None:
            for _, name in own_items(placed.type, placed.params):
                _check_word(draft, placed, name, report)


def _check_inside(draft: Draft, placed: Placed, report: Report) -> Placed | None:
    node = placed.node
    path = (*placed.path, "inside")
    box = draft.find(node.inside)
    if placed.is_trigger:
        report.add(path, "loop.trigger_inside", node=node.title)
    if box is None:
        near = report.nearest(node.inside or "", draft.by_id)
        report.add(path, "loop.inside_unknown", node=node.title, id=node.inside, near=near)
    elif box.is_typed and box.node.type != LOOP_TYPE:
        report.add(path, "loop.inside_not_loop", node=node.title, box=box.node.title)
    return box


def _check_circles(draft: Draft, report: Report) -> None:
    """Follow each node's boxes outwards once; meeting the way one came by is a circle."""
    done: set[int] = set()
    for placed in draft.nodes:
        way: dict[int, Placed] = {}
        box: Placed | None = placed
        while box is not None and box.index not in done and box.index not in way:
            way[box.index] = box
            box = draft.find(box.node.inside)
        if box is not None and box.index in way:
            circle = list(way.values())[list(way).index(box.index) :]
            names = " → ".join(each.node.title for each in [*circle[:20], circle[0]])
            report.add((*box.path, "inside"), "loop.nested_in_itself", nodes=names)
        done.update(way)


def _check_name(draft: Draft, placed: Placed, report: Report) -> None:
    name = item_name(placed)
    if not _check_word(draft, placed, name, report):
        return
    for box in boxes_around(draft, placed):
        if box.node.type == LOOP_TYPE and item_name(box) == name:
            path, around = (*placed.path, "params", "as"), box.node.title
            report.add(path, "loop.name_twice", node=placed.node.title, name=name, box=around)
            break


def _check_word(draft: Draft, placed: Placed, name: str, report: Report) -> bool:
    """Report a name that an item cannot have; return whether it can."""
    path, node = (*placed.path, "params", "as"), placed.node.title
    if name != ITEM and (not NODE_ID.match(name) or name in RESERVED_NODE_IDS):
        report.add(path, "loop.name_invalid", node=node, name=name)
        return False
    if name in draft.by_id:
        report.add(path, "loop.name_taken", node=node, name=name)
        return False
    return True


def _check_collected(draft: Draft, placed: Placed, report: Report) -> None:
    """Report a loop that collects the output of a node that is not inside it."""
    named = placed.params.get("collect")
    if not isinstance(named, str):
        return
    inside = [each.node.id for each in draft.inside.get(placed.node.id, ())]
    if named not in inside:
        report.add(
            (*placed.path, "params", "collect"),
            "loop.collect_unknown",
            node=placed.node.title,
            name=named,
            known=inside,
            near=report.nearest(named, inside),
        )
