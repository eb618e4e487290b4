"""How Mailchimp is called and how it refuses: one call, one table of problem titles.

Refusals are problem documents whose `title` says what kind they are. Mailchimp names no pause when
it is asked too often.

Sources: the published contract of the Marketing API, and for the titles the error glossary under
mailchimp.com/developer/marketing/docs/errors.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final, NamedTuple

from tramo import sdk


class MailchimpAccount(sdk.Credential, kw_only=True):
    """One account, reached by one API key."""

    api_key: Annotated[
        sdk.Secret,
        sdk.Meta(
            title="API key",
            description="From “Extras › API keys” of your Mailchimp account. It ends with a "
            "hyphen and the data centre, such as -us21.",
            pattern="^[^-]+-[a-z]{2,3}[0-9]{1,3}$",
        ),
    ]
    api_changes: Annotated[
        bool,
        sdk.Meta(
            title="Hear changes made by apps too",
            description="Also start flows for what apps change, your own flows included. Leave it "
            "off if your flows write to the audience whose changes start them.",
        ),
    ] = False
    data_centre: Annotated[
        str,
        sdk.Meta(
            title="Data centre",
            description="Read from the end of the API key; leave it empty.",
        ),
        sdk.hint(advanced=True),
    ] = ""
    webhook_secret: Annotated[
        sdk.Secret | None,
        sdk.Meta(
            title="Webhook secret",
            description="Mailchimp signs nothing, so this stands in the address it delivers to. "
            "Leave it empty, and Tramo makes one.",
        ),
        sdk.hint(secret=True, widget="secret", advanced=True),
    ] = None

    def __post_init__(self) -> None:
        self.data_centre = self.api_key.rpartition("-")[2]
        if not self.webhook_secret:
            key = self.api_key.encode()
            self.webhook_secret = hmac.new(key, b"tramo webhook", hashlib.sha256).hexdigest()


Context = sdk.Context[MailchimpAccount]

REFUSALS: Final = frozenset(range(400, 500)) - {408, 429}
"""Statuses that are judged here; the others mean the same at every vendor."""

REFUSED_CREDENTIAL: Final = frozenset(
    ["api_key_invalid", "api_key_missing", "user_disabled", "wrong_datacenter"]
)
"""The key does not work, whatever is asked with it."""

CURE: Final[Mapping[str, str]] = {
    "member_in_compliance_state": "This person unsubscribed, bounced or is under review, and only "
    "the person may undo that. Set the status to “pending”: Mailchimp then asks the person.",
    "forgotten_email_not_subscribed": "This address was deleted for good. Only the person can come "
    "back, by a sign-up form of Mailchimp.",
    "forbidden": "The API key's user may not do this in Mailchimp. Give the user a higher role, "
    "or look whether your plan includes it.",
    "resource_not_found": "Mailchimp does not find what the node names. Choose it again.",
}

_DETAIL_LENGTH: Final = 300


class Missing(NamedTuple):
    """What to say where Mailchimp finds nothing, and the key under which other languages say it."""

    why: str
    said: str


async def call(
    ctx: Context,
    method: str,
    path: str,
    *,
    query: Mapping[str, str | int] | None = None,
    json: Any = None,
    missing: Missing | None = None,
) -> dict[str, Any]:
    """Send a request and return the object it is answered with, empty if there is none.

    Raises what a refusal stands for; `missing` is what to say where Mailchimp finds nothing.
    """
    response = await ctx.http.request(method, path, query=query, json=json, accept=REFUSALS)
    if response.status >= 400:
        raise refusal_of(response, missing)
    if not response.body:
        return {}
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise sdk.Transient("Mailchimp's answer could not be read.", code="mailchimp.unreadable")
    return answer


async def pages(
    ctx: Context, path: str, name: str, limit: int, **query: str | int
) -> AsyncIterator[dict[str, Any]]:
    """Yield the items of a list page by page, at most `limit` pages."""
    count, offset = int(query.setdefault("count", 200)), 0
    for _ in range(limit):
        page = await call(ctx, "GET", path, query={**query, "offset": offset})
        items = page.get(name) or []
        for item in items:
            yield item
        offset += count
        if not items or offset >= page.get("total_items", 0):
            return


def refusal_of(response: sdk.Response, missing: Missing | None = None) -> sdk.ActionError:
    """Return the error that a 4xx answer stands for."""
    try:
        body = response.json()
    except ValueError:
        body = None
    problem: dict[str, Any] = body if isinstance(body, dict) else {}
    word = _slug(problem.get("title")) or f"status_{response.status}"
    code = f"mailchimp.{word}"
    details = {"status": response.status, "body": problem}
    if word in REFUSED_CREDENTIAL or response.status == 401:
        return sdk.CredentialRefused(
            "Mailchimp does not accept the API key. Put a new one into the connection.",
            code=code,
            details=details,
            params={"why": "mailchimp.key"},
        )
    if response.status == 404 and missing is not None:
        return sdk.Rejected(missing.said, code=code, details=details, params={"why": missing.why})
    said = error_message(problem)
    message = CURE.get(word) or (f"Mailchimp refused: {said}" if said else "Mailchimp refused.")
    params = {"words": said} if said and word not in CURE else {}
    return sdk.Rejected(message, code=code, details=details, params=params)


def error_message(body: Any) -> str | None:
    """Find Mailchimp's own words in a problem document, those about single fields first."""
    if not isinstance(body, dict):
        return None
    errors = body.get("errors")
    fields = [
        f"{error['field']}: {error['message']}" if error.get("field") else str(error["message"])
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict) and error.get("message")
    ]
    said = "; ".join(fields) or body.get("detail")
    if not isinstance(said, str) or not said:
        return None
    return said if len(said) <= _DETAIL_LENGTH else said[:_DETAIL_LENGTH] + "…"


def _slug(title: Any) -> str:
    """Return a problem's title as a word: “API Key Invalid” is api_key_invalid."""
    text = title if isinstance(title, str) else ""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]


def subscriber_hash(email: str) -> str:
    """Return the id under which Mailchimp keeps a person: MD5 of the address in small letters."""
    return hashlib.md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()
