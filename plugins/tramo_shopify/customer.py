"""Customers of the shop."""

from __future__ import annotations

from typing import Annotated, Any, Final

from tramo import sdk
from tramo.sdk.commerce import Customer

from tramo_shopify import connector, example, mapping
from tramo_shopify.graphql import Context, call, document
from tramo_shopify.identity import gid

CUSTOMER_FIELDS: Final = """
fragment CustomerFields on Customer {
  id firstName lastName displayName locale tags numberOfOrders createdAt
  amountSpent { amount currencyCode }
  defaultEmailAddress { emailAddress marketingState }
  defaultPhoneNumber { phoneNumber }
}"""

UPDATE_CUSTOMER: Final = document(
    """
mutation UpdateCustomer($input: CustomerInput!) {
  customerUpdate(input: $input) {
    customer { ...CustomerFields }
    userErrors { field message }
  }
}""",
    CUSTOMER_FIELDS,
)


Line = Annotated[str, sdk.Meta(max_length=255)]


class UpdateCustomer(sdk.Params, kw_only=True):
    customer_id: Annotated[
        str | int,
        sdk.Meta(
            title="Customer",
            description="The customer's id, as a trigger gives it.",
            examples=[example.CUSTOMER_ID],
        ),
    ]
    email: Annotated[
        Line | None,
        sdk.Meta(title="E-mail", description="Left as it is when empty."),
        sdk.Personal("email"),
    ] = None
    phone: Annotated[
        Annotated[str, sdk.Meta(max_length=40)] | None,
        sdk.Meta(title="Phone", description="With the country's code, such as +34…"),
        sdk.Personal("phone"),
    ] = None
    first_name: Annotated[
        Line | None,
        sdk.Meta(title="First name", description="Left as it is when empty."),
        sdk.Personal("name"),
    ] = None
    last_name: Annotated[
        Line | None,
        sdk.Meta(title="Last name", description="Left as it is when empty."),
        sdk.Personal("name"),
    ] = None
    note: Annotated[
        Annotated[str, sdk.Meta(max_length=5000)] | None,
        sdk.Meta(title="Note", description="Replaces the note about this customer."),
        sdk.hint(widget="long_text"),
    ] = None
    language: Annotated[
        Annotated[str, sdk.Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None,
        sdk.Meta(
            title="Language",
            description="In which the shop writes to the customer, such as es or pt-BR.",
        ),
    ] = None


FIELDS: Final = {
    "email": "email",
    "phone": "phone",
    "first_name": "firstName",
    "last_name": "lastName",
    "note": "note",
    "language": "locale",
}


@connector.action(
    "update_customer",
    title="Update customer",
    effect="repeatable",
    synonyms=("edit customer", "change customer", "customer note"),
    example=example.shown(example.customer),
)
async def update_customer(ctx: Context, params: UpdateCustomer) -> Customer:
    """Change what the shop knows of a customer; fields left empty stay as they are."""
    given = {theirs: getattr(params, ours) for ours, theirs in FIELDS.items()}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise sdk.BadParams(
            "Nothing to change: fill in at least one field of the customer",
            params={"why": "shopify.nothing_to_change"},
        )
    fields: dict[str, Any] = {"id": gid("Customer", params.customer_id), **changes}
    data = await call(ctx, UPDATE_CUSTOMER, {"input": fields})
    return mapping.customer_of_answer(data["customerUpdate"]["customer"])
