"""What a wait, an approval and a bulk brake say to the engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo.graph import check
from tramo.graph.plan import compile_plan
from tramo.model.flow import Flow
from tramo.model.problem import has_error
from tramo.sdk import Ask, BadParams, Exit, Match, Pause, moment_ms

from tests.kit import document
from tests.runtime.graph.kit import node_types
from tests.runtime.nodes.kit import NOW, settle

NOW_MS = moment_ms(NOW, "UTC")
PAID = {"type": "shopify.order_paid", "key": "order"}


def late(port: str, how: str, at: str, /, **more: Any) -> Exit:
    return Exit(port, {"ended": how, "at": at, **more})


def test_a_wait_for_seconds_goes_on_by_out_when_they_are_over() -> None:
    assert settle("wait", {"seconds": 90}) == Pause(
        until_ms=NOW_MS + 90_000, late=late("out", "time", "2026-11-22T09:31:30.000Z")
    )


def test_seconds_may_be_calculated() -> None:
    pause = settle("wait", {"seconds": {"$expr": "hours * 3600"}}, hours=Decimal("1.5"))
    assert pause.until_ms == NOW_MS + 5_400_000


@pytest.mark.parametrize("seconds", [-1, 315_360_001, "60", None, True])
def test_what_is_no_length_of_time_is_refused(seconds: Any) -> None:
    with pytest.raises(BadParams, match="“seconds” must be a number from 0 to 315360000"):
        settle("wait", {"seconds": {"$expr": "x"}}, x=seconds)


def test_a_wait_of_no_time_or_until_the_past_goes_on_at_once() -> None:
    at_once = ("out", {"ended": "time", "at": NOW})
    assert settle("wait", {"seconds": 0}) == at_once
    assert settle("wait", {"until": "2026-11-22"}) == at_once
    assert settle("wait", {"until": "2020-01-01T00:00:00Z"}) == at_once


def test_what_has_come_already_may_still_end_a_wait_of_no_time() -> None:
    pause = settle("wait", {"until": "2020-01-01", "leave_on": PAID})
    assert pause.until_ms == NOW_MS
    assert [match.port for match in pause.matches] == ["left"]


@pytest.mark.parametrize(
    ("until", "at"),
    [
        ("2026-11-27", "2026-11-26T23:00:00.000Z"),
        ("2026-11-27T09:00", "2026-11-27T08:00:00.000Z"),
        ("2027-03-28T02:30", "2027-03-28T01:00:00.000Z"),
        ({"$expr": "now | add_days(2)"}, "2026-11-24T09:30:00.000Z"),
        ({"$expr": "now | start_of('month') | add_months(1)"}, "2026-11-30T23:00:00.000Z"),
    ],
)
def test_until_counts_on_the_clock_of_the_flow(until: Any, at: str) -> None:
    assert settle("wait", {"until": until}).late == late("out", "time", at)


@pytest.mark.parametrize("until", ["27/11/2026", "soon", "2026-02-30"])
def test_what_is_no_point_in_time_is_refused(until: str) -> None:
    with pytest.raises(BadParams, match=f"must be a day or a point in time, but it is “{until}”"):
        settle("wait", {"until": {"$expr": "x"}}, x=until)


def test_an_event_is_known_by_the_runs_own_key_unless_told_otherwise() -> None:
    pause = settle("wait", {"event": PAID, "timeout_s": 60})
    assert pause == Pause(
        until_ms=NOW_MS + 60_000,
        late=late("late", "late", "2026-11-22T09:31:00.000Z"),
        matches=(Match(type="shopify.order_paid", kind="order", value="1001"),),
    )
    other = {**PAID, "value": {"$expr": "id"}, "since": "now"}
    assert settle("wait", {"event": other}, id=820982911946154508).matches == (
        Match(type="shopify.order_paid", kind="order", value="820982911946154508", since="now"),
    )


def test_a_run_without_the_key_is_told_what_to_give() -> None:
    with pytest.raises(BadParams, match=r"carries no business key “cart” .* give its value"):
        settle("wait", {"event": {"type": "shopify.order_paid", "key": "cart"}})
    with pytest.raises(BadParams, match="The value of the key “order” is empty"):
        settle("wait", {"event": {**PAID, "value": {"$expr": "x"}}}, x="")


def test_a_wait_may_be_left_on_any_of_several_events() -> None:
    leave_on = [PAID, {"type": "shopify.order_cancelled", "key": "order"}]
    pause = settle("wait", {"seconds": 5, "leave_on": leave_on})
    assert [(match.type, match.port) for match in pause.matches] == [
        ("shopify.order_paid", "left"),
        ("shopify.order_cancelled", "left"),
    ]
    assert pause.late == late("out", "time", "2026-11-22T09:30:05.000Z")


def test_a_time_limit_before_the_time_itself_is_late() -> None:
    assert settle("wait", {"seconds": 60, "timeout_s": 30}).late.port == "late"
    assert settle("wait", {"seconds": 30, "timeout_s": 60}).late.port == "out"


def test_a_question_opens_a_way_for_each_answer() -> None:
    question = {
        "title": {"$text": "Ship {{ name }}?"},
        "to": ["ana@example.com"],
        "ports": ["ship", "hold"],
    }
    assert settle("wait", {"answer": question}, name="#1001") == Pause(
        ask=Ask(kind="answer", title="Ship #1001?", to=("ana@example.com",), ports=("ship", "hold"))
    )
    assert settle("wait", {"answer": {"title": "Done?"}}).ask.ports == ("out",)


@pytest.mark.parametrize("params", [{}, {"seconds": 5, "until": "2026-11-27"}])
def test_a_wait_ends_for_exactly_one_reason(params: Any) -> None:
    with pytest.raises(BadParams, match="exactly one of seconds, until, event, answer"):
        settle("wait", params)


# Approvals


def test_an_approval_waits_for_yes_or_no() -> None:
    params = {
        "title": {"$text": "Refund {{ order.total }}?"},
        "text": "More than usual",
        "to": "ana@example.com, bo@example.com",
        "details": {"$expr": "order"},
    }
    order = {"total": Decimal("500.00")}
    assert settle("approve", params, order=order) == Pause(
        ask=Ask(
            kind="approve",
            title="Refund 500.00?",
            text="More than usual",
            to=("ana@example.com", "bo@example.com"),
            details=order,
        )
    )


@pytest.mark.parametrize(
    ("default", "port", "more"),
    [("late", "late", {}), ("yes", "yes", {"port": "yes"}), ("no", "no", {"port": "no"})],
)
def test_a_deadline_goes_on_by_its_default(default: str, port: str, more: Any) -> None:
    pause = settle("approve", {"title": "?", "timeout_s": 60, "default": default})
    assert pause.until_ms == NOW_MS + 60_000
    assert pause.late == late(port, "late", "2026-11-22T09:31:00.000Z", **more)


def test_without_a_deadline_an_approval_waits_for_ever() -> None:
    pause = settle("approve", {"title": "?", "default": "yes"})
    assert (pause.until_ms, pause.late) == (None, None)


def test_who_is_asked_must_be_addresses() -> None:
    with pytest.raises(BadParams, match="“to” must be a text, but it is a number"):
        settle("approve", {"title": "?", "to": {"$expr": "x"}}, x=["ana@example.com", 5])


# The bulk brake


def test_a_usual_amount_goes_straight_on() -> None:
    assert settle("brake", {"count": 100, "max": 100}) == ("out", {"asked": False, "count": 100})
    items = {"items": {"$expr": "x"}, "max": 2, "of": 4, "percent": 50}
    assert settle("brake", items, x=[1, 2]) == ("out", {"asked": False, "count": 2})


@pytest.mark.parametrize(
    ("params", "title"),
    [
        ({"count": 101, "max": 100}, "101 > 100"),
        ({"count": {"$value": [1, 2, 3]}, "max": 2}, "3 > 2"),
        ({"count": 6, "max": 100, "of": 10, "percent": 50}, "6 / 10 > 50 %"),
        ({"count": 1, "of": {"$value": []}, "percent": 50}, "1 / 0 > 50 %"),
        ({"count": 1001, "of": 2000, "percent": Decimal("50.0")}, "1001 / 2000 > 50.0 %"),
    ],
)
def test_more_than_usual_asks_first(params: Any, title: str) -> None:
    pause = settle("brake", {**params, "to": "ana@example.com", "timeout_s": 60})
    assert pause.ask.title == title
    assert (pause.ask.kind, pause.ask.ports, pause.ask.to) == (
        "brake",
        ("out", "no"),
        ("ana@example.com",),
    )
    assert pause.late == late("late", "late", "2026-11-22T09:31:00.000Z")


def test_a_brake_needs_a_limit_and_a_count() -> None:
    with pytest.raises(BadParams, match="Give “max”, or “percent” with “of”"):
        settle("brake", {"count": 5})
    with pytest.raises(BadParams, match="“percent” needs “of”"):
        settle("brake", {"count": 5, "percent": 10})
    with pytest.raises(BadParams, match="“count” must be a whole number"):
        settle("brake", {"count": {"$expr": "x"}, "max": 5}, x="many")


@pytest.mark.parametrize(
    ("node", "params"),
    [
        ("wait", {"seconds": {"$value": None}}),
        ("brake", {"count": {"$value": None}, "max": 1}),
        ("aggregate", {"items": [], "group_by": "a", "fields": {"key": {"op": "count"}}}),
        (
            "reconcile",
            {"left": [], "right": [], "key": "a", "compare": [{"field": "b", "tolerance": "-1"}]},
        ),
    ],
)
def test_whatever_check_lets_pass_can_be_compiled_and_fails_in_its_step_only(
    node: str, params: Any
) -> None:
    steps = [
        {"id": "go", "type": "core.manual"},
        {"id": "it", "type": f"core.{node}", "params": params},
    ]
    flow = document(steps, [("go", "it")])
    assert not has_error(check(flow, node_types))
    compile_plan(msgspec.convert(flow, Flow), "v1", node_types)


@pytest.mark.parametrize(
    ("node", "params", "path"),
    [
        ("wait", {"event": {"$value": {"type": "core.webhook", "key": "order"}}}, "event"),
        ("wait", {"seconds": 1, "leave_on": [{"$expr": "go"}]}, "leave_on/0"),
        ("wait", {"answer": {"title": "?", "ports": [{"$expr": "go"}]}}, "answer/ports/0"),
        ("for_each", {"items": [], "as": {"$value": "row"}}, "as"),
        ("for_each", {"items": [], "at_once": {"$expr": "5"}}, "at_once"),
        ("lookup", {"rows": [], "field": {"$value": None}, "value": 1}, "field"),
        ("aggregate", {"items": [], "fields": {"x": {"$expr": "go"}}}, "fields/x"),
        ("aggregate", {"items": [], "fields": {"x": {"op": {"$expr": "go"}}}}, "fields/x/op"),
        (
            "reconcile",
            {"left": [], "right": [], "key": "a", "compare": [{"$expr": "go"}]},
            "compare/0",
        ),
        ("branch", {"rules": [{"$expr": "go"}]}, "rules/0"),
        ("code", {"$expr": "go"}, ""),
    ],
)
def test_what_a_version_is_made_of_must_be_written_out(node: str, params: Any, path: str) -> None:
    steps = [
        {"id": "go", "type": "core.manual"},
        {"id": "it", "type": f"core.{node}", "params": params},
    ]
    problems = check(document(steps, [("go", "it")]), node_types)
    wanted = f"/nodes/1/params/{path}".rstrip("/")
    assert (wanted, "params.fixed") in [(each.path, each.code) for each in problems]
