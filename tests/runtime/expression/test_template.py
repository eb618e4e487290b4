"""Params with expressions at any depth, and what is checked of them before a flow is saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo.expression import (
    Compiled,
    Constant,
    EvaluationError,
    ExpressionError,
    ExpressionProblems,
    Problem,
    compile_expression,
    compile_text,
    compile_value,
)

ENV = {"order": {"name": "#1001", "total": Decimal("10.10"), "tags": ["vip"]}, "now": "2026-11-21"}
NAMES = {"order": "New order", "now": "now", "tell": "Avisa"}
CLOSED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "customer": {"anyOf": [{"$ref": "#/$defs/customer"}, {"type": "null"}]},
        "line_items": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        "extra": {"type": "object", "additionalProperties": True, "properties": {}},
    },
    "$defs": {
        "customer": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"email": {"type": "string"}},
        },
        "line": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"sku": {}, "sizes": {"type": "array", "items": {"type": "string"}}},
        },
    },
}


def problems(template: Any, **options: Any) -> list[Problem]:
    with pytest.raises(ExpressionProblems) as caught:
        compile_value(template, **options)
    return caught.value.problems


def test_a_template_is_filled_at_every_depth() -> None:
    template = {
        "channel": "#vip",
        "text": {"$text": "Order {{ order.name }}"},
        "rules": [{"when": {"$expr": "order.total > 5"}}, 3, None],
        "literal": {"$value": {"$expr": "not an expression"}},
        "file": {"$file": "blob_1", "name": "a.pdf"},
    }
    compiled = compile_value(template, names=NAMES)
    assert isinstance(compiled, Compiled)
    assert compiled.names == {"order"}
    assert not compiled.constant
    assert compiled(ENV) == {
        "channel": "#vip",
        "text": "Order #1001",
        "rules": [{"when": True}, 3, None],
        "literal": {"$expr": "not an expression"},
        "file": {"$file": "blob_1", "name": "a.pdf"},
    }


def test_a_lone_expression_keeps_its_kind() -> None:
    assert compile_value({"$expr": "order.total"})(ENV) == Decimal("10.10")
    assert compile_value({"$expr": "order.tags"})(ENV) == ["vip"]
    assert compile_value({"$text": "{{ order.total }}"})(ENV) == "10.10"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("text with {{ slots }} stays text", "text with {{ slots }} stays text"),
        (None, None),
        ([1, {"a": [True]}], [1, {"a": [True]}]),
        ({"$value": {"$text": "{{ x }}"}}, {"$text": "{{ x }}"}),
        ([{"$value": [{"$expr": "x"}]}], [[{"$expr": "x"}]]),
        ({}, {}),
    ],
)
def test_a_template_without_expressions_is_a_constant(template: Any, value: Any) -> None:
    constant = compile_value(template)
    assert isinstance(constant, Constant)
    assert constant.constant
    assert constant.names == frozenset()
    assert constant.value == value
    assert constant({}) == value


def test_data_that_looks_like_a_template_is_not_evaluated_again() -> None:
    env = {"order": {"name": "{{ order.total }}", "note": {"$expr": "order.total"}}}
    compiled = compile_value({"a": {"$text": "{{ order.name }}"}, "b": {"$expr": "order.note"}})
    assert compiled(env) == {"a": "{{ order.total }}", "b": {"$expr": "order.total"}}


def test_every_problem_is_listed_with_its_path_and_place() -> None:
    found = problems(
        {
            "rules": [
                {"when": {"$expr": "ordr.total > 5"}},
                {"when": {"$expr": "order.total >"}},
            ],
            "a/b~c": {"$text": "line\n{{ nw }} {{ tel }}"},
            "both": {"$expr": "1", "other": 2},
            "number": {"$expr": 5},
            "fine": {"$expr": "order.total"},
        },
        names=NAMES,
    )
    assert [(each.path, each.code, each.line, each.column) for each in found] == [
        ("/rules/0/when/$expr", "expression.unknown_variable", 1, 1),
        ("/rules/1/when/$expr", "expression.ends_early", 1, 14),
        ("/a~1b~0c/$text", "expression.unknown_variable", 2, 4),
        ("/a~1b~0c/$text", "expression.unknown_variable", 2, 13),
        ("/both", "expression.marker", 1, 1),
        ("/number/$expr", "expression.source_kind", 1, 1),
    ]
    assert "Did you mean “order”?" in found[0].message
    assert found[0].params["name"] == "ordr"


def test_an_error_while_filling_names_the_param() -> None:
    compiled = compile_value({"rules": [{"when": {"$expr": "order.totl > 5"}}]})
    with pytest.raises(EvaluationError) as caught:
        compiled(ENV)
    assert caught.value.path == "/rules/0/when/$expr"
    assert caught.value.problem().column == 7


def test_the_parts_of_a_template_share_one_budget() -> None:
    part = {"$expr": "long | reverse | reverse | reverse"}
    env = {"long": list(range(60_000))}
    assert compile_value([part])(env)
    with pytest.raises(EvaluationError) as caught:
        compile_value([part] * 20)(env)
    assert caught.value.code == "expression.budget"


def test_a_template_that_is_too_deep_is_a_problem() -> None:
    template: Any = {"$expr": "1"}
    for _ in range(500):
        template = [template]
    assert [each.code for each in problems(template)] == ["expression.too_deep"]


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("order.nme", 7),
        ("order.customer.mail", 16),
        ("order.line_items[0].sk", 21),
        ("order.line_items[0].sizes[0].x", None),
        ("order.extra.anything", None),
        ("order.extra.anything.deeper", None),
        ("order.customer.email", None),
        ("order.nme is defined", 7),
        ("order.nme | default('x')", 7),
        ("other.anything", None),
        ("order['na' ~ 'me']", None),
    ],
)
def test_an_unknown_field_is_a_problem_where_the_schema_is_closed(
    source: str, column: int | None
) -> None:
    if column is None:
        compile_expression(source, fields={"order": CLOSED})
        return
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, fields={"order": CLOSED})
    assert caught.value.code == "expression.unknown_field"
    assert caught.value.column == column
    assert "Its fields are: " in caught.value.message


def test_a_loop_variable_has_the_fields_of_its_list() -> None:
    text = (
        "{% for line in order.line_items %}{% for size in line.sizes %}"
        "{{ size }}{{ line.sk }}{% endfor %}{{ line.sku }}{% endfor %}"
    )
    with pytest.raises(ExpressionError) as caught:
        compile_text(text, fields={"order": CLOSED})
    assert caught.value.column == text.index(".sk }}") + 2
    compile_text(text.replace(".sk }}", ".sku }}"), fields={"order": CLOSED})


def test_a_loop_variable_is_no_unknown_variable() -> None:
    compiled = compile_text("{% for a in order.tags %}{{ a }}{% endfor %}", names=NAMES)
    assert compiled.names == {"order"}
    with pytest.raises(ExpressionError) as caught:
        compile_text("{% for a in order.tags %}{% endfor %}{{ a }}", names=NAMES)
    assert caught.value.code == "expression.unknown_variable"


def test_an_unknown_variable_is_a_problem_even_under_default() -> None:
    with pytest.raises(ExpressionError, match="no variable “ordr”"):
        compile_expression("ordr | default(1)", names=NAMES)
