"""What a vendor's answer means: fine, refused, come back later, or nobody knows."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any, Final

from tramo.ports.clock import Clock
from tramo.ports.http import Response
from tramo.sdk import ActionError, CredentialRefused, Definition, Rejected, Transient

PAUSE_LIMIT_S: Final = 3600.0
_SHOWN_TEXT: Final = 200
_SHOWN_BODY: Final = 4_000


def error_of(
    response: Response,
    definition: Definition,
    clock: Clock,
    *,
    signed: bool,
    clean: bool,
    safe: bool,
) -> ActionError | None:
    """Return the error that an answer stands for, None when it is fine.

    `signed` says that the request carried a credential, `clean` that the attempt changed nothing
    at the vendor before it, `safe` that the request itself changes nothing.
    """
    status = response.status
    if status < 400:
        return None
    body = _body(response)
    words = _words(response, body, definition)
    said = _said(words)
    details = {"status": status, "body": body}
    title = definition.title
    params = {"title": title, "status": status, **({"words": words} if words else {})}
    if status in (401, 403) and signed:
        return CredentialRefused(
            f"{title} does not accept the connection's credential ({status}){said}",
            details=details,
            params=params,
        )
    if status == 429:
        return Transient(
            f"{title} asks for fewer requests (429){said}",
            code="vendor.rate_limited",
            details=details,
            params=params,
            retry_after_s=retry_after_s(response, clock),
            settled=clean,
        )
    if status >= 500 or status == 408:
        return Transient(
            f"{title} failed ({status}){said}",
            details=details,
            params=params,
            retry_after_s=retry_after_s(response, clock),
            settled=clean and safe,
        )
    return Rejected(f"{title} refused the request ({status}){said}", details=details, params=params)


def retry_after_s(response: Response, clock: Clock) -> float | None:
    """Return the pause a vendor asks for, in seconds or as a date, at most an hour."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - clock.now_ms() / 1000
        except (ValueError, OverflowError):
            return None
    if seconds != seconds:  # “nan” reads as a number
        return None
    return min(max(seconds, 0.0), PAUSE_LIMIT_S)


def _body(response: Response) -> Any:
    try:
        if len(response.body) <= _SHOWN_BODY:
            return response.json()
    except ValueError:
        pass
    return response.text[:_SHOWN_BODY]


def _words(response: Response, body: Any, definition: Definition) -> str:
    """Return the vendor's own words, on one line and not too many."""
    words: str | None = None
    if definition.error_message is not None:
        try:
            words = definition.error_message(body)
        except Exception:  # noqa: BLE001 - a connector's slip here must not hide the vendor's answer
            words = None
    if not words and "html" not in response.headers.get("content-type", ""):
        words = " ".join(response.text.split())
    if words and len(words) > _SHOWN_TEXT:
        words = words[:_SHOWN_TEXT] + "…"
    return words or ""


def _said(words: str) -> str:
    """Return a vendor's words as the end of a sentence."""
    if not words:
        return "."
    return f": {words}" if words[-1] in ".!?…" else f": {words}."
