"""Formulas speak the reader's language: filters, and what is wrong with an expression."""

from __future__ import annotations

from string import Formatter

import pytest
from tramo.app.catalog import CatalogDesk
from tramo.app.formula import describe_filters
from tramo.app.text import texts
from tramo.expression import SENTENCES, filters
from tramo.registry import Registry

OTHERS = ("es", "pt", "ro")


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_filter_is_described_in_every_language(language):
    known = texts("tramo.expression", language)
    assert {f"filter.{each.name}" for each in filters()} == {
        key for key in known if key.startswith("filter.")
    }
    english = {each["name"]: each["summary"] for each in describe_filters("en")}
    assert all(each["summary"] != english[each["name"]] for each in describe_filters(language))


@pytest.mark.parametrize("language", OTHERS)
def test_a_translated_problem_asks_for_nothing_that_the_english_one_does_not_know(language):
    known = texts("tramo.expression", language)
    for key, sentence in known.items():
        if not key.startswith("problem.") or key == "problem.near":
            continue
        code = f"expression.{key.removeprefix('problem.')}"
        assert slots(sentence) - {"names"} <= slots(SENTENCES[code]), key


async def test_a_wrong_formula_is_told_in_romanian_with_its_place_and_the_cure():
    desk = CatalogDesk(Registry())
    answer = await desk.evaluate(
        {"$expr": "order.totl > 5"}, {"order": {"total": 7}}, language="ro"
    )
    (problem,) = answer["problems"]
    assert problem.message == ("„order” nu are câmpul „totl”. Are: total. Ai vrut să spui „total”?")
    assert problem.offset == 6
    kinds = await desk.evaluate(
        {"$expr": "order.total + 1"}, {"order": {"total": "7"}}, "UTC", "es"
    )
    assert kinds["problems"][0].message == "+ necesita números, no un texto."
