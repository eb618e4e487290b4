"""Shopify: orders, fulfilment, stock, prices and customers of a shop, by its GraphQL Admin API.

The table of contents. What a webhook or an answer means is said in `mapping`, how the API is spoken
in `graphql`; each resource has a module with its actions. The connector knows nothing of retries,
tokens, addresses or signatures in transit: the runtime does that from what is declared here.
"""

from tramo import sdk

from tramo_shopify.credential import API_VERSION, ShopifyAccount
from tramo_shopify.graphql import error_message

connector = sdk.Connector(
    "shopify",
    title="Shopify",
    summary="Orders, customers, fulfilment, stock and prices of a Shopify shop.",
    version="1.0.0",
    sdk=">=1,<2",
    credential=ShopifyAccount,
    base_url=f"https://{{shop}}.myshopify.com/admin/api/{API_VERSION}/",
    auth=sdk.Header("X-Shopify-Access-Token", "access_token"),
    docs_url="https://shopify.dev/docs/api/admin-graphql",
    error_message=error_message,
)

# Each module registers itself on the connector above, so they come after it.
from tramo_shopify import (  # noqa: E402
    account,
    customer,
    fulfilment,
    inventory,
    order,
    price,
    refund,
    tag,
    trigger,
)
from tramo_shopify.twin import ShopifyTwin  # noqa: E402

connector.twin(ShopifyTwin)

__all__ = [
    "account",
    "connector",
    "customer",
    "fulfilment",
    "inventory",
    "order",
    "price",
    "refund",
    "tag",
    "trigger",
]
