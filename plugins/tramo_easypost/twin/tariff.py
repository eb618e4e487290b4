"""What the twin's carriers offer: services, prices, and which addresses and parcels they refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from tramo_easypost.twin.shape import Refusal

HEAVIEST_OZ: Final = Decimal(2400)
LARGEST: Final = Decimal(10**9)
ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "ca_9685a1198a75477885a3cdca37559bac": ("UspsAccount", "USPS"),
    "ca_2d1511f08839ac1f6bc539ae7cac5ead": ("UpsAccount", "UPS"),
    "ca_3cecef1b359ecad8c90a2d1511f0b6ff": ("FedexAccount", "FedEx"),
    "ca_5fa0fb11c8b24d2d9f9ed0f0565a2791": ("DhlExpressAccount", "DHLExpress"),
}
"""Carrier account -> its type at EasyPost and the carrier's name in rates and trackers."""
CURRENCIES: Final[Mapping[str, str]] = {"US": "USD", "GB": "GBP"}


class Service(NamedTuple):
    """One service of a carrier: where it goes and what it takes."""

    carrier: str
    name: str
    reach: str
    """`us`: inside the US; `home`: inside another country; `abroad`."""
    base: Decimal
    per_oz: Decimal
    days: int


SERVICES: Final = (
    Service("USPS", "GroundAdvantage", "us", Decimal("5.10"), Decimal("0.047"), 3),
    Service("USPS", "Priority", "us", Decimal("7.90"), Decimal("0.052"), 2),
    Service("USPS", "Express", "us", Decimal("28.75"), Decimal("0.341"), 1),
    Service("UPS", "Ground", "us", Decimal("8.64"), Decimal("0.041"), 4),
    Service("FedEx", "FEDEX_GROUND", "us", Decimal("8.45"), Decimal("0.043"), 3),
    Service("UPS", "UPSStandard", "home", Decimal("5.90"), Decimal("0.019"), 2),
    Service("FedEx", "PRIORITY_OVERNIGHT", "home", Decimal("12.35"), Decimal("0.026"), 1),
    Service("DHLExpress", "DomesticExpress", "home", Decimal("9.20"), Decimal("0.024"), 1),
    Service("UPS", "UPSSaver", "abroad", Decimal("24.10"), Decimal("0.118"), 3),
    Service("FedEx", "INTERNATIONAL_PRIORITY", "abroad", Decimal("27.55"), Decimal("0.112"), 3),
    Service("DHLExpress", "ExpressWorldwide", "abroad", Decimal("22.80"), Decimal("0.121"), 2),
)


def read_country(address: Mapping[str, Any]) -> str:
    """Return an address's country, which is the US where it names none."""
    country = str(address.get("country") or "US").upper()
    if len(country) != 2 or not country.isalpha():
        raise Refusal(422, "ADDRESS.COUNTRY.INVALID", "Invalid 'country', please provide ISO 3166.")
    return country


def read_amount(value: Any, code: str, field: str) -> Decimal:
    """Return a number above 0 that was given as a number or as text."""
    try:
        amount = Decimal(str(value))
        if isinstance(value, bool) or not amount.is_finite() or not 0 < amount < LARGEST:
            raise InvalidOperation
    except InvalidOperation:
        raise Refusal(422, code, "Invalid parameters.", (field, "must be more than 0")) from None
    return amount


def read_parcel(parcel: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parcel's weight in ounces, and its sides in inches where they are given."""
    code = "PARCEL.PARAMETERS.INVALID"
    sides = {
        name: None if parcel.get(name) is None else read_amount(parcel[name], code, name)
        for name in ("length", "width", "height")
    }
    return sides | {"weight": read_amount(parcel.get("weight"), code, "weight")}


def verify(address: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is wrong with an address, nothing if post would arrive."""
    problems: list[dict[str, Any]] = []
    street = str(address.get("street1") or "")
    if not street or not (address.get("zip") or address.get("city")):
        problems.append(_problem("E.ADDRESS.NOT_FOUND", "address", "Address not found"))
    if street and not any(letter.isdigit() for letter in street):
        problems.append(_problem("E.HOUSE_NUMBER.MISSING", "street1", "House number is missing"))
    return problems


def _problem(code: str, field: str, message: str) -> dict[str, Any]:
    return {"code": code, "field": field, "message": message, "suggestion": None}


def chosen_accounts(asked: list[str]) -> list[str]:
    """Return the carrier accounts to ask: those named, or all."""
    for account in asked:
        if account not in ACCOUNTS:
            code = "SHIPMENT.RATE.CARRIER_ACCOUNT_INVALID"
            raise Refusal(422, code, f"Carrier account {account[:60]} not found.")
    return asked or list(ACCOUNTS)


def quote(
    origin: Mapping[str, Any], target: Mapping[str, Any], weight: Decimal, accounts: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rates of the accounts' carriers, and what those say that offer none."""
    start, end = read_country(origin), read_country(target)
    reach = "abroad" if start != end else "us" if start == "US" else "home"
    refusal = next(_obstacles(origin, target, weight), None)
    rates: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for account in accounts:
        carrier = ACCOUNTS[account][1]
        found = [s for s in SERVICES if s.carrier == carrier and s.reach == reach]
        if refusal or not found:
            said = refusal or "No service is available between these countries"
            messages.append(
                {
                    "carrier": carrier,
                    "carrier_account_id": account,
                    "type": "rate_error",
                    "message": said,
                }
            )
        else:
            currency = CURRENCIES.get(start, "EUR")
            rates += [_rate(service, weight, currency, account) for service in found]
    return rates, messages


def _obstacles(
    origin: Mapping[str, Any], target: Mapping[str, Any], weight: Decimal
) -> Iterator[str]:
    for whose, address in (("sender", origin), ("recipient", target)):
        for problem in verify(address):
            yield f"The {whose}'s address cannot be used: {problem['message']}"
    if weight > HEAVIEST_OZ:
        yield "The parcel is too heavy for this carrier"


def _rate(service: Service, weight: Decimal, currency: str, account: str) -> dict[str, Any]:
    price = (service.base + service.per_oz * weight).quantize(Decimal("0.01"))
    return {
        "service": service.name,
        "carrier": service.carrier,
        "rate": str(price),
        "currency": currency,
        "list_rate": str((price * Decimal("1.10")).quantize(Decimal("0.01"))),
        "list_currency": currency,
        "retail_rate": str((price * Decimal("1.35")).quantize(Decimal("0.01"))),
        "retail_currency": currency,
        "billing_type": "easypost" if service.carrier == "USPS" else "carrier",
        "delivery_days": service.days,
        "est_delivery_days": service.days,
        "delivery_date": None,
        "delivery_date_guaranteed": service.days == 1,
        "carrier_account_id": account,
    }
