"""The nodes that the engine settles by itself: what they take, give, and refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo.expression import EvaluationError, compile_value
from tramo.nodes import connector
from tramo.sdk import BadParams

ACTIONS = connector.tramo_connector().actions


def settle(node: str, params: dict[str, Any], **env: Any) -> tuple[str, Any]:
    """Build a node as a version does, and settle it once."""
    build = ACTIONS[f"{node}@1"].manifest.build
    assert build is not None
    return build(params, compile_value)(env)


def rules(*pairs: tuple[str, Any]) -> dict[str, Any]:
    return {"rules": [{"port": port, "when": when} for port, when in pairs]}


def test_a_branch_takes_the_first_rule_that_holds() -> None:
    params = rules(("big", {"$expr": "total > 500"}), ("some", {"$expr": "total > 100"}))
    assert settle("branch", params, total=Decimal("500.01")) == ("big", {"port": "big"})
    assert settle("branch", params, total=500) == ("some", {"port": "some"})
    assert settle("branch", params, total=100) == ("else", {"port": "else"})


def test_a_branch_does_not_look_past_the_rule_that_holds() -> None:
    params = rules(("here", True), ("there", {"$expr": "nothing.at.all"}))
    assert settle("branch", params) == ("here", {"port": "here"})
    with pytest.raises(EvaluationError):
        settle("branch", rules(("there", {"$expr": "nothing.at.all"}), ("here", True)))


@pytest.mark.parametrize("value", ["yes", 1, 0, None, [], {}])
def test_a_condition_that_is_neither_true_nor_false_names_its_rule(value: Any) -> None:
    with pytest.raises(BadParams, match=r"Rule 2 \(“vip”\) must be true or false, but it is"):
        settle("branch", rules(("no", False), ("vip", {"$expr": "value"})), value=value)


def test_set_gives_its_fields_and_nothing_else() -> None:
    fields = {
        "id": {"$expr": "order.id"},
        "text": {"$text": "{{ order.name }}!"},
        "fixed": 5,
        "deep": {"list": [{"$expr": "order.total * 2"}]},
        "literal": {"$value": {"$expr": "no"}},
    }
    order = {"id": 820982911946154508, "name": "#1", "total": Decimal("10.10"), "more": 1}
    port, output = settle("set", {"fields": fields}, order=order)
    assert port == "out"
    assert output == {
        "id": 820982911946154508,
        "text": "#1!",
        "fixed": 5,
        "deep": {"list": [Decimal("20.20")]},
        "literal": {"$expr": "no"},
    }
    assert str(output["deep"]["list"][0]) == "20.20"


def test_set_can_take_a_whole_object_and_refuses_anything_else() -> None:
    assert settle("set", {"fields": {"$expr": "a"}}, a={"b": 1}) == ("out", {"b": 1})
    with pytest.raises(BadParams, match="“fields” must be an object, but it is a list"):
        settle("set", {"fields": {"$expr": "a"}}, a=[1])


def test_log_gives_the_line_it_noted() -> None:
    written = settle("log", {"message": {"$text": "Order {{ name }}"}}, name="#1")
    assert written == ("out", {"message": "Order #1", "level": "info"})
    assert settle("log", {"message": "x", "level": "error"})[1]["level"] == "error"
    with pytest.raises(BadParams, match="“message” must be a text, but it is a number"):
        settle("log", {"message": {"$expr": "1 + 1"}})
    with pytest.raises(BadParams, match="“level” must be one of info, warning, error"):
        settle("log", {"message": "x", "level": {"$text": "loud"}})


def test_stop_says_how_the_run_ends() -> None:
    assert settle("stop", {}) == ("out", {"outcome": "succeeded", "message": ""})
    params = {"outcome": "failed", "message": {"$text": "No stock of {{ sku }}"}}
    assert settle("stop", params, sku="A") == (
        "out",
        {"outcome": "failed", "message": "No stock of A"},
    )
    with pytest.raises(BadParams, match="“outcome” must be one of succeeded, failed, cancelled"):
        settle("stop", {"outcome": {"$text": "running"}})


def test_respond_gives_status_and_body() -> None:
    assert settle("respond", {}) == ("out", {"status": 200, "body": None})
    answer = settle("respond", {"status": 201, "body": {"id": {"$expr": "id"}}}, id=5)
    assert answer == ("out", {"status": 201, "body": {"id": 5}})
    for status in (99, 600, "200", True, Decimal("200.5")):
        with pytest.raises(BadParams, match="whole number from 200 to 599"):
            settle("respond", {"status": {"$value": status}})


def test_the_engine_knows_the_rule_of_each_control_node() -> None:
    found = {name: action.manifest.rule for name, action in ACTIONS.items()}
    assert found["merge@1"] == "merge"
    assert found["stop@1"] == "stop"
    assert found["respond@1"] == "respond"
    assert found["set@1"] == found["branch@1"] == "plain"


def test_a_stop_leads_nowhere_and_a_branch_has_the_ports_of_its_rules_and_else() -> None:
    assert ACTIONS["stop@1"].manifest.ports == ()
    assert [port.name for port in ACTIONS["branch@1"].manifest.ports] == ["else"]
    assert ACTIONS["branch@1"].manifest.own_ports == "/rules/*/port"


def test_an_inline_node_is_pure() -> None:
    inline = [action.manifest for action in ACTIONS.values() if action.manifest.inline]
    assert len(inline) >= 14
    assert {manifest.effect for manifest in inline} == {"pure"}
