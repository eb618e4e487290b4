"""What a request did, in a few words for the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tramo import sdk

SAID: Final = (
    # method, path, what it did
    ("GET", r"/ping", "Question whether Mailchimp is well"),
    ("GET", r"/", "Look at the account"),
    ("GET", r"/lists", "List of audiences"),
    ("GET", r"/lists/\w+", "Look at the audience {list}"),
    ("PUT", r"/lists/\w+/members/\w+", "Person kept in {list}: {email}, {status}"),
    ("GET", r"/lists/\w+/members/\w+", "Look at {who} in {list}"),
    ("POST", r"/lists/\w+/members/\w+/tags", "Tags of {who} in {list}: {tags}"),
    ("POST", r"/lists/\w+/members/\w+/events", "Event of {who} in {list}: {name}"),
    ("GET", r"/lists/\w+/members/\w+/events", "Look at the events of {who}"),
    ("GET", r"/search-members", "Search for {query}"),
    ("POST", r"/campaigns", "New campaign: {subject}"),
    ("GET", r"/campaigns", "List of campaigns"),
    ("GET", r"/campaigns/\w+", "Look at the campaign {campaign}"),
    ("PUT", r"/campaigns/\w+/content", "Content of the campaign {campaign}"),
    ("POST", r"/campaigns/\w+/actions/send", "Campaign {campaign} sent to {sent} people"),
    ("GET", r"/lists/\w+/webhooks", "List of webhooks of {list}"),
    ("POST", r"/lists/\w+/webhooks", "New webhook of {list}"),
    ("PATCH", r"/lists/\w+/webhooks/\w+", "Change of a webhook of {list}"),
    ("DELETE", r"/lists/\w+/webhooks/\w+", "End of a webhook of {list}"),
)


def describe(request: sdk.TwinRequest, response: sdk.Response, state: Mapping[str, Any]) -> str:
    """Say what a request asked for, and what it was refused with."""
    path = request.path.removeprefix("/3.0")
    for method, pattern, text in SAID:
        if method == request.method and re.fullmatch(pattern, path):
            said = text.format_map(_words(request, path, state))
            break
    else:
        said = f"{request.method} {request.path}"
    return said if response.status < 400 else f"{said} (refused: {_title(response)})"


def _title(response: sdk.Response) -> str:
    answer = response.json()
    return str(answer.get("title") or answer.get("error") or response.status)


def _words(request: sdk.TwinRequest, path: str, state: Mapping[str, Any]) -> dict[str, str]:
    parts = path.split("/")
    body = _body(request)
    third = parts[2] if len(parts) > 2 else ""
    campaign = state["campaigns"].get(third) or {}
    settings = body.get("settings")
    return {
        "list": (state["lists"].get(third) or {}).get("name", third),
        "who": _who(state, third, parts[4] if len(parts) > 4 else ""),
        "email": str(body.get("email_address")),
        "status": str(body.get("status") or body.get("status_if_new")),
        "tags": _tags(body.get("tags")),
        "name": str(body.get("name")),
        "query": request.query.get("query", ""),
        "subject": str(settings.get("subject_line") if isinstance(settings, dict) else "?"),
        "campaign": (campaign.get("settings") or {}).get("subject_line") or third,
        "sent": str(campaign.get("emails_sent", 0)),
    }


def _body(request: sdk.TwinRequest) -> dict[str, Any]:
    try:
        body = request.json() if request.body else {}
    except ValueError:
        body = {}
    return body if isinstance(body, dict) else {}


def _who(state: Mapping[str, Any], list_id: str, hash: str) -> str:
    known = state["members"].get(list_id, {}).get(hash)
    return str(known["email"]) if known else "somebody"


def _tags(tags: Any) -> str:
    shown = [
        f"{'+' if tag.get('status') == 'active' else '-'}{tag.get('name')}"
        for tag in (tags if isinstance(tags, list) else [])
        if isinstance(tag, dict)
    ]
    return ", ".join(shown)
