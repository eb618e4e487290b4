"""How the twin reads a request: bodies and queries, held to the kinds that Mailchimp publishes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from tramo import sdk

from tramo_mailchimp.twin.problem import INVALID, Problem

S = TypeVar("S", bound=Struct)

Count = Annotated[int, Meta(ge=0, le=1000)]
Offset = Annotated[int, Meta(ge=0)]
Moment = Annotated[datetime, Meta(tz=True)]
Status = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional"]
Kind = Literal["regular", "plaintext", "absplit", "rss", "variate"]


class Paging(Struct):
    count: Count = 10
    offset: Offset = 0


class CampaignQuery(Paging):
    type: Kind | UnsetType = UNSET
    status: Literal["save", "paused", "schedule", "sending", "sent"] | UnsetType = UNSET
    list_id: str | UnsetType = UNSET
    sort_field: Literal["create_time", "send_time"] | UnsetType = UNSET
    sort_dir: Literal["ASC", "DESC"] | UnsetType = UNSET


class SearchQuery(Struct):
    query: str
    list_id: str | UnsetType = UNSET


class MemberQuery(Struct):
    skip_merge_validation: bool = False


class Location(Struct):
    latitude: float | UnsetType = UNSET
    longitude: float | UnsetType = UNSET


class Permission(Struct):
    marketing_permission_id: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class MemberBody(Struct):
    email_address: str
    status_if_new: Status
    status: Status | UnsetType = UNSET
    email_type: str | UnsetType = UNSET
    merge_fields: dict[str, Any] | UnsetType = UNSET
    interests: dict[str, bool] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    vip: bool | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    marketing_permissions: list[Permission] | UnsetType = UNSET
    ip_signup: str | UnsetType = UNSET
    ip_opt: str | UnsetType = UNSET
    timestamp_signup: Moment | UnsetType = UNSET
    timestamp_opt: Moment | UnsetType = UNSET


class Tag(Struct):
    name: str
    status: Literal["active", "inactive"]


class TagsBody(Struct):
    tags: list[Tag]
    is_syncing: bool | UnsetType = UNSET


class EventBody(Struct):
    name: str
    properties: dict[str, str] | UnsetType = UNSET
    is_syncing: bool | UnsetType = UNSET
    occurred_at: Moment | UnsetType = UNSET


class Segment(Struct):
    saved_segment_id: int | UnsetType = UNSET
    match: Literal["any", "all"] | UnsetType = UNSET


class Recipients(Struct):
    list_id: str
    segment_opts: Segment | UnsetType = UNSET


class Settings(Struct, omit_defaults=True):
    subject_line: str | UnsetType = UNSET
    preview_text: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    from_name: str | UnsetType = UNSET
    reply_to: str | UnsetType = UNSET
    to_name: str | UnsetType = UNSET
    folder_id: str | UnsetType = UNSET
    authenticate: bool | UnsetType = UNSET
    auto_footer: bool | UnsetType = UNSET
    inline_css: bool | UnsetType = UNSET
    template_id: int | UnsetType = UNSET


class CampaignBody(Struct):
    type: Kind
    recipients: Recipients | UnsetType = UNSET
    settings: Settings | UnsetType = UNSET
    content_type: Literal["template", "multichannel"] | UnsetType = UNSET


class Template(Struct):
    id: int
    sections: dict[str, Any] | UnsetType = UNSET


class ContentBody(Struct):
    html: str | UnsetType = UNSET
    plain_text: str | UnsetType = UNSET
    template: Template | UnsetType = UNSET
    url: str | UnsetType = UNSET


class Events(Struct):
    subscribe: bool = True
    unsubscribe: bool = True
    profile: bool = True
    cleaned: bool = True
    upemail: bool = True
    campaign: bool = True


class Sources(Struct):
    user: bool = True
    admin: bool = True
    api: bool = True


class WebhookBody(Struct):
    url: str | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    sources: Sources | UnsetType = UNSET


_PLACE: Final = re.compile(r" - at `\$\.?([^`]*)`")


def read_body(request: sdk.TwinRequest, shape: type[S]) -> S:
    """Read a JSON body, refusing what is not of the shape."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _unreadable()
    try:
        body = sdk.decode(request.body)
    except ValueError:
        raise _unreadable() from None
    return _convert(body, shape, strict=True)


def read_query(request: sdk.TwinRequest, shape: type[S]) -> S:
    """Read the parameters of the address, refusing those of the wrong kind."""
    return _convert(request.query, shape, strict=False)


def _unreadable() -> Problem:
    return Problem(400, "JSON Parse Error", "We encountered an unspecified JSON parsing error.")


def _convert(value: Any, shape: type[S], *, strict: bool) -> S:
    try:
        return msgspec.convert(value, shape, strict=strict)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        field = place[1] if place else ""
        message = _PLACE.sub("", text).replace("`", "'")
        errors = [{"field": field, "message": message}]
        raise Problem(400, "Invalid Resource", INVALID, errors) from None
