"""Members of the workspace, found by e-mail address."""

from __future__ import annotations

from typing import Annotated

from tramo import sdk

from tramo_slack import connector
from tramo_slack.api import SlackBot, call


class EmailAddress(sdk.Params):
    """Whom to look for."""

    email: Annotated[
        str,
        sdk.Meta(
            title="E-mail address", description="The one the person has in Slack.", min_length=3
        ),
        sdk.Personal("email"),
    ]


class FoundUser(sdk.Output):
    """The person, if the workspace has one with this address."""

    found: bool
    id: Annotated[str | None, sdk.Meta(description="Post to it to write to the person.")] = None
    name: Annotated[str | None, sdk.Personal("name")] = None
    display_name: Annotated[str | None, sdk.Personal("name")] = None
    email: Annotated[str | None, sdk.Personal("email")] = None
    timezone: str | None = None
    active: bool = False


@connector.action(
    "find_user",
    title="Find person by e-mail",
    effect="pure",
    synonyms=("lookup", "search", "member", "user"),
    example={
        "found": True,
        "id": "U012AB3CD",
        "name": "Ana Torres",
        "display_name": "ana",
        "email": "ana@example.com",
        "timezone": "Europe/Madrid",
        "active": True,
    },
)
async def find_user(ctx: sdk.Context[SlackBot], params: EmailAddress) -> FoundUser:
    """Look a member of the workspace up by e-mail address."""
    try:
        answer = await call(ctx, "users.lookupByEmail", query={"email": params.email.strip()})
    except sdk.Rejected as refusal:
        if refusal.code == "slack.users_not_found":
            return FoundUser(found=False)
        raise
    user = answer["user"]
    profile = user.get("profile") or {}
    return FoundUser(
        found=True,
        id=user["id"],
        name=user.get("real_name") or profile.get("real_name"),
        display_name=profile.get("display_name") or user.get("name"),
        email=profile.get("email") or params.email.strip(),
        timezone=user.get("tz"),
        active=not user.get("deleted", False),
    )
