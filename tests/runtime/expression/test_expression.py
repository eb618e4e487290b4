"""What expressions mean: exact numbers, strict kinds, fields that are data and nothing else."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from tramo.expression import (
    EvaluationError,
    ExpressionError,
    compile_expression,
    compile_text,
)

ORDER: dict[str, Any] = {
    "id": 820982911946154508,
    "name": "#1001",
    "total": Decimal("510.10"),
    "total_price": "9.94",
    "currency": "EUR",
    "note": None,
    "paid": True,
    "created_at": "2026-11-21T09:30:00+01:00",
    "tags": ["vip", "new"],
    "items": "a field that Python would call a method",
    "customer": {"first_name": "María", "email": None, "__typename": "Customer"},
    "line_items": [
        {"sku": "A-1", "quantity": 1, "price": Decimal("10.10")},
        {"sku": "B-2", "quantity": 2, "price": Decimal("500.00")},
    ],
}
ENV = {"order": ORDER, "zero": 0, "nothing": None}


def evaluate(source: str, env: Any = ENV) -> Any:
    return compile_expression(source)(env)


def refuse(source: str, env: Any = ENV) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        evaluate(source, env)
    return caught.value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('order.total > 500 and order.currency == "EUR"', True),
        ("order.id", 820982911946154508),
        ("820982911946154508", 820982911946154508),
        ("10.10", Decimal("10.10")),
        ("10.10 + 0", Decimal("10.10")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("10.10 * 3", Decimal("30.30")),
        ("7 / 2", Decimal("3.5")),
        ("6 / 2", 3),
        ("10.00 / 4", Decimal("2.50")),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("2 / 3", Decimal("0.6666666666666666666666666666666667")),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7.5 // 2", -4),
        ("-7 % 3", 2),
        ("-7.5 % 2", Decimal("0.5")),
        ("0 * -1.5", Decimal("0.0")),
        ("1e3", 1000),
        ("2 + 3 * 4 - 1", 13),
        ("(2 + 3) * 4", 20),
        ("-order.total", Decimal("-510.10")),
        ("+order.total", Decimal("510.10")),
        ("order.line_items[0].sku", "A-1"),
        ("order.line_items.1.sku", "B-2"),
        ("order.line_items[-1].quantity", 2),
        ("order.items", "a field that Python would call a method"),
        ('order.customer["__typename"]', "Customer"),
        ('order["total" ~ "_price"]', "9.94"),
        ("order.name[1:]", "1001"),
        ("order.tags[::-1]", ["new", "vip"]),
        ('"#" ~ order.id ~ " " ~ order.total', "#820982911946154508 510.10"),
        ('"vip" in order.tags', True),
        ('"x" not in order.tags', True),
        ('"10" in order.name', True),
        ('"total" in order', True),
        ('"big" if order.total > 100 else "small"', "big"),
        ('"big" if order.total > 1000', None),
        ("not order.paid", False),
        ("order.paid or order.total > 0", True),
        ("false or false or true", True),
        ("true and true and false", False),
        ("1 < 2 < 3", True),
        ("1 < 2 < 2", False),
        ("1 == 1.00", True),
        ("order.note == none", True),
        ("order.note != null", False),
        ("order.name == none", False),
        ('[1, {"a": 2.0}] == [1.0, {"a": 2}]', True),
        ("[true] == [1]", False),
        ("[1] + [2]", [1, 2]),
        ('{"sku": order.line_items[0].sku, "n": [1, 2]}', {"sku": "A-1", "n": [1, 2]}),
        ('"a" < "b"', True),
        ('order.created_at < "2026-11-21T08:45:00Z"', True),
        ("order.note is none", True),
        ("order.total is number and order.name is text", True),
        ("order.total is not integer", True),
        ('"" is empty and [] is empty and order.note is empty', True),
        ("' ' is blank", True),
        ("3 is odd and 4 is even", True),
        ("order.customer is object and order.tags is list", True),
        ("order.nope is defined", False),
        ("order.customer.nope.deeper is defined", False),
        ("order.note is defined", True),
        ("order.nope is undefined", True),
        ('"a\\n\\"\\u00e9"', 'a\n"é'),
    ],
)
def test_an_expression_gives_its_value(source: str, expected: Any) -> None:
    value = evaluate(source)
    assert value == expected
    assert type(value) is type(expected)
    assert str(value) == str(expected), "trailing zeros are part of a number"


@pytest.mark.parametrize(
    ("source", "code", "column", "says"),
    [
        ("order.totl", "expression.unknown_field", 7, "Did you mean “total”?"),
        ("order.customer.nme", "expression.unknown_field", 16, "“order.customer” has no field"),
        ("order.total_price > 100", "expression.text_number", 1, "| number"),
        ("order.total == '510.10'", "expression.text_number", 16, "| number"),
        ("100 < order.total_price", "expression.text_number", 7, "| number"),
        ("'1001' in [1001, 1002]", "expression.text_number", 1, "| number"),
        ("order.total_price > '10.0'", "expression.text_numbers", 1, "| number"),
        ("order.note > 1", "expression.null_order", 1, "| default"),
        ("order.paid == 1", "expression.kind_mismatch", 15, "true or false"),
        ("order.tags == 'vip'", "expression.kind_mismatch", 15, "a list"),
        ("order.tags > order.tags", "expression.kind_mismatch", 14, "a list"),
        ("true > false", "expression.kind_mismatch", 8, "true or false"),
        ("true + 1", "expression.not_number", 1, "true or false"),
        ("1 + order.paid", "expression.not_number", 5, "true or false"),
        ("'a' + 'b'", "expression.not_number", 1, "~"),
        ("order.note * 2", "expression.not_number", 1, "| default(0)"),
        ("order.total and true", "expression.not_boolean", 1, "> 0"),
        ("true and order.name", "expression.not_boolean", 10, "Compare it"),
        ("not order.note", "expression.not_boolean", 5, "is not none"),
        ("1 if order.tags", "expression.not_boolean", 6, "is not empty"),
        ("true or false or 1 or true", None, 0, ""),
        ("false or 1 or true", "expression.not_boolean", 10, "“or”"),
        ("order.total / zero", "expression.division_by_zero", 15, "zero"),
        ("1 % 0.0", "expression.division_by_zero", 5, "zero"),
        ("order.line_items[2]", "expression.index_range", 18, "2 items"),
        ("order.line_items.sku", "expression.no_fields", 18, '| map("sku")'),
        ("order.note.length", "expression.null_field", 12, "| default"),
        ("order.name.length", "expression.no_fields", 12, "| length"),
        ("order.customer[0]", "expression.key_kind", 16, "must be text"),
        ("order.line_items['sku']", "expression.no_fields", 18, "a list"),
        ("order.line_items[1.5]", "expression.index_kind", 18, "whole number"),
        ("order.tags['a':]", "expression.slice_kind", 1, "whole numbers"),
        ("order.tags[::0]", "expression.slice_step", 1, "zero"),
        ("99 in order.total", "expression.kind_mismatch", 7, "in"),
        ("{1: 2}", "expression.key_kind", 2, "must be text"),
        ("9999999999999999999999999999999999999999 + 1", "expression.number_range", 1, "40"),
        ("1e-30 * 1e-30", "expression.number_range", 1, "40"),
        ("missing.name", "expression.skipped", 1, "“missing” was skipped"),
    ],
)
def test_a_mistake_is_refused_at_its_place(
    source: str, code: str | None, column: int, says: str
) -> None:
    if code is None:
        assert evaluate(source) is True
        return
    error = refuse(source)
    assert isinstance(error, EvaluationError)
    assert (error.code, error.line, error.column) == (code, 1, column), error.message
    assert says in error.message
    assert error.offset == column - 1


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("", "expression.empty", 1),
        ("  ", "expression.empty", 1),
        ("order.", "expression.ends_early", 7),
        ("(order.total", "expression.ends_early", 13),
        ("order.total +", "expression.ends_early", 14),
        ("order total", "expression.syntax", 7),
        ("order.total = 5", "expression.assignment", 13),
        ("order.total > 5 && true", "expression.character", 17),
        ("order.total > 5 || true", "expression.character", 17),
        ("“EUR”", "expression.character", 1),
        ("order.año", "expression.character", 8),
        ("'EUR", "expression.text_unclosed", 1),
        (r"'\d'", "expression.escape", 2),
        ("00123", "expression.number_syntax", 1),
        ("5€", "expression.character", 2),
        ("12abc", "expression.number_syntax", 1),
        ("1" * 41, "expression.number_range", 1),
        ("1e41", "expression.number_range", 1),
        ("{{ order.total }}", "expression.slot_here", 1),
        ("2 ** 3", "expression.power", 1),
        ("order.__class__", "expression.private_name", 7),
        ("now()", "expression.call", 4),
        ("(1, 2)", "expression.tuple", 2),
        ("order..name", "expression.field_name", 8),
        ("'a' | shout", "expression.unknown_filter", 7),
        ("'a' is shouted", "expression.unknown_test", 5),
        ("'a' is text(1)", "expression.test_argument", 5),
        ("'a' | pad", "expression.argument_missing", 7),
        ("'a' | pad('x')", "expression.argument_kind", 11),
        ("'a' | pad(3, '0', 'middle')", "expression.argument_choice", 19),
        ("'a' | pad(3, length=3)", "expression.argument_twice", 21),
        ("'a' | pad(3, width=3)", "expression.argument_unknown", 20),
        ("'a' | upper(1)", "expression.argument_many", 13),
        ("'a' | pad(*[1])", "expression.argument_missing", 7),
    ],
)
def test_an_unreadable_expression_is_refused_at_its_place(
    source: str, code: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    error = caught.value
    assert not isinstance(error, EvaluationError)
    assert (error.code, error.column) == (code, column), error.message
    assert error.message


def test_a_place_is_told_by_line_and_column() -> None:
    error = refuse("order.total > 5\n  and order.customer.nme == 'x'")
    assert (error.line, error.column) == (2, 22)
    with pytest.raises(EvaluationError) as caught:
        compile_text("Dear\nfriend,\n  {{ order.totl }}")(ENV)
    assert (caught.value.line, caught.value.column) == (3, 12)


def test_only_what_is_needed_is_evaluated() -> None:
    assert evaluate("false and order.nope") is False
    assert evaluate("true or order.nope") is True
    assert evaluate("1 if true else order.nope") == 1
    assert evaluate("order.name | default(order.nope)") == "#1001"


def test_a_default_covers_what_is_absent_or_null_and_only_that() -> None:
    assert evaluate("order.nope | default('x')") == "x"
    assert evaluate("order.customer.email | default('x')") == "x"
    assert evaluate("order.note.text | default('x')") == "x"
    assert evaluate("order.line_items[9].sku | default('x')") == "x"
    assert evaluate("order['no' ~ 'pe'].a | default('x')") == "x"
    assert evaluate("order.nope | default(order.nope2) | default('y')") == "y"
    assert evaluate("'' | default('x')") == ""
    assert evaluate("false | default(true)") is False
    assert evaluate("'' | default('x', empty=true)") == "x"
    assert refuse("order.nope | upper | default('x')").code == "expression.unknown_field"
    assert refuse("order.nope | default(order.nope2)").code == "expression.unknown_field"


def test_a_skipped_output_is_named_by_its_label() -> None:
    compiled = compile_expression("tell.ts", names={"tell": "Avisa al equipo"})
    with pytest.raises(EvaluationError, match="“Avisa al equipo” was skipped in this run"):
        compiled({})
    for source, expected in (
        ("tell is defined", False),
        ("tell.ts is not defined", True),
        ("tell.ts | default('none')", "none"),
        ("tell | default(tell2) | default(3)", 3),
    ):
        assert compile_expression(source)({}) == expected


def test_what_is_known_beforehand() -> None:
    compiled = compile_expression("order.total > limit and order.paid")
    assert compiled.names == {"order", "limit"}
    assert not compiled.constant
    assert compiled.source == "order.total > limit and order.paid"
    assert compile_expression("1 + 1").constant


def test_variables_may_come_from_any_mapping() -> None:
    assert evaluate("order.total > 500", MappingProxyType(ENV)) is True


def test_data_is_never_changed() -> None:
    before = str(ENV)
    evaluate("order.line_items | sort('quantity', descending=true)")
    evaluate("order | merge({'name': 'x'})")
    assert str(ENV) == before


def test_one_program_serves_many_callers_with_a_budget_each() -> None:
    compiled = compile_text("{% for n in list %}{{ n }}{% endfor %}")
    env = {"list": list(range(90_000))}
    first = compiled(env)
    assert all(compiled(env) == first for _ in range(3))


def test_importing_the_language_is_light() -> None:
    code = (
        "import sys, tramo.expression;"
        "print([m for m in ('jinja2', 'babel', 'inspect', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "jinja2" not in done.stdout
    assert "babel" not in done.stdout
