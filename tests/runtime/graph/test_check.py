"""What `check` finds: one broken document a row, and that it finds all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.graph import check
from tramo.model.problem import has_error

from tests.runtime.graph.kit import node_types, order_flow, place

EXPR = "/nodes/2/params/message"

# What is changed in a sound flow (pointer, value), and the path and code that must be reported.
BROKEN: list[tuple[str, Any, str, str]] = [
    # The shape of the document
    ("/format", ..., "/format", "flow.field_missing"),
    ("/format", "1", "/format", "flow.field_choice"),
    ("/format", 2, "/format", "flow.format_unknown"),
    ("/id", "8Zk2", "/id", "flow.id_invalid"),
    ("/id", "flow_" + "x" * 65, "/id", "flow.id_invalid"),
    ("/id", "flow_x\n", "/id", "flow.id_invalid"),
    ("/name", ..., "/name", "flow.field_missing"),
    ("/name", "", "/name", "flow.field_empty"),
    ("/name", "x" * 201, "/name", "flow.field_long"),
    ("/name", 5, "/name", "flow.field_type"),
    ("/nodes", {}, "/nodes", "flow.field_type"),
    ("/edges", ..., "/edges", "flow.field_missing"),
    ("/langauge", "es", "/langauge", "flow.field_unknown"),
    ("/language", "de", "/language", "flow.field_choice"),
    ("/timezone", "Europe/Nowhere", "/timezone", "flow.timezone_unknown"),
    ("/timezone", "../../etc/passwd", "/timezone", "flow.timezone_unknown"),
    ("/limits/at_once", 101, "/limits/at_once", "flow.field_high"),
    ("/limits/timeout_s", 0, "/limits/timeout_s", "flow.field_low"),
    ("/layout/order", [0, "left"], "/layout/order/1", "flow.field_type"),
    ("/layout/nobody", [0, 0], "/layout/nobody", "flow.layout_unknown"),
    ("/notes/0/text", "x" * 10_001, "/notes/0/text", "flow.field_long"),
    ("/notes/0/text", 5, "/notes/0/text", "flow.field_type"),
    ("/notes/0/colour", "blue", "/notes/0/colour", "flow.field_unknown"),
    ("/notes/0/color", "red", "/notes/0/color", "flow.field_choice"),
    ("/notes/0/at", [0], "/notes/0/at", "flow.field_few"),
    ("/notes/0/nodes", ["order", "nobody"], "/notes/0/nodes/1", "flow.note_unknown"),
    ("/notes", [{"id": "n"}, {"id": "n"}], "/notes/1/id", "flow.note_twice"),
    ("/notes/0/size", [0, 10], "/notes/0/size/0", "flow.field_low"),
    ("/notes", [{}] * 501, "/notes", "flow.field_many"),
    ("/keys", {"order": 5}, "/keys/order", "flow.key_invalid"),
    ("/keys", {"order": "a b"}, "/keys/order", "flow.key_invalid"),
    ("/keys", {"order": {"$expr": "tell.x"}}, "/keys/order/$expr", "expression.not_before"),
    (
        "/limits/concurrency",
        {"key": {"$expr": "order."}},
        "/limits/concurrency/key/$expr",
        "expression.ends_early",
    ),
    # Alerts
    ("/alerts", [], "/alerts", "flow.field_type"),
    ("/alerts", {"whom": "ana"}, "/alerts/whom", "flow.field_unknown"),
    ("/alerts", {"failed": "yes"}, "/alerts/failed", "flow.field_type"),
    ("/alerts", {"to": ["ana@shop.example", "a b"]}, "/alerts/to/1", "alerts.reader_invalid"),
    ("/alerts", {"to": ["#alerts"]}, "/alerts/to/0", "alerts.channel_alone"),
    ("/alerts", {"expect_runs": {}}, "/alerts/expect_runs/at_least", "flow.field_missing"),
    (
        "/alerts",
        {"expect_runs": {"at_least": 1, "per": "week"}},
        "/alerts/expect_runs/per",
        "flow.field_choice",
    ),
    ("/alerts", {"pause_after": -1}, "/alerts/pause_after", "flow.field_low"),
    # Nodes
    ("/nodes/-", 5, "/nodes/7", "flow.field_type"),
    ("/nodes/2/id", ..., "/nodes/2/id", "flow.field_missing"),
    ("/nodes/2/id", "Tell", "/nodes/2/id", "node.id_invalid"),
    ("/nodes/2/id", "tell\n", "/nodes/2/id", "node.id_invalid"),
    ("/nodes/2/id", "t" * 65, "/nodes/2/id", "node.id_invalid"),
    ("/nodes/2/id", "item", "/nodes/2/id", "node.id_reserved"),
    ("/nodes/2/id", "check", "/nodes/2/id", "node.id_twice"),
    ("/nodes/2/type", ..., "/nodes/2/type", "flow.field_missing"),
    ("/nodes/2/type", "log", "/nodes/2/type", "node.type_invalid"),
    ("/nodes/2/type", "core.lgo", "/nodes/2/type", "node.type_unknown"),
    ("/nodes/2/v", 2, "/nodes/2/v", "node.version_unknown"),
    ("/nodes/2/v", 0, "/nodes/2/v", "flow.field_low"),
    ("/nodes/2/lable", "x", "/nodes/2/lable", "flow.field_unknown"),
    ("/nodes/2/params", [], "/nodes/2/params", "flow.field_type"),
    ("/nodes/2/on_error", "ignore", "/nodes/2/on_error", "flow.field_choice"),
    ("/nodes/2/disabled", "yes", "/nodes/2/disabled", "flow.field_type"),
    ("/nodes/3/retry/attempts", 21, "/nodes/3/retry/attempts", "flow.field_high"),
    ("/nodes/3/retry/atempts", 2, "/nodes/3/retry/atempts", "flow.field_unknown"),
    ("/nodes/3/timeout_s", 0, "/nodes/3/timeout_s", "flow.field_low"),
    ("/nodes/3/connection", ..., "/nodes/3/connection", "node.connection_missing"),
    ("/nodes/2/connection", "conn_1", "/nodes/2/connection", "node.connection_unused"),
    ("/nodes/3/on_doubt", "repeat", "/nodes/3/on_doubt", "node.repeat_costly"),
    ("/nodes/3/once", "invoice", "/nodes/3/once", "node.once_unknown"),
    ("/nodes/2/retry", {"attempts": 2}, "/nodes/2/retry", "node.setting_unused"),
    ("/nodes/2/timeout_s", 5, "/nodes/2/timeout_s", "node.setting_unused"),
    ("/nodes/3/on_error", "branch", "/nodes/3/on_error", "node.error_port_unused"),
    ("/nodes/-", {"id": "alone", "type": "core.manual"}, "", ""),
    ("/edges/0", ..., "/nodes/1", "node.unreachable"),
    ("/edges/4", ..., "/nodes/4", "node.merge_single"),
    ("/nodes/0/type", "core.merge", "/nodes", "flow.no_trigger"),
    ("/nodes/0/disabled", True, "/nodes", "flow.no_trigger"),
    (
        "/nodes/2",
        {"id": "tell", "type": "core.respond"},
        "/nodes/2",
        "node.respond_unheard",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.webhook", "params": {"answer": "respond"}},
        "/nodes/0/params/answer",
        "webhook.respond_missing",
    ),
    # Edges and ports
    ("/edges/0/from", "ordr", "/edges/0/from", "edge.node_unknown"),
    ("/edges/0/to", "", "/edges/0/to", "edge.node_unknown"),
    ("/edges/0/to", ..., "/edges/0/to", "flow.field_missing"),
    ("/edges/0/too", "x", "/edges/0/too", "flow.field_unknown"),
    ("/edges/1/port", "vipp", "/edges/1/port", "edge.port_unknown"),
    ("/edges/1/port", 5, "/edges/1/port", "flow.field_type"),
    ("/edges/3/port", "error", "/edges/3/port", "edge.error_port_off"),
    ("/edges/0/port", "error", "/edges/0/port", "edge.port_unknown"),
    ("/edges/-", {"from": "order", "to": "check"}, "/edges/6", "edge.twice"),
    ("/edges/-", {"from": "tell", "to": "tell"}, "/edges/6", "edge.self_loop"),
    ("/edges/-", {"from": "tell", "to": "order"}, "/edges/6/to", "edge.into_trigger"),
    ("/edges/-", {"from": "tell", "to": "line"}, "/edges/6", "edge.crosses_box"),
    ("/edges/-", {"from": "both", "to": "check"}, "/edges/6", "flow.cycle"),
    (
        "/nodes/1/params/rules/0/port",
        "error",
        "/nodes/1/params/rules/0/port",
        "port.error_reserved",
    ),
    ("/nodes/1/params/rules/0/port", "else", "/nodes/1/params/rules/0/port", "port.twice"),
    (
        "/nodes/1/params/rules/-",
        {"port": "vip", "when": True},
        "/nodes/1/params/rules/1/port",
        "port.twice",
    ),
    # Loops
    ("/nodes/6/inside", "nowhere", "/nodes/6/inside", "loop.inside_unknown"),
    ("/nodes/6/inside", "tell", "/nodes/6/inside", "loop.inside_not_loop"),
    ("/nodes/5/inside", "lines", "/nodes/5/inside", "loop.nested_in_itself"),
    ("/nodes/0/inside", "lines", "/nodes/0/inside", "loop.trigger_inside"),
    ("/nodes/6/inside", ..., "/nodes/5", "loop.empty"),
    ("/nodes/5/params/as", "Line", "/nodes/5/params/as", "loop.name_invalid"),
    ("/nodes/5/params/as", "run", "/nodes/5/params/as", "loop.name_invalid"),
    ("/nodes/5/params/as", "tell", "/nodes/5/params/as", "loop.name_taken"),
    (
        "/nodes/6",
        {"id": "line", "type": "core.for_each", "inside": "lines", "params": {"items": []}},
        "/nodes/6/params/as",
        "loop.name_twice",
    ),
    # Params
    ("/nodes/3/params/order", ..., "/nodes/3/params/order", "params.missing"),
    ("/nodes/3/params/oder", "1", "/nodes/3/params/oder", "params.unknown"),
    ("/nodes/3/params/order", 5, "/nodes/3/params/order", "params.type"),
    ("/nodes/3/params/order", "", "/nodes/3/params/order", "params.empty"),
    ("/nodes/3/params/order", "x" * 21, "/nodes/3/params/order", "params.long"),
    ("/nodes/3/params/amount", "ten", "/nodes/3/params/amount", "params.type"),
    ("/nodes/3/params/amount", True, "/nodes/3/params/amount", "params.type"),
    ("/nodes/3/params/lines", [1, 0], "/nodes/3/params/lines/1", "params.low"),
    ("/nodes/3/params/lines", [1, 1.5], "/nodes/3/params/lines/1", "params.type"),
    ("/nodes/3/params/lines", [1, 2, 3], "/nodes/3/params/lines", "params.many"),
    ("/nodes/3/params/lines", {"$text": "1"}, "/nodes/3/params/lines", "params.type"),
    ("/nodes/3/params/lines", {"$value": {}}, "/nodes/3/params/lines/$value", "params.type"),
    ("/nodes/3/params/reason", "lost", "/nodes/3/params/reason", "params.choice"),
    ("/nodes/3/params/note", [], "/nodes/3/params/note", "params.type"),
    ("/nodes/3/params/share", 0, "/nodes/3/params/share", "params.above"),
    ("/nodes/3/params/share", 1.01, "/nodes/3/params/share", "params.high"),
    ("/nodes/3/params/day", "21.11.2026", "/nodes/3/params/day", "params.form.date"),
    ("/nodes/3/params/at", "2026-11-21T09:30", "/nodes/3/params/at", "params.form.date-time"),
    ("/nodes/1/params/rules", [], "/nodes/1/params/rules", "params.few"),
    (
        "/nodes/1/params/rules/0/port",
        {"$expr": "order.id"},
        "/nodes/1/params/rules/0/port",
        "params.fixed",
    ),
    ("/nodes/1/params/rules/0/port", "two words", "/nodes/1/params/rules/0/port", "params.pattern"),
    ("/nodes/1/params/rules/0/when", "yes", "/nodes/1/params/rules/0/when", "params.type"),
    ("/nodes/4/params/wait", {"$expr": "'all'"}, "/nodes/4/params/wait", "params.fixed"),
    (
        "/nodes/0",
        {"id": "order", "type": "core.schedule", "params": {"cron": "61 * * * *"}},
        "/nodes/0/params/cron",
        "params.form.cron",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.schedule", "params": {"cron": "0 0 31 2 *"}},
        "/nodes/0/params/cron",
        "params.form.cron",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.schedule", "params": {}},
        "/nodes/0/params",
        "params.one_of",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.schedule", "params": {"cron": "* * * * *", "every_s": 60}},
        "/nodes/0/params",
        "params.one_of",
    ),
    (
        "/nodes/0",
        {
            "id": "order",
            "type": "core.schedule",
            "params": {"every_s": 60, "timezone": "Mars/Base"},
        },
        "/nodes/0/params/timezone",
        "params.form.timezone",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.schedule", "params": {"every_s": {"$expr": "60"}}},
        "/nodes/0/params/every_s",
        "params.fixed",
    ),
    (
        "/nodes/0",
        {"id": "order", "type": "core.webhook", "params": {"keys": {"order": "a..b"}}},
        "/nodes/0/params/keys/order",
        "params.form.path",
    ),
    (
        "/nodes/2",
        {
            "id": "tell",
            "type": "core.http_request",
            "params": {"url": "https://a.example", "json": {}, "body": "x"},
        },
        "/nodes/2/params",
        "params.at_most_one_of",
    ),
    (
        "/nodes/2",
        {
            "id": "tell",
            "type": "core.http_request",
            "params": {"url": "https://a.example", "key_header": "no spaces"},
        },
        "/nodes/2/params/key_header",
        "params.form.header",
    ),
    (
        "/nodes/2",
        {"id": "tell", "type": "core.http_request", "params": {"url": "api.example.com/orders"}},
        "/nodes/2/params/url",
        "params.form.web-address",
    ),
    (
        "/nodes/2",
        {"id": "tell", "type": "core.http_request", "params": {"url": "https://"}},
        "/nodes/2/params/url",
        "params.form.web-address",
    ),
    # Expressions
    (EXPR, {"$expr": 5}, f"{EXPR}/$expr", "expression.source_kind"),
    (EXPR, {"$expr": "1", "else": 2}, EXPR, "expression.marker"),
    (EXPR, {"$expr": "order.id +"}, f"{EXPR}/$expr", "expression.ends_early"),
    (EXPR, {"$text": "{{ order.id"}, f"{EXPR}/$text", "expression.slot_unclosed"),
    (EXPR, {"$expr": "ordr.id"}, f"{EXPR}/$expr", "expression.unknown_variable"),
    (EXPR, {"$expr": "both.x"}, f"{EXPR}/$expr", "expression.not_before"),
    (EXPR, {"$expr": "refund.id"}, f"{EXPR}/$expr", "expression.not_before"),
    (EXPR, {"$expr": "tell.message"}, f"{EXPR}/$expr", "expression.own_output"),
    (EXPR, {"$expr": "line.sku"}, f"{EXPR}/$expr", "expression.inside_loop"),
    (EXPR, {"$expr": "item.sku"}, f"{EXPR}/$expr", "expression.not_in_loop"),
    (EXPR, {"$expr": "index"}, f"{EXPR}/$expr", "expression.not_in_loop"),
    (EXPR, {"$expr": "order.totl"}, f"{EXPR}/$expr", "expression.unknown_field"),
    (EXPR, {"$expr": "order.id | uper"}, f"{EXPR}/$expr", "expression.unknown_filter"),
    ("/nodes/1/disabled", True, EXPR.removesuffix("/message"), ""),
]


def _id(row: tuple[str, Any, str, str]) -> str:
    return f"{row[3] or 'sound'} at {row[2]} ({row[0]})"


@pytest.mark.parametrize(("path", "value", "where", "code"), BROKEN, ids=map(_id, BROKEN))
def test_each_broken_place_is_named_by_path_and_code(
    path: str, value: Any, where: str, code: str
) -> None:
    problems = check(place(order_flow(), path, value), node_types)
    found = {(problem.path, problem.code) for problem in problems}
    if code:
        assert (where, code) in found
    else:
        assert not has_error(problems)


def test_a_sound_flow_has_no_problem() -> None:
    assert check(order_flow(), node_types) == []


def test_one_fault_is_one_problem() -> None:
    for path, value, where, code in BROKEN:
        if code.startswith(("params.", "expression.", "flow.field_")) and path != "/nodes/0":
            problems = check(place(order_flow(), path, value), node_types)
            same_place = [problem for problem in problems if problem.path == where]
            assert [problem.code for problem in same_place] == [code]


def test_all_problems_are_listed_at_once_in_document_order() -> None:
    document = order_flow()
    changes = [
        ("/id", "x"),
        ("/nodes/1/params/rules/0/when", "yes"),
        ("/nodes/2/params/message", {"$expr": "both.x +"}),
        ("/nodes/3/params/order", 5),
        ("/nodes/3/colour", "red"),
        ("/edges/1/port", "vipp"),
        ("/edges/4/to", "nobody"),
        ("/layout/nobody", [0, 0]),
    ]
    for path, value in changes:
        place(document, path, value)
    problems = check(document, node_types)
    assert [problem.path for problem in problems if problem.level == "error"] == [
        "/id",
        "/nodes/1/params/rules/0/when",
        "/nodes/2/params/message/$expr",
        "/nodes/3/colour",
        "/nodes/3/params/order",
        "/edges/1/port",
        "/edges/4/to",
    ]


def test_a_problem_names_the_label_and_the_cure() -> None:
    document = place(order_flow(), "/nodes/2/params/message", 5)
    (problem,) = check(document, node_types)
    assert problem.message == "“Tell the team”: “message” must be a text, not a whole number."
    document = place(order_flow(), "/nodes/1/params/rules/0/when", {"$expr": "tell.x == 1"})
    (problem,) = check(document, node_types)
    assert problem.message == (
        "“check”, rules[0].when: “Tell the team” does not come before this node, so its output "
        "cannot be read here; connect it so that it does."
    )
    assert (problem.params["line"], problem.params["column"]) == (1, 1)


def test_a_misspelt_name_gets_a_proposal() -> None:
    def message(path: str, value: Any) -> str:
        problems = check(place(order_flow(), path, value), node_types)
        return next(problem.message for problem in problems if problem.level == "error")

    assert "Did you mean “order”?" in message("/nodes/3/params/oder", "1")
    assert "Did you mean “label”?" in message("/nodes/3/lable", "x")
    assert "Did you mean “vip”?" in message("/edges/1/port", "vipp")
    assert "Did you mean “refund”?" in message("/edges/4/from", "refnd")


def test_an_unknown_port_lists_the_ports_that_exist() -> None:
    document = place(order_flow(), "/edges/1/port", "gold")
    document = place(document, "/nodes/1/on_error", "branch")
    problem = next(p for p in check(document, node_types) if p.code == "edge.port_unknown")
    assert problem.params["ports"] == ["vip", "else", "error"]


def test_what_follows_a_stop_is_a_warning_because_the_run_ends_there() -> None:
    document = place(order_flow(), "/nodes/-", {"id": "end", "type": "core.stop"})
    place(document, "/edges/-", {"from": "order", "to": "end"})
    edge = place(document, "/edges/-", {"from": "end", "to": "both"})["edges"][-1]
    (problem,) = [p for p in check(document, node_types) if p.path.startswith("/edges")]
    assert (problem.code, problem.level) == ("edge.after_end", "warning")
    assert "“end” ends the run" in problem.message
    edge["port"] = "late"
    assert has_error(check(document, node_types))


def test_a_cycle_is_named_node_by_node() -> None:
    document = place(order_flow(), "/edges/-", {"from": "both", "to": "check"})
    (problem,) = [p for p in check(document, node_types) if p.code == "flow.cycle"]
    assert problem.params["nodes"] in (
        "check → Tell the team → both → check",
        "check → refund → both → check",
    )


def test_two_circles_are_two_problems() -> None:
    document = order_flow()
    for name in ("a", "b", "c", "d"):
        node = {"id": name, "type": "core.set", "params": {"fields": {}}}
        place(document, "/nodes/-", node)
    for start, end in (("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")):
        place(document, "/edges/-", {"from": start, "to": end})
    codes = [problem.code for problem in check(document, node_types)]
    assert codes.count("flow.cycle") == 2


def test_the_error_port_exists_only_when_errors_branch() -> None:
    document = place(order_flow(), "/nodes/3/on_error", "branch")
    place(document, "/edges/4", {"from": "refund", "port": "error", "to": "both"})
    assert check(document, node_types) == []


def test_a_handed_on_error_may_be_read_by_its_own_fields() -> None:
    document = order_flow()
    place(document, "/nodes/3/on_error", "continue")
    place(document, "/nodes/6/params/fields/why", {"$expr": "refund.message"})
    assert check(document, node_types) == []


def test_an_unknown_field_of_a_known_output_only_warns() -> None:
    document = place(order_flow(), EXPR, {"$expr": "order.totl | text"})
    problems = [p for p in check(document, node_types) if p.code == "expression.unknown_field"]
    assert [problem.level for problem in problems] == ["warning"]
    assert "total" in problems[0].message


def test_what_is_wrong_in_a_disabled_node_only_warns() -> None:
    document = place(order_flow(), "/nodes/3/params/order", 5)
    assert has_error(check(document, node_types))
    place(document, "/nodes/3/disabled", True)
    problems = check(document, node_types)
    assert problems
    assert not has_error(problems)


def test_reading_a_disabled_node_warns() -> None:
    document = place(order_flow(), "/nodes/2/disabled", True)
    place(document, "/nodes/6/params/fields/said", {"$expr": "tell.message"})
    found = [(problem.path, problem.code) for problem in check(document, node_types)]
    assert found == [("/nodes/6/params", "expression.reads_disabled")]


def test_a_nested_loop_sees_the_outer_item_by_its_name() -> None:
    document = order_flow()
    place(document, "/nodes/5/params/as", "line_item")
    place(
        document,
        "/nodes/6",
        {
            "id": "parts",
            "type": "core.for_each",
            "inside": "lines",
            "params": {"items": {"$expr": "line_item.parts"}, "as": "part"},
        },
    )
    place(
        document,
        "/nodes/-",
        {
            "id": "pick",
            "type": "core.set",
            "inside": "parts",
            "params": {"fields": {"a": {"$expr": "line_item.sku ~ part.sku ~ order.id"}}},
        },
    )
    assert check(document, node_types) == []
    place(document, "/nodes/7/params/fields/b", {"$expr": "item"})
    assert [p.code for p in check(document, node_types)] == ["expression.not_in_loop"]


def test_an_older_type_version_is_checked_in_the_form_of_the_newer_one() -> None:
    document = order_flow()
    place(document, "/nodes/2", {"id": "tell", "type": "shop.tag", "params": {"tag": "vip"}})
    assert check(document, node_types) == []


def test_text_that_looks_like_a_template_may_stand_as_a_value() -> None:
    document = place(order_flow(), EXPR, {"$value": "{{ not.a.slot }}"})
    assert check(document, node_types) == []


def test_behind_an_unknown_type_nothing_is_called_unreachable() -> None:
    document = place(order_flow(), "/nodes/0/type", "erp.order_created")
    assert {problem.code for problem in check(document, node_types)} == {"node.type_unknown"}


def test_exact_numbers_are_compared_exactly() -> None:
    document = order_flow()
    place(document, "/nodes/3/params/lines", [820982911946154508])
    place(document, "/nodes/3/params/amount", 10.1)
    assert check(document, node_types) == []


def test_alerts_may_go_to_people_and_with_a_chats_connection_to_channels() -> None:
    alerts = {
        "to": ["ana@shop.example", "#alerts", "C012AB3CDE"],
        "connection": "conn_chat",
        "expect_runs": {"at_least": 5, "per": "hour"},
        "pause_after": 0,
    }
    assert not has_error(check({**order_flow(), "alerts": alerts}, node_types))
