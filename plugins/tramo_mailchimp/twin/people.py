"""The twin's audiences and the people in them: plain values, shown as Mailchimp shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET

from tramo_mailchimp.api import subscriber_hash
from tramo_mailchimp.twin import seed
from tramo_mailchimp.twin.problem import INVALID, Problem, invalid, missing
from tramo_mailchimp.twin.shape import EventBody, MemberBody, Tag

ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
OWN_WILL: Final = frozenset(["unsubscribed", "cleaned"])
"""Statuses that nobody but the person may undo, once they came about by the person."""
EVENTS_KEPT: Final = 1_000

Member = dict[str, Any]


class People:
    """The audiences of an account."""

    def __init__(self, state: dict[str, Any], now: str) -> None:
        self._state = state
        self._now = now

    def open(self) -> None:
        """Fill an empty state with the demo shop's audiences."""
        self._state |= {"serial": 0, "lists": {}, "members": {}, "tags": {}}
        for (list_id, name), fields in zip(
            seed.AUDIENCES, (seed.FIELDS, seed.B2B_FIELDS), strict=True
        ):
            self._state["lists"][list_id] = {
                "name": name,
                "made": self._now,
                "fields": [list(field) for field in fields],
            }
            self._state["members"][list_id] = {}
        for person in seed.PEOPLE:
            self.add(seed.AUDIENCES[0][0], person, person.email)

    def serial(self) -> int:
        """Count one up; the twin's ids are made of it."""
        self._state["serial"] += 1
        return self._state["serial"]

    def members(self, list_id: str) -> dict[str, Member]:
        """Return an audience's people by their id; refuses an audience that is not there."""
        if list_id not in self._state["lists"]:
            raise missing()
        return self._state["members"][list_id]

    def member(self, list_id: str, hash: str) -> Member:
        """Return one person; `hash` may be the address itself, as at Mailchimp."""
        found = self.members(list_id).get(_id(hash))
        if found is None:
            raise missing()
        return found

    def add(self, list_id: str, person: seed.Person, email: str) -> Member:
        """Put somebody into an audience who was not in it."""
        member = self._fresh(email)
        member["status"] = person.status
        member["merge_fields"] = {
            "FNAME": person.first,
            "LNAME": person.last,
            "COUNTRY": person.country,
            "SPENT": Decimal(person.spent),
        }
        member["language"] = person.language
        member["own_will"] = person.status in OWN_WILL
        self._keep(self.members(list_id), member)
        self.change_tags(list_id, member, [Tag(name, "active") for name in person.tags])
        return member

    def _fresh(self, email: str) -> Member:
        return {
            "number": 0,
            "email": email,
            "status": "",
            "merge_fields": {},
            "interests": {},
            "language": "",
            "vip": False,
            "tags": [],
            "events": [],
            "own_will": False,
            "joined": self._now,
            "changed": self._now,
        }

    # What requests do ------------------------------------------------------------------------

    def put(self, list_id: str, hash: str, body: MemberBody, *, lax: bool) -> Member:
        """Add somebody or change what is known of them."""
        members = self.members(list_id)
        email = body.email_address.strip()
        if not ADDRESS.fullmatch(email):
            raise Problem(
                400,
                "Invalid Resource",
                f"{email} looks fake or invalid, please enter a real email address.",
            )
        member_id = _id(hash)
        known = members.get(member_id)
        if known is None:
            member, status = self._fresh(email), body.status_if_new
        else:
            member, status = known, known["status"] if body.status is UNSET else body.status
        if status == "subscribed" and member["own_will"]:
            raise Problem(
                400,
                "Member In Compliance State",
                f"{email} is in a compliance state due to unsubscribe, bounce, or compliance "
                "review and cannot be subscribed.",
            )
        given = {} if body.merge_fields is UNSET else body.merge_fields
        merge_fields = self._merged(list_id, member, given, lax=lax)
        member |= {"email": email, "status": status, "merge_fields": merge_fields}
        for name in ("language", "vip", "email_type"):
            value = getattr(body, name)
            if value is not UNSET:
                member[name] = value
        if body.interests is not UNSET:
            member["interests"] = {**member["interests"], **body.interests}
        members.pop(member_id, None)
        return self._keep(members, member)

    def _keep(self, members: dict[str, Member], member: Member) -> Member:
        member["number"] = member["number"] or self.serial()
        member["changed"] = self._now
        members[subscriber_hash(member["email"])] = member
        return member

    def _merged(
        self, list_id: str, member: Member, given: Mapping[str, Any], *, lax: bool
    ) -> dict[str, Any]:
        merged = dict(member["merge_fields"])
        errors: list[dict[str, str]] = []
        for tag, _, kind, required in self._state["lists"][list_id]["fields"]:
            value = given.get(tag)
            if kind == "number" and value not in (None, ""):
                value = _number(value)
                if value is None:
                    errors.append({"field": tag, "message": "Please enter a number"})
            if tag in given:
                merged[tag] = value
            if required and not lax and merged.get(tag) in (None, ""):
                errors.append({"field": tag, "message": "Please enter a value"})
        if errors:
            raise Problem(400, "Invalid Resource", "Your merge fields were invalid.", errors)
        return merged

    def change_tags(self, list_id: str, member: Member, tags: list[Tag]) -> None:
        """Put tags on somebody and take others off; a new name makes a new tag."""
        known: dict[str, int] = self._state["tags"].setdefault(list_id, {})
        for tag in tags:
            if not tag.name.strip():
                raise invalid("tags", "A tag needs a name")
            if tag.status == "active":
                if tag.name not in known:
                    known[tag.name] = 900_000 + self.serial()
                if tag.name not in member["tags"]:
                    member["tags"].append(tag.name)
            elif tag.name in member["tags"]:
                member["tags"].remove(tag.name)
        member["changed"] = self._now

    def note(self, member: Member, body: EventBody) -> None:
        """Keep what somebody did."""
        if not 2 <= len(body.name) <= 30:
            raise Problem(
                400,
                "Invalid Resource",
                INVALID,
                [{"field": "name", "message": "Must be 2-30 characters in length"}],
            )
        at = self._now if body.occurred_at is UNSET else body.occurred_at.isoformat()
        properties = {} if body.properties is UNSET else body.properties
        member["events"].insert(0, {"name": body.name, "occurred_at": at, "properties": properties})
        del member["events"][EVENTS_KEPT:]

    def search(self, words: str, list_id: str | None) -> tuple[list[Any], list[Any]]:
        """Return (those who fit exactly, all who fit), as Mailchimp shows them."""
        wanted = words.strip().lower()
        exact: list[Any] = []
        full: list[Any] = []
        for each in self._state["lists"] if list_id is None else [list_id]:
            for member in self.members(each).values():
                names = [member["merge_fields"].get(tag) or "" for tag in ("FNAME", "LNAME")]
                texts = [member["email"].lower(), *(str(name).lower() for name in names)]
                if wanted == texts[0]:
                    exact.append(self.show(each, member))
                if wanted and any(wanted in text for text in texts):
                    full.append(self.show(each, member))
        return exact, full

    # What answers show -----------------------------------------------------------------------

    def show(self, list_id: str, member: Member) -> dict[str, Any]:
        """Return somebody in the form of GET /lists/{id}/members/{hash}."""
        tags = [{"id": self._state["tags"][list_id][name], "name": name} for name in member["tags"]]
        names = [str(member["merge_fields"].get(tag) or "") for tag in ("FNAME", "LNAME")]
        number = member["number"]
        return {
            "id": subscriber_hash(member["email"]),
            "email_address": member["email"],
            "unique_email_id": f"{number:010x}",
            "contact_id": f"{number:032x}",
            "full_name": " ".join(names).strip(),
            "web_id": 500_000_000 + number,
            "email_type": member.get("email_type", "html"),
            "status": member["status"],
            "merge_fields": member["merge_fields"],
            "interests": member["interests"],
            "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
            "timestamp_opt": member["joined"],
            "member_rating": 2,
            "last_changed": member["changed"],
            "language": member["language"],
            "vip": member["vip"],
            "source": "API - Generic",
            "tags_count": len(tags),
            "tags": tags,
            "list_id": list_id,
        }

    def show_list(self, list_id: str) -> dict[str, Any]:
        """Return an audience in the form of GET /lists/{id}."""
        about = self._state["lists"][list_id]
        members = self._state["members"][list_id].values()
        counts = {
            status: sum(member["status"] == status for member in members)
            for status in ("subscribed", "unsubscribed", "cleaned")
        }
        return {
            "id": list_id,
            "web_id": int(list_id, 16) % 1_000_000,
            "name": about["name"],
            "date_created": about["made"],
            "list_rating": 3,
            "email_type_option": False,
            "double_optin": False,
            "visibility": "prv",
            "stats": {
                "member_count": counts["subscribed"],
                "unsubscribe_count": counts["unsubscribed"],
                "cleaned_count": counts["cleaned"],
            },
        }

    def subscribed(self, list_id: str) -> list[Member]:
        """Return those whom a campaign reaches."""
        return [m for m in self.members(list_id).values() if m["status"] == "subscribed"]


def _id(hash: str) -> str:
    return subscriber_hash(hash) if "@" in hash else hash.lower()


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
