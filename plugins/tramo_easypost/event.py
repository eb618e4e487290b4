"""What EasyPost delivers: events about trackers, refunds and batches, read into plain outputs.

An event holds the thing it is about as `result`, and in `previous_attributes` what was different
before. The addresses it was delivered to are left out: they may hold passwords of other services.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from tramo import sdk

from tramo_easypost.rate import is_test
from tramo_easypost.tracking import Tracking, tracking_fields

SECRETS: Final = frozenset({"pending_urls", "completed_urls"})

Status = Literal[
    "pre_transit",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "available_for_pickup",
    "return_to_sender",
    "failure",
    "cancelled",
    "error",
    "unknown",
]


class TrackingFilter(sdk.Params, kw_only=True):
    """Which news of parcels starts the flow."""

    statuses: Annotated[
        list[Status],
        sdk.Meta(title="Statuses", description="Only these. Empty: every status."),
    ] = msgspec.field(default_factory=list)
    changes_only: Annotated[
        bool,
        sdk.Meta(
            title="Only when the status changes",
            description="Otherwise every scan of the carrier starts the flow.",
        ),
    ] = True


class TrackingNews(Tracking, kw_only=True):
    """A parcel that moved."""

    previous_status: Annotated[
        str | None, sdk.Meta(description="The status before, if that is what changed.")
    ] = None
    status_changed: bool = False


class LabelRefund(sdk.Output, kw_only=True):
    """A label that a carrier took back, or did not."""

    id: str
    shipment_id: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    status: str
    confirmation: str | None = None
    test: bool = False
    raw: Any = None


class BatchShipment(sdk.Output, kw_only=True):
    """One shipment of a batch."""

    id: str | None = None
    status: str | None = None
    message: str | None = None
    reference: str | None = None
    tracking_number: str | None = None


class Batch(sdk.Output, kw_only=True):
    """Shipments that EasyPost works on together."""

    id: str
    state: str
    reference: str | None = None
    count: int = 0
    purchased: int = 0
    failed: int = 0
    label_url: str | None = None
    shipments: tuple[BatchShipment, ...] = ()
    test: bool = False
    raw: Any = None


# Reading ------------------------------------------------------------------------------------------


def read(delivery: sdk.Delivery) -> list[sdk.Incoming]:
    """Read a delivery whose signature holds. Raises ValueError for what EasyPost does not send."""
    event = sdk.decode(delivery.body)
    if not isinstance(event, dict) or event.get("object") != "Event":
        raise ValueError("EasyPost's deliveries are events")
    topic, id = event.get("description"), event.get("id")
    if not isinstance(topic, str) or not isinstance(event.get("result"), dict):
        raise ValueError("the event does not say what happened to what")
    outputs = {
        "tracker.created": tracking_output,
        "tracker.updated": tracking_output,
        "refund.successful": refund_output,
        "batch.updated": batch_output,
    }
    if topic not in outputs:
        return []  # Nothing listens to scan forms, claims, payments and the like.
    opened = {name: value for name, value in event.items() if name not in SECRETS}
    try:
        outputs[topic](opened)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError(f"this is not shaped as EasyPost's {topic} events are") from None
    return [sdk.Incoming(topic=topic, delivery_id=str(id) if id else None, payload=opened)]


def tracking_output(event: Any) -> TrackingNews:
    """Make the output of a tracker's event."""
    before = event.get("previous_attributes")
    previous = before.get("status") if isinstance(before, dict) else None
    fields = tracking_fields(event["result"])
    fields |= {
        "previous_status": previous,
        "status_changed": previous is not None and previous != fields["status"],
        "raw": event,
    }
    return msgspec.convert(fields, TrackingNews)


def tracking_matches(params: TrackingFilter, output: Any) -> bool:
    """Tell whether a parcel's news, as plain output, starts a flow with these params."""
    return (not params.statuses or output["status"] in params.statuses) and (
        output["status_changed"] or not params.changes_only
    )


def refund_output(event: Any) -> LabelRefund:
    """Make the output of a refund's event."""
    refund = event["result"]
    fields = {
        "id": refund["id"],
        "shipment_id": refund.get("shipment_id"),
        "tracking_number": refund.get("tracking_code"),
        "carrier": refund.get("carrier"),
        "status": refund["status"],
        "confirmation": refund.get("confirmation_number"),
        "test": is_test(event),
        "raw": event,
    }
    return msgspec.convert(fields, LabelRefund)


def batch_output(event: Any) -> Batch:
    """Make the output of a batch's event."""
    batch = event["result"]
    counts = batch.get("status") or {}
    fields = {
        "id": batch["id"],
        "state": batch["state"],
        "reference": batch.get("reference"),
        "count": batch.get("num_shipments") or 0,
        "purchased": counts.get("postage_purchased") or 0,
        "failed": (counts.get("postage_purchase_failed") or 0)
        + (counts.get("creation_failed") or 0),
        "label_url": batch.get("label_url"),
        "shipments": [
            {
                "id": shipment.get("id"),
                "status": shipment.get("batch_status"),
                "message": shipment.get("batch_message"),
                "reference": shipment.get("reference"),
                "tracking_number": shipment.get("tracking_code"),
            }
            for shipment in batch.get("shipments") or []
        ],
        "test": is_test(batch),
        "raw": event,
    }
    return msgspec.convert(fields, Batch)
