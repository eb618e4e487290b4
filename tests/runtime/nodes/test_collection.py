"""What is done to lists without a loop: filter, look up, sum up, reconcile; and a loop's list."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo.expression import EvaluationError
from tramo.nodes.item import each
from tramo.sdk import BadParams

from tests.runtime.nodes.kit import settle

BIG = 820982911946154508
ROWS = [
    {"id": BIG, "sku": "mug", "n": 1, "price": Decimal("1.10")},
    {"id": 2, "sku": "tee", "n": 2, "price": Decimal("2.20")},
    {"id": 3, "sku": "mug", "n": 3, "price": None},
]


def out(node: str, params: dict[str, Any], **env: Any) -> Any:
    port, output = settle(node, params, rows=ROWS, **env)
    assert port == "out"
    return output


def expr(source: str) -> dict[str, str]:
    return {"$expr": source}


# Loops


def test_a_loop_hands_its_list_to_the_engine() -> None:
    assert settle("for_each", {"items": expr("rows")}, rows=ROWS) == ("done", {"items": ROWS})


@pytest.mark.parametrize(
    ("value", "cure"),
    [
        ("a,b", r'a text; cut it with \| split\(","\)'),
        (None, r"nothing \(null\); add \| default\(\[\]\)"),
        ({"a": 1}, "an object; name the field that holds the list"),
        (5, "a number; name a field"),
    ],
)
def test_what_is_no_list_is_refused_with_a_way_to_make_one(value: Any, cure: str) -> None:
    with pytest.raises(BadParams, match=f"“items” must be a list, but it is {cure}"):
        settle("for_each", {"items": expr("x")}, x=value)


# Filter


def test_a_filter_keeps_what_fits_in_its_order() -> None:
    found = out("filter", {"items": expr("rows"), "where": expr("item.n > 1 or index == 0")})
    assert found == {"items": ROWS, "count": 3}
    assert out("filter", {"items": expr("rows"), "where": expr("row.n > 5"), "as": "row"}) == {
        "items": [],
        "count": 0,
    }


def test_a_condition_that_is_neither_true_nor_false_names_its_item() -> None:
    with pytest.raises(BadParams, match="for item 2 it is nothing"):
        out("filter", {"items": expr("rows"), "where": expr("item.price if index == 2 else true")})


def test_a_missing_field_is_an_error_and_not_silently_nothing() -> None:
    with pytest.raises(EvaluationError, match="has no field “nn”"):
        out("filter", {"items": expr("rows"), "where": expr("item.nn > 1")})


def test_a_long_list_is_filtered_without_copying_the_variables_for_each_item() -> None:
    class Counted(dict[str, Any]):
        copies = 0

        def keys(self) -> Any:
            Counted.copies += 1
            return super().keys()

    env: Mapping[str, Any] = Counted(rows=[{"n": n} for n in range(100_000)], limit=99_990)
    inner = list(map(id, each(env, env["rows"])))
    assert len(set(inner)) == 1
    found = settle("filter", {"items": expr("rows"), "where": expr("item.n >= limit")}, **env)
    assert found[1]["count"] == 10
    assert Counted.copies <= 2


# Look up


def test_a_row_is_found_by_a_field() -> None:
    params = {"rows": expr("rows"), "field": "id", "value": expr("id")}
    assert out("lookup", params, id=BIG) == {"found": True, "row": ROWS[0]}
    assert out("lookup", params, id=BIG + 1) == {"found": False, "row": None}
    other = {**params, "default": {"sku": expr("id | text")}}
    assert out("lookup", other, id=7)["row"] == {"sku": "7"}


def test_all_rows_are_found_by_a_condition() -> None:
    params = {"rows": expr("rows"), "where": expr("item.sku == sku"), "take": "all"}
    assert out("lookup", params, sku="mug") == {
        "found": True,
        "rows": [ROWS[0], ROWS[2]],
        "count": 2,
    }
    assert out("lookup", params, sku="cap") == {"found": False, "rows": [], "count": 0}


def test_a_field_may_lie_deeper_and_be_oddly_named() -> None:
    rows = [{"customer": {"e mail": "a"}}, {"customer": {"e mail": "b"}}]
    params = {"rows": {"$value": rows}, "field": "customer.e mail", "value": "b"}
    assert out("lookup", params)["row"] == rows[1]


def test_a_text_looked_for_among_numbers_is_an_error_and_not_a_miss() -> None:
    with pytest.raises(BadParams, match=r"“value” is a text, but “id” is a number in every row"):
        out("lookup", {"rows": expr("rows"), "field": "id", "value": "2"})


# Sum up


def totals(op: str, value: Any = "n", **params: Any) -> Any:
    fields = {"x": {"op": op, "value": value}}
    found = out("aggregate", {"items": expr("rows"), "fields": fields, **params})
    return found["x"]


def test_every_figure_is_exact() -> None:
    assert totals("sum", "id") == BIG + 5
    assert str(totals("sum", "price")) == "3.30"
    assert totals("avg") == 2
    assert str(totals("avg", "price")) == "1.65"
    assert totals("count") == 3
    assert totals("count", "price") == 2
    assert (totals("min"), totals("max"), totals("max", "sku")) == (1, 3, "tee")
    assert (totals("first", "sku"), totals("last", "sku")) == ("mug", "mug")
    assert totals("list", "sku") == ["mug", "tee", "mug"]
    assert totals("unique", "sku") == ["mug", "tee"]
    assert totals("list", None) == ROWS


def test_figures_of_nothing() -> None:
    fields = {
        op: {"op": op, "value": "n"}
        for op in ("sum", "count", "avg", "min", "max", "first", "last", "list", "unique")
    }
    assert out("aggregate", {"items": [], "fields": fields}) == {
        "sum": 0,
        "count": 0,
        "avg": None,
        "min": None,
        "max": None,
        "first": None,
        "last": None,
        "list": [],
        "unique": [],
    }
    grouped = {"items": [], "fields": fields, "group_by": "sku"}
    assert out("aggregate", grouped) == {"groups": [], "count": 0}


def test_groups_stand_in_the_order_in_which_they_first_come() -> None:
    fields = {"n": {"op": "sum", "value": "n"}, "prices": {"op": "list", "value": "price"}}
    assert out("aggregate", {"items": expr("rows"), "group_by": "sku", "fields": fields}) == {
        "groups": [
            {"key": "mug", "n": 4, "prices": [Decimal("1.10"), None]},
            {"key": "tee", "n": 2, "prices": [Decimal("2.20")]},
        ],
        "count": 2,
    }


def test_a_group_may_be_known_by_several_fields() -> None:
    fields = {"n": {"op": "count"}}
    found = out("aggregate", {"items": expr("rows"), "group_by": ["sku", "n"], "fields": fields})
    assert [group["key"] for group in found["groups"]] == [["mug", 1], ["tee", 2], ["mug", 3]]


def test_equal_numbers_are_one_group_however_they_are_written() -> None:
    items = [1, Decimal("1.0"), "1", True, None, [1], [Decimal("1.00")], {"a": 1}]
    fields = {"n": {"op": "count", "value": expr("1")}}
    found = out(
        "aggregate",
        {"items": {"$value": items}, "group_by": expr("item"), "fields": fields},
    )
    assert [(group["key"], group["n"]) for group in found["groups"]] == [
        *((1, 2), ("1", 1), (True, 1), (None, 1), ([1], 2), ({"a": 1}, 1))
    ]


def test_texts_are_not_added_up_and_numerals_not_compared_letter_by_letter() -> None:
    with pytest.raises(
        BadParams, match=r"“x” is a figure of numbers, but one value is a text; add"
    ):
        totals("sum", "sku")
    prices = {"items": {"$value": ["9.94", "100.00"]}, "fields": {"x": {"op": "max"}}}
    with pytest.raises(BadParams, match="letter by letter"):
        out("aggregate", prices)


def test_whole_numbers_of_any_size_add_up_and_none_grows_past_what_is_kept() -> None:
    def total(op: str, *numbers: Any) -> Any:
        params = {"items": {"$value": list(numbers)}, "fields": {"x": {"op": op}}}
        return settle("aggregate", params)[1]["x"]

    large = 10**39 + 1
    assert total("sum", large, 1) == 10**39 + 2
    assert total("sum", Decimal("0.1"), large) == 10**39 + 1 - 1  # Fractions have 34 digits.
    assert total("avg", 1, 2) == Decimal("1.5")
    assert str(total("avg", 1, 1, 2)) == "1." + "3" * 33
    with pytest.raises(BadParams, match="more than 40 digits"):
        total("sum", *[large] * 10)
    with pytest.raises(BadParams, match="more than 40 digits"):
        total("avg", Decimal("1e-40"), 0, 0)


def test_key_is_the_groups_own_name() -> None:
    with pytest.raises(BadParams, match="“key” is what each group is known by"):
        out("aggregate", {"items": [], "fields": {"key": {"op": "count"}}, "group_by": "n"})


@given(st.lists(st.decimals(-(10**12), 10**12, places=4) | st.integers(-(10**18), 10**18)))
def test_a_sum_does_not_depend_on_the_order(numbers: list[Any]) -> None:
    def total(items: list[Any]) -> Any:
        params = {"items": {"$value": items}, "fields": {"x": {"op": "sum"}}}
        return settle("aggregate", params)[1]["x"]

    assert total(numbers) == total(numbers[::-1]) == sum(map(Decimal, numbers), Decimal(0))


# Reconcile


def reconciled(left: Any, right: Any, **params: Any) -> Any:
    given = {"left": {"$value": left}, "right": {"$value": right}, "key": "id", **params}
    return out("reconcile", given)


def test_two_lists_are_compared_by_key() -> None:
    left = [{"id": BIG, "total": Decimal("10.10")}, {"id": 2, "total": 5}, {"id": 3, "total": 1}]
    right = [{"id": 3, "total": 1}, {"id": BIG, "total": 10}, {"id": 4, "total": 9}]
    assert reconciled(left, right) == {
        "only_left": [left[1]],
        "only_right": [right[2]],
        "different": [
            {
                "key": BIG,
                "left": left[0],
                "right": right[1],
                "fields": [
                    {
                        "field": "total",
                        "left": Decimal("10.10"),
                        "right": 10,
                        "by": Decimal("-0.10"),
                    }
                ],
            }
        ],
        "same": 1,
    }


def test_fields_may_have_another_name_and_a_tolerance() -> None:
    left = [{"id": 1, "total": Decimal("10.00"), "note": "a"}]
    right = [{"ref": 1, "amount": Decimal("9.98"), "note": "b"}]
    compare = [{"field": "total", "right": "amount", "tolerance": Decimal("0.02")}]
    found = reconciled(left, right, right_key="ref", compare=compare)
    assert (found["different"], found["same"]) == ([], 1)
    compare[0]["tolerance"] = Decimal("0.01")
    found = reconciled(left, right, right_key="ref", compare=compare)
    assert [each["field"] for each in found["different"][0]["fields"]] == ["total"]


def test_a_tolerance_may_be_written_as_an_amount_and_must_be_one() -> None:
    rows = [{"id": 1, "n": 1}], [{"id": 1, "n": 2}]
    assert reconciled(*rows, compare=[{"field": "n", "tolerance": "1.00"}])["same"] == 1
    with pytest.raises(BadParams, match="“tolerance” must be a number"):
        reconciled(*rows, compare=[{"field": "n", "tolerance": "-1"}])


def test_rows_with_one_key_are_paired_in_turn_and_rows_without_one_not_at_all() -> None:
    left = [{"id": 1, "n": 1}, {"id": 1, "n": 2}, {"id": None, "n": 3}]
    right = [{"id": 1, "n": 1}, {"id": None, "n": 3}]
    found = reconciled(left, right)
    assert found["only_left"] == [left[1], left[2]]
    assert found["only_right"] == [right[1]]
    assert found["same"] == 1


def test_a_key_may_be_a_formula() -> None:
    found = reconciled(
        [{"name": "#1"}], [{"id": 1}], key=expr("item.name[1:]"), right_key=expr("item.id | text")
    )
    assert found["same"] == 1


def test_texts_beside_numbers_as_keys_are_an_error_and_not_a_list_of_misses() -> None:
    with pytest.raises(BadParams, match="texts and those of the other numbers"):
        reconciled([{"id": 1}], [{"id": "1"}])


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_every_row_is_in_exactly_one_place(left: list[int], right: list[int]) -> None:
    found = reconciled([{"id": each} for each in left], [{"id": each} for each in right])
    assert len(found["only_left"]) + found["same"] == len(left)
    assert len(found["only_right"]) + found["same"] == len(right)


def test_one_formula_cannot_hold_the_house_up_over_all_its_items() -> None:
    rows = [{"n": n} for n in range(3_000)]
    params = {"items": expr("rows"), "where": expr("(rows | where('n', item.n) | length) > 1")}
    with pytest.raises(EvaluationError, match="too much work"):
        settle("filter", params, rows=rows)
    few = settle("filter", params, rows=rows[:100])
    assert few[1]["count"] == 0
