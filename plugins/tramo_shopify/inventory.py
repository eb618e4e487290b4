"""Stock: how many of an article are available at a location."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from tramo import sdk
from tramo.sdk.commerce import StockLevel

from tramo_shopify import connector, example
from tramo_shopify.graphql import Context, call, document
from tramo_shopify.identity import gid, number

KEY_WINDOW_S: Final = 3600
"""How long we rely on Shopify to know a key: it publishes no figure, an hour is surely inside."""

ADJUST_INVENTORY: Final = document(
    """
mutation AdjustInventory($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id createdAt
      changes { delta name quantityAfterChange item { id sku } location { id name } }
    }
    userErrors { field message code }
  }
}"""
)

FIND_ITEM: Final = document(
    """
query FindInventoryItem($query: String!) {
  inventoryItems(first: 10, query: $query) { nodes { id sku } }
}"""
)

LOCATIONS: Final = document(
    """
query ListLocations($after: String) {
  locations(first: 250, after: $after) {
    nodes { id name isActive }
    pageInfo { hasNextPage endCursor }
  }
}"""
)


class AdjustInventory(sdk.Params, kw_only=True):
    sku: Annotated[
        Annotated[str, sdk.Meta(max_length=255)] | None,
        sdk.Meta(title="SKU", description="Which article; or give its inventory item."),
    ] = None
    inventory_item_id: Annotated[
        str | int | None,
        sdk.Meta(title="Inventory item", description="The article's inventory item id."),
        sdk.hint(advanced=True),
    ] = None
    location_id: Annotated[
        str | int,
        sdk.Meta(title="Location", description="Where the stock lies."),
        sdk.Choices("locations"),
    ]
    delta: Annotated[
        int,
        sdk.Meta(
            title="Change",
            description="Added to what is available; negative takes away.",
            ge=-1_000_000,
            le=1_000_000,
        ),
    ]
    reason: Annotated[
        Literal[
            "correction",
            "cycle_count_available",
            "damaged",
            "promotion",
            "received",
            "restock",
            "shrinkage",
            "other",
        ],
        sdk.Meta(title="Reason", description="Shown in the article's stock history."),
    ] = "correction"
    expected: Annotated[
        int | None,
        sdk.Meta(
            title="Only if there are",
            description="Refused when another number is available. Empty: always.",
        ),
        sdk.hint(advanced=True),
    ] = None


@connector.action(
    "adjust_inventory",
    title="Adjust inventory",
    effect="keyed",
    key_window_s=KEY_WINDOW_S,
    costly=True,
    synonyms=("stock", "change stock", "add stock", "reserve stock"),
    causes=("inventory_level_changed",),
    example=example.shown(example.stock),
)
async def adjust_inventory(ctx: Context, params: AdjustInventory) -> StockLevel:
    """Add to or take from what is available of an article at a location."""
    if params.delta == 0:
        raise sdk.BadParams(
            "A change of 0 changes nothing; give how many to add or take away",
            params={"why": "shopify.change_of_zero"},
        )
    item = await _item(ctx, params)
    location = gid("Location", params.location_id)
    change = {
        "inventoryItemId": item,
        "locationId": location,
        "delta": params.delta,
        # Nullable in the schema, yet the server demands that it is said.
        "changeFromQuantity": params.expected,
    }
    data = await call(
        ctx,
        ADJUST_INVENTORY,
        {
            "input": {
                "name": "available",
                "reason": params.reason,
                "referenceDocumentUri": f"gid://tramo/Step/{ctx.key}",
                "changes": [change],
            },
            "key": ctx.uuid_key(),
        },
    )
    group = data["inventoryAdjustQuantities"]["inventoryAdjustmentGroup"]
    ctx.add_key("inventory_item", number(item))
    return _stock(group, item, location, params.sku)


def _stock(group: Any, item: str, location: str, sku: str | None) -> StockLevel:
    changes = group["changes"] if group else []
    change = next((c for c in changes if c["name"] == "available"), None)
    article = (change or {}).get("item") or {}
    return StockLevel(
        item_id=number(item),
        location_id=number(location),
        sku=article.get("sku") or sku,
        available=change["quantityAfterChange"] if change else None,
        updated_at=group["createdAt"] if group else None,
        raw=group,
    )


async def _item(ctx: Context, params: AdjustInventory) -> str:
    if params.inventory_item_id is not None:
        return gid("InventoryItem", params.inventory_item_id)
    if not params.sku:
        raise sdk.BadParams(
            "Say which article: give its SKU or its inventory item",
            params={"why": "shopify.no_article"},
        )
    # Shopify's search takes a quoted text with backslash escapes, as JSON does.
    quoted = json.dumps(params.sku, ensure_ascii=False)
    data = await call(ctx, FIND_ITEM, {"query": f"sku:{quoted}"})
    matches = [n["id"] for n in data["inventoryItems"]["nodes"] if n["sku"] == params.sku]
    if len(matches) != 1:
        raise sdk.Rejected(
            f"The shop has {len(matches) or 'no'} articles with the SKU “{params.sku}”"
            + ("; give the inventory item instead" if matches else ""),
            code="shopify.sku_ambiguous" if matches else "shopify.not_found",
            params={"why": "shopify.which_sku" if matches else "shopify.no_sku", "sku": params.sku},
        )
    return matches[0]


@connector.choices("locations")
async def locations(ctx: Context, search: str) -> list[sdk.Choice]:
    """Offer the shop's active locations."""
    wanted = search.casefold()
    offered: list[sdk.Choice] = []
    cursor, more = None, True
    while more:
        page = (await call(ctx, LOCATIONS, {"after": cursor}))["locations"]
        offered += [
            sdk.Choice(value=number(node["id"]), label=node["name"])
            for node in page["nodes"]
            if node["isActive"] and wanted in node["name"].casefold()
        ]
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    return offered
