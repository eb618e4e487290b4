"""Loops, and what is seen where: nested boxes, joins inside them, items of a param's own, and the
events that nodes wait for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tramo.graph import check
from tramo.graph.plan import compile_plan
from tramo.model.flow import Flow
from tramo.model.problem import Problem

from tests.kit import document
from tests.runtime.graph.kit import node_types

ORDER = {"id": "order", "type": "shop.order_created", "connection": "conn_1"}


def node(id: str, type: str = "core.set", inside: str | None = None, /, **params: Any) -> Any:
    made: dict[str, Any] = {"id": id, "type": type, "params": params}
    return made | ({"inside": inside} if inside else {})


def fields(id: str, value: Any, inside: str | None = None) -> Any:
    return node(id, "core.set", inside, fields={"x": value})


def expr(source: str) -> dict[str, str]:
    return {"$expr": source}


def loop(id: str, inside: str | None = None, **params: Any) -> Any:
    return node(id, "core.for_each", inside, **{"items": expr("order.raw.lines"), **params})


def found(nodes: list[Any], *edges: tuple[str, ...]) -> list[tuple[str, str]]:
    made = document([ORDER, *nodes], list(edges))
    problems = check(made, node_types)
    if not problems:
        compile_plan(msgspec.convert(made, Flow), "v1", node_types)  # What is checked compiles.
    return [(problem.path, problem.code) for problem in problems]


def problems_of(*params: tuple[str, Any], type: str) -> list[Problem]:
    return check(document([ORDER, node("it", type, **dict(params))], [("order", "it")]), node_types)


# Boxes


def test_a_node_in_a_nested_loop_sees_both_items_and_what_stands_before_both() -> None:
    nodes = [
        fields("before", 1),
        loop("outer", **{"as": "parcel"}),
        fields("first", expr("parcel.id"), inside="outer"),
        loop("inner", inside="outer", items=expr("parcel.lines"), **{"as": "line"}),
        fields("deep", expr("[parcel.id, line.sku, index, before.x, first.x, order.id]"), "inner"),
    ]
    edges = [("order", "before"), ("before", "outer"), ("first", "inner")]
    assert found(nodes, *edges) == []


def test_what_runs_beside_a_node_in_its_loop_is_not_seen() -> None:
    nodes = [loop("lines"), fields("a", 1, "lines"), fields("b", expr("a.x"), "lines")]
    assert found(nodes, ("order", "lines")) == [
        ("/nodes/3/params/fields/x/$expr", "expression.not_before")
    ]
    assert found(nodes, ("order", "lines"), ("a", "b")) == []


def test_what_is_inside_a_loop_is_read_after_it_through_its_results_only() -> None:
    nodes = [loop("lines"), fields("a", 1, "lines"), fields("after", expr("a.x"))]
    assert found(nodes, ("order", "lines"), ("lines", "done", "after")) == [
        ("/nodes/3/params/fields/x/$expr", "expression.inside_loop")
    ]
    nodes[2] = fields("after", expr("[lines.count, lines.failed, lines.results]"))
    assert found(nodes, ("order", "lines"), ("lines", "done", "after")) == []


def test_a_loop_does_not_see_its_own_item_in_its_list() -> None:
    nodes = [loop("lines", items=expr("item.parts")), fields("a", 1, "lines")]
    assert found(nodes, ("order", "lines")) == [
        ("/nodes/1/params/items/$expr", "expression.not_in_loop")
    ]


def test_ways_join_inside_a_loop() -> None:
    branch = node(
        "check", "core.branch", "lines", rules=[{"port": "big", "when": expr("item.n > 5")}]
    )
    nodes = [
        loop("lines"),
        branch,
        fields("big", 1, "lines"),
        fields("small", 2, "lines"),
        node("join", "core.merge", "lines", wait="any"),
        fields("after", expr("join"), "lines"),
    ]
    edges = [
        ("order", "lines"),
        *(("check", "big", "big"), ("check", "else", "small")),
        *(("big", "join"), ("small", "join"), ("join", "after")),
    ]
    assert found(nodes, *edges) == []


def test_an_edge_may_not_leave_its_box() -> None:
    nodes = [loop("lines"), fields("a", 1, "lines"), loop("inner", "lines", **{"as": "part"})]
    nodes.append(fields("b", 1, "inner"))
    assert ("/edges/1", "edge.crosses_box") in found(nodes, ("order", "lines"), ("a", "b"))
    assert ("/edges/1", "edge.crosses_box") in found(nodes, ("order", "lines"), ("b", "lines"))


# What a loop collects


@pytest.mark.parametrize(
    "collect", ["b", True, expr("b.x"), {"sku": expr("item.sku"), "n": expr("index")}, None]
)
def test_a_loop_collects_from_the_nodes_inside_it(collect: Any) -> None:
    nodes = [loop("lines", collect=collect), fields("a", 1, "lines"), fields("b", 2, "lines")]
    assert found(nodes, ("order", "lines"), ("a", "b")) == []


@pytest.mark.parametrize("name", ["order", "deep", "nobody", "lines"])
def test_a_loop_cannot_collect_from_a_node_elsewhere(name: str) -> None:
    inner = loop("inner", "lines", **{"as": "part"})
    nodes = [loop("lines", collect=name), inner, fields("deep", 1, "inner")]
    assert found(nodes, ("order", "lines")) == [("/nodes/1/params/collect", "loop.collect_unknown")]


def test_a_collected_value_sees_nothing_of_a_loop_further_inside() -> None:
    inner = loop("inner", "lines", **{"as": "part"})
    nodes = [loop("lines", collect=expr("deep.x")), inner, fields("deep", 1, "inner")]
    assert found(nodes, ("order", "lines")) == [
        ("/nodes/1/params/collect/$expr", "expression.inside_loop")
    ]


# Items of a param's own


def test_a_condition_over_items_sees_the_item_and_its_index() -> None:
    where = expr("item.n > index and order.total > 5")
    assert found([node("it", "core.filter", items=[1], where=where)], ("order", "it")) == []


def test_the_item_exists_in_the_condition_only() -> None:
    (problem,) = problems_of(
        ("items", expr("item.list")), ("where", expr("item.n")), type="core.filter"
    )
    assert (problem.path, problem.code) == (
        "/nodes/1/params/items/$expr",
        "expression.not_in_loop",
    )


def test_an_item_by_another_name_goes_by_that_name_alone() -> None:
    named = ("as", "row")
    good = problems_of(("items", []), ("where", expr("row.n > index")), named, type="core.filter")
    assert good == []
    (bad,) = problems_of(("items", []), ("where", expr("item.n")), named, type="core.filter")
    assert (bad.path, bad.code) == ("/nodes/1/params/where/$expr", "expression.not_in_loop")


@pytest.mark.parametrize(
    ("name", "code"), [("now", "loop.name_invalid"), ("order", "loop.name_taken")]
)
def test_an_item_cannot_have_the_name_of_something_else(name: str, code: str) -> None:
    problems = problems_of(("items", []), ("where", True), ("as", name), type="core.filter")
    assert [(each.path, each.code) for each in problems] == [("/nodes/1/params/as", code)]


def test_figures_at_any_depth_see_the_item_and_errors_name_their_place() -> None:
    totals = {
        "total": {"op": "sum", "value": expr("item.n * order.total")},
        "wrong": {"op": "sum", "value": expr("items.n")},
    }
    (problem,) = problems_of(
        ("items", []), ("fields", totals), ("group_by", expr("item.k")), type="core.aggregate"
    )
    assert (problem.path, problem.code) == (
        "/nodes/1/params/fields/wrong/value/$expr",
        "expression.unknown_variable",
    )


def test_a_filter_inside_a_loop_sees_both_items() -> None:
    where = expr("row.sku == item.sku")
    inside = node("it", "core.filter", "lines", items=[1], where=where, **{"as": "row"})
    assert found([loop("lines"), inside], ("order", "lines")) == []


# Events that nodes wait for


def awaiting(**spec: Any) -> Any:
    return {"type": "shop.order_created", "key": "order", **spec}


@pytest.mark.parametrize(
    ("params", "path", "code"),
    [
        ({"event": awaiting()}, "", ""),
        ({"seconds": 5, "leave_on": [awaiting(), awaiting(value="7", since="now")]}, "", ""),
        ({"until": "2026-11-27T09:00", "timeout_s": 315_360_000}, "", ""),
        ({"answer": {"title": "Ship?", "ports": ["yes", "no"]}}, "", ""),
        ({}, "", "params.one_of"),
        ({"seconds": 5, "until": "2026-11-27"}, "", "params.one_of"),
        ({"seconds": 315_360_001}, "/seconds", "params.high"),
        ({"until": "tomorrow"}, "/until", "params.form.moment"),
        ({"event": expr("order")}, "/event", "params.fixed"),
        ({"event": awaiting(type=expr("order.id"))}, "/event/type", "params.fixed"),
        ({"event": awaiting(type="shop.refund")}, "/event/type", "event.type_unknown"),
        ({"event": awaiting(type="shop.nothing")}, "/event/type", "event.type_unknown"),
        ({"event": awaiting(key="invoice")}, "/event/key", "event.key_unknown"),
        ({"seconds": 1, "leave_on": awaiting(key="cart")}, "/leave_on/key", "event.key_unknown"),
        (
            {"seconds": 1, "leave_on": [awaiting(type="core.webhook", key="cart")]},
            "/leave_on/0/key",
            "event.value_missing",
        ),
        ({"event": awaiting(type="core.webhook", key="cart", value=expr("order.id"))}, "", ""),
    ],
)
def test_what_a_wait_waits_for_must_be_sayable(params: Any, path: str, code: str) -> None:
    problems = problems_of(*params.items(), type="core.wait")
    wanted = [(f"/nodes/1/params{path}", code)] if code else []
    assert [(each.path, each.code) for each in problems] == wanted


def test_answers_open_ways_of_their_own() -> None:
    ask = node("ask", "core.wait", answer={"title": "Which?", "ports": ["paid", "free"]})
    ways = [("ask", port, "end") for port in ("paid", "free", "late", "left", "out")]
    assert found([ask, fields("end", 1)], ("order", "ask"), *ways) == []
    other = found([ask, fields("end", 1)], ("order", "ask"), ("ask", "yes", "end"))
    assert other == [("/edges/1/port", "edge.port_unknown")]


def levels(*triggers: Any) -> list[tuple[str, str]]:
    wait = node("it", "core.wait", event=awaiting(type="core.webhook", key="cart"))
    made = document([*triggers, wait], [(triggers[0]["id"], "it")])
    return [(problem.code, problem.level) for problem in check(made, node_types)]


def test_whoever_starts_a_flow_by_hand_may_say_what_it_is_about() -> None:
    assert levels(ORDER) == [("event.value_missing", "error")]
    assert levels(node("go", "core.manual")) == [("event.value_missing", "warning")]
    assert levels(ORDER, node("go", "core.flow_called")) == [("event.value_missing", "warning")]
    assert levels(node("go", "core.webhook", keys={"cart": "body.id"})) == []


def test_a_start_after_an_event_carries_the_keys_of_that_event() -> None:
    after = node("go", "core.after", type="core.webhook", key="cart", seconds=60)
    assert levels(after) == []
    other = {**after, "params": {**after["params"], "type": "core.set"}}
    assert levels(other) == [("event.type_unknown", "error")]
