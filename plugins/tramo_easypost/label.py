"""Labels: bought once, and given back while nobody has scanned them.

EasyPost makes one label for a shipment and refuses a second one, so a purchase whose answer was
lost is found by reading the shipment back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_easypost import connector
from tramo_easypost.api import EXISTS, Context, call
from tramo_easypost.rate import is_test, note_keys, read_rate

GIVEN_BACK: Final = frozenset({"submitted", "refunded", "not_applicable"})
"""Refund states after which asking again changes nothing; `rejected` may be asked for anew."""

ShipmentId = Annotated[
    str,
    sdk.Meta(
        title="Shipment",
        description="The shipment_id from the output of Get rates.",
        pattern=r"^shp_[0-9A-Za-z]+$",
    ),
]


class BuyLabel(sdk.Params, kw_only=True):
    """Which rate of which shipment to buy."""

    shipment_id: ShipmentId
    rate_id: Annotated[
        str,
        sdk.Meta(
            title="Rate",
            description="The id of one of the rates from the output of Get rates.",
            pattern=r"^rate_[0-9A-Za-z]+$",
        ),
    ]
    insurance: Annotated[
        sdk.Money | None,
        sdk.Meta(
            title="Insured value",
            description="In US dollars; EasyPost takes a premium for it. Empty: not insured.",
        ),
        sdk.hint(widget="money", currency="USD"),
    ] = None


class Label(sdk.Output, kw_only=True):
    """A label that was bought."""

    shipment_id: str
    reference: str | None = None
    tracking_number: str
    label_url: Annotated[str, sdk.Meta(description="Where the label can be fetched and printed.")]
    label_type: str | None = None
    carrier: str
    service: str
    amount: Decimal
    currency: str
    insured: Annotated[Decimal | None, sdk.Meta(description="In US dollars.")] = None
    tracker_id: str | None = None
    tracking_url: str | None = None
    test: Annotated[bool, sdk.Meta(description="A sample that no carrier accepts.")]
    raw: Any = None


@connector.action(
    "buy_label",
    title="Buy label",
    effect="never_repeat",
    costly=True,
    synonyms=("purchase label", "ship", "postage", "print label"),
    causes=("tracking_started",),
    example={
        "shipment_id": "shp_40b6f049f00348b18de3804a26f7fd62",
        "reference": "820982911946154508",
        "tracking_number": "9434600208303109842228",
        "label_url": "https://easypost-files.s3.us-west-2.amazonaws.com/files/postage_label/1.pdf",
        "label_type": "application/pdf",
        "carrier": "USPS",
        "service": "GroundAdvantage",
        "amount": Decimal("8.20"),
        "currency": "USD",
        "insured": None,
        "tracker_id": "trk_bebe7357cc7e4ebc9248bdd7191084af",
        "tracking_url": "https://track.easypost.com/djE6dHJr",
        "test": True,
    },
)
async def buy_label(ctx: Context, params: BuyLabel) -> Label:
    """Buy the label of a shipment at one of its rates.

    A shipment whose label was bought at this very rate gives that label: EasyPost sells one for a
    shipment.
    """
    asked: dict[str, Any] = {"rate": {"id": params.rate_id}}
    if params.insurance is not None:
        if params.insurance <= 0:
            raise sdk.BadParams("The insured value must be more than 0.", code="easypost.insurance")
        asked["insurance"] = f"{params.insurance:f}"
    try:
        bought = await call(ctx, "POST", f"shipments/{params.shipment_id}/buy", json=asked)
    except sdk.Rejected as refusal:
        if (refusal.details or {}).get("error") != EXISTS:
            raise
        bought = await call(ctx, "GET", f"shipments/{params.shipment_id}")
        if (bought.get("selected_rate") or {}).get("id") != params.rate_id:
            raise refusal from None
    note_keys(ctx, bought)
    return read_label(bought)


@connector.probe("buy_label")
async def was_bought(ctx: Context, params: BuyLabel) -> sdk.ProbeResult:
    """Look whether the shipment has its label.

    Without one nothing was bought: should a purchase still be under way, EasyPost refuses the next.
    """
    shipment = await call(ctx, "GET", f"shipments/{params.shipment_id}")
    if not shipment.get("postage_label"):
        return sdk.DidNotHappen()
    if (shipment.get("selected_rate") or {}).get("id") != params.rate_id:
        return sdk.DidNotHappen()  # Another rate's label: the next attempt says so.
    return sdk.Happened(read_label(shipment))


def read_label(shipment: Any) -> Label:
    """Return the label of a shipment that has one."""
    bought = read_rate(shipment["selected_rate"])
    paper = shipment["postage_label"]
    tracker = shipment.get("tracker") or {}
    insured = shipment.get("insurance")
    return Label(
        shipment_id=shipment["id"],
        reference=shipment.get("reference"),
        tracking_number=shipment["tracking_code"],
        label_url=paper["label_url"],
        label_type=paper.get("label_file_type"),
        carrier=bought.carrier,
        service=bought.service,
        amount=bought.amount,
        currency=bought.currency,
        insured=None if insured is None else Decimal(insured),
        tracker_id=tracker.get("id"),
        tracking_url=tracker.get("public_url"),
        test=is_test(shipment),
        raw=shipment,
    )


# Giving a label back ------------------------------------------------------------------------------


class VoidLabel(sdk.Params, kw_only=True):
    """Whose label to give back."""

    shipment_id: ShipmentId


class VoidedLabel(sdk.Output, kw_only=True):
    """How far the carrier is with taking a label back."""

    shipment_id: str
    tracking_number: str | None = None
    status: Annotated[
        Literal["submitted", "refunded", "rejected", "not_applicable"],
        sdk.Meta(
            description="submitted: the carrier decides within 30 days. refunded: the money is "
            "back. rejected: it keeps the money. not_applicable: it charges scanned parcels only."
        ),
    ]
    carrier: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    raw: Any = None


@connector.action(
    "void_label",
    title="Void label",
    effect="repeatable",
    costly=True,
    synonyms=("refund label", "cancel label", "cancel shipment"),
    example={
        "shipment_id": "shp_597ccf75eb5f441282d22199e802474b",
        "tracking_number": "9405500208303109884199",
        "status": "submitted",
        "carrier": "USPS",
        "amount": Decimal("8.20"),
        "currency": "USD",
    },
)
async def void_label(ctx: Context, params: VoidLabel) -> VoidedLabel:
    """Give the label of a parcel that was not sent back to the carrier, for its money.

    Repeatable: a label that was given back already is left alone.
    """
    shipment = await call(ctx, "GET", f"shipments/{params.shipment_id}")
    if not shipment.get("postage_label"):
        raise sdk.Rejected(
            "This shipment has no label, so there is none to void.", code="easypost.no_label"
        )
    if shipment.get("refund_status") not in GIVEN_BACK:
        try:
            path = f"shipments/{params.shipment_id}/refund"
            shipment = await call(ctx, "POST", path, json={})
        except sdk.Rejected:
            # Given back meanwhile, perhaps by an attempt whose answer was lost?
            shipment = await call(ctx, "GET", f"shipments/{params.shipment_id}")
            if shipment.get("refund_status") not in GIVEN_BACK:
                raise
    note_keys(ctx, shipment)
    return read_void(shipment)


@connector.probe("void_label")
async def was_voided(ctx: Context, params: VoidLabel) -> sdk.ProbeResult:
    """Look whether the carrier has been asked to take the label back."""
    shipment = await call(ctx, "GET", f"shipments/{params.shipment_id}")
    if shipment.get("refund_status") in GIVEN_BACK:
        return sdk.Happened(read_void(shipment))
    return sdk.DidNotHappen()


def read_void(shipment: Any) -> VoidedLabel:
    """Return how far the refund of a shipment's label is."""
    bought = read_rate(shipment["selected_rate"]) if shipment.get("selected_rate") else None
    return VoidedLabel(
        shipment_id=shipment["id"],
        tracking_number=shipment.get("tracking_code"),
        status=shipment.get("refund_status") or "submitted",
        carrier=bought and bought.carrier,
        amount=bought and bought.amount,
        currency=bought and bought.currency,
        raw=shipment,
    )
