"""Laws that hold for every source and every value, tried on many."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tramo.expression import (
    EvaluationError,
    ExpressionError,
    compile_expression,
    compile_text,
    compile_value,
    filters,
    predicates,
)

INTEGERS = st.integers(-(10**40) + 1, 10**40 - 1)
DECIMALS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**30), 10**30),
    st.integers(1, 9),
)
NUMBERS = INTEGERS | DECIMALS
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PLAIN = (type(None), bool, int, Decimal, str, list, dict)

WORDS = [
    "order", "order.total", "order.name", "line", "loop.index", "__class__", ".items", "1", "10.10",
    "'a'", '"b"', "none", "true", "false", "and", "or", "not", "in", "is", "if", "else", "for",
    "endfor", "endif", "defined", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|", "~", "+", "-",
    "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "=", "{{", "}}", "{%", "%}", "{#",
    "#}", " ", "\n", "-", "raw", "endraw", "é", "0", "99999999999999999999999999999999999999999",
    *(f"| {doc.name}" for doc in filters()), *(f"is {name}" for name in predicates()),
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=14).map(" ".join)

ATOMS = st.sampled_from(
    ["order", "order.total", "order.tags", "order.name", "order.nope", "1", "2.50", "'a'", "[]",
     "none", "true", "[1, 'a', {'b': 2}]", "{'a': 1}", "(0 - 3)", "'2026-11-21'"]
)  # fmt: skip
_BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or"]


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from([doc.name for doc in filters()])
    arguments = st.lists(inner, max_size=2).map(", ".join)
    return st.one_of(
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(_BINARY), inner),
        st.builds(lambda a, name, args: f"({a} | {name}({args}))", inner, names, arguments),
        st.builds(lambda a, name: f"({a} is {name})", inner, st.sampled_from(predicates())),
        st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner),
        st.builds(lambda a, b: f"{a}[{b}]", inner, inner),
        st.builds(lambda a, b, c: f"{a}[{b}:{c}]", inner, inner, inner),
        st.builds(lambda a: f"(not {a})", inner),
        st.builds(lambda a: f"(-{a})", inner),
    )


EXPRESSIONS = st.recursive(ATOMS, _grow, max_leaves=8)
ENV: dict[str, Any] = {
    "order": {"total": Decimal("10.10"), "name": "#1", "tags": ["a", 2, None], "id": 1}
}


def outcome(make: Any, source: str, env: dict[str, Any]) -> Any:
    """Return the value, or None where the source or the data is refused with its place."""
    try:
        compiled = make(source)
    except EvaluationError:
        raise
    except ExpressionError as error:
        check_error(error, source)
        return None
    try:
        value = compiled(env)
    except EvaluationError as error:
        check_error(error, source)
        return None
    assert type(value) in PLAIN
    return value


def check_error(error: ExpressionError, source: str) -> None:
    assert error.message
    assert 0 <= error.offset <= len(source)
    assert error.line == source[: error.offset].count("\n") + 1
    assert error.column >= 1


@settings(max_examples=400, deadline=None)
@given(SOURCES)
@example("{{ '")
@example("{% raw %}{% raw %}")
@example("{%-%}")
@example("a | default()")
@example("{{-}}")
@example("{#-#}")
def test_any_text_is_rendered_or_refused_at_a_place(source: str) -> None:
    text = outcome(compile_text, source, ENV)
    assert text is None or type(text) is str


@settings(max_examples=400, deadline=None)
@given(SOURCES | st.text(max_size=40))
def test_any_source_gives_a_value_or_is_refused_at_a_place(source: str) -> None:
    outcome(compile_expression, source, ENV)


@settings(max_examples=600, deadline=None)
@given(EXPRESSIONS)
def test_any_expression_gives_a_plain_value_or_an_error_with_a_place(source: str) -> None:
    outcome(compile_expression, source, ENV)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([doc.name for doc in filters()]), VALUES, st.lists(VALUES, max_size=3))
def test_any_filter_takes_any_value_or_says_why_not(
    name: str, value: Any, arguments: list[Any]
) -> None:
    env = {"value": value} | {f"a{n}": each for n, each in enumerate(arguments)}
    source = f"value | {name}({', '.join(f'a{n}' for n in range(len(arguments)))})"
    outcome(compile_expression, source, env)


@given(NUMBERS)
def test_a_number_passes_through_every_door_unchanged(number: int | Decimal) -> None:
    env = {"n": number}
    assert str(compile_expression("n")(env)) == str(number)
    written = compile_text("{{ n }}")(env)
    assert Decimal(written) == number
    assert "E" not in written
    assert compile_text("{{ n | json | from_json }}")(env) == written
    assert compile_expression("[n] == [n]")(env) is True


@given(INTEGERS, INTEGERS)
def test_calculating_with_whole_numbers_is_exact_or_refused(a: int, b: int) -> None:
    env = {"a": a, "b": b}
    for sign, exact in (("+", a + b), ("-", a - b), ("*", a * b)):
        if abs(exact) < 10**40:
            assert compile_expression(f"a {sign} b")(env) == exact
        else:
            with pytest.raises(EvaluationError, match="at most 40 digits"):
                compile_expression(f"a {sign} b")(env)
    if b:
        quotient = compile_expression("a // b")(env)
        rest = compile_expression("a % b")(env)
        assert quotient * b + rest == a


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.integers(0, 6))
def test_dividing_fractions_and_their_rest_belong_together(a: int, b: int, places: int) -> None:
    env = {"a": Decimal(a).scaleb(-places), "b": Decimal(b).scaleb(-2)}
    quotient = compile_expression("a // b")(env)
    rest = compile_expression("a % b")(env)
    assert 0 <= rest < env["b"]
    assert quotient * env["b"] + rest == env["a"]


@given(VALUES)
def test_json_is_read_back_as_it_was(value: Any) -> None:
    env = {"value": value}
    written = compile_expression("value | json")(env)
    assert json.loads(written, parse_float=Decimal) == value
    assert compile_expression("(value | json | from_json) == value or value is none")(env) is True


@given(TEXTS)
def test_a_text_in_quotes_is_that_text(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    assert compile_expression(f"'{quoted}'")({}) == text


@given(TEXTS)
def test_data_is_never_read_as_source(text: str) -> None:
    hostile = "{{ order.total }}" + text + "{% if x %}"
    assert compile_text("a{{ t }}b")({"t": hostile}) == f"a{hostile}b"


@given(VALUES)
def test_a_quoted_value_is_itself(value: Any) -> None:
    assert compile_value({"$value": value})({}) == value
    assert compile_value([{"$value": value}, {"$expr": "v"}])({"v": value}) == [value, value]


@given(st.lists(st.integers(-50, 50), max_size=30), st.integers(1, 10))
def test_lists_keep_their_items(items: list[int], size: int) -> None:
    env = {"items": items, "size": size}
    assert compile_expression("items | sort")(env) == sorted(items)
    assert compile_expression("items | reverse | reverse")(env) == items
    assert compile_expression("items | chunk(size) | flatten")(env) == items
    assert compile_expression("items | sum")(env) == sum(items)
    assert compile_expression("items | unique")(env) == list(dict.fromkeys(items))
