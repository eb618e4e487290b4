"""Rates: what each carrier would take for a parcel, as exact amounts.

Asking for rates makes a shipment at EasyPost. Without a label it costs nothing and moves nothing,
so asking again leaves the world as it was: the action is repeatable. It is not pure, for a
rehearsal must not fill a real account with shipments.
"""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_easypost import connector
from tramo_easypost.address import PostalAddress, spell
from tramo_easypost.api import Context, call

OUNCE_G: Final = Decimal("28.349523125")
INCH_CM: Final = Decimal("2.54")
TENTH: Final = Decimal("0.1")
LARGEST: Final = Decimal(1_000_000)


class AskRates(sdk.Params, kw_only=True):
    """The parcel that is to be sent."""

    to_address: Annotated[
        PostalAddress,
        sdk.Meta(title="Destination", description="An order's shipping address fits as it is."),
    ]
    from_address: Annotated[
        PostalAddress, sdk.Meta(title="Origin", description="Where the parcel is handed over.")
    ]
    weight: Annotated[
        Decimal,
        sdk.Meta(title="Weight", description="Of the parcel with its box, in grams or ounces."),
    ]
    length: Annotated[
        Decimal | None,
        sdk.Meta(title="Length", description="Of the box, in centimetres or inches."),
    ] = None
    width: Annotated[
        Decimal | None,
        sdk.Meta(title="Width", description="Give all three or none."),
    ] = None
    height: Annotated[
        Decimal | None,
        sdk.Meta(title="Height", description="Without a size, carriers take a small box."),
    ] = None
    units: Annotated[
        Literal["metric", "imperial"],
        sdk.Meta(title="Units", description="Metric: grams and centimetres."),
    ] = "metric"
    reference: Annotated[
        Annotated[str, sdk.Meta(max_length=100)],
        sdk.Meta(title="Order", description="The order's id, kept with the shipment."),
    ] = ""
    label_format: Annotated[
        Literal["PDF", "PNG", "ZPL", "EPL2"],
        sdk.Meta(title="Label format", description="ZPL and EPL2 are for label printers."),
    ] = "PDF"
    carrier_account: Annotated[
        str,
        sdk.Meta(
            title="Carrier account",
            description="Only rates of this account. Empty: of every account.",
            pattern=r"^(ca_[0-9A-Za-z]+)?$",
        ),
        sdk.Choices("carrier_accounts"),
    ] = ""


class Rate(sdk.Output, kw_only=True):
    """What one carrier's service would cost."""

    id: Annotated[str, sdk.Meta(description="Buy label takes it.")]
    carrier: str
    service: str
    amount: Decimal
    currency: str
    list_amount: Decimal | None = None
    retail_amount: Decimal | None = None
    delivery_days: Annotated[int | None, sdk.Meta(description="Working days until it arrives.")]
    delivery_date: str | None = None
    guaranteed: bool = False
    carrier_account: str | None = None


class Unrated(sdk.Output, kw_only=True):
    """A carrier that offers nothing for this parcel, and why."""

    carrier: str | None = None
    message: str


class Rates(sdk.Output, kw_only=True):
    """A shipment that waits for its label, with its rates from the cheapest up."""

    shipment_id: Annotated[str, sdk.Meta(description="Buy label takes it.")]
    reference: str | None = None
    rates: tuple[Rate, ...]
    unrated: tuple[Unrated, ...] = ()
    test: Annotated[bool, sdk.Meta(description="Made with a test key: labels are samples.")]
    raw: Any = None


@connector.action(
    "get_rates",
    title="Get rates",
    effect="repeatable",
    synonyms=("quote", "shipping price", "compare carriers", "postage"),
    example={
        "shipment_id": "shp_a9b97f431c00435cb16ec2d6a14ed109",
        "reference": "820982911946154508",
        "rates": [
            {
                "id": "rate_76e0cae29e294e6db279c76bbe2f27e9",
                "carrier": "USPS",
                "service": "GroundAdvantage",
                "amount": Decimal("8.20"),
                "currency": "USD",
                "list_amount": Decimal("9.74"),
                "retail_amount": Decimal("13.85"),
                "delivery_days": 3,
                "delivery_date": None,
                "guaranteed": False,
                "carrier_account": "ca_9685a1198a75477885a3cdca37559bac",
            }
        ],
        "unrated": [],
        "test": True,
    },
)
async def get_rates(ctx: Context, params: AskRates) -> Rates:
    """Ask every carrier what a parcel would cost, the cheapest first.

    Repeatable: a shipment without a label costs nothing, so one too many does no harm.
    """
    shipment: dict[str, Any] = {
        "to_address": spell(params.to_address),
        "from_address": spell(params.from_address),
        "parcel": measure(params),
        "options": {"label_format": params.label_format},
    }
    if params.reference:
        shipment["reference"] = params.reference
    if params.carrier_account:
        shipment["carrier_accounts"] = [params.carrier_account]
    made = await call(ctx, "POST", "shipments", json={"shipment": shipment})
    note_keys(ctx, made)
    rates = [read_rate(rate) for rate in made.get("rates") or []]
    return Rates(
        shipment_id=made["id"],
        reference=made.get("reference"),
        rates=tuple(sorted(rates, key=lambda rate: (rate.currency, rate.amount))),
        unrated=tuple(
            Unrated(carrier=message.get("carrier"), message=str(message.get("message") or "?"))
            for message in made.get("messages") or []
            if isinstance(message, dict)
        ),
        test=is_test(made),
        raw=made,
    )


def measure(params: AskRates) -> dict[str, Decimal]:
    """Return a parcel in ounces and inches, rounded up to the one decimal that EasyPost takes."""
    metric = params.units == "metric"
    sides = {"length": params.length, "width": params.width, "height": params.height}
    given = {name: side for name, side in sides.items() if side is not None}
    for name, value in {"weight": params.weight, **given}.items():
        if not value.is_finite() or not 0 < value <= LARGEST:
            raise sdk.BadParams(
                f"The {name} of the parcel is {value:f}; give one above 0.",
                code="easypost.bad_parcel",
                details={name: value},
                params={"why": "easypost.above_zero"},
            )
    if given and len(given) < len(sides):
        missing = ", ".join(name for name in sides if name not in given)
        raise sdk.BadParams(
            f"The size of the box lacks its {missing}. Give all three sides, or none.",
            code="easypost.half_a_size",
        )
    inch = INCH_CM if metric else Decimal(1)
    parcel = {name: _tenths(side, inch) for name, side in given.items()}
    return parcel | {"weight": _tenths(params.weight, OUNCE_G if metric else Decimal(1))}


def _tenths(value: Decimal, unit: Decimal) -> Decimal:
    return (value / unit).quantize(TENTH, ROUND_UP)


def read_rate(found: Any) -> Rate:
    """Return EasyPost's rate with exact amounts."""
    days = found.get("delivery_days") or found.get("est_delivery_days")
    return Rate(
        id=found["id"],
        carrier=found["carrier"],
        service=found["service"],
        amount=Decimal(found["rate"]),
        currency=found["currency"],
        list_amount=_amount(found.get("list_rate")),
        retail_amount=_amount(found.get("retail_rate")),
        delivery_days=None if days is None else int(days),
        delivery_date=found.get("delivery_date"),
        guaranteed=bool(found.get("delivery_date_guaranteed")),
        carrier_account=found.get("carrier_account_id"),
    )


def _amount(text: Any) -> Decimal | None:
    return None if text is None else Decimal(text)


def is_test(found: Any) -> bool:
    """Tell whether a thing was made with a test key."""
    return found.get("mode") == "test"


def note_keys(ctx: Context, shipment: Any) -> None:
    """Note what a shipment is about, so that its events find their way to this run."""
    ctx.add_key("shipment", shipment["id"])
    if shipment.get("reference"):
        ctx.add_key("order", str(shipment["reference"]))
    if shipment.get("tracking_code"):
        ctx.add_key("tracking", shipment["tracking_code"])


@connector.choices("carrier_accounts")
async def list_carrier_accounts(ctx: Context, search: str) -> list[sdk.Choice]:
    """Offer the accounts with carriers that are connected at EasyPost."""
    try:
        accounts = await call(ctx, "GET", "carrier_accounts")
    except sdk.CredentialRefused:
        raise sdk.Rejected(
            "EasyPost shows carrier accounts to live keys only. Type the account's id, which "
            "begins with ca_, or leave the field empty.",
            code="easypost.live_key_needed",
        ) from None
    return [
        sdk.Choice(
            value=account["id"],
            label=account.get("readable") or account["type"],
            hint=account.get("description") or account.get("reference"),
        )
        for account in accounts
        if search.strip().lower()
        in f"{account.get('readable')} {account.get('description')}".lower()
    ]
