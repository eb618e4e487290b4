"""Which way a run goes: order, branches, joins, dead paths, merges, stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.graph.plan import compile_plan

from tests.runtime.engine.world import World, flow, node_types, plan, rejected

VIP = {"params": {"rules": [{"port": "vip", "when": {"$expr": "start.total > 500"}}]}}


def test_nodes_run_in_kahns_order_and_ties_follow_the_document():
    world = World(
        plan(
            [("start", "start"), ("c", "set"), ("a", "set"), ("b", "set"), ("z", "set")],
            "start > b, start > a, start > c, a > z, b > z, c > z",
        )
    )
    assert [t[1] for t in world.transitions() if t[0] in "ti"] == ["start", "c", "a", "b", "z"]


def test_a_node_sees_the_exact_numbers_of_those_before_it():
    world = World(
        plan(
            [
                ("start", "start"),
                ("copy", "set", {"params": {"fields": {"id": {"$expr": "start.id"}}}}),
            ],
            "start > copy",
        ),
        output={"id": 820982911946154508},
    )
    assert world.state.root.env["copy"] == {"id": 820982911946154508}


def test_the_first_rule_that_holds_takes_the_run_and_the_other_paths_are_skipped():
    world = World(
        plan(
            [
                ("start", "start"),
                ("check", "branch", VIP),
                ("vip", "set"),
                ("other", "set"),
                ("after", "set"),
            ],
            "start > check, check.vip > vip, check.else > other, other > after",
        ),
        output={"total": 900},
    )
    assert world.finish is not None
    assert world.finish.state == "succeeded"
    assert world.states() == {
        "start": "succeeded",
        "check": "succeeded",
        "vip": "succeeded",
        "other": "skipped",
        "after": "skipped",
    }


def test_a_plain_join_starts_when_all_edges_are_settled_and_one_delivered():
    nodes = [
        ("start", "start"),
        ("check", "branch", VIP),
        ("a", "read"),
        ("b", "read"),
        ("j", "set"),
    ]
    world = World(plan(nodes, "start > check, check.vip > a, check.else > b, a > j, b > j"))
    world.run()
    assert world.states()["j"] == "succeeded"
    assert world.states()["a"] == "skipped"


def test_a_run_succeeds_even_if_every_last_node_was_skipped():
    world = World(
        plan(
            [("start", "start"), ("check", "branch", VIP), ("a", "set")],
            "start > check, check.vip > a",
        )
    )
    assert world.finish is not None
    assert (world.finish.state, world.states()["a"]) == ("succeeded", "skipped")


def _merging(wait: str) -> World:
    nodes = [
        ("start", "start"),
        ("check", "branch", VIP),
        ("a", "read"),
        ("b", "read"),
        ("m", "merge", {"params": {"wait": wait}}),
        ("end", "set"),
    ]
    return World(plan(nodes, "start > check, check.vip > a, check.else > b, a > m, b > m, m > end"))


def test_merge_all_is_skipped_unless_every_edge_delivered():
    assert _merging("all").run().states()["m"] == "skipped"
    world = World(
        plan(
            [("start", "start"), ("a", "read"), ("b", "read"), ("m", "merge")],
            "start > a, start > b, a > m, b > m",
        )
    ).run()
    assert world.state.root.env["m"] == {"a": {"from": "a"}, "b": {"from": "b"}}


def test_merge_any_outputs_what_arrived_by_the_node_it_came_from():
    world = _merging("any").run()
    assert world.state.root.env["m"] == {"b": {"from": "b"}}
    assert world.states()["end"] == "succeeded"


def test_merge_first_fires_at_the_first_delivery_and_the_losers_never_start():
    nodes = [
        ("start", "start"),
        ("fast", "read"),
        ("slow", "read"),
        ("slow_two", "read"),
        ("m", "merge", {"params": {"wait": "first"}}),
        ("end", "set"),
    ]
    world = World(
        plan(nodes, "start > fast, start > slow, slow > slow_two, fast > m, slow_two > m, m > end")
    ).run()
    assert world.state.root.env["m"] == {"fast": {"from": "fast"}}
    assert world.states()["slow"] == "succeeded", "a step in flight ends and is recorded"
    assert world.states()["slow_two"] == "cancelled"
    assert [node for node, *_ in world.sent] == ["fast", "slow"]
    assert world.finish is not None
    assert world.finish.state == "succeeded"


def test_merge_first_fires_before_its_losers_even_if_nothing_needs_the_world():
    nodes = [
        ("start", "start"),
        ("short", "set"),
        ("long", "set"),
        ("long_two", "set"),
        ("m", "merge", {"params": {"wait": "first"}}),
        ("end", "set"),
    ]
    world = World(
        plan(
            nodes, "start > short, start > long, long > long_two, long_two > m, short > m, m > end"
        )
    )
    assert list(world.state.root.env["m"]) == ["short"], "a late delivery is ignored"
    states = world.states()
    assert (states["long"], states["long_two"], states["end"]) == (
        "cancelled",
        "cancelled",
        "succeeded",
    )


def test_a_wrong_expression_names_its_node_and_its_field_when_it_meets_the_data():
    fields = {"fine": 1, "lines": [{"sku": {"$expr": "start.skuu"}}]}
    world = World(
        plan([("start", "start"), ("copy", "set", {"params": {"fields": fields}})], "start > copy"),
        output={"sku": "A-1"},
    )
    assert world.finish is not None
    assert world.finish.error is not None
    assert world.finish.error.message.startswith(
        "“copy”, fields.lines[0].sku: “start” has no field"
    )
    assert world.finish.error.details == {
        "line": 1,
        "column": 7,
        "field": "fields.lines[0].sku",
    }


def test_a_wrong_condition_names_its_rule():
    rules = [{"port": "a", "when": False}, {"port": "b", "when": {"$expr": "start.total > 5"}}]
    world = World(
        plan(
            [("start", "start"), ("check", "branch", {"params": {"rules": rules}})], "start > check"
        ),
        output={"total": "10.10"},
    )
    assert world.finish is not None
    assert world.finish.error is not None
    assert world.finish.error.message.startswith("“check”, rules[1].when: A text cannot")


def test_with_several_triggers_exactly_one_fires_and_the_others_are_skipped():
    world = World(
        plan(
            [("start", "start"), ("other", "start"), ("a", "set"), ("b", "set"), ("c", "set")],
            "start > a, other > b, a > c, b > c",
        )
    )
    assert world.states() == {
        "start": "succeeded",
        "other": "skipped",
        "a": "succeeded",
        "b": "skipped",
        "c": "succeeded",
    }


def test_an_uncaught_failure_starts_nothing_more_and_fails_the_run():
    world = World(
        plan(
            [("start", "start"), ("a", "read"), ("b", "read"), ("after", "set"), ("late", "set")],
            "start > a, start > b, a > after, b > late",
        ),
        lambda node, _: rejected() if node == "a" else {"from": node},
    ).run()
    assert world.finish is not None
    assert (world.finish.state, world.finish.reason) == ("failed", "vendor.rejected")
    assert world.states()["b"] == "succeeded", "a step in flight ends"
    assert world.states()["after"] == "pending"
    assert world.states()["late"] in ("ready", "pending"), "and starts nothing"


def test_an_error_port_delivers_code_message_and_details():
    world = World(
        plan(
            [
                ("start", "start"),
                ("a", "read", {"on_error": "branch"}),
                ("good", "set"),
                ("bad", "set", {"params": {"fields": {"why": {"$expr": "a.details.why"}}}}),
            ],
            "start > a, a > good, a.error > bad",
        ),
        lambda node, _: rejected(),
    ).run()
    assert world.finish is not None
    assert world.finish.state == "succeeded"
    assert world.states()["a"] == "failed"
    assert world.state.root.env["bad"] == {"why": "x"}
    assert world.states()["good"] == "skipped"


def test_on_error_continue_goes_on_by_the_usual_port():
    world = World(
        plan(
            [("start", "start"), ("a", "read", {"on_error": "continue"}), ("next", "set")],
            "start > a, a > next",
        ),
        lambda node, _: rejected(),
    ).run()
    assert world.states() == {"start": "succeeded", "a": "failed", "next": "succeeded"}


def test_a_formula_that_cannot_be_evaluated_fails_its_step_with_its_place():
    world = World(
        plan(
            [
                ("start", "start"),
                (
                    "a",
                    "set",
                    {"label": "Total", "params": {"fields": {"x": {"$expr": "start.nope"}}}},
                ),
            ],
            "start > a",
        )
    )
    assert world.finish is not None
    assert world.finish.state == "failed"
    assert world.finish.error is not None
    assert world.finish.error.code == "expression.unknown_field"
    assert "“Total”" in world.finish.error.message


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("failed", "stopped"), ("succeeded", "stopped"), ("cancelled", "stopped")],
)
def test_stop_ends_the_run_with_its_outcome(outcome, reason):
    world = World(
        plan(
            [("start", "start"), ("halt", "stop", {"params": {"outcome": outcome}}), ("b", "set")],
            "start > halt, halt > b",
        )
    )
    assert world.finish is not None
    assert (world.finish.state, world.finish.reason) == (outcome, reason)
    assert world.states()["b"] != "succeeded"


def test_a_disabled_node_is_passed_by():
    world = World(
        plan(
            [("start", "start"), ("off", "read", {"disabled": True}), ("next", "set")],
            "start > off, off > next",
        )
    )
    assert world.states() == {"start": "succeeded", "off": "skipped", "next": "succeeded"}
    assert world.sent == []


def test_no_more_steps_run_side_by_side_than_the_flow_allows():
    nodes = [("start", "start"), *((f"s{i}", "read") for i in range(6))]
    edges = ", ".join(f"start > s{i}" for i in range(6))
    world = World(plan(nodes, edges, at_once=2))
    assert len(world.performs) == 2
    most = 0
    while world.step():
        most = max(most, len(world.performs))
    assert most == 2
    assert [node for node, *_ in world.sent] == [f"s{i}" for i in range(6)]


def test_one_decision_settles_a_chain_of_a_thousand_nodes():
    nodes = [("start", "start"), *((f"n{i}", "set") for i in range(1_000))]
    edges = "start > n0, " + ", ".join(f"n{i} > n{i + 1}" for i in range(999))
    world = World(plan(nodes, edges))
    assert world.finish is not None
    assert len(world.segments) == 1


@st.composite
def dags(draw):
    count = draw(st.integers(2, 12))
    kinds = [draw(st.sampled_from(["set", "read", "merge", "branch"])) for _ in range(count)]
    nodes: list[tuple] = [("start", "start")]
    edges = []
    for index, kind in enumerate(kinds):
        fields = {}
        if kind == "branch":
            limit = draw(st.sampled_from([0, 10_000]))
            rule = {"port": "yes", "when": {"$expr": f"start.total > {limit}"}}
            fields = {"params": {"rules": [rule]}}
        if kind == "merge":
            fields = {"params": {"wait": draw(st.sampled_from(["all", "any", "first"]))}}
        nodes.append((f"n{index}", kind, fields))
        sources = draw(st.sets(st.integers(-1, index - 1), min_size=1, max_size=3))
        for source in sorted(sources):
            if source == -1:
                edges.append(f"start > n{index}")
            elif kinds[source] == "branch":
                edges.append(f"n{source}.{draw(st.sampled_from(['yes', 'else']))} > n{index}")
            else:
                edges.append(f"n{source} > n{index}")
    return nodes, ", ".join(edges)


@given(dags())
def test_every_flow_ends_with_every_node_settled(shape):
    world = World(plan(*shape)).run()
    assert world.finish is not None
    assert world.finish.state == "succeeded"
    assert set(world.states().values()) <= {"succeeded", "skipped", "cancelled"}


@given(dags())
def test_the_order_of_the_plan_never_puts_a_node_before_its_sources(shape):
    made = compile_plan(flow(*shape), "v", node_types)
    for node in made.nodes:
        assert all(made.nodes[source].order < node.order for source in node.sources)


@given(dags(), st.integers(0, 20))
def test_a_crash_after_any_commit_gives_the_same_outputs_as_none(shape, when):
    calm = World(plan(*shape)).run()
    rough = World(plan(*shape))
    for _ in range(when):
        if not rough.step():
            break
    if rough.finish is None:
        from tramo.engine import Recovered

        rough.crash()
        rough.happen(Recovered(rough.at))
        rough.run()
    assert rough.state.root.env == calm.state.root.env
    assert rough.states() == calm.states()
