"""Prices: what each article of the shop costs, and setting it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final

from tramo import sdk

from tramo_shopify import connector, example
from tramo_shopify.graphql import Context, call, document, found
from tramo_shopify.identity import gid, number

VARIANTS_A_PAGE: Final = 100
"""Keeps one answer below the 1,000 points that Shopify allows a query."""

VARIANT_FIELDS: Final = """
fragment VariantFields on ProductVariant {
  id sku displayName price compareAtPrice inventoryQuantity
  inventoryItem { id }
  product { id vendor productType tags }
}"""

SEARCH_VARIANTS: Final = document(
    """
query SearchVariants($query: String, $first: Int!, $after: String) {
  shop { currencyCode }
  productVariants(query: $query, first: $first, after: $after, sortKey: ID) {
    nodes { ...VariantFields }
    pageInfo { hasNextPage endCursor }
  }
}""",
    VARIANT_FIELDS,
)

GET_VARIANT: Final = document(
    """
query GetVariant($id: ID!) {
  shop { currencyCode }
  productVariant(id: $id) { ...VariantFields }
}""",
    VARIANT_FIELDS,
)

SET_PRICE: Final = document(
    """
mutation SetPrice($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants) {
    productVariants { ...VariantFields }
    userErrors { field message code }
  }
}""",
    VARIANT_FIELDS,
)


class Variant(sdk.Output, kw_only=True):
    """An article as it is sold: one size or colour of a product, with its price."""

    id: str
    product_id: str
    item_id: str
    sku: str | None = None
    title: str
    price: Decimal
    compare_at_price: Decimal | None = None
    """The earlier price, which the shop shows struck through."""
    currency: str
    available: int | None = None
    """At all locations; null where the stock is not counted."""
    vendor: str | None = None
    product_type: str | None = None
    tags: list[str]


_VARIANT: Final = Variant(
    id="642667041472713922",
    product_id="788032119674292922",
    item_id="271878346596884015",
    sku="LAMP-OAK-M",
    title="Oak table lamp - Medium",
    price=Decimal("119.90"),
    currency="EUR",
    available=24,
    vendor="Lumina",
    product_type="Lighting",
    tags=["oak"],
)


class SearchVariants(sdk.Params, kw_only=True):
    query: Annotated[
        str,
        sdk.Meta(
            title="Search",
            description="In Shopify's search syntax, such as product_type:Lighting AND vendor:Casa "
            "or sku:MUG-BLUE. Empty: every article.",
            max_length=2000,
            examples=["product_type:Lighting", "tag:sale"],
        ),
    ] = ""
    limit: Annotated[
        int, sdk.Meta(title="At most", description="How many articles to return.", ge=1, le=1000)
    ] = 250
    cursor: Annotated[
        str | None,
        sdk.Meta(
            title="Continue after", description="The `next` of an earlier search, for what follows."
        ),
        sdk.hint(advanced=True),
    ] = None


class VariantPage(sdk.Output, kw_only=True):
    variants: list[Variant]
    has_more: bool
    next: str | None = None


@connector.action(
    "search_variants",
    title="Read prices",
    effect="pure",
    synonyms=("prices", "variants", "list products", "articles"),
    example=example.shown(VariantPage(variants=[_VARIANT], has_more=False)),
)
async def search_variants(ctx: Context, params: SearchVariants) -> VariantPage:
    """Find articles by type, vendor, tag or SKU, each with its price and stock."""
    variants: list[Variant] = []
    cursor, has_more = params.cursor, True
    while has_more and len(variants) < params.limit:
        data = await call(
            ctx,
            SEARCH_VARIANTS,
            {
                "query": params.query or None,
                "first": min(VARIANTS_A_PAGE, params.limit - len(variants)),
                "after": cursor,
            },
        )
        page = data["productVariants"]
        variants += [_variant(node, data["shop"]["currencyCode"]) for node in page["nodes"]]
        has_more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    return VariantPage(variants=variants, has_more=has_more, next=cursor if has_more else None)


class SetPrice(sdk.Params, kw_only=True):
    variant_id: Annotated[
        str | int,
        sdk.Meta(
            title="Article",
            description="The variant's id, as Read prices or an order's line gives it.",
            examples=[_VARIANT.id],
        ),
    ]
    price: Annotated[
        sdk.Money, sdk.Meta(title="Price", description="In the shop's currency, 0 or more.")
    ]
    compare_at_price: Annotated[
        sdk.Money | None,
        sdk.Meta(
            title="Earlier price",
            description="Shown struck through. Empty: none is shown; one that is there is taken "
            "away.",
        ),
    ] = None


class PriceSet(sdk.Output, kw_only=True):
    """The article as it is now, and whether it had another price before."""

    variant: Variant
    changed: bool


@connector.action(
    "set_price",
    title="Set price",
    effect="repeatable",
    synonyms=("change price", "discount", "sale price", "compare at price"),
    example=example.shown(PriceSet(variant=_VARIANT, changed=True)),
)
async def set_price(ctx: Context, params: SetPrice) -> PriceSet:
    """Set an article's price and the earlier price beside it; both end as they are given here."""
    wanted = params.price, params.compare_at_price
    if any(amount is not None and amount < 0 for amount in wanted):
        raise sdk.BadParams("A price cannot be below 0", params={"why": "shopify.price_below_zero"})
    variant = gid("ProductVariant", params.variant_id)
    data = await call(ctx, GET_VARIANT, {"id": variant})
    node = found(data["productVariant"], "article", params.variant_id)
    before = _variant(node, data["shop"]["currencyCode"])
    ctx.add_key("product", before.product_id)
    if (before.price, before.compare_at_price) == wanted:
        return PriceSet(variant=before, changed=False)
    entry = {"id": variant, "price": _written(wanted[0]), "compareAtPrice": _written(wanted[1])}
    done = await call(ctx, SET_PRICE, {"product": node["product"]["id"], "variants": [entry]})
    (after,) = done["productVariantsBulkUpdate"]["productVariants"]
    return PriceSet(variant=_variant(after, before.currency), changed=True)


def _written(amount: Decimal | None) -> str | None:
    """Spell an amount as Shopify reads it: digits and a point, never an exponent."""
    return None if amount is None else format(amount, "f")


def _variant(node: Any, currency: str) -> Variant:
    product, earlier = node["product"], node["compareAtPrice"]
    return Variant(
        id=number(node["id"]),
        product_id=number(product["id"]),
        item_id=number(node["inventoryItem"]["id"]),
        sku=node["sku"] or None,
        title=node["displayName"],
        price=Decimal(node["price"]),
        compare_at_price=None if earlier is None else Decimal(earlier),
        currency=currency,
        available=node["inventoryQuantity"],
        vendor=product["vendor"] or None,
        product_type=product["productType"] or None,
        tags=product["tags"],
    )
