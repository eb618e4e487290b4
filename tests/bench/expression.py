"""How fast expressions are, against what Python's own `eval` takes for the same in the same run."""

from __future__ import annotations

import gc
import json
import time
import timeit
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tramo.expression import compile_expression, compile_text

CONDITION = 'order.total > 500 and order.currency == "EUR"'
CONDITION_IN_PYTHON = 'order["total"] > 500 and order["currency"] == "EUR"'

TEXT = (
    "Order {{ order.name }} by {{ order.customer.first_name }} {{ order.customer.last_name }}:"
    " {{ order.total }} {{ order.currency }}"
    "{% for line in order.line_items %} / {{ line.quantity }} x {{ line.title }}{% endfor %}"
)
TEXT_IN_PYTHON = (
    'f\'Order {order["name"]} by {order["customer"]["first_name"]}'
    ' {order["customer"]["last_name"]}: {order["total"]} {order["currency"]}\''
    ' + "".join([f\' / {line["quantity"]} x {line["title"]}\' for line in order["line_items"]])'
)

ORDER = {
    "id": 820982911946154508,
    "name": "#1001",
    "total": Decimal("510.10"),
    "currency": "EUR",
    "customer": {"first_name": "María", "last_name": "Pop"},
    "line_items": [
        {"quantity": 1, "title": "Camiseta"},
        {"quantity": 2, "title": "Taza"},
        {"quantity": 3, "title": "Gorra"},
    ],
}
ENVIRONMENT = {"order": ORDER}

_ROUNDS = 201
_CALLS = 400


def run() -> list[dict[str, Any]]:
    """Return the expression rows of the bench; ratios are medians of rounds."""
    cases = (
        ("expression.condition", compile_expression(CONDITION), CONDITION_IN_PYTHON, 2.5),
        ("expression.text", compile_text(TEXT), TEXT_IN_PYTHON, 15),
    )
    rows: list[dict[str, Any]] = []
    for case, compiled, python, target in cases:
        code = compile(python, "<bench>", "eval")
        variables = dict(ENVIRONMENT)

        def ours(compiled: Any = compiled) -> Any:
            return compiled(ENVIRONMENT)

        def theirs(code: Any = code, variables: dict[str, Any] = variables) -> Any:
            return eval(code, variables)

        assert ours() == theirs(), f"{case} and its Python twin disagree"
        figure, floor = _measure(ours, theirs)
        rows.append(
            {
                "case": case,
                "figure": round(figure * 1e9),
                "unit": "ns per evaluation",
                "ratio": round(figure / floor, 2),
                "against": f"Python's eval of the compiled twin, {floor * 1e9:.0f} ns",
                "target": f"<= {target}",
            }
        )
    rows.append(_compile_row())
    return rows


def _measure(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, float]:
    """Return the times a call of the round whose ratio is the median.

    Rounds are short, take turns and count this thread's own processor time, so that whatever else
    the machine does hits both alike.
    """
    gc.collect()
    rounds = sorted(
        ((_time(ours), _time(theirs)) for _ in range(_ROUNDS)),
        key=lambda took: took[0] / took[1],
    )
    return rounds[_ROUNDS // 2]


def _time(function: Callable[[], Any]) -> float:
    return timeit.timeit(function, timer=time.thread_time, number=_CALLS) / _CALLS


def _compile_row() -> dict[str, Any]:
    """Measure a first compile, which the cache makes rare; every source differs by a literal."""
    sources = iter([CONDITION.replace("500", str(number)) for number in range(1000, 1400)])
    took = min(timeit.repeat(lambda: compile_expression(next(sources)), number=50, repeat=8)) / 50
    return {
        "case": "expression.compile",
        "figure": round(took * 1e6),
        "unit": "µs per new condition",
        "ratio": None,
        "against": "",
        "target": "",
    }


if __name__ == "__main__":
    for row in run():
        print(json.dumps(row, ensure_ascii=False))
