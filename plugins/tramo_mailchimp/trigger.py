"""What starts flows: news of an audience, at a door that knows Mailchimp by a secret."""

from __future__ import annotations

from typing import Any, Final

from tramo import sdk

from tramo_mailchimp import connector, delivery
from tramo_mailchimp.subscription import SECRET

connector.door(
    sdk.WebhookDoor(
        signature=sdk.QuerySecret(secret="webhook_secret", name=SECRET),  # noqa: S106 - a field
        read=delivery.read,
        only_tells=True,
        # Mailchimp looks by GET whether an address is there before it keeps it.
        checked_by=("GET",),
    )
)

PERSON_KEYS: Final = {"person": "email", "email": "email", "audience": "audience"}
PERSON: Final[dict[str, Any]] = {
    "audience": "a6b5da1054",
    "id": "8a25ff1d98",
    "email": "ana@example.com",
    "first_name": "Ana",
    "last_name": "Torres",
    "email_type": "html",
    "merge_fields": {"EMAIL": "ana@example.com", "FNAME": "Ana", "LNAME": "Torres"},
    "at": "2026-11-21T10:35:57Z",
}

connector.webhook_trigger(
    "person_subscribed",
    title="Person subscribed",
    summary="Starts when somebody joins an audience.",
    topic="subscribe",
    params=delivery.AudienceFilter,
    event=delivery.Subscriber,
    output=delivery.subscriber_output,
    matches=delivery.of_audience,
    keys=PERSON_KEYS,
    synonyms=("new subscriber", "sign-up", "joined", "newsletter"),
    example=PERSON,
)
connector.webhook_trigger(
    "person_unsubscribed",
    title="Person unsubscribed",
    summary="Starts when somebody leaves an audience or is deleted from it.",
    topic="unsubscribe",
    params=delivery.AudienceFilter,
    event=delivery.Leaver,
    output=delivery.leaver_output,
    matches=delivery.of_audience,
    keys=PERSON_KEYS,
    synonyms=("left", "opt-out", "unsubscriber"),
    example={**PERSON, "action": "unsub", "reason": "manual", "campaign": "42694e9e57"},
)
connector.webhook_trigger(
    "profile_changed",
    title="Profile changed",
    summary="Starts when what an audience knows of a person changes.",
    topic="profile",
    params=delivery.AudienceFilter,
    event=delivery.Subscriber,
    output=delivery.subscriber_output,
    matches=delivery.of_audience,
    keys=PERSON_KEYS,
    synonyms=("updated", "merge field", "preferences"),
    example=PERSON,
)
connector.webhook_trigger(
    "address_changed",
    title="E-mail address changed",
    summary="Starts when a person of an audience has a new e-mail address.",
    topic="upemail",
    params=delivery.AudienceFilter,
    event=delivery.MovedAddress,
    output=delivery.address_output,
    matches=delivery.of_audience,
    keys=PERSON_KEYS,
    synonyms=("new e-mail", "moved"),
    example={
        "audience": "a6b5da1054",
        "id": "51da8c3259",
        "email": "ana.torres@example.com",
        "old_email": "ana@example.com",
        "at": "2026-11-21T10:35:57Z",
    },
)
connector.webhook_trigger(
    "address_cleaned",
    title="E-mail address cleaned",
    summary="Starts when Mailchimp gives an address up, because letters bounce or somebody "
    "complained.",
    topic="cleaned",
    params=delivery.AudienceFilter,
    event=delivery.CleanedAddress,
    output=delivery.cleaned_output,
    matches=delivery.of_audience,
    keys=PERSON_KEYS,
    synonyms=("bounced", "complaint", "undeliverable"),
    example={
        "audience": "a6b5da1054",
        "email": "ana@example.com",
        "reason": "hard",
        "campaign": "42694e9e57",
        "at": "2026-11-21T10:35:57Z",
    },
)
connector.webhook_trigger(
    "campaign_sent",
    title="Campaign sent",
    summary="Starts when a campaign went out to its audience.",
    topic="campaign",
    params=delivery.AudienceFilter,
    event=delivery.CampaignSent,
    output=delivery.campaign_output,
    matches=delivery.sent_to_audience,
    keys={"campaign": "id", "audience": "audience"},
    synonyms=("newsletter sent", "mailing"),
    example={
        "id": "42694e9e57",
        "audience": "a6b5da1054",
        "subject": "New lamps are here",
        "status": "sent",
        "at": "2026-11-21T10:35:57Z",
    },
)
