"""Tags of orders, customers and products."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_shopify import connector, example
from tramo_shopify.graphql import Context, Document, call, document
from tramo_shopify.identity import gid, number

KINDS: Final = {
    "order": "Order",
    "customer": "Customer",
    "product": "Product",
    "draft_order": "DraftOrder",
}

KEY_KINDS: Final = {
    "order": "order",
    "customer": "person",
    "product": "product",
    "draft_order": "draft_order",
}

TAGGED: Final = """
    node {
      id
      ... on Order { tags }
      ... on Customer { tags }
      ... on Product { tags }
      ... on DraftOrder { tags }
    }
    userErrors { field message }
"""

ADD_TAGS: Final = document(
    f"""mutation AddTags($id: ID!, $tags: [String!]!) {{
  tagsAdd(id: $id, tags: $tags) {{ {TAGGED} }}
}}"""
)

REMOVE_TAGS: Final = document(
    f"""mutation RemoveTags($id: ID!, $tags: [String!]!) {{
  tagsRemove(id: $id, tags: $tags) {{ {TAGGED} }}
}}"""
)

TagText = Annotated[str, sdk.Meta(min_length=1, max_length=255, pattern=r"^[^,]*[^,\s][^,]*$")]


class Tags(sdk.Params, kw_only=True):
    id: Annotated[
        str | int,
        sdk.Meta(
            title="Id",
            description="The id of the order, customer or product.",
            examples=[example.ORDER_ID],
        ),
    ]
    kind: Annotated[
        Literal["order", "customer", "product", "draft_order"],
        sdk.Meta(title="What it is", description="Which kind of thing carries the tags."),
    ] = "order"
    tags: Annotated[
        list[TagText],
        sdk.Meta(title="Tags", description="Without commas.", min_length=1, max_length=250),
    ]


class Tagged(sdk.Output, kw_only=True):
    id: str
    tags: list[str]
    """Every tag it has now."""


_EXAMPLE: Final = example.shown(Tagged(id=example.ORDER_ID, tags=["vip", "web"]))


@connector.action(
    "add_tags",
    title="Add tags",
    effect="repeatable",
    synonyms=("label", "tag order", "tag customer"),
    causes=("order_updated",),
    example=_EXAMPLE,
)
async def add_tags(ctx: Context, params: Tags) -> Tagged:
    """Add tags to an order, customer or product; those it has already stay."""
    return await _send(ctx, ADD_TAGS, "tagsAdd", params)


@connector.action(
    "remove_tags",
    title="Remove tags",
    effect="repeatable",
    synonyms=("unlabel", "untag order", "untag customer"),
    causes=("order_updated",),
    example=example.shown(Tagged(id=example.ORDER_ID, tags=["web"])),
)
async def remove_tags(ctx: Context, params: Tags) -> Tagged:
    """Remove tags from an order, customer or product; those it does not have are no error."""
    return await _send(ctx, REMOVE_TAGS, "tagsRemove", params)


async def _send(ctx: Context, asked: Document, field: str, params: Tags) -> Tagged:
    thing = gid(KINDS[params.kind], params.id)
    data: dict[str, Any] = await call(ctx, asked, {"id": thing, "tags": params.tags})
    node = data[field]["node"]
    ctx.add_key(KEY_KINDS[params.kind], number(node["id"]))
    return Tagged(id=number(node["id"]), tags=node["tags"])
