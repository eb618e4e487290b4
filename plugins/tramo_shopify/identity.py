"""Shopify's ids: a number in webhooks and flows, `gid://shopify/Kind/number` in the API."""

from __future__ import annotations

import re
from typing import Annotated, Final

from tramo import sdk

GID: Final = re.compile(r"gid://shopify/(\w+)/(\d{1,20})(\?\S*)?\Z")
NUMBER: Final = re.compile(r"\d{1,20}\Z")

OrderId = Annotated[
    str | int,
    sdk.Meta(
        title="Order",
        description="The order's id, as a trigger gives it.",
        examples=["820982911946154508"],
    ),
]


def gid(kind: str, value: str | int) -> str:
    """Return the global id of a thing of `kind`, from its number or global id.

    Raises BadParams for anything else, such as an order's name or the id of another kind of thing.
    """
    text = str(value).strip()
    if NUMBER.match(text):
        return f"gid://shopify/{kind}/{text}"
    match = GID.match(text)
    if match and match[1] == kind:
        return text
    raise sdk.BadParams(
        f"“{text[:60]}” is not the id of a Shopify {kind}; give its number, such as "
        "820982911946154508",
        code="shopify.bad_id",
        details={"given": text[:200], "kind": kind},
    )


def number(global_id: str) -> str:
    """Return the number in a global id, as text, for it may pass 2^53."""
    match = GID.match(global_id)
    if match is None:
        raise ValueError(f"{global_id[:80]!r} is not a global id of Shopify")
    return match[2]
