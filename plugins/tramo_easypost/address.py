"""Addresses: asked for in the fields of the commerce model, and verified.

A verification is a question, though EasyPost keeps each address that it is asked about: nothing
refers to that record, so asking again, or in a rehearsal, changes nothing for anybody.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from tramo import sdk
from tramo.sdk import commerce

from tramo_easypost import connector
from tramo_easypost.api import Context, call

FIELDS: Final = {
    "name": "name",
    "company": "company",
    "line1": "street1",
    "line2": "street2",
    "city": "city",
    "province": "state",
    "postcode": "zip",
    "country_code": "country",
    "phone": "phone",
    "email": "email",
}
"""Our names -> EasyPost's."""


class PostalAddress(sdk.Params, kw_only=True):
    """An address with the field names of the commerce model, so that an order's can be mapped."""

    name: Annotated[
        str | None,
        sdk.Meta(title="Name", description="Who lives or works there."),
        sdk.Personal("name"),
    ] = None
    company: Annotated[
        str | None, sdk.Meta(title="Company", description="Carriers want a name or a company.")
    ] = None
    line1: Annotated[
        str | None,
        sdk.Meta(title="Street", description="Street and number."),
        sdk.Personal("address"),
    ] = None
    line2: Annotated[
        str | None,
        sdk.Meta(title="Second line", description="Floor, door, or what else is needed."),
        sdk.Personal("address"),
    ] = None
    city: Annotated[str | None, sdk.Meta(title="City", description="Town or city.")] = None
    province: Annotated[
        str | None,
        sdk.Meta(title="Province", description="State or province; in the US its two letters."),
    ] = None
    postcode: Annotated[
        str | None, sdk.Meta(title="Postcode", description="Postal code, or ZIP in the US.")
    ] = None
    country_code: Annotated[
        str | None,
        sdk.Meta(title="Country", description="Two letters, such as ES.", examples=["ES"]),
    ] = None
    phone: Annotated[
        str | None,
        sdk.Meta(title="Phone", description="Many carriers want one abroad."),
        sdk.Personal("phone"),
    ] = None
    email: Annotated[
        str | None,
        sdk.Meta(title="E-mail address", description="For the carrier's own notices."),
        sdk.Personal("email"),
    ] = None


def spell(address: PostalAddress) -> dict[str, Any]:
    """Return an address in EasyPost's words, without what is empty."""
    given = msgspec.structs.asdict(address)
    return {theirs: given[ours] for ours, theirs in FIELDS.items() if given[ours]}


def read_address(found: Any) -> commerce.Address:
    """Return EasyPost's address as the commerce model has it."""
    named = {ours: found.get(theirs) or None for ours, theirs in FIELDS.items()}
    del named["email"]
    return commerce.Address(**named)


class VerifyAddress(sdk.Params, kw_only=True):
    """The address to verify."""

    address: Annotated[
        PostalAddress,
        sdk.Meta(title="Address", description="An order's shipping address fits as it is."),
    ]


class VerifiedAddress(sdk.Output, kw_only=True):
    """What EasyPost makes of an address."""

    deliverable: Annotated[bool, sdk.Meta(description="Whether post would arrive there.")]
    problems: Annotated[
        tuple[str, ...], sdk.Meta(description="What is wrong, in EasyPost's words.")
    ] = ()
    residential: bool | None = None
    address: Annotated[commerce.Address, sdk.Meta(description="With EasyPost's corrections.")]
    id: str
    raw: Any = None


@connector.action(
    "verify_address",
    title="Verify address",
    effect="pure",
    synonyms=("check address", "validate address", "deliverable"),
    example={
        "deliverable": True,
        "problems": [],
        "residential": False,
        "address": {
            "company": "EASYPOST",
            "line1": "417 MONTGOMERY ST FL 5",
            "city": "SAN FRANCISCO",
            "province": "CA",
            "postcode": "94104-1129",
            "country_code": "US",
        },
        "id": "adr_7cac5ead2d1511f08839ac1f6bc539ae",
    },
)
async def verify_address(ctx: Context, params: VerifyAddress) -> VerifiedAddress:
    """Ask whether post would arrive at an address, and for its correct spelling."""
    asked = {"address": {**spell(params.address), "verify": True}}
    found = await call(ctx, "POST", "addresses", json=asked, safe=True)
    verified = (found.get("verifications") or {}).get("delivery") or {}
    problems = tuple(
        str(problem.get("message") or problem.get("code") or "?")
        for problem in verified.get("errors") or []
        if isinstance(problem, dict)
    )
    return VerifiedAddress(
        deliverable=verified.get("success") is True,
        problems=problems,
        residential=found.get("residential"),
        address=read_address(found),
        id=found["id"],
        raw=found,
    )
