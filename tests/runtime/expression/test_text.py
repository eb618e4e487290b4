"""Texts with slots: what prints how, blocks, white space, and data that stays data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo.expression import EvaluationError, ExpressionError, compile_text

ENV: dict[str, Any] = {
    "order": {
        "name": "#1001",
        "total": Decimal("10.10"),
        "id": 820982911946154508,
        "note": None,
        "paid": True,
        "attack": "{{ order.id }}{% for a in b %}",
        "customer": {"first_name": "María", "last_name": "Pop"},
        "currency": "EUR",
        "line_items": [
            {"title": "Taza", "quantity": 1, "sizes": ["S", "M"]},
            {"title": "Gorra", "quantity": 2, "sizes": []},
        ],
    }
}


def render(source: str) -> str:
    return compile_text(source)(ENV)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("no slot", "no slot"),
        ("Order {{ order.name }}", "Order #1001"),
        ("{{ order.id }}", "820982911946154508"),
        ("{{ order.total }}", "10.10"),
        ("{{ order.total * 1e20 }}", "1010000000000000000000.00"),
        ("{{ 0.0000001 }}", "0.0000001"),
        ("{{ order.note }}", ""),
        ("{{ order.paid }}/{{ 1 > 2 }}", "true/false"),
        ("{{ order.line_items[0].sizes }}", '["S","M"]'),
        ('{{ {"a": order.total, "b": none} }}', '{"a":10.10,"b":null}'),
        ("{{ order.attack }}", "{{ order.id }}{% for a in b %}"),
        ("{% if order.paid %}paid{% endif %}", "paid"),
        ("{% if order.total > 20 %}a{% elif order.paid %}b{% else %}c{% endif %}", "b"),
        ("{% if false %}a{% elif false %}b{% else %}c{% endif %}", "c"),
        ("{% if false %}a{% endif %}", ""),
        (
            "{% for line in order.line_items %}{{ loop.index }}/{{ loop.length }}"
            " {{ line.title }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1/2 Taza, 2/2 Gorra",
        ),
        ("{% for line in order.line_items %}{{ loop.index0 }}{{ loop.first }};{% endfor %}",
         "0true;1false;"),
        ("{% for line in order.line_items if line.quantity > 1 %}{{ line.title }}"
         "{{ loop.length }}{% endfor %}", "Gorra1"),
        ("{% for a in [] %}x{% else %}nothing{% endfor %}", "nothing"),
        ("{% for line in order.line_items %}{% for size in line.sizes %}"
         "{{ line.title }}-{{ size }}{{ loop.index }} {% else %}none{% endfor %}{% endfor %}",
         "Taza-S1 Taza-M2 none"),
        ("{% for order in order.line_items %}{{ order.title }}{% endfor %}{{ order.name }}",
         "TazaGorra#1001"),
        ("a {{- order.name -}} b", "a#1001b"),
        ("a\n{%- if true -%}\n b \n{%- endif -%}\nc", "abc"),
        ("line\n{{ order.name }}\n", "line\n#1001\n"),
        ("a{# a comment with {{ slots }} #}b", "ab"),
        ("{% raw %}{{ order.name }}{% endraw %}", "{{ order.name }}"),
        ("{%- raw -%} {{ x }} {%- endraw -%} y", "{{ x }}y"),
        ("{{ '}}' ~ \"%}\" }}", "}}%}"),
        ("{{ {'a': {'b': 1}}.a.b }}", "1"),
        ("{ {not a slot} }", "{ {not a slot} }"),
        ("100 % } {", "100 % } {"),
        ("{{ order.nope | default('–') }}", "–"),
    ],
)  # fmt: skip
def test_a_text_is_rendered(source: str, expected: str) -> None:
    assert render(source) == expected


def test_the_five_field_text_reads_as_meant() -> None:
    source = (
        "Order {{ order.name }} by {{ order.customer.first_name }} {{ order.customer.last_name }}:"
        " {{ order.total }} {{ order.currency }}{% for line in order.line_items %}"
        " / {{ line.quantity }} x {{ line.title }}{% endfor %}"
    )
    assert render(source) == "Order #1001 by María Pop: 10.10 EUR / 1 x Taza / 2 x Gorra"


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ("Hi {{ order.name", "expression.slot_unclosed", 1, 4),
        ("Hi\n{% if order.paid %}x", "expression.unclosed_block", 2, 4),
        ("{{ (order.name }}", "expression.expected", 1, 16),
        ("{{ }}", "expression.empty", 1, 1),
        ("{% endif %}", "expression.stray_tag", 1, 4),
        ("{% if true %}{% endfor %}", "expression.stray_tag", 1, 17),
        ("a\n{% set a = 1 %}", "expression.tag", 2, 4),
        ("{% elseif true %}", "expression.tag", 1, 4),
        ("{% for a, b in order %}{% endfor %}", "expression.loop_target", 1, 4),
        ("{% for loop in order %}{% endfor %}", "expression.reserved", 1, 8),
        ("{% for a in order recursive %}{% endfor %}", "expression.syntax", 1, 4),
        ("{% for a in [1] %}{{ loop }}{% endfor %}", "expression.loop_alone", 1, 22),
        ("{{ 1, 2 }}", "expression.tuple", 1, 4),
        ("{# never closed", "expression.slot_unclosed", 1, 1),
        ("{{ 'never closed }}", "expression.text_unclosed", 1, 4),
        ("{{ order.__init__ }}", "expression.private_name", 1, 10),
    ],
)
def test_an_unreadable_text_is_refused_at_its_place(
    source: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_text(source)
    error = caught.value
    assert (error.code, error.line, error.column) == (code, line, column), error.message


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ("Total:\n{{ order.totl }}", "expression.unknown_field", 2, 10),
        ("{% for l in [order] %}\n{{ l.x }}{% endfor %}", "expression.unknown_field", 2, 6),
        ("{% for l in order %}{% endfor %}", "expression.loop_list", 1, 13),
        ("{% for l in order.note %}{% endfor %}", "expression.loop_list", 1, 13),
        ("{% if order.total %}{% endif %}", "expression.not_boolean", 1, 7),
        ("{% for l in [1] if l %}{% endfor %}", "expression.not_boolean", 1, 20),
        ("{{ 1 + order.name }}", "expression.not_number", 1, 8),
    ],
)  # fmt: skip
def test_data_that_does_not_fit_is_refused_at_its_place(
    source: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(EvaluationError) as caught:
        render(source)
    error = caught.value
    assert (error.code, error.line, error.column) == (code, line, column), error.message


def test_all_problems_of_a_text_are_told_in_order() -> None:
    source = "{{ a.__x }} {{ b | nope }} {{ c() }}"
    with pytest.raises(ExpressionError) as caught:
        compile_text(source)
    found = [caught.value, *caught.value.also]
    assert [error.code for error in found] == [
        "expression.private_name",
        "expression.unknown_filter",
        "expression.call",
    ]
    assert [error.column for error in found] == [6, 20, 32]
