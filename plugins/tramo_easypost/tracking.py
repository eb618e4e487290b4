"""Tracking: where a parcel is, whoever sold its label.

In live use EasyPost answers a repeated tracking code of the same carrier with the tracker it has,
for three months; the code is the key by which it knows the repetition. Source: EasyPost's support
page “Understanding Trackers”. With a test key it makes a new tracker each time, and charges none.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from tramo import sdk

from tramo_easypost import connector
from tramo_easypost.api import Context, call
from tramo_easypost.rate import is_test

KEY_WINDOW_S: Final = 89 * 24 * 3600
"""Three months, counted with the shortest February."""

TRACKING_EXAMPLE: Final[dict[str, Any]] = {
    "id": "trk_9135862729734d96ad2f9ed0f0565a27",
    "tracking_number": "EZ2000000002",
    "carrier": "USPS",
    "status": "in_transit",
    "status_detail": "arrived_at_facility",
    "shipment_id": "shp_40b6f049f00348b18de3804a26f7fd62",
    "estimated_delivery": "2026-11-24T00:00:00Z",
    "signed_by": None,
    "is_return": False,
    "finished": False,
    "tracking_url": "https://track.easypost.com/djE6dHJr",
    "updated_at": "2026-11-21T19:26:51Z",
    "events": [
        {
            "at": "2026-11-21T19:27:00Z",
            "status": "in_transit",
            "detail": "arrived_at_facility",
            "message": "Arrived at facility",
            "city": "ORLANDO",
            "province": "FL",
            "postcode": "32809",
            "country_code": "US",
        }
    ],
    "test": True,
}


class TrackingEvent(sdk.Output, kw_only=True):
    """One thing that the carrier says happened to a parcel."""

    at: str | None = None
    status: str | None = None
    detail: str | None = None
    message: str | None = None
    city: str | None = None
    province: str | None = None
    postcode: str | None = None
    country_code: str | None = None


class Tracking(sdk.Output, kw_only=True):
    """A parcel and its way so far."""

    id: str
    tracking_number: str
    carrier: str | None = None
    status: Annotated[
        str,
        sdk.Meta(
            description="unknown, pre_transit, in_transit, out_for_delivery, delivered, "
            "available_for_pickup, return_to_sender, failure, cancelled or error."
        ),
    ]
    status_detail: str | None = None
    shipment_id: Annotated[
        str | None, sdk.Meta(description="Set when the label was bought at EasyPost.")
    ] = None
    estimated_delivery: str | None = None
    signed_by: Annotated[str | None, sdk.Personal("name")] = None
    is_return: bool = False
    finished: Annotated[bool, sdk.Meta(description="Nothing more is expected.")] = False
    tracking_url: str | None = None
    updated_at: str | None = None
    events: Annotated[tuple[TrackingEvent, ...], sdk.Meta(description="The oldest first.")] = ()
    test: bool = False
    raw: Any = None


class TrackParcel(sdk.Params, kw_only=True):
    """The parcel to follow."""

    tracking_code: Annotated[
        str | int,
        sdk.Meta(
            title="Tracking code",
            description="As the carrier or the shop gives it.",
            examples=["9400110898825022579493"],
        ),
    ]
    carrier: Annotated[
        Annotated[str, sdk.Meta(max_length=60)],
        sdk.Meta(
            title="Carrier",
            description="EasyPost's name for it. Empty: EasyPost tells it from the code.",
            examples=["USPS", "UPS", "FedEx", "DHLExpress"],
        ),
    ] = ""


@connector.action(
    "track_parcel",
    title="Track parcel",
    effect="keyed",
    key_window_s=KEY_WINDOW_S,
    synonyms=("follow shipment", "create tracker", "where is my parcel"),
    causes=("tracking_started",),
    example=TRACKING_EXAMPLE,
)
async def track_parcel(ctx: Context, params: TrackParcel) -> Tracking:
    """Follow a parcel of any carrier, so that its news starts flows.

    Keyed by the tracking code: a code that is followed already gives the tracker it has.
    """
    tracker = {"tracking_code": _code(params.tracking_code)}
    if params.carrier.strip():
        tracker["carrier"] = params.carrier.strip()
    made = await call(ctx, "POST", "trackers", json={"tracker": tracker})
    return _noted(ctx, made)


class GetTracking(sdk.Params, kw_only=True):
    """The parcel to look up."""

    tracking_code: Annotated[
        str | int,
        sdk.Meta(
            title="Tracking code or tracker",
            description="The code of a parcel that EasyPost follows, or the id of its tracker.",
            examples=["9400110898825022579493", "trk_9135862729734d96ad2f9ed0f0565a27"],
        ),
    ]


@connector.action(
    "get_tracking",
    title="Get tracking",
    effect="pure",
    synonyms=("where is my parcel", "shipment status", "delivery status"),
    example=TRACKING_EXAMPLE,
)
async def get_tracking(ctx: Context, params: GetTracking) -> Tracking:
    """Read where a parcel is that EasyPost follows."""
    code = _code(params.tracking_code)
    if code.startswith("trk_") and code.removeprefix("trk_").isalnum():
        return _noted(ctx, await call(ctx, "GET", f"trackers/{code}"))
    found = await call(ctx, "GET", "trackers", query={"tracking_codes": code, "page_size": 5})
    # The newest comes first; codes are used again after some years.
    for tracker in found.get("trackers") or []:
        if tracker.get("tracking_code") == code:
            return _noted(ctx, tracker)
    raise sdk.Rejected(
        f"EasyPost does not follow {code[:60]} with this key. Put “Track parcel” before this node.",
        code="easypost.not_tracked",
        params={"why": "easypost.not_followed", "code": code[:60]},
    )


def _code(given: str | int) -> str:
    code = "".join(str(given).split())
    if not code:
        raise sdk.BadParams("The tracking code is empty.", code="easypost.no_code")
    return code


def _noted(ctx: Context, tracker: Any) -> Tracking:
    tracking = read_tracking(tracker)
    ctx.add_key("tracking", tracking.tracking_number)
    if tracking.shipment_id:
        ctx.add_key("shipment", tracking.shipment_id)
    return tracking


def read_tracking(tracker: Any) -> Tracking:
    """Return EasyPost's tracker in our words."""
    return msgspec.convert({**tracking_fields(tracker), "raw": tracker}, Tracking)


def tracking_fields(tracker: Any) -> dict[str, Any]:
    """Return a tracker's fields by the names that Tracking has for them."""
    return {
        "id": tracker["id"],
        "tracking_number": tracker["tracking_code"],
        "carrier": tracker.get("carrier"),
        "status": tracker.get("status") or "unknown",
        "status_detail": tracker.get("status_detail"),
        "shipment_id": tracker.get("shipment_id"),
        "estimated_delivery": tracker.get("est_delivery_date"),
        "signed_by": tracker.get("signed_by"),
        "is_return": bool(tracker.get("is_return")),
        "finished": bool(tracker.get("finalized")),
        "tracking_url": tracker.get("public_url"),
        "updated_at": tracker.get("updated_at"),
        "events": [_event(detail) for detail in tracker.get("tracking_details") or []],
        "test": is_test(tracker),
    }


def _event(detail: Any) -> dict[str, Any]:
    place = detail.get("tracking_location") or {}
    return {
        "at": detail.get("datetime"),
        "status": detail.get("status"),
        "detail": detail.get("status_detail"),
        "message": detail.get("message"),
        "city": place.get("city"),
        "province": place.get("state"),
        "postcode": place.get("zip"),
        "country_code": place.get("country"),
    }
