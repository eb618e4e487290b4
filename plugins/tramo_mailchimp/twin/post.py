"""The twin's campaigns: drafts, what they say, and what goes out once."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET

from tramo_mailchimp.twin.people import People
from tramo_mailchimp.twin.problem import Problem, missing
from tramo_mailchimp.twin.shape import CampaignBody, CampaignQuery, ContentBody

SENDING_MS: Final = 60_000
CAMPAIGNS_KEPT: Final = 1_000
NEEDED: Final = ("subject_line", "from_name", "reply_to")


class Post:
    """The campaigns of an account."""

    def __init__(self, state: dict[str, Any], people: People, now: str, now_ms: int) -> None:
        self._state = state
        self._people = people
        self._now = now
        self._now_ms = now_ms

    @property
    def _campaigns(self) -> dict[str, Any]:
        return self._state["campaigns"]

    def get(self, campaign_id: str) -> dict[str, Any]:
        """Return a campaign, gone out by now if it is its time."""
        campaign = self._campaigns.get(campaign_id)
        if campaign is None:
            raise missing()
        if campaign["status"] == "sending" and self._now_ms >= campaign["sent_ms"] + SENDING_MS:
            campaign["status"] = "sent"
        return campaign

    def create(self, body: CampaignBody) -> dict[str, Any]:
        """Make a draft."""
        list_id = ""
        if body.recipients is not UNSET:
            list_id = body.recipients.list_id
            if list_id:
                self._check_list(list_id)
        number = self._people.serial()
        campaign_id = f"{0xC0FFEE0000 + number:010x}"
        self._campaigns[campaign_id] = {
            "id": campaign_id,
            "number": number,
            "type": body.type,
            "status": "save",
            "made": self._now,
            "made_ms": self._now_ms,
            "list_id": list_id,
            "settings": {} if body.settings is UNSET else msgspec.to_builtins(body.settings),
            "content": {},
            "emails_sent": 0,
        }
        for old in list(self._campaigns)[:-CAMPAIGNS_KEPT]:
            del self._campaigns[old]
        return self._campaigns[campaign_id]

    def _check_list(self, list_id: str) -> None:
        try:
            self._people.members(list_id)
        except Problem:
            raise Problem(400, "Bad Request", "The list does not exist.") from None

    def fill(self, campaign: dict[str, Any], body: ContentBody) -> dict[str, Any]:
        """Write what a draft says."""
        if campaign["status"] != "save":
            raise Problem(400, "Bad Request", "Cannot edit the content of a sent campaign.")
        content: dict[str, Any] = {}
        if body.template is not UNSET:
            sections = {} if body.template.sections is UNSET else body.template.sections
            content["html"] = "".join(f"<div>{text}</div>" for text in sections.values())
        if body.html is not UNSET:
            content["html"] = body.html
        if body.plain_text is not UNSET:
            content["plain_text"] = body.plain_text
        campaign["content"] = content
        return content

    def send(self, campaign: dict[str, Any]) -> None:
        """Let a draft go out; it can only once."""
        if campaign["status"] != "save":
            raise Problem(400, "Bad Request", "Cannot send a campaign that was sent already.")
        lacking = [name for name in NEEDED if not campaign["settings"].get(name)]
        if lacking or not campaign["list_id"] or not campaign["content"]:
            raise Problem(400, "Bad Request", "Your Campaign is not ready to send.")
        reached = self._people.subscribed(campaign["list_id"])
        if not reached:
            raise Problem(400, "Bad Request", "Your Campaign is not ready to send: no recipients.")
        campaign |= {"status": "sending", "sent_ms": self._now_ms, "sent_at": self._now}
        campaign["emails_sent"] = len(reached)

    def found(self, query: CampaignQuery) -> list[dict[str, Any]]:
        """Return the campaigns that a query asks for, in its order."""
        found = [
            campaign
            for campaign in map(self.get, list(self._campaigns))
            if query.status in (UNSET, campaign["status"])
            and query.list_id in (UNSET, campaign["list_id"])
            and query.type in (UNSET, campaign["type"])
        ]
        if query.sort_field is not UNSET:
            name = "made_ms" if query.sort_field == "create_time" else "sent_ms"
            found.sort(
                key=lambda campaign: (campaign.get(name, 0), campaign["number"]),
                reverse=query.sort_dir == "DESC",
            )
        return found

    def show(self, campaign: dict[str, Any]) -> dict[str, Any]:
        """Return a campaign in the form of GET /campaigns/{id}."""
        shown: dict[str, Any] = {
            "id": campaign["id"],
            "web_id": campaign["number"],
            "type": campaign["type"],
            "create_time": campaign["made"],
            "archive_url": f"https://mailchi.mp/demo/{campaign['id']}",
            "status": campaign["status"],
            "emails_sent": campaign["emails_sent"],
            "content_type": "html" if campaign["content"].get("html") else "template",
            "recipients": {"list_id": campaign["list_id"]},
            "settings": campaign["settings"],
        }
        if "sent_at" in campaign:
            shown["send_time"] = campaign["sent_at"]
        return shown
