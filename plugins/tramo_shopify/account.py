"""Whose shop a connection leads to."""

from __future__ import annotations

from typing import Final

from tramo import sdk

from tramo_shopify import connector
from tramo_shopify.graphql import Context, call, document

GET_SHOP: Final = document("query GetShop { shop { id name myshopifyDomain } }")


@connector.test
async def test(ctx: Context) -> sdk.Account:
    """Ask the shop for its name."""
    shop = (await call(ctx, GET_SHOP))["shop"]
    return sdk.Account(name=shop["name"], id=shop["myshopifyDomain"])
