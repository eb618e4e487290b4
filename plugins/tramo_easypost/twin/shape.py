"""The shapes of requests as EasyPost's contract has them, and the refusals that stand for them.

Only what the connector sends is here. What a well-shaped request may still get wrong is said where
it is carried out.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tramo import sdk

Shape = Mapping[str, Any]

TEXT: Final[Shape] = {"type": "string"}
FLAG: Final[Shape] = {"type": "boolean"}


def thing(*required: str, **properties: Shape) -> Shape:
    """Return the shape of an object; what it does not name may be anything."""
    return {"type": "object", "properties": properties, "required": required}


def some(items: Shape) -> Shape:
    """Return the shape of a list."""
    return {"type": "array", "items": items}


ADDRESS_TEXTS: Final = (
    "id", "name", "company", "street1", "street2", "city", "state", "zip", "country", "phone",
    "email", "federal_tax_id", "carrier_facility",
)  # fmt: skip
ADDRESS: Final = thing(**dict.fromkeys(ADDRESS_TEXTS, TEXT), residential=FLAG)
SHIPMENT: Final = thing(
    "to_address",
    "from_address",
    "parcel",
    to_address=ADDRESS,
    from_address=ADDRESS,
    return_address=ADDRESS,
    buyer_address=ADDRESS,
    parcel=thing(id=TEXT, predefined_package=TEXT),
    customs_info=thing(),
    options=thing(),
    reference=TEXT,
    is_return=FLAG,
    carrier_accounts=some(TEXT),
    service=TEXT,
    tax_identifiers=some(thing()),
)
NEW_ADDRESS: Final = thing("address", address=ADDRESS)
NEW_SHIPMENT: Final = thing("shipment", shipment=SHIPMENT)
PURCHASE: Final = thing(
    "rate",
    rate=thing("id", id=TEXT),
    insurance={"type": ("string", "number")},
    end_shipper_id=TEXT,
)
NEW_TRACKER: Final = thing(
    "tracker", tracker=thing("tracking_code", tracking_code=TEXT, carrier=TEXT)
)
NEW_WEBHOOK: Final = thing(
    "webhook",
    webhook=thing("url", url=TEXT, webhook_secret=TEXT, custom_headers=some(thing())),
)
CHANGED_WEBHOOK: Final = thing(webhook=thing(), webhook_secret=TEXT)
NOTHING_MUCH: Final = thing()

KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float, Decimal),
    "object": (dict,),
    "array": (list,),
}


class Refusal(Exception):
    """EasyPost's refusal in the making."""

    def __init__(self, status: int, code: str, message: str, *fields: tuple[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def answer(self) -> sdk.Response:
        """Return the refusal as EasyPost puts it."""
        errors = [{"field": field, "message": said} for field, said in self.fields]
        error = {"code": self.code, "message": self.message, "errors": errors}
        return sdk.json_response({"error": error}, self.status)


def fault(value: Any, shape: Shape, place: str = "") -> tuple[str, str] | None:
    """Return where and how a value does not have a shape, None if it has."""
    kinds = shape.get("type")
    if kinds is not None:
        named = (kinds,) if isinstance(kinds, str) else kinds
        if not any(_is_of(value, kind) for kind in named):
            return place, f"must be {' or '.join(named)}"
    if isinstance(value, dict):
        for name in shape.get("required", ()):
            if name not in value:
                return f"{place}.{name}".lstrip("."), "is required"
        for name, inner in shape.get("properties", {}).items():
            where = f"{place}.{name}".lstrip(".")
            if name in value and (found := fault(value[name], inner, where)) is not None:
                return found
    if isinstance(value, list) and "items" in shape:
        for item in value:
            found = fault(item, shape["items"], f"{place}[]")
            if found is not None:
                return found
    return None


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS[kind])


def read_body(request: sdk.TwinRequest, shape: Shape, *, required: bool = True) -> dict[str, Any]:
    """Return a request's JSON body, refusing what has another shape."""
    if not request.body and not required:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if kind != "application/json":
            raise ValueError
        body = sdk.decode(request.body)
    except ValueError:
        raise Refusal(400, "BAD_REQUEST", "The request could not be understood.") from None
    found = fault(body, shape)
    if found is not None:
        code = "PARAMETER.REQUIRED" if found[1] == "is required" else "PARAMETER.INVALID"
        raise Refusal(422, code, "Wrong parameters.", found)
    return body


def read_page_size(query: Mapping[str, str]) -> int:
    """Return how many things a list is to hold."""
    text = query.get("page_size", "20")
    if not text.removeprefix("-").isdecimal():
        raise Refusal(422, "PARAMETER.INVALID", "Wrong parameters.", ("page_size", "must be int"))
    return min(max(int(text), 1), 100)


def check_key(request: sdk.TwinRequest, key: str) -> None:
    """Refuse whoever does not give the key as the user name of Basic, with an empty password."""
    scheme, _, pair = request.headers.get("authorization", "").partition(" ")
    try:
        given = b64decode(pair, validate=True).decode() if scheme == "Basic" else ""
    except (NotBase64, UnicodeDecodeError):
        given = ""
    if given != f"{key}:":
        raise Refusal(401, "UNAUTHORIZED", "This API key is no longer active or is invalid.")
