"""What Mailchimp delivers where: one webhook in each audience, made, changed and taken away.

Mailchimp takes an address once for each audience, whatever stands behind its question mark, so a
webhook that is there is changed and not made again.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, call
from tramo_mailchimp.audience import audiences
from tramo_mailchimp.delivery import OUTPUTS

SECRET: Final = "secret"  # noqa: S105 - the name of the parameter, not a secret


@connector.subscribe
async def subscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Make every audience deliver these topics to an address, beside those it delivers already."""
    url = f"{address}?{urlencode({SECRET: ctx.credential.webhook_secret or ''})}"
    sources = {"user": True, "admin": True, "api": ctx.credential.api_changes}
    async for audience in audiences(ctx):
        path = f"lists/{audience['id']}/webhooks"
        present = await _find(ctx, path, address)
        wanted = _events({*topics, *_topics(present)})
        body = {"url": url, "events": wanted, "sources": sources}
        if present is None:
            await call(ctx, "POST", path, json=body)
        elif any(present.get(name) != value for name, value in body.items()):
            await call(ctx, "PATCH", f"{path}/{present['id']}", json=body)


@connector.unsubscribe
async def unsubscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Make every audience stop delivering these topics to an address."""
    async for audience in audiences(ctx):
        path = f"lists/{audience['id']}/webhooks"
        present = await _find(ctx, path, address)
        if present is None:
            continue
        left = _topics(present) - set(topics)
        if left:
            await call(ctx, "PATCH", f"{path}/{present['id']}", json={"events": _events(left)})
        else:
            await call(ctx, "DELETE", f"{path}/{present['id']}")


async def _find(ctx: Context, path: str, address: str) -> dict[str, Any] | None:
    answer = await call(ctx, "GET", path)
    for webhook in answer.get("webhooks") or []:
        if str(webhook.get("url", "")).partition("?")[0] == address:
            return webhook
    return None


def _topics(webhook: dict[str, Any] | None) -> set[str]:
    events = (webhook or {}).get("events") or {}
    return {topic for topic, on in events.items() if on}


def _events(topics: set[str]) -> dict[str, bool]:
    """Return the whole set of switches: what is left out would be switched on."""
    return {topic: topic in topics for topic in OUTPUTS}
