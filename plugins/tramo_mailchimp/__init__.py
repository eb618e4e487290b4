"""Mailchimp: people in audiences, their tags and events, campaigns, and what people do about them.

The table of contents. How Mailchimp is called and refuses is said in `api`, what it delivers in
`delivery`; each resource has a module with its actions.
"""

from __future__ import annotations

from typing import Final

from tramo import sdk

from tramo_mailchimp.api import MailchimpAccount, call, error_message
from tramo_mailchimp.twin import MailchimpTwin

connector: Final = sdk.Connector(
    "mailchimp",
    title="Mailchimp",
    summary="Audiences, tags and campaigns, and flows that follow who joins and leaves.",
    category="Marketing",
    credential=MailchimpAccount,
    base_url="https://{data_centre}.api.mailchimp.com/3.0/",
    # Mailchimp takes any user name beside the key.
    auth=sdk.Basic("data_centre", "api_key"),
    docs_url="https://mailchimp.com/developer/marketing/api/",
    error_message=error_message,
)
connector.twin(MailchimpTwin)


@connector.test
async def test_account(ctx: sdk.Context[MailchimpAccount]) -> sdk.Account:
    """Ask whether Mailchimp is well, and whose key this is."""
    await call(ctx, "GET", "ping")
    account = await call(ctx, "GET", "", query={"fields": "account_id,account_name"})
    return sdk.Account(name=account["account_name"], id=account["account_id"])


# Each module registers itself on the connector above, so they come after it.
from tramo_mailchimp import (  # noqa: E402
    activity,
    audience,
    campaign,
    member,
    subscription,
    tag,
    trigger,
)

__all__ = [
    "MailchimpAccount",
    "activity",
    "audience",
    "campaign",
    "connector",
    "member",
    "subscription",
    "tag",
    "trigger",
]
