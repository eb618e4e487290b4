"""What happens in the twin's account by itself, and the forms in which Mailchimp tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from tramo_mailchimp.api import subscriber_hash
from tramo_mailchimp.twin import seed
from tramo_mailchimp.twin.people import Member, People

LIST: Final = seed.AUDIENCES[0][0]


class News:
    """Things that people do in an audience."""

    def __init__(self, people: People, campaigns: Mapping[str, Any], fired_at: str) -> None:
        self._people = people
        self._campaigns = campaigns
        self._fired_at = fired_at
        self._topics: dict[str, Callable[[], dict[str, Any]]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "profile": self._profile,
            "upemail": self._upemail,
            "cleaned": self._cleaned,
            "campaign": self._campaign,
        }

    def invent(self, topic: str) -> dict[str, Any]:
        """Let something happen, and return what Mailchimp tells of it; KeyError for no topic."""
        return {"type": topic, "fired_at": self._fired_at, "data": self._topics[topic]()}

    def _subscribe(self) -> dict[str, Any]:
        return _told(self._newcomer())

    def _newcomer(self) -> Member:
        serial = self._people.serial()
        person = seed.NEWCOMERS[serial % len(seed.NEWCOMERS)]
        return self._people.add(LIST, person, f"{person.email}.{serial}@example.com")

    def _somebody(self) -> Member:
        reached = self._people.subscribed(LIST)
        return reached[0] if reached else self._newcomer()

    def _unsubscribe(self) -> dict[str, Any]:
        member = self._somebody()
        member |= {"status": "unsubscribed", "own_will": True}
        return {"action": "unsub", "reason": "manual", **_told(member)}

    def _profile(self) -> dict[str, Any]:
        member = self._somebody()
        countries = sorted({person.country for person in seed.PEOPLE} - {_country(member)})
        member["merge_fields"]["COUNTRY"] = countries[self._people.serial() % len(countries)]
        return _told(member)

    def _upemail(self) -> dict[str, Any]:
        member = self._somebody()
        old = member["email"]
        new = f"new.{self._people.serial()}.{old}"
        members = self._people.members(LIST)
        del members[subscriber_hash(old)]
        members[subscriber_hash(new)] = member
        member["email"] = new
        number = f"{member['number']:010x}"
        return {"list_id": LIST, "new_id": number, "new_email": new, "old_email": old}

    def _cleaned(self) -> dict[str, Any]:
        member = self._somebody()
        member |= {"status": "cleaned", "own_will": True}
        return {
            "list_id": LIST,
            "campaign_id": next(iter(self._campaigns), ""),
            "reason": "hard",
            "email": member["email"],
        }

    def _campaign(self) -> dict[str, Any]:
        sent = [each for each in self._campaigns.values() if each["status"] in ("sending", "sent")]
        last = sent[-1] if sent else {"id": "42694e9e57", "list_id": LIST, "settings": {}}
        return {
            "id": last["id"],
            "subject": last["settings"].get("subject_line", seed.SUBJECT),
            "status": "sent",
            "reason": "",
            "list_id": last["list_id"],
        }


def write_form(payload: Mapping[str, Any]) -> bytes:
    """Write objects in objects as `data[merges][FNAME]=Ada`."""
    return urlencode(list(_fields("", payload))).encode()


def _fields(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _fields(f"{name}[{key}]" if name else str(key), item)
    else:
        yield name, "" if value is None else str(value)


def _told(member: Member) -> dict[str, Any]:
    return {
        "id": f"{member['number']:010x}",
        "list_id": LIST,
        "email": member["email"],
        "email_type": member.get("email_type", "html"),
        "ip_opt": "203.0.113.9",
        "web_id": 500_000_000 + member["number"],
        "merges": {"EMAIL": member["email"], **member["merge_fields"]},
    }


def _country(member: Member) -> str:
    return str(member["merge_fields"].get("COUNTRY"))
