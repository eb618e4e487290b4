"""Audiences: offered in forms, and walked through where something is about all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from tramo import sdk

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, Missing, call, pages

PAGES: Final = 5
NO_AUDIENCE: Final = Missing(
    "mailchimp.no_audience", "This account has no such audience. Choose another in the node."
)
ID: Final = "^[A-Za-z0-9]{1,40}$"

Audience = Annotated[
    str,
    sdk.Meta(title="Audience", description="Which of your audiences.", pattern=ID),
    sdk.Choices("audiences"),
]


@connector.choices("audiences")
async def list_audiences(ctx: Context, search: str) -> list[sdk.Choice]:
    """Offer the account's audiences by name."""
    wanted = search.strip().lower()
    found = [item async for item in audiences(ctx) if wanted in item["name"].lower()]
    found.sort(key=lambda item: item["name"].lower())
    return [
        sdk.Choice(
            value=item["id"],
            label=item["name"],
            hint=None if (count := _size(item)) is None else f"People: {count}",
            hint_key=None if count is None else "people",
            hint_params={"count": count},
        )
        for item in found
    ]


def _size(audience: dict[str, Any]) -> int | None:
    return (audience.get("stats") or {}).get("member_count")


async def audiences(ctx: Context) -> AsyncIterator[dict[str, Any]]:
    """Yield every audience of the account."""
    async for item in pages(ctx, "lists", "lists", PAGES):
        yield item


async def require_audience(ctx: Context, audience: str) -> None:
    """Raise what there is to say if the account has no such audience."""
    await call(ctx, "GET", f"lists/{audience}", query={"fields": "id"}, missing=NO_AUDIENCE)
