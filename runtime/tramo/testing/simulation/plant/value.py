"""Mistakes about values, answers and limits: what comes out is wrong, though every step is done."""

from __future__ import annotations

from importlib import import_module

from tramo.engine import Held, Replied, ending, loop, retry, start
from tramo.ingest import door
from tramo.store import wait, window
from tramo.testing.simulation.patch import Patch
from tramo.testing.simulation.plant.book import plant

decide = import_module("tramo.engine.decide")  # The package gives its name to the function.


@plant
def _index_from_one(patch: Patch) -> None:
    """The items of a loop are counted from one."""
    patch.rewrite(loop, "_open_next", ('env["index"] = index', 'env["index"] = loop.next'))


@plant
def _list_goes_on(patch: Patch) -> None:
    """A list that lost a race goes on with its next items."""
    patch.rewrite(loop, "cancel_node", ("cancel_loop(state, loop)", "pass"))


@plant
def _answer_first(patch: Patch) -> None:
    """Whatever people answer, the run goes on by the first answer that there is."""
    first = "msgspec.structs.replace(happening, port=step.pause.ask.ports[0])"
    said = "_end_pause(state, step, happening, output)"
    heard = said.replace("happening", first)
    patch.put(decide._HAPPENED, Replied, patch.rewrite(decide, "_replied", (said, heard)))


@plant
def _turn_unlimited(patch: Patch) -> None:
    """Who waits for a turn waits past the time limit of its node."""
    until = "earlier(happening.until_ms, deadline_of(node, step.first_at))"
    held = patch.rewrite(decide, "_held", (until, "happening.until_ms"))
    patch.put(decide._HAPPENED, Held, held)


@plant
def _window_whole(patch: Patch) -> None:
    """A key is used for all of the time for which the vendor says that it knows it."""
    patch.rewrite(retry, "_window_closed", ("window_s * 500", "window_s * 1_000"))


@plant
def _cancel_awaits_answer(patch: Patch) -> None:
    """A run that somebody cancels ends when its open question is answered."""
    patch.rewrite(ending, "conclude", ("(not asking or state.cancelled_by)", "not asking"))


@plant
def _said_ignored(patch: Patch) -> None:
    """What a step gave before counts more than what a person says it is to give."""
    given = "state.given and _end_as_given(state, frame, node, at)"
    patch.rewrite(
        start,
        "_take_over",
        (f"    if {given}:\n        return True\n", ""),
        ("        return False\n", f"        return bool({given})\n"),
    )


@plant
def _first_key_only(patch: Patch) -> None:
    """An event ends waits for the first of its keys only."""
    patch.rewrite(wait, "match_event", ("for key in event.keys)", "for key in event.keys[:1])"))


@plant
def _window_by_one(patch: Patch) -> None:
    """A window closes when it has one item more than it may have."""
    patch.rewrite(window, "_close_if_full", ('["count"] < most', '["count"] <= most'))


@plant
def _kept_left_half(patch: Patch) -> None:
    """A delivery leaves the backlog when the first of what it tells is stored."""
    patch.rewrite(door.Door, "_read_vendor", ("known[-1]", "known[0]"))
