"""People in audiences: added or changed, read, searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, Missing, call, subscriber_hash
from tramo_mailchimp.audience import ID, NO_AUDIENCE, Audience, require_audience

NO_PERSON: Final = Missing(
    "mailchimp.no_person",
    "Nobody with this address is in this audience. Add the person first, by “Add or update "
    "person”.",
)

Email = Annotated[
    str,
    sdk.Meta(
        title="E-mail address",
        description="The person's address; capital and small letters are the same.",
        pattern=r"^\s*[^@\s]+@[^@\s]+\s*$",
        max_length=254,
    ),
    sdk.Personal("email"),
]
Status = Literal["subscribed", "pending", "unsubscribed", "transactional"]

REGIONAL: Final = frozenset(["es_ES", "fr_CA", "pt_PT"])
"""Languages told from their plain form: es is Mexico's, fr France's, pt Brazil's."""


class Member(sdk.Output, kw_only=True):
    """A person as an audience knows them."""

    id: Annotated[str, sdk.Meta(description="MD5 of the address in small letters.")]
    audience: str
    email: Annotated[str, sdk.Personal("email")]
    status: str
    first_name: Annotated[str | None, sdk.Personal("name")] = None
    last_name: Annotated[str | None, sdk.Personal("name")] = None
    language: str | None = None
    vip: bool = False
    tags: tuple[str, ...] = ()
    merge_fields: Annotated[Mapping[str, Any], sdk.Personal("profile")] = {}
    last_changed: str | None = None


class FoundMember(sdk.Output, kw_only=True):
    """The person, if the audience knows the address."""

    found: bool
    member: Member | None = None


class FoundMembers(sdk.Output, kw_only=True):
    """The people who fit a search."""

    total: Annotated[int, sdk.Meta(description="How many fit; not all may be listed.")]
    members: tuple[Member, ...] = ()


class Person(sdk.Params):
    """Who the person is, and what the audience is to know."""

    audience: Audience
    email: Email
    status_if_new: Annotated[
        Status,
        sdk.Meta(
            title="Status of a new person",
            description="“pending” lets Mailchimp ask the person by e-mail first; “subscribed” "
            "needs a consent that you have; “transactional” gets no campaigns.",
        ),
    ] = "pending"
    status: Annotated[
        Status | None,
        sdk.Meta(
            title="Status of a known person",
            description="Empty leaves it as it is, so that nobody is subscribed again against "
            "their will.",
        ),
    ] = None
    first_name: Annotated[
        str | None,
        sdk.Meta(title="First name", description="Goes into the merge field FNAME."),
        sdk.Personal("name"),
    ] = None
    last_name: Annotated[
        str | None,
        sdk.Meta(title="Last name", description="Goes into the merge field LNAME."),
        sdk.Personal("name"),
    ] = None
    language: Annotated[
        str,
        sdk.Meta(
            title="Language",
            description="Such as es, pt-BR or ro. Empty leaves it as it is.",
            pattern="^([A-Za-z]{2}([-_][A-Za-z]{2,4})?)?$",
        ),
    ] = ""
    merge_fields: Annotated[
        Mapping[str, Any],
        sdk.Meta(
            title="More merge fields",
            description="Values by merge tag, such as CITY. Fields that are not named stay.",
        ),
        sdk.Personal("profile"),
    ] = {}
    vip: Annotated[
        bool | None,
        sdk.Meta(title="VIP", description="Empty leaves it as it is."),
        sdk.hint(advanced=True),
    ] = None
    incomplete: Annotated[
        bool,
        sdk.Meta(
            title="Accept missing required fields",
            description="Otherwise Mailchimp refuses a person who lacks a merge field that the "
            "audience requires.",
        ),
        sdk.hint(advanced=True),
    ] = False


MEMBER_EXAMPLE: Final = {
    "id": "62eeb292278cc15f5817cb78f7790b08",
    "audience": "a6b5da1054",
    "email": "ana@example.com",
    "status": "subscribed",
    "first_name": "Ana",
    "last_name": "Torres",
    "language": "es",
    "vip": False,
    "tags": ["vip", "newsletter"],
    "merge_fields": {"FNAME": "Ana", "LNAME": "Torres", "SPENT": 120.50},
    "last_changed": "2026-11-21T10:35:57+00:00",
}


@connector.action(
    "upsert_member",
    title="Add or update person",
    effect="repeatable",
    synonyms=("subscribe", "contact", "subscriber", "newsletter", "sign up", "member"),
    example=MEMBER_EXAMPLE,
)
async def upsert_member(ctx: Context, params: Person) -> Member:
    """Add a person to an audience, or change what it knows of them."""
    body: dict[str, Any] = {
        "email_address": params.email.strip(),
        "status_if_new": params.status_if_new,
    }
    if params.status is not None:
        body["status"] = params.status
    names = {"FNAME": params.first_name, "LNAME": params.last_name}
    merge_fields = {tag: name for tag, name in names.items() if name} | dict(params.merge_fields)
    if merge_fields:
        body["merge_fields"] = merge_fields
    if params.language:
        body["language"] = mailchimp_language(params.language)
    if params.vip is not None:
        body["vip"] = params.vip
    answer = await call(
        ctx,
        "PUT",
        member_path(params.audience, params.email),
        query={"skip_merge_validation": "true"} if params.incomplete else None,
        json=body,
        missing=NO_AUDIENCE,
    )
    return _touched(ctx, answer)


class MemberAddress(sdk.Params):
    """Whom to look up, and where."""

    audience: Audience
    email: Email


@connector.action(
    "get_member",
    title="Get person",
    effect="pure",
    synonyms=("read", "lookup", "subscriber", "status", "is subscribed"),
    example={"found": True, "member": MEMBER_EXAMPLE},
)
async def get_member(ctx: Context, params: MemberAddress) -> FoundMember:
    """Read what an audience knows of a person."""
    try:
        answer = await call(ctx, "GET", member_path(params.audience, params.email))
    except sdk.Rejected as refusal:
        if refusal.code != "mailchimp.resource_not_found":
            raise
        # It says the same of an audience that is not there, which is a mistake and no answer.
        await require_audience(ctx, params.audience)
        return FoundMember(found=False)
    return FoundMember(found=True, member=_touched(ctx, answer))


class MemberSearch(sdk.Params):
    """What to look for."""

    search: Annotated[
        str,
        sdk.Meta(
            title="Search",
            description="An e-mail address, or a first or last name.",
            min_length=1,
            max_length=200,
        ),
        sdk.Personal("name"),
    ]
    audience: Annotated[
        str,
        sdk.Meta(
            title="Audience",
            description="Only people of this audience. Empty: all your audiences.",
            pattern=f"{ID}|^$",
        ),
        sdk.Choices("audiences"),
    ] = ""


@connector.action(
    "search_members",
    title="Search people",
    effect="pure",
    synonyms=("find", "lookup", "contacts", "subscribers"),
    example={"total": 1, "members": [MEMBER_EXAMPLE]},
)
async def search_members(ctx: Context, params: MemberSearch) -> FoundMembers:
    """Search people by address or name, exact fits first."""
    query = {"query": params.search.strip()}
    if params.audience:
        query["list_id"] = params.audience
    answer = await call(ctx, "GET", "search-members", query=query, missing=NO_AUDIENCE)
    exact, full = (answer.get(part) or {} for part in ("exact_matches", "full_search"))
    found: dict[tuple[str, str], Member] = {}
    for item in (*(exact.get("members") or []), *(full.get("members") or [])):
        member = member_of(item)
        found.setdefault((member.audience, member.id), member)
    total = max(len(found), full.get("total_items") or 0)
    return FoundMembers(total=total, members=tuple(found.values()))


def member_path(audience: str, email: str) -> str:
    """Return where Mailchimp keeps a person of an audience."""
    return f"lists/{audience}/members/{subscriber_hash(email)}"


def member_of(answer: dict[str, Any]) -> Member:
    """Make the output of a person as Mailchimp shows them."""
    merge_fields = answer.get("merge_fields") or {}
    return Member(
        id=answer["id"],
        audience=answer["list_id"],
        email=answer["email_address"],
        status=answer["status"],
        first_name=merge_fields.get("FNAME") or None,
        last_name=merge_fields.get("LNAME") or None,
        language=answer.get("language") or None,
        vip=bool(answer.get("vip")),
        tags=tuple(tag["name"] for tag in answer.get("tags") or []),
        merge_fields=merge_fields,
        last_changed=answer.get("last_changed") or None,
    )


def mailchimp_language(language: str) -> str:
    """Return a language such as pt-BR or es-ES as Mailchimp writes it."""
    base, _, region = language.replace("-", "_").partition("_")
    whole = f"{base.lower()}_{region.upper()}"
    return whole if whole in REGIONAL else base.lower()


def _touched(ctx: Context, answer: dict[str, Any]) -> Member:
    member = member_of(answer)
    ctx.add_key("person", member.email)
    return member
