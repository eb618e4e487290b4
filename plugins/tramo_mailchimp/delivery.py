"""What Mailchimp delivers: forms with nested names, read into plain outputs.

Mailchimp gives its deliveries no id. One is made of all that a delivery holds, the time it was
fired at included, so that a repetition is known and two changes within a second are two.

Source of the fields: mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks and the
sample of a subscription; those of the other topics are as the former API's guide lists them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from tramo import sdk

FIELDS_MOST: Final = 1_000
DEPTH_MOST: Final = 6
NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")

Moment = Annotated[str | None, sdk.Meta(description="When it happened, UTC.")]


class AudienceFilter(sdk.Params):
    """Whose changes start the flow."""

    audience: Annotated[
        str,
        sdk.Meta(
            title="Audience",
            description="Only this audience. Empty: all your audiences.",
            pattern="^[A-Za-z0-9]{0,40}$",
        ),
        sdk.Choices("audiences"),
    ] = ""


class Subscriber(sdk.Output, kw_only=True):
    """A person of an audience, as a delivery tells of them."""

    audience: str
    id: Annotated[str, sdk.Meta(description="Mailchimp's own number of the person.")]
    email: Annotated[str, sdk.Personal("email")]
    first_name: Annotated[str | None, sdk.Personal("name")] = None
    last_name: Annotated[str | None, sdk.Personal("name")] = None
    email_type: str | None = None
    merge_fields: Annotated[Mapping[str, Any], sdk.Personal("profile")] = {}
    at: Moment = None


class Leaver(Subscriber, kw_only=True):
    """A person who left an audience."""

    action: Annotated[str | None, sdk.Meta(description="“unsub” or “delete”.")] = None
    reason: Annotated[str | None, sdk.Meta(description="“manual” or “abuse”.")] = None
    campaign: Annotated[str | None, sdk.Meta(description="The campaign they left by.")] = None


class MovedAddress(sdk.Output, kw_only=True):
    """A person whose address changed."""

    audience: str
    id: str
    email: Annotated[str, sdk.Meta(description="The new one."), sdk.Personal("email")]
    old_email: Annotated[str, sdk.Personal("email")]
    at: Moment = None


class CleanedAddress(sdk.Output, kw_only=True):
    """An address that Mailchimp writes to no more."""

    audience: str
    email: Annotated[str, sdk.Personal("email")]
    reason: Annotated[str | None, sdk.Meta(description="“hard” or “abuse”.")] = None
    campaign: str | None = None
    at: Moment = None


class CampaignSent(sdk.Output, kw_only=True):
    """A campaign that went out."""

    id: str
    audience: str | None = None
    subject: str | None = None
    status: str
    reason: str | None = None
    at: Moment = None


# Reading ---------------------------------------------------------------------------------------


def read(delivery: sdk.Delivery) -> list[sdk.Incoming]:
    """Read a delivery that knew the secret. Raises ValueError for what Mailchimp does not send."""
    pairs = parse_qsl(
        delivery.body.decode("utf-8"),
        keep_blank_values=True,
        errors="strict",
        max_num_fields=FIELDS_MOST,
    )
    payload = nest(pairs)
    topic = payload.get("type")
    if not isinstance(topic, str) or not topic:
        raise ValueError("the delivery names no type")
    output = OUTPUTS.get(topic)
    if output is None:
        return []
    try:
        output(payload)
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"this is not shaped as Mailchimp's deliveries of {topic} are") from None
    return [sdk.Incoming(topic=topic, delivery_id=_digest(pairs), payload=payload)]


def nest(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Make `data[merges][FNAME]=Ada` an object in objects."""
    whole: dict[str, Any] = {}
    for name, text in pairs:
        match = NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"the field “{name[:60]}” cannot be read")
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        if len(path) > DEPTH_MOST:
            raise ValueError(f"the field “{name[:60]}” is nested too deep")
        place = whole
        for step in path[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise ValueError(f"the field “{name[:60]}” is a text and an object")
        if path[-1] in place:
            raise ValueError(f"the field “{name[:60]}” comes twice")
        place[path[-1]] = text
    return whole


def _digest(pairs: list[tuple[str, str]]) -> str:
    return hashlib.sha256(repr(sorted(pairs)).encode()).hexdigest()[:40]


# Outputs ---------------------------------------------------------------------------------------


def subscriber_output(payload: Mapping[str, Any]) -> Subscriber:
    """Make the output of somebody who joined or changed their profile."""
    return Subscriber(**_person(payload))


def leaver_output(payload: Mapping[str, Any]) -> Leaver:
    """Make the output of somebody who left."""
    data = payload["data"]
    return Leaver(
        **_person(payload),
        action=_text(data, "action"),
        reason=_text(data, "reason"),
        campaign=_text(data, "campaign_id"),
    )


def address_output(payload: Mapping[str, Any]) -> MovedAddress:
    """Make the output of a change of address."""
    data = payload["data"]
    return MovedAddress(
        audience=_need(data, "list_id"),
        id=_need(data, "new_id"),
        email=_need(data, "new_email"),
        old_email=_need(data, "old_email"),
        at=_moment(payload),
    )


def cleaned_output(payload: Mapping[str, Any]) -> CleanedAddress:
    """Make the output of an address that was cleaned."""
    data = payload["data"]
    return CleanedAddress(
        audience=_need(data, "list_id"),
        email=_need(data, "email"),
        reason=_text(data, "reason"),
        campaign=_text(data, "campaign_id"),
        at=_moment(payload),
    )


def campaign_output(payload: Mapping[str, Any]) -> CampaignSent:
    """Make the output of a campaign's news."""
    data = payload["data"]
    return CampaignSent(
        id=_need(data, "id"),
        audience=_text(data, "list_id"),
        subject=_text(data, "subject"),
        status=_need(data, "status"),
        reason=_text(data, "reason"),
        at=_moment(payload),
    )


OUTPUTS: Final[Mapping[str, Callable[[Mapping[str, Any]], sdk.Output]]] = {
    "subscribe": subscriber_output,
    "unsubscribe": leaver_output,
    "profile": subscriber_output,
    "upemail": address_output,
    "cleaned": cleaned_output,
    "campaign": campaign_output,
}


def of_audience(params: AudienceFilter, output: Any) -> bool:
    """Tell whether an output, as plain data, is of the audience that the flow follows."""
    return params.audience in ("", output["audience"])


def sent_to_audience(params: AudienceFilter, output: Any) -> bool:
    """Tell whether a campaign went out to the audience that the flow follows."""
    return output["status"] == "sent" and of_audience(params, output)


def _person(payload: Mapping[str, Any]) -> dict[str, Any]:
    data = payload["data"]
    merges = data.get("merges") or {}
    return {
        "audience": _need(data, "list_id"),
        "id": _need(data, "id"),
        "email": _need(data, "email"),
        "first_name": _text(merges, "FNAME"),
        "last_name": _text(merges, "LNAME"),
        "email_type": _text(data, "email_type"),
        "merge_fields": dict(merges),
        "at": _moment(payload),
    }


def _need(data: Mapping[str, Any], name: str) -> str:
    text = _text(data, name)
    if text is None:
        raise KeyError(name)
    return text


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and value else None


def _moment(payload: Mapping[str, Any]) -> str | None:
    match = MOMENT.match(_text(payload, "fired_at") or "")
    return f"{match[1]}T{match[2]}Z" if match else None
