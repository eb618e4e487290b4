"""Prices: read as they are, set to the cent, and refused by name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo import sdk

from tests.plugins.shopify.scene import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def variant(shop: Shop, sku: str = "MUG-BLUE") -> dict[str, Any]:
    return next(each for each in shop.state["variants"] if each["sku"] == sku)


async def test_every_article_is_read_with_its_price_and_stock(shop: Shop) -> None:
    page = await shop.act("search_variants")
    assert (len(page["variants"]), page["has_more"]) == (8, False)
    mug = next(each for each in page["variants"] if each["sku"] == "MUG-BLUE")
    assert (mug["title"], mug["price"], mug["compare_at_price"], mug["currency"]) == (
        "Hand-thrown mug - Blue",
        Decimal("10.10"),
        None,
        "EUR",
    )
    assert mug["available"] == sum(shop.item("MUG-BLUE")["levels"].values())
    assert (mug["vendor"], mug["product_type"]) == ("Barro", "Kitchen")


async def test_prices_are_read_page_by_page(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tramo_shopify.price.VARIANTS_A_PAGE", 3)
    whole = await shop.act("search_variants")
    assert shop.operations() == ["SearchVariants"] * 3
    part = await shop.act("search_variants", limit=5)
    rest = await shop.act("search_variants", cursor=part["next"])
    assert part["variants"] + rest["variants"] == whole["variants"]


@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("product_type:Lighting", ["LAMP-OAK-S", "LAMP-OAK-M"]),
        ("sku:MUG-BLUE", ["MUG-BLUE"]),
        ("vendor:Casa AND -sku:CUSH-SAND", ["THROW-GREY"]),
        ("tag:sale", ["DESK-140"]),
    ],
)
async def test_articles_are_found_by_what_their_product_is(
    shop: Shop, query: str, skus: list[str]
) -> None:
    desk = str(variant(shop, "DESK-140")["product_id"])
    await shop.act("add_tags", id=desk, kind="product", tags=["Sale"])
    page = await shop.act("search_variants", query=query)
    assert [each["sku"] for each in page["variants"]] == skus


async def test_a_price_is_set_and_taken_back_to_the_cent(shop: Shop) -> None:
    mug = variant(shop)
    sale = await shop.act(
        "set_price", variant_id=mug["id"], price=Decimal("8.1"), compare_at_price=Decimal("10.10")
    )
    assert (sale["changed"], sale["variant"]["price"]) == (True, Decimal("8.10"))
    assert sale["variant"]["compare_at_price"] == Decimal("10.10")
    assert (mug["price"], mug["compare_at_price"]) == ("8.10", "10.10")
    await shop.act("set_price", variant_id=mug["id"], price=Decimal("10.10"))
    assert (mug["price"], mug["compare_at_price"]) == ("10.10", None)


async def test_a_price_that_stands_already_is_not_sent(shop: Shop) -> None:
    output = await shop.act("set_price", variant_id=variant(shop)["id"], price=Decimal("10.1"))
    assert output["changed"] is False
    assert shop.operations() == ["GetVariant"]


async def test_a_large_round_price_is_spelled_in_digits(shop: Shop) -> None:
    await shop.act("set_price", variant_id=variant(shop)["id"], price=Decimal("1E+4"))
    assert variant(shop)["price"] == "10000.00"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"variant_id": "7", "price": "1"}, "no article 7"),
        ({"variant_id": "MUG-BLUE", "price": "1"}, "not the id of a Shopify ProductVariant"),
        ({"price": "-1"}, "below 0"),
        ({"price": "1", "compare_at_price": "-0.01"}, "below 0"),
    ],
)
async def test_a_price_of_nothing_certain_is_refused(
    shop: Shop, params: dict[str, Any], reason: str
) -> None:
    given = {"variant_id": variant(shop)["id"], **params}
    with pytest.raises((sdk.BadParams, sdk.Rejected), match=reason):
        await shop.act("set_price", **given)
    assert variant(shop)["price"] == "10.10"


async def test_the_ledger_tells_of_prices(shop: Shop) -> None:
    await shop.act("search_variants", query="vendor:Casa")
    await shop.act("set_price", variant_id=variant(shop)["id"], price=Decimal("9.90"))
    assert [entry.summary for entry in shop.twin.ledger] == [
        "Read the shop's name; Read prices of vendor:Casa: 2 found",
        "Read the shop's name; Read the price of MUG-BLUE",
        "Set the price of MUG-BLUE to 9.90",
    ]
