"""How EasyPost is called and how it refuses: one call, one table of error words.

EasyPost answers a refusal with 4xx and `{"error": {"code", "message", "errors"}}`. A few of its
refusals are none: when a carrier does not answer in time, the label may have been bought all the
same. Sources of the words: docs.easypost.com/docs/errors and the errors guide there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tramo import sdk

from tramo_easypost.credential import EasyPostAccount

Context = sdk.Context[EasyPostAccount]

REFUSALS: Final = frozenset({400, 402, 404, 405, 409, 410, 422})
"""Statuses whose body says why; the rest means the same at every vendor."""

EXISTS: Final = "SHIPMENT.POSTAGE.EXISTS"
REFUND_REFUSED: Final = "SHIPMENT.REFUND.UNAVAILABLE"

IN_DOUBT: Final[Mapping[str, str]] = {
    "SHIPMENT.POSTAGE.TIMED_OUT": "The carrier did not answer in time; "
    "EasyPost does not know yet whether the label was made.",
    "SHIPMENT.POSTAGE.NO_RESPONSE": "The carrier gave no answer; "
    "EasyPost does not know yet whether the label was made.",
    "SHIPMENT.PURCHASE.IN_PROGRESS": "EasyPost is still buying the label of this shipment.",
    "REFUND.NO_RESPONSE": "The carrier gave no answer; "
    "EasyPost does not know yet whether it gives the label back.",
}
"""EasyPost's refusals that are none: what was asked for may have been done, or may still be."""

CURE: Final[Mapping[str, tuple[str, str]]] = {
    "NOT_FOUND": (
        "not_found",
        "EasyPost finds no such thing with this key. Check the id; what was made with a test key "
        "is not seen by a live one, nor the other way round.",
    ),
    "PAYMENT_REQUIRED": (
        "payment_required",
        "EasyPost wants money first. Fill up the wallet in your EasyPost account.",
    ),
    EXISTS: (
        "already_bought",
        "This shipment has a label already, of another rate. Void that label first, or ask for "
        "rates anew.",
    ),
    "SHIPMENT.MISSING_RATE": (
        "rate_gone",
        "EasyPost does not offer this rate for this shipment any more. Ask for rates anew and buy "
        "one of those.",
    ),
    "SHIPMENT.POSTAGE.FAILURE": ("label_refused", "The carrier did not make the label."),
    REFUND_REFUSED: (
        "void_refused",
        "The carrier does not take this label back, because its parcel is on its way or it is too "
        "old.",
    ),
    "ADDRESS.COUNTRY.INVALID": (
        "bad_address",
        "EasyPost does not know this country. Give its two letters, such as ES.",
    ),
    "ADDRESS.VERIFY.FAILURE": ("bad_address", "EasyPost does not find this address."),
    "PARCEL.PARAMETERS.INVALID": (
        "bad_parcel",
        "EasyPost does not accept this parcel. Check its weight and its size.",
    ),
    "SHIPMENT.RATE.CARRIER_ACCOUNT_INVALID": (
        "unknown_carrier_account",
        "EasyPost knows no such carrier account. Choose one from the list.",
    ),
    "TRACKER.MULTIPLE_CARRIERS_FOR_CODE": (
        "carrier_needed",
        "Several carriers use such tracking codes. Say which carrier has the parcel.",
    ),
    "TRACKER.CREATE.ERROR": ("not_tracked", "EasyPost cannot track this parcel."),
}
"""EasyPost's code -> the last word of ours, and a sentence with the cure."""

SAME_AS: Final[Mapping[str, str]] = {
    "SHIPMENT.RATES.UNAVAILABLE": "SHIPMENT.MISSING_RATE",
    "SHIPMENT.PURCHASE.FAILURE": "SHIPMENT.POSTAGE.FAILURE",
    "SHIPMENT.REFUND.FAILURE": REFUND_REFUSED,
    "ADDRESS.PARAMETERS.INVALID": "ADDRESS.VERIFY.FAILURE",
    "TRACKER.NOT_FOUND": "NOT_FOUND",
    "TRACKER.NO_CARRIER_FOR_CODE": "TRACKER.MULTIPLE_CARRIERS_FOR_CODE",
    "TRACKER.INVALID_TEST_CODE": "TRACKER.CREATE.ERROR",
    "TRACKER.CARRIER_CODE_MISMATCH": "TRACKER.CREATE.ERROR",
    "TRACKER.UNSUPPORTED_CARRIER": "TRACKER.CREATE.ERROR",
}
"""Codes that need the same of a person as another one."""


async def call(
    ctx: Context,
    method: str,
    path: str,
    *,
    json: Any = None,
    query: Mapping[str, str | int] | None = None,
    safe: bool | None = None,
) -> Any:
    """Send a request and return its answer. Raises what a refusal stands for."""
    response = await ctx.http.request(
        method, path, json=json, query=query, safe=safe, accept=REFUSALS
    )
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status in REFUSALS:
        error = say_no(answer, response.status)
        if isinstance(error, sdk.Transient) and method != "GET" and not safe:
            ctx.sending()  # A 4xx otherwise says that nothing was done.
        raise error
    if not isinstance(answer, dict | list):
        raise sdk.Transient("EasyPost's answer could not be read.", code="easypost.unreadable")
    return answer


def say_no(answer: Any, status: int) -> sdk.ActionError:
    """Return the error that a refusal stands for."""
    error = answer.get("error") if isinstance(answer, dict) else None
    error = error if isinstance(error, dict) else {}
    word = str(error.get("code") or "")
    said = list(_said(error))
    details = {"status": status, "error": word, "said": said}
    if word in IN_DOUBT or status == 409:
        message = IN_DOUBT.get(word, "EasyPost is still busy with the same request.")
        return sdk.Transient(
            message, code="easypost.in_doubt", details=details, params={"words": message}
        )
    known = CURE.get(SAME_AS.get(word, word)) or (CURE["NOT_FOUND"] if status == 404 else None)
    own_words = " ".join(said)
    if known is None:
        message = f"EasyPost refused: {own_words or word or status}"
        return sdk.Rejected(
            _sentence(message),
            code="easypost.refused",
            details=details,
            params={"words": own_words or word},
        )
    code, cure = known
    params = {}
    if own_words and code != "not_found":
        cure = f"{cure} EasyPost says: {_sentence(own_words)}"
        params = {"words": own_words}
    return sdk.Rejected(cure, code=f"easypost.{code}", details=details, params=params)


def _said(error: Mapping[str, Any]) -> Iterator[str]:
    """Yield EasyPost's own sentences: the message, then what it says of single fields."""
    message = error.get("message")
    parts = message if isinstance(message, list) else [message]
    yield from (_sentence(part) for part in parts if isinstance(part, str) and part)
    fields = error.get("errors")
    for field in fields if isinstance(fields, list) else []:
        about = {"message": field} if isinstance(field, str) else field
        words = about.get("message") if isinstance(about, dict) else None
        if isinstance(words, str) and words not in ("", message):
            yield _sentence(f"{about['field']}: {words}" if about.get("field") else words)


def _sentence(text: str) -> str:
    text = " ".join(text.split())[:300]
    return text if text[-1:] in ".!?…" else f"{text}."


def error_message(body: Any) -> str | None:
    """Find EasyPost's own words in the body of an HTTP error."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return error or None
    return " ".join(_said(error)) or None if isinstance(error, dict) else None
