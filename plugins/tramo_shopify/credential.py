"""What a connection to a shop holds. Knows nothing of how it is stored or sent."""

from __future__ import annotations

from typing import Annotated, Final

from tramo import sdk

API_VERSION: Final = "2026-07"
DOMAIN: Final = ".myshopify.com"

SCOPES: Final = (
    "write_orders",
    "write_customers",
    "write_inventory",
    "write_products",
    "read_locations",
    "write_merchant_managed_fulfillment_orders",
    "write_third_party_fulfillment_orders",
)
"""What the app may do, so that every action and trigger works; `write_` includes reading."""


class ShopifyAccount(sdk.Credential, kw_only=True):
    """A shop and the access of one custom app in it."""

    shop: Annotated[
        str,
        sdk.Meta(
            title="Shop",
            description="The shop's own name at Shopify, such as my-shop.myshopify.com.",
            pattern=r"^[a-z0-9][a-z0-9-]{0,62}(\.myshopify\.com)?$",
            examples=["my-shop.myshopify.com"],
        ),
    ]
    access_token: Annotated[
        sdk.Secret,
        sdk.Meta(
            title="Admin API access token",
            description=(
                "The token of a custom app of this shop; it begins with shpat_. "
                f"The app needs the scopes {', '.join(SCOPES)}."
            ),
        ),
    ]
    client_secret: Annotated[
        sdk.Secret | None,
        sdk.Meta(
            title="API secret key",
            description=(
                "The app's client secret, with which Shopify signs what it delivers. "
                "Needed for triggers."
            ),
        ),
        sdk.hint(secret=True, widget="secret"),
    ] = None

    def __post_init__(self) -> None:
        self.shop = self.shop.removesuffix(DOMAIN)
