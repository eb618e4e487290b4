"""Acme Parcels: quotes, parcels with labels, and the news that one arrived."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from tramo import sdk

from acme_parcels.twin import AcmeTwin

KEY_WINDOW_S = 24 * 60 * 60


class AcmeAccount(sdk.Credential):
    """An account at Acme."""

    api_key: Annotated[
        sdk.Secret,
        sdk.Meta(title="API key", description="From the developer page of your Acme account."),
    ]
    webhook_secret: Annotated[
        sdk.Secret, sdk.Meta(title="Webhook secret", description="With it Acme signs its news.")
    ]


def error_message(body: Any) -> str | None:
    """Find what Acme says in the body of a refusal."""
    return f"Acme says: {body['detail']}" if isinstance(body, dict) and "detail" in body else None


connector = sdk.Connector(
    "acme_parcels",
    title="Acme Parcels",
    summary="Prices, labels and delivery news of Acme Parcels.",
    category="Shipping",
    credential=AcmeAccount,
    base_url="https://api.acme-parcels.example/v1/",
    auth=sdk.Header("X-Acme-Key", "api_key"),
    error_message=error_message,
)
connector.twin(AcmeTwin)

Country = Annotated[
    str,
    sdk.Meta(
        title="Country",
        description="Two letters, such as ES.",
        pattern="^[A-Z]{2}$",
        examples=["ES"],
    ),
]
Weight = Annotated[
    int,
    sdk.Meta(title="Weight in grams", description="What it weighs with its box.", ge=1, le=30_000),
]


class PriceParams(sdk.Params):
    """What to ask a price for."""

    country: Country
    weight_g: Weight


class Price(sdk.Output):
    """What a parcel would cost."""

    amount: Decimal
    currency: str
    days: Annotated[int, sdk.Meta(description="Until it arrives.")]


@connector.action(
    "find_price",
    title="Find price",
    effect="pure",
    synonyms=("quote", "rate"),
    example={"amount": Decimal("6.90"), "currency": "EUR", "days": 2},
)
async def find_price(ctx: sdk.Context[AcmeAccount], params: PriceParams) -> Price:
    """Ask what a parcel to a country costs."""
    query = {"country": params.country, "weight_g": params.weight_g}
    found = (await ctx.http.get("prices", query=query)).json()
    return Price(amount=found["amount"], currency=found["currency"], days=found["days"])


class ParcelParams(sdk.Params):
    """The parcel to create."""

    order: Annotated[
        str, sdk.Meta(title="Order", description="Printed on the label.", min_length=1)
    ]
    name: Annotated[
        str,
        sdk.Meta(title="Recipient", description="Who gets it.", min_length=1),
        sdk.Personal("name"),
    ]
    address: Annotated[
        sdk.LongText,
        sdk.Meta(title="Address", description="Street, postcode and town."),
        sdk.Personal("address"),
    ]
    country: Country
    weight_g: Weight
    service: Annotated[
        str, sdk.Meta(title="Service", description="How fast it travels."), sdk.Choices("services")
    ] = "standard"


class Parcel(sdk.Output):
    """A parcel with its label."""

    id: str
    tracking_number: str
    label_url: str
    amount: Decimal
    currency: str


@connector.action(
    "create_parcel",
    title="Create parcel",
    effect="keyed",
    key_window_s=KEY_WINDOW_S,
    costly=True,
    synonyms=("label", "ship"),
    example={
        "id": "par_1",
        "tracking_number": "AC000000001ES",
        "label_url": "https://api.acme-parcels.example/v1/labels/par_1.pdf",
        "amount": Decimal("6.90"),
        "currency": "EUR",
    },
)
async def create_parcel(ctx: sdk.Context[AcmeAccount], params: ParcelParams) -> Parcel:
    """Buy a label for a parcel."""
    made = (
        await ctx.http.post(
            "parcels",
            json={
                "reference": params.order,
                "recipient": {"name": params.name, "address": params.address},
                "country": params.country,
                "weight_g": params.weight_g,
                "service": params.service,
            },
            headers={"Idempotency-Key": ctx.uuid_key()},
        )
    ).json()
    ctx.add_key("shipment", made["id"])
    return _parcel(made)


@connector.probe("create_parcel")
async def find_parcel(ctx: sdk.Context[AcmeAccount], params: ParcelParams) -> sdk.ProbeResult:
    """Look for the parcel that was bought under this effect's key.

    Acme writes the key down before it answers anything, so none means that nothing was bought.
    """
    found = (await ctx.http.get("parcels", query={"idempotency_key": ctx.uuid_key()})).json()
    for parcel in found["parcels"]:
        return sdk.Happened(_parcel(parcel))
    return sdk.DidNotHappen()


def _parcel(made: dict[str, Any]) -> Parcel:
    return Parcel(
        id=made["id"],
        tracking_number=made["tracking_number"],
        label_url=made["label_url"],
        amount=made["amount"],
        currency=made["currency"],
    )


@connector.choices("services")
async def list_services(ctx: sdk.Context[AcmeAccount], search: str) -> list[sdk.Choice]:
    """Offer the services that Acme sells."""
    services = (await ctx.http.get("services")).json()["services"]
    return [
        sdk.Choice(value=service["id"], label=service["name"])
        for service in services
        if search.lower() in service["name"].lower()
    ]


@connector.test
async def test_account(ctx: sdk.Context[AcmeAccount]) -> sdk.Account:
    """Ask Acme whose key this is."""
    account = (await ctx.http.get("account")).json()
    return sdk.Account(name=account["company"], id=account["id"])


class Delivered(sdk.Output):
    """A parcel that arrived."""

    id: str
    order: str
    tracking_number: str
    delivered_at: str
    signed_by: Annotated[str | None, sdk.Personal("name")] = None


def read(delivery: sdk.Delivery) -> list[sdk.Incoming]:
    """Read a delivery whose signature holds; raises ValueError for what is no news of a parcel."""
    news = sdk.decode(delivery.body)
    if not (isinstance(news, dict) and isinstance(news.get("parcel"), dict)):
        raise ValueError("this is no news of a parcel")
    topic = str(news.get("type"))
    return [sdk.Incoming(topic=topic, delivery_id=news.get("id"), payload=news["parcel"])]


def delivered(parcel: dict[str, Any]) -> Delivered:
    """Make the trigger's output of Acme's parcel."""
    return Delivered(
        id=parcel["id"],
        order=parcel["reference"],
        tracking_number=parcel["tracking_number"],
        delivered_at=parcel["delivered_at"],
        signed_by=parcel.get("signed_by"),
    )


connector.door(
    sdk.WebhookDoor(
        signature=sdk.HmacSignature(
            header="x-acme-signature",
            secret="webhook_secret",
            encoding="base64",
            base="{timestamp}.{body}",
            timestamp_header="x-acme-timestamp",
        ),
        read=read,
    )
)


class Made(sdk.Params):
    """Which parcels count."""

    service: Annotated[
        str | None,
        sdk.Meta(title="Service", description="Only parcels sent by it. Empty: all."),
    ] = None


@connector.poll(
    "parcel_created",
    title="Parcel created",
    every_s=60,
    event=Parcel,
    output=_parcel,
    keys={"shipment": "id"},
    example={
        "id": "par_1",
        "tracking_number": "AC000000001ES",
        "label_url": "https://api.acme-parcels.example/v1/labels/par_1.pdf",
        "amount": Decimal("6.90"),
        "currency": "EUR",
    },
)
async def find_created(ctx: sdk.Context[AcmeAccount], params: Made, cursor: str | None) -> sdk.Page:
    """Starts when a parcel was created, here or at Acme.

    Acme tells of no new parcels, so it is asked for those after the last one that it named.
    """
    query = {"after": cursor or ""} | ({"service": params.service} if params.service else {})
    found = (await ctx.http.get("parcels", query=query)).json()
    items = [sdk.Polled(parcel["id"], parcel) for parcel in found["parcels"]]
    return sdk.Page(items, found["parcels"][-1]["id"] if items else cursor, more=found["more"])


connector.webhook_trigger(
    "parcel_delivered",
    title="Parcel delivered",
    summary="Starts when a parcel has arrived.",
    topic="parcel.delivered",
    event=Delivered,
    output=delivered,
    keys={"shipment": "id", "order": "order"},
    example={
        "id": "par_1",
        "order": "#1001",
        "tracking_number": "AC000000001ES",
        "delivered_at": "2026-11-20T10:00:00Z",
        "signed_by": "A. Torres",
    },
)
