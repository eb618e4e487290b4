"""What starts flows: parcels that move, refunds and batches, at one signed door.

EasyPost delivers every event of an account to every address it has been given: there are no topics
to choose from, so one webhook carries them all.
"""

from __future__ import annotations

from typing import Any, Final

from tramo import sdk

from tramo_easypost import connector, event
from tramo_easypost.api import Context, call
from tramo_easypost.tracking import TRACKING_EXAMPLE

TRACKING_KEYS: Final = {"tracking": "tracking_number", "shipment": "shipment_id"}

connector.door(
    sdk.WebhookDoor(
        signature=sdk.HmacSignature(
            header="x-hmac-signature",
            secret="webhook_secret",  # noqa: S106 - the name of a field
            prefix="hmac-sha256-hex=",
        ),
        read=event.read,
        only_tells=True,
    )
)
connector.webhook_trigger(
    "tracking_updated",
    title="Parcel moved",
    summary="Starts when a carrier says something new about a parcel.",
    topic="tracker.updated",
    params=event.TrackingFilter,
    event=event.TrackingNews,
    output=event.tracking_output,
    matches=event.tracking_matches,
    keys=TRACKING_KEYS,
    synonyms=("delivered", "delivery status", "shipment update", "delayed"),
    example={**TRACKING_EXAMPLE, "previous_status": "pre_transit", "status_changed": True},
)
connector.webhook_trigger(
    "tracking_started",
    title="Tracking started",
    summary="Starts when EasyPost begins to follow a parcel, such as one with a new label.",
    topic="tracker.created",
    event=event.TrackingNews,
    output=event.tracking_output,
    keys=TRACKING_KEYS,
    synonyms=("label bought", "parcel announced", "tracker created"),
    example={
        **TRACKING_EXAMPLE,
        "status": "pre_transit",
        "events": [],
        "previous_status": None,
        "status_changed": False,
    },
)
connector.webhook_trigger(
    "label_refunded",
    title="Label refunded",
    summary="Starts when a carrier has taken a label back and the money returns.",
    topic="refund.successful",
    event=event.LabelRefund,
    output=event.refund_output,
    keys={**TRACKING_KEYS, "refund": "id"},
    synonyms=("money back", "void", "label cancelled"),
    example={
        "id": "rfnd_92d852c508204fc3a34e62977eaa6c50",
        "shipment_id": "shp_744d6715c6794d8c8cd0874c368878ba",
        "tracking_number": "9405500208303109884137",
        "carrier": "USPS",
        "status": "refunded",
        "confirmation": None,
        "test": True,
    },
)
connector.webhook_trigger(
    "batch_updated",
    title="Batch changed",
    summary="Starts when a batch of shipments was made, bought or labelled.",
    topic="batch.updated",
    event=event.Batch,
    output=event.batch_output,
    keys={
        "batch": "id",
        "shipment": "shipments[].id",
        "order": "shipments[].reference",
        "tracking": "shipments[].tracking_number",
    },
    synonyms=("bulk labels", "many labels"),
    example={
        "id": "batch_c050eae70c7043af941aa31cbdb92691",
        "state": "purchased",
        "reference": None,
        "count": 1,
        "purchased": 1,
        "failed": 0,
        "label_url": None,
        "shipments": [
            {
                "id": "shp_a099c1ab39a548da848bc3ad4e0f685c",
                "status": "postage_purchased",
                "message": None,
                "reference": "820982911946154508",
                "tracking_number": "9400100208303109884199",
            }
        ],
        "test": True,
    },
)


# Subscriptions ------------------------------------------------------------------------------------


@connector.subscribe
async def subscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Let EasyPost deliver its events to an address.

    A webhook that is there gets the connection's secret once more, which also wakes it up if
    EasyPost had switched it off.
    """
    del topics  # There are none to choose from.
    secret = ctx.credential.webhook_secret
    if not secret:
        raise sdk.BadParams(
            "The EasyPost connection has no webhook secret, so its events could not be told from "
            "forgeries. Make one up and put it into the connection.",
            code="easypost.no_webhook_secret",
        )
    present = await _webhooks(ctx, address)
    if present:
        await call(ctx, "PATCH", f"webhooks/{present[0]}", json={"webhook_secret": secret})
        return
    webhook = {"url": address, "webhook_secret": secret}
    await call(ctx, "POST", "webhooks", json={"webhook": webhook})


@connector.unsubscribe
async def unsubscribe(ctx: Context, topics: list[str], address: str) -> None:
    """Make EasyPost stop delivering to an address, whichever topics are no longer wanted.

    Whoever still wants others subscribes once more.
    """
    del topics
    for webhook in await _webhooks(ctx, address):
        await call(ctx, "DELETE", f"webhooks/{webhook}")


async def _webhooks(ctx: Context, address: str) -> list[str]:
    found: dict[str, Any] = await call(ctx, "GET", "webhooks")
    kept = found.get("webhooks") or []
    return [webhook["id"] for webhook in kept if webhook.get("url") == address]
