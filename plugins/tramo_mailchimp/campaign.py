"""Campaigns: made, filled with content, sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from tramo import sdk

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, Missing, call, pages
from tramo_mailchimp.audience import ID, Audience

NO_CAMPAIGN: Final = Missing(
    "mailchimp.no_campaign", "Mailchimp has no such campaign. Choose another in the node."
)
GONE_OUT: Final = frozenset(["sending", "sent"])
NOT_GONE_OUT: Final = frozenset(["save", "paused", "schedule"])
PROBE_PAGES: Final = 3

CampaignId = Annotated[
    str,
    sdk.Meta(
        title="Campaign",
        description="The id from the output of “Create campaign”, or one of your drafts.",
        pattern=ID,
    ),
    sdk.Choices("drafts"),
]


class Campaign(sdk.Output, kw_only=True):
    """A campaign of the account."""

    id: Annotated[str, sdk.Meta(description="Give it to the nodes that fill and send it.")]
    status: str
    audience: str | None = None
    subject: str | None = None
    name: str | None = None
    emails_sent: int = 0
    archive_url: Annotated[str | None, sdk.Meta(description="Where anybody can read it.")] = None


class CampaignContent(sdk.Output, kw_only=True):
    """What a campaign says."""

    campaign: str
    html: str | None = None
    plain_text: str | None = None


CAMPAIGN_EXAMPLE: Final = {
    "id": "42694e9e57",
    "status": "save",
    "audience": "a6b5da1054",
    "subject": "New lamps are here",
    "name": "New lamps [5f3c8a1b2d4e]",
    "emails_sent": 0,
    "archive_url": "http://eepurl.com/demo",
}


class NewCampaign(sdk.Params):
    """Whom the campaign is for, and how it shows in a mailbox."""

    audience: Audience
    subject: Annotated[
        str,
        sdk.Meta(title="Subject", description="The line in the mailbox.", min_length=1),
    ]
    from_name: Annotated[
        str,
        sdk.Meta(
            title="Sender's name",
            description="Not an e-mail address.",
            min_length=1,
            max_length=100,
        ),
    ]
    reply_to: Annotated[
        str,
        sdk.Meta(
            title="Answers go to",
            description="An address whose domain is verified in Mailchimp.",
            pattern=r"^\s*[^@\s]+@[^@\s]+\s*$",
        ),
        sdk.Personal("email"),
    ]
    preview: Annotated[
        str,
        sdk.Meta(title="Preview text", description="Shown behind the subject.", max_length=150),
    ] = ""
    name: Annotated[
        str,
        sdk.Meta(
            title="Name in Mailchimp",
            description="For your own eyes; a mark is added, by which the campaign is known again. "
            "Empty: the subject.",
            max_length=80,
        ),
    ] = ""
    segment: Annotated[
        str | int,
        sdk.Meta(
            title="Segment or tag",
            description="The number of a saved segment or tag of the audience. Empty: everybody.",
        ),
    ] = ""
    kind: Annotated[
        Literal["regular", "plaintext"],
        sdk.Meta(title="Kind", description="“Text only” has no HTML."),
        sdk.hint(advanced=True, labels={"regular": "Regular", "plaintext": "Text only"}),
    ] = "regular"


@connector.action(
    "create_campaign",
    title="Create campaign",
    effect="never_repeat",
    synonyms=("newsletter", "mailing", "draft"),
    example=CAMPAIGN_EXAMPLE,
)
async def create_campaign(ctx: Context, params: NewCampaign) -> Campaign:
    """Make a campaign for an audience. It goes out only when it is sent."""
    recipients: dict[str, Any] = {"list_id": params.audience}
    if params.segment != "":
        recipients["segment_opts"] = {"saved_segment_id": _number(params.segment, "segment")}
    settings = {
        "subject_line": params.subject,
        "title": f"{(params.name or params.subject)[:80]} {_mark(ctx)}",
        "from_name": params.from_name,
        "reply_to": params.reply_to.strip(),
    }
    if params.preview:
        settings["preview_text"] = params.preview
    body = {"type": params.kind, "recipients": recipients, "settings": settings}
    return _touched(ctx, await call(ctx, "POST", "campaigns", json=body))


@connector.probe("create_campaign")
async def find_campaign(ctx: Context, params: NewCampaign) -> sdk.ProbeResult:
    """Look for the campaign whose name carries this effect's mark, among the newest.

    A campaign that is not there proves nothing: it may still be on its way.
    """
    query = {"list_id": params.audience, "sort_field": "create_time", "sort_dir": "DESC"}
    async for item in pages(ctx, "campaigns", "campaigns", PROBE_PAGES, **query):
        if str((item.get("settings") or {}).get("title", "")).endswith(_mark(ctx)):
            return sdk.Happened(_touched(ctx, item))
    return sdk.Unknown()


class NewContent(sdk.Params):
    """What the campaign is to say."""

    campaign: CampaignId
    html: Annotated[
        sdk.Html,
        sdk.Meta(title="HTML", description="The whole letter. Leave it empty to use a template."),
    ] = ""
    plain_text: Annotated[
        sdk.LongText,
        sdk.Meta(
            title="Plain text",
            description="For readers without HTML. Empty: Mailchimp makes it from the HTML.",
        ),
    ] = ""
    template: Annotated[
        str | int,
        sdk.Meta(title="Template", description="The number of a template, in place of HTML."),
    ] = ""
    sections: Annotated[
        Mapping[str, str],
        sdk.Meta(
            title="Sections",
            description="What stands in the template's editable sections, by name.",
        ),
        sdk.hint(advanced=True),
    ] = {}


@connector.action(
    "set_campaign_content",
    title="Set campaign content",
    effect="repeatable",
    synonyms=("write", "body", "html", "template", "newsletter"),
    example={
        "campaign": "42694e9e57",
        "html": "<p>New lamps are here.</p>",
        "plain_text": "New lamps are here.",
    },
)
async def set_campaign_content(ctx: Context, params: NewContent) -> CampaignContent:
    """Write what a campaign says, in place of what it said."""
    body: dict[str, Any] = {}
    if params.html and params.template != "":
        raise sdk.BadParams(
            "HTML and a template are both given; give one of them.",
            params={"why": "mailchimp.two_contents"},
        )
    if params.template != "":
        template = {"id": _number(params.template, "template")}
        body["template"] = template | ({"sections": params.sections} if params.sections else {})
    if params.html:
        body["html"] = params.html
    if params.plain_text:
        body["plain_text"] = params.plain_text
    if not body:
        raise sdk.BadParams(
            "The campaign would say nothing; give HTML, text or a template.",
            params={"why": "mailchimp.no_content"},
        )
    path = f"campaigns/{params.campaign}/content"
    answer = await call(ctx, "PUT", path, json=body, missing=NO_CAMPAIGN)
    ctx.add_key("campaign", params.campaign)
    return CampaignContent(
        campaign=params.campaign, html=answer.get("html"), plain_text=answer.get("plain_text")
    )


class CampaignToSend(sdk.Params):
    """Which campaign goes out."""

    campaign: CampaignId


@connector.action(
    "send_campaign",
    title="Send campaign",
    effect="never_repeat",
    costly=True,
    synonyms=("newsletter", "mailing", "publish", "launch"),
    example={**CAMPAIGN_EXAMPLE, "status": "sending"},
)
async def send_campaign(ctx: Context, params: CampaignToSend) -> Campaign:
    """Send a campaign to everybody it is for, now."""
    path = f"campaigns/{params.campaign}"
    try:
        await call(ctx, "POST", f"{path}/actions/send", missing=NO_CAMPAIGN)
    except sdk.Rejected as refusal:
        if refusal.code == "mailchimp.resource_not_found":
            raise
        # A campaign goes out once. Refused again, it went out at an earlier attempt of this step.
        campaign = await _read(ctx, params.campaign)
        if campaign.status not in GONE_OUT:
            raise
        if ctx.attempt == 1:
            message = "This campaign was sent already. To send it once more, replicate it."
            raise sdk.Rejected(message, code="mailchimp.already_sent") from None
        return campaign
    try:
        return await _read(ctx, params.campaign)
    except sdk.Rejected:
        return Campaign(id=params.campaign, status="sending")  # It went out all the same.


@connector.probe("send_campaign")
async def look_whether_sent(ctx: Context, params: CampaignToSend) -> sdk.ProbeResult:
    """Read whether the campaign went out.

    A draft may be sent again even if the lost request is still on its way: Mailchimp sends a
    campaign once and refuses the other.
    """
    try:
        campaign = await _read(ctx, params.campaign)
    except sdk.Rejected:
        return sdk.Unknown()
    if campaign.status in GONE_OUT:
        return sdk.Happened(campaign)
    return sdk.DidNotHappen() if campaign.status in NOT_GONE_OUT else sdk.Unknown()


@connector.choices("drafts")
async def list_drafts(ctx: Context, search: str) -> list[sdk.Choice]:
    """Offer the campaigns that were not sent yet, newest first."""
    wanted = search.strip().lower()
    query = {"status": "save", "sort_field": "create_time", "sort_dir": "DESC"}
    offered: list[sdk.Choice] = []
    async for item in pages(ctx, "campaigns", "campaigns", 1, **query):
        settings = item.get("settings") or {}
        label = settings.get("title") or settings.get("subject_line") or item["id"]
        if wanted in label.lower():
            offered.append(
                sdk.Choice(value=item["id"], label=label, hint=settings.get("subject_line"))
            )
    return offered


async def _read(ctx: Context, campaign: str) -> Campaign:
    answer = await call(ctx, "GET", f"campaigns/{campaign}", missing=NO_CAMPAIGN)
    return _touched(ctx, answer)


def _touched(ctx: Context, answer: dict[str, Any]) -> Campaign:
    settings = answer.get("settings") or {}
    ctx.add_key("campaign", answer["id"])
    return Campaign(
        id=answer["id"],
        status=answer["status"],
        audience=(answer.get("recipients") or {}).get("list_id"),
        subject=settings.get("subject_line"),
        name=settings.get("title"),
        emails_sent=answer.get("emails_sent") or 0,
        archive_url=answer.get("archive_url") or None,
    )


def _mark(ctx: Context) -> str:
    return f"[{ctx.key[:12]}]"


def _number(value: str | int, name: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise sdk.BadParams(
            f"The {name} “{value}” is not a number.",
            params={"why": "mailchimp.not_a_number", "value": value},
        ) from None
