"""The twin's ledger of an account: ids, instants, and events signed as EasyPost signs them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from unicodedata import normalize

from tramo import sdk

EVENTS_KEPT: Final = 200
USER: Final = "user_060ab38db3c04ffaa60f262e5781a9be"


class Book:
    """What every part of the twin writes into."""

    def __init__(self, state: dict[str, Any], now_ms: int, mode: str) -> None:
        self.state = state
        self.mode = mode
        self._now_ms = now_ms

    def at(self, later_ms: int = 0) -> str:
        """Return the time, or that of so much later, as EasyPost writes it."""
        moment = datetime.fromtimestamp((self._now_ms + later_ms) / 1000, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def next_number(self) -> int:
        self.state["serial"] += 1
        return self.state["serial"]

    def new_id(self, prefix: str) -> str:
        """Return an id that looks like EasyPost's: a prefix and 32 hexadecimal digits."""
        digest = hashlib.sha256(f"{prefix}{self.next_number()}".encode()).hexdigest()
        return f"{prefix}_{digest[:32]}"

    def note(self, topic: str, result: Any, before: Mapping[str, Any]) -> dict[str, Any]:
        """Write an event down, and return it as it is delivered."""
        urls = [webhook["url"] for webhook in self.state["webhooks"].values()]
        event = {
            "description": topic,
            "mode": self.mode,
            "previous_attributes": dict(before),
            "created_at": self.at(),
            "pending_urls": urls,
            "completed_urls": [],
            "updated_at": self.at(),
            "id": self.new_id("evt"),
            "user_id": USER,
            "status": "pending",
            "object": "Event",
        }
        self.state["events"].append(event)
        del self.state["events"][:-EVENTS_KEPT]
        return {**event, "result": result}


def sign(body: bytes, secret: str) -> sdk.Delivery:
    """Return a delivery that carries EasyPost's signature."""
    digest = hmac.digest(normalize("NFKD", secret).encode(), body, "sha256").hex()
    return sdk.Delivery(
        headers={
            "content-type": "application/json",
            "user-agent": "EasyPost Web Hooks 1.0",
            "x-hmac-signature": f"hmac-sha256-hex={digest}",
        },
        body=body,
    )
