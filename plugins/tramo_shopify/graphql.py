"""How Shopify's GraphQL Admin API is spoken: one call, and the three layers in which it says no.

HTTP statuses are the runtime's. Above them come top-level `errors` under status 200, and
`userErrors` inside a mutation's answer. Knows nothing of any resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
from tramo import sdk

from tramo_shopify.credential import ShopifyAccount

Context = sdk.Context[ShopifyAccount]

_HEAD: Final = re.compile(r"\s*(query|mutation)\s+(\w+)")
_SCOPE: Final = re.compile(r"`(\w+)` access scope")

NOT_FOUND: Final = "shopify.not_found"
KEY_REUSED: Final = "shopify.key_reused"


class Document(msgspec.Struct, frozen=True):
    """A GraphQL document with one named operation."""

    name: str
    text: str
    safe: bool
    """True for a query: it changes nothing, though it travels as POST."""


def document(*parts: str) -> Document:
    """Make a document of an operation and the fragments it uses."""
    head = _HEAD.match(parts[0])
    if head is None:
        raise ValueError("A document begins with a named query or mutation")
    text = "\n".join(" ".join(part.split()) for part in parts)
    return Document(name=head[2], text=text, safe=head[1] == "query")


async def call(
    ctx: Context, asked: Document, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Send a document and return its `data`.

    Raises Transient, CredentialRefused or Rejected for top-level errors, and Rejected or Transient
    for the user errors of any mutation in it.
    """
    response = await ctx.http.post(
        "graphql.json",
        json={
            "query": asked.text,
            "operationName": asked.name,
            "variables": dict(variables or {}),
        },
        safe=asked.safe,
    )
    answer = response.json()
    if not isinstance(answer, dict):
        raise sdk.Transient(
            "Shopify gave an answer that is not GraphQL", params={"why": "shopify.unreadable"}
        )
    errors = answer.get("errors")
    if errors:
        raise _refusal(errors, answer.get("extensions") or {})
    data = answer.get("data")
    if not isinstance(data, dict):
        raise sdk.Transient(
            "Shopify gave an answer without data", params={"why": "shopify.unreadable"}
        )
    if not asked.safe:
        for payload in data.values():
            _check_user_errors(payload)
    return data


def error_message(body: Any) -> str | None:
    """Find the sentence in the body of an answer with an error status."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return errors if isinstance(errors, str) else None


def found(thing: Any, what: str, value: str | int) -> Any:
    """Return what a query found; raises Rejected when the shop has no such thing."""
    if thing is None:
        raise sdk.Rejected(
            f"The shop has no {what} {value}, or the app may not see it",
            code=NOT_FOUND,
            details={"id": str(value)},
        )
    return thing


# The three layers of refusal ------------------------------------------------------------------


def _refusal(errors: Any, extensions: Mapping[str, Any]) -> sdk.ActionError:
    if not isinstance(errors, list):  # Shopify's gateway answers {"errors": "text"}.
        return sdk.Rejected(
            f"Shopify refused the request: {errors}",
            params={"why": "shopify.refused", "words": str(errors)},
        )
    error: dict[str, Any] = (
        errors[0] if isinstance(errors[0], dict) else {"message": str(errors[0])}
    )
    message = str(error.get("message", "no reason given"))
    told = error.get("extensions") or {}
    match told.get("code"):
        case "THROTTLED":
            wait_s = _wait_s(extensions.get("cost") or told.get("cost") or {})
            return sdk.Transient(
                "Shopify's rate limit is used up",
                code="vendor.rate_limited",
                params={"title": "Shopify"},
                retry_after_s=wait_s,
                settled=True,
            )
        case "ACCESS_DENIED":
            scope = _SCOPE.search(f"{told.get('requiredAccess', '')} {message}")
            name = scope[1] if scope else "the scope it names"
            return sdk.Rejected(
                f"The app lacks a permission: give it {name} in the shop. Shopify says: {message}",
                code="shopify.scope_missing",
                details={"scope": scope[1] if scope else None},
                params={"words": message},
            )
        case "SHOP_INACTIVE":
            return sdk.CredentialRefused(
                "The shop is closed or paused at Shopify", params={"why": "shopify.closed"}
            )
        case "INTERNAL_SERVER_ERROR" | "TIMEOUT":
            return sdk.Transient(
                f"Shopify had an error of its own: {message}",
                params={"why": "shopify.own_error", "words": message},
            )
        case str(code) if code.startswith("IDEMPOTENCY_"):
            return _key_refusal(code, message)
        case code:
            return sdk.Rejected(
                f"Shopify refused the request: {message}",
                code="vendor.rejected",
                details={"code": code, "errors": errors[:5]},
                params={"why": "shopify.refused", "words": message},
            )


def _wait_s(cost: Mapping[str, Any]) -> float:
    """Return how long the bucket needs to hold what was asked, from the numbers it gives."""
    status = cost.get("throttleStatus") or {}
    rate = Decimal(status.get("restoreRate") or 0)
    if rate <= 0:
        return 1.0
    missing = Decimal(cost.get("requestedQueryCost") or 0) - Decimal(
        status.get("currentlyAvailable") or 0
    )
    return max(float(missing / rate), 0.1)


def _check_user_errors(payload: Any) -> None:
    if not isinstance(payload, dict):
        return
    for name, errors in payload.items():
        if name.lower().endswith("usererrors") and errors:
            raise user_refusal(errors)


def user_refusal(errors: Sequence[Mapping[str, Any]]) -> sdk.ActionError:
    """Return the error that a mutation's `userErrors` amount to."""
    first = errors[0]
    code = first.get("code")
    place = ".".join(str(step) for step in first.get("field") or [])
    message = str(first.get("message", "no reason given"))
    if code and code.startswith("IDEMPOTENCY_"):
        return _key_refusal(code, message)
    if code == "SERVICE_UNAVAILABLE":
        return sdk.Transient(
            f"Shopify could not do this now: {message}",
            params={"why": "shopify.not_now", "words": message},
        )
    details = [
        {
            "field": list(error.get("field") or []),
            "message": error.get("message"),
            "code": error.get("code"),
        }
        for error in errors[:10]
    ]
    return sdk.Rejected(
        f"Shopify refused {place}: {message}" if place else f"Shopify refused: {message}",
        code="vendor.rejected",
        details={"code": code, "errors": details},
        params={"why": "shopify.refused", "words": f"{place}: {message}" if place else message},
    )


def _key_refusal(code: str, message: str) -> sdk.ActionError:
    """Return what Shopify means when an idempotency key is known to it."""
    if code == "IDEMPOTENCY_CONCURRENT_REQUEST":
        # The first request under this key is still at work; this one was not carried out.
        return sdk.Transient(
            "Shopify is still at work on the same request",
            code="shopify.concurrent_request",
            retry_after_s=2.0,
            settled=True,
        )
    if code == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH":
        return sdk.Rejected(
            "An earlier attempt of this step has asked Shopify for something else; look at what "
            "Shopify has done before you send it again",
            code=KEY_REUSED,
            details={"code": code, "message": message},
        )
    return sdk.Rejected(
        f"Shopify refused an earlier attempt of this step, and keeps to it: {message}",
        code="shopify.earlier_attempt_failed",
        details={"code": code},
        params={"words": message},
    )
