"""What a run that ended leaves open: sends of which nobody knows what came of them."""

from __future__ import annotations

import pytest
from tramo.app.run.doubt import unsettled
from tramo.engine import Began, decide, encode_segment
from tramo.engine.command import Perform
from tramo.engine.state import State
from tramo.graph import load
from tramo.graph.plan import Plan, compile_plan
from tramo.model.value import encode
from tramo.runner.doubt import doubtful_sends
from tramo.testing.simulation.connector import KEY_WINDOW_S
from tramo.testing.simulation.shape import Document, deed, flow, trigger
from tramo.testing.simulation.worker import registry

DAY_MS = KEY_WINDOW_S * 1_000
SENT = ("s", "pay", [], 1, "keyed", "key0", {})
RESENT = ("s", "pay", [], 2, "keyed", "key0", {})
FAILED = ("f", "pay", [], "http.lost", "No answer.", None)


def plan_of(**fields: Document) -> Plan:
    document = flow([trigger(), deed("pay", "pay", **fields)], "order>pay")
    return compile_plan(load(encode(document)), "v1", registry().node_type)


def journal(*transitions) -> list[tuple[int, bytes]]:
    return [(1, encode_segment([(1_000, list(transitions))]))]


@pytest.mark.parametrize(
    ("story", "is_open"),
    [
        ([SENT], True),
        ([SENT, (*FAILED, True)], True),
        ([SENT, FAILED], False),
        ([SENT, ("r", "pay", [], 2_000, "http.lost", "No answer.", True)], True),
        ([SENT, ("r", "pay", [], 2_000, "http.busy", "Later.")], False),
        ([SENT, ("r", "pay", [], 2_000, "http.lost", "-", True), RESENT, FAILED], True),
        ([SENT, RESENT, FAILED], True),
        ([SENT, ("q", "pay", [], "step.unknown_outcome", "?")], True),
        ([SENT, ("q", "pay", [], "-", "?"), ("a", "pay", [], "abort", None, "user_1")], True),
        ([SENT, ("q", "pay", [], "-", "?"), ("a", "pay", [], "resend", None, "user_1")], False),
        ([SENT, ("q", "pay", [], "-", "?"), ("a", "pay", [], "happened", {}, "user_1")], False),
        ([SENT, (*FAILED, True), ("a", "pay", [], "resend", None, "user_1")], False),
        ([SENT, ("d", "pay", [], "out", {})], False),
    ],
)
def test_a_send_without_a_known_end_is_a_doubt_however_the_run_ended(story, is_open) -> None:
    plan, segments = plan_of(), journal(*story)
    assert list(doubtful_sends(plan, segments)) == ([("pay", ())] if is_open else [])
    open_places = [("pay", ())] if is_open else []
    assert unsettled(plan, segments, 1_000 + DAY_MS) == open_places, "the vendor has forgotten"
    assert unsettled(plan, segments, 2_000) == [], "the vendor knows the key"
    assert unsettled(plan, segments, 2_000, other_keys=True) == open_places


def test_a_failure_that_the_flow_goes_on_from_is_an_end() -> None:
    story = journal(SENT, (*FAILED, True))
    assert not doubtful_sends(plan_of(on_error="continue"), story)


@pytest.mark.parametrize(("later_ms", "asked"), [(1_000, False), (DAY_MS, True)])
def test_what_goes_on_with_a_doubt_asks_when_the_vendor_may_have_forgotten(later_ms, asked) -> None:
    """A run that goes on with another one may come to the step days after it was made."""
    plan = plan_of()
    state = State(plan, run_id="run_2", trigger=0, origin="run_1", sent={("pay", ()): 1_000})
    commands = decide(state, Began(1_000 + later_ms, {"order": "1"}, {}))
    assert any(type(each) is Perform for each in commands) is not asked
    assert (state.status == "asking") is asked
