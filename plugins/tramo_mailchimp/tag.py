"""Tags of people, put on and taken off."""

from __future__ import annotations

from typing import Annotated

from tramo import sdk

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, call
from tramo_mailchimp.audience import Audience
from tramo_mailchimp.member import NO_PERSON, Email, member_path

Names = tuple[Annotated[str, sdk.Meta(min_length=1, max_length=100)], ...]


class TagChange(sdk.Params):
    """Whose tags change, and how."""

    audience: Audience
    email: Email
    add: Annotated[
        Names,
        sdk.Meta(title="Add", description="Tags to put on; a new name makes a new tag."),
    ] = ()
    remove: Annotated[Names, sdk.Meta(title="Remove", description="Tags to take off.")] = ()
    quiet: Annotated[
        bool,
        sdk.Meta(
            title="Start no automations",
            description="Mailchimp's own automations that wait for these tags stay still.",
        ),
        sdk.hint(advanced=True),
    ] = False


class ChangedTags(sdk.Output, kw_only=True):
    """What was asked for and done."""

    audience: str
    email: Annotated[str, sdk.Personal("email")]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@connector.action(
    "change_tags",
    title="Add or remove tags",
    effect="repeatable",
    synonyms=("tag", "label", "segment", "untag"),
    example={
        "audience": "a6b5da1054",
        "email": "ana@example.com",
        "added": ["vip"],
        "removed": ["new customer"],
    },
)
async def change_tags(ctx: Context, params: TagChange) -> ChangedTags:
    """Put tags on a person of an audience, and take others off."""
    both = sorted({name.lower() for name in params.add} & {name.lower() for name in params.remove})
    if both:
        raise sdk.BadParams(
            f"The tag “{both[0]}” is both to be added and removed; choose one.",
            params={"why": "mailchimp.tag_twice", "tag": both[0]},
        )
    if not params.add and not params.remove:
        raise sdk.BadParams(
            "No tag is named; name one to add or remove.", params={"why": "mailchimp.no_tag"}
        )
    tags = [{"name": name, "status": "active"} for name in params.add]
    tags += [{"name": name, "status": "inactive"} for name in params.remove]
    await call(
        ctx,
        "POST",
        f"{member_path(params.audience, params.email)}/tags",
        json={"tags": tags, "is_syncing": params.quiet},
        missing=NO_PERSON,
    )
    email = params.email.strip()
    ctx.add_key("person", email)
    return ChangedTags(
        audience=params.audience, email=email, added=params.add, removed=params.remove
    )
