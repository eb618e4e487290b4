"""The filters: every documented example is true, and the fine points that examples do not show."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo.expression import (
    EvaluationError,
    compile_expression,
    filters,
    predicates,
)

EXAMPLES = [(doc.name, each.expression, each.result) for doc in filters() for each in doc.examples]


def evaluate(source: str, timezone: str = "UTC", language: str = "en", **env: Any) -> Any:
    return compile_expression(source, timezone=timezone, language=language)(env)


@pytest.mark.parametrize(("name", "source", "result"), EXAMPLES)
def test_a_documented_example_is_true(name: str, source: str, result: Any) -> None:
    value = evaluate(source)
    assert value == result
    assert type(value) is type(result)
    assert str(value) == str(result)


def test_every_filter_is_documented() -> None:
    catalogue = filters()
    assert len(catalogue) >= 40
    for doc in catalogue:
        assert doc.examples, doc.name
        assert any(doc.name in each.expression for each in doc.examples), doc.name
        assert doc.summary.endswith("."), doc.name
        assert doc.signature.startswith(doc.name)
    assert {doc.category for doc in catalogue} == {
        "number",
        "date",
        "text",
        "list",
        "object",
        "value",
    }
    assert {"defined", "empty", "none", "number", "text"} <= set(predicates())


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("9.94", "", Decimal("9.94")),
        (" -5 ", "", -5),
        ("10.10", "", Decimal("10.10")),
        ("1.234.567", "", 1234567),
        ("1,234,567", "", 1234567),
        ("1.234,56", ",", Decimal("1234.56")),
        ("1,234.56", ".", Decimal("1234.56")),
        ("1 234,5", ",", Decimal("1234.5")),
        ("1\u00a0234,5", ",", Decimal("1234.5")),
        ("1'234.50", ".", Decimal("1234.50")),
        ("12,5", ",", Decimal("12.5")),
        ("820982911946154508", "", 820982911946154508),
        ("1.5e3", "", 1500),
        ("-0.0", "", Decimal("0.0")),
    ],
)
def test_a_number_is_read_exactly(text: str, decimal: str, expected: Any) -> None:
    value = evaluate("text | number(decimal=mark)", text=text, mark=decimal)
    assert (value, str(value)) == (expected, str(expected))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234,56", "expression.number_ambiguous"),
        ("1,234.56", "expression.number_ambiguous"),
        ("1,234", "expression.number_ambiguous"),
        ("12,5", "expression.number_ambiguous"),
        ("", "expression.number_text"),
        ("ten", "expression.number_text"),
        ("5 EUR", "expression.number_text"),
        ("1.2.3", "expression.number_text"),
        ("--5", "expression.number_text"),
        ("0x1F", "expression.number_text"),
        ("1_000", "expression.number_text"),
        ("NaN", "expression.number_text"),
        ("Infinity", "expression.number_text"),
        ("١٢", "expression.number_text"),
        ("9" * 41, "expression.number_range"),
        ("1e99", "expression.number_range"),
    ],
)
def test_a_text_that_is_no_clear_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate("text | number", text=text)
    assert caught.value.code == code
    assert caught.value.column == 8


@pytest.mark.parametrize(
    ("source", "language", "expected"),
    [
        ("1234.5 | money('EUR')", "en", "€1,234.50"),
        ("1234.5 | money('BRL')", "pt", "R$\u00a01.234,50"),
        ("1234.5 | money('RON')", "ro", "1.234,50\u00a0RON"),
        ("12345.6 | money('EUR')", "es", "12.345,60\u00a0€"),
        ("1234.5 | money('JPY')", "en", "¥1,234"),
        ("0.125 | percent(1)", "es", "12,5\u00a0%"),
        ("'2026-11-21' | date('long')", "es", "21 de noviembre de 2026"),
        ("'2026-11-21' | date('long')", "pt", "21 de novembro de 2026"),
        ("'2026-11-21' | date('EEEE d MMMM')", "ro", "sâmbătă 21 noiembrie"),
        ("820982911946154508 | localize", "en", "820,982,911,946,154,508"),
    ],
)
def test_people_read_numbers_and_dates_in_their_language(
    source: str, language: str, expected: str
) -> None:
    assert evaluate(source, language=language) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Madrid leaves summer time on 2026-10-25 and enters it on 2026-03-29.
        ("'2026-10-24T12:00:00+02:00' | add_days(1)", "2026-10-25T12:00:00+01:00"),
        ("'2026-10-24T12:00:00+02:00' | add_hours(24)", "2026-10-25T11:00:00+01:00"),
        ("'2026-03-28T02:30:00' | add_days(1)", "2026-03-29T03:30:00+02:00"),
        ("'2026-11-20T23:30:00Z' | date('dd/MM')", "21/11"),
        ("'2026-11-20T23:30:00Z' | weekday", 6),
        ("'2026-11-20T23:30:00Z' | days_between('2026-11-21')", 0),
        ("'2026-11-20T23:30:00Z' | start_of('day')", "2026-11-21T00:00:00+01:00"),
        ("'21/11/2026 09:30' | parse_date('dd/MM/yyyy HH:mm')", "2026-11-21T09:30:00+01:00"),
        ("'2026-11-21 09:30' | time", "09:30"),
        ("'2026-11-21T09:30:00.123456789Z' | hour", 10),
    ],
)
def test_days_are_those_of_the_flows_time_zone(source: str, expected: Any) -> None:
    assert evaluate(source, timezone="Europe/Madrid") == expected


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("'2026-13-01' | date", "expression.date"),
        ("'2026-02-30' | add_days(1)", "expression.date"),
        ("'21/11/2026' | date", "expression.date"),
        ("'20261121' | date", "expression.date"),
        ("'9999-12-31' | add_days(1)", "expression.date_range"),
        ("'0001-01-01T00:00:00Z' | in_zone('America/New_York')", "expression.date_range"),
        ("'2026-11-21' | add_months(999999)", "expression.date_range"),
        ("'2026-11-21' | date('YYYY-MM-DD')", "expression.date_pattern"),
        ("'2026-11-21' | date('%Y')", "expression.date_pattern"),
        ("'2026-11-21T00:00:00Z' | in_zone('Mars/Base')", "expression.timezone"),
        ("'2026-11-21T00:00:00Z' | in_zone('Europe')", "expression.timezone"),
        ("1 | money('euro')", "expression.currency"),
        ("1 | money('XXQ')", "expression.currency"),
        ("1 | money('EUR', 'xx')", "expression.language"),
        ("1 | round(99)", "expression.filter_range"),
        ("[] | max", "expression.empty_list"),
        ("[1, 'a'] | max", "expression.mixed_order"),
        ("[1, none] | sort", "expression.mixed_order"),
        ("[1, '2'] | sum", "expression.item_kind"),
        ("[{'a': 1}, {}] | map('a')", "expression.item_field"),
        ("'x' | from_json", "expression.json"),
        ("'NaN' | from_json", "expression.json"),
        ("'[1,]' | from_json", "expression.json"),
        ("'1e99' | from_json", "expression.json"),
        ("'!' | from_base64", "expression.base64"),
        ("'a' | replace('', 'b')", "expression.separator"),
        ("none | upper", "expression.value_kind"),
        ("{'a': 1} | join(',')", "expression.value_kind"),
        ("[1] | contains('1')", "expression.text_number"),
    ],
)
def test_a_filter_says_what_it_cannot_do(source: str, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(source)
    assert caught.value.code == code, caught.value.message
    assert caught.value.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2.5 | round(0, 'half_up')", 3),
        ("-2.5 | round(0, 'half_up')", -3),
        ("1250 | round(-2)", 1200),
        ("10.10 | round(3)", Decimal("10.100")),
        ("1.005 | fixed(2)", "1.00"),
        ("9.99 | minor_units('EUR')", 999),
        ("[3, 10, 2] | sort", [2, 3, 10]),
        ("['b', 'B', 'a'] | sort", ["B", "a", "b"]),
        (
            "['2026-01-01T00:00:00+02:00', '2025-12-31T21:00:00Z'] | sort",
            ["2025-12-31T21:00:00Z", "2026-01-01T00:00:00+02:00"],
        ),
        ("[1, 1.0, true] | unique", [1, True]),
        ("[{'a': {'b': 2}}, {'a': {'b': 1}}] | sort('a.b') | map('a.b')", [1, 2]),
        ("[1, 2, 3] | without([1, 3])", [2]),
        ("'a,b' | split(',') | last", "b"),
        ("' ' | split", []),
        ("'María' | slug", "maria"),
        ("'héllo' | url_encode", "h%C3%A9llo"),
        ("'[820982911946154508, 10.10]' | from_json", [820982911946154508, Decimal("10.10")]),
        ("{'a': [1, {'b': 'ñ\"'}]} | json", '{"a":[1,{"b":"ñ\\""}]}'),
        ("'a' | truncate(1)", "a"),
        ("'abc' | truncate(2)", "a…"),
        ("'' | like('*')", True),
        ("'abc' | like('a*c*')", True),
        ("'abc' | like('b*')", False),
    ],
)  # fmt: skip
def test_a_fine_point(source: str, expected: Any) -> None:
    value = evaluate(source)
    assert value == expected
    assert str(value) == str(expected)


def test_a_field_path_may_be_computed_and_arguments_are_checked_when_used() -> None:
    assert evaluate("list | map(field)", list=[{"a": 1}], field="a") == [1]
    with pytest.raises(EvaluationError) as caught:
        evaluate("list | map(field)", list=[{"a": 1}], field=3)
    assert (caught.value.code, caught.value.column) == ("expression.argument_kind", 12)
    with pytest.raises(EvaluationError) as caught:
        evaluate("1 | round(0, mode)", mode="sideways")
    assert caught.value.code == "expression.argument_choice"
