"""How parcels travel in the twin: trackers, the stages of a journey, and delays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tramo_easypost.twin.book import Book
from tramo_easypost.twin.shape import Refusal

DEDUPLICATED_MS: Final = 89 * 24 * 3600 * 1000
TEST_CODES: Final[Mapping[str, str]] = {
    "EZ1000000001": "pre_transit",
    "EZ2000000002": "in_transit",
    "EZ3000000003": "out_for_delivery",
    "EZ4000000004": "delivered",
    "EZ5000000005": "return_to_sender",
    "EZ6000000006": "failure",
    "EZ7000000007": "unknown",
}
CARRIERS: Final = (
    (re.compile(r"EZ\d{10}"), "USPS"),
    (re.compile(r"1Z[0-9A-Z]{16}"), "UPS"),
    (re.compile(r"9\d{19,25}"), "USPS"),
    (re.compile(r"\d{12}|\d{15}"), "FedEx"),
    (re.compile(r"\d{10}"), "DHLExpress"),
)
"""By which look of a code its carrier is told."""
ENDS: Final = frozenset({"delivered", "failure", "cancelled"})


class Stage(NamedTuple):
    """One scan on the way."""

    status: str
    detail: str
    message: str


JOURNEY: Final = (
    Stage("pre_transit", "label_created", "Shipping label created"),
    Stage("in_transit", "arrived_at_facility", "Arrived at facility"),
    Stage("in_transit", "departed_facility", "Departed facility"),
    Stage("out_for_delivery", "out_for_delivery", "Out for delivery"),
    Stage("delivered", "arrived_at_destination", "Delivered"),
)
DELAY: Final = Stage("in_transit", "delayed", "Delayed: the parcel arrives later than expected")
DELAYED: Final = 4
"""Every so many-th parcel is late once, after it has left the facility."""
DAY_MS: Final = 24 * 3600 * 1000


class Journeys:
    """The parcels of one account, on their way."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.trackers: dict[str, Any] = book.state["trackers"]

    def follow(self, code: str, carrier: str | None, *, mode: str) -> dict[str, Any]:
        """Begin to follow a code; in live use one that is followed already stays as it is."""
        if mode == "test" and code not in TEST_CODES:
            raise Refusal(
                422,
                "TRACKER.CREATE.ERROR",
                "In test mode, only test tracking numbers are valid. Test tracking numbers are "
                "EZ1000000001, EZ2000000002, ... , EZ7000000007",
            )
        known_by = carrier or next((c for look, c in CARRIERS if look.fullmatch(code)), None)
        if known_by is None:
            message = "We could not determine the carrier of this tracking code."
            raise Refusal(422, "TRACKER.NO_CARRIER_FOR_CODE", message)
        if mode == "production":
            since = self.book.at(-DEDUPLICATED_MS)
            for tracker in reversed(self.trackers.values()):
                same = (tracker["tracking_code"], tracker["carrier"]) == (code, known_by)
                if same and tracker["created_at"] >= since:
                    return tracker
        return self.open(code, known_by, TEST_CODES.get(code, "unknown"), mode=mode)

    def open(
        self, code: str, carrier: str, status: str, *, mode: str, shipment: str | None = None
    ) -> dict[str, Any]:
        """Make a tracker that has come as far as a status."""
        id = self.book.new_id("trk")
        tracker: dict[str, Any] = {
            "id": id,
            "object": "Tracker",
            "mode": mode,
            "tracking_code": code,
            "status": "unknown",
            "status_detail": "unknown",
            "created_at": self.book.at(),
            "updated_at": self.book.at(),
            "signed_by": None,
            "weight": None,
            "est_delivery_date": self.book.at(3 * DAY_MS),
            "shipment_id": shipment,
            "carrier": carrier,
            "tracking_details": [],
            "fees": [],
            "carrier_detail": None,
            "finalized": False,
            "is_return": False,
            "public_url": f"https://track.easypost.com/{id.removeprefix('trk_')}",
        }
        self.trackers[id] = tracker
        reached = next((at for at, stage in enumerate(JOURNEY) if stage.status == status), None)
        if reached is not None:
            for stage in JOURNEY[: reached + 1]:
                self.scan(tracker, stage)
        elif status != "unknown":
            self.scan(tracker, Stage(status, "status_update", status.replace("_", " ")))
        return tracker

    def scan(self, tracker: dict[str, Any], stage: Stage) -> None:
        """Let the carrier scan a parcel."""
        tracker |= {
            "status": stage.status,
            "status_detail": stage.detail,
            "updated_at": self.book.at(),
            "finalized": stage.status in ENDS,
        }
        if stage.status == "delivered":
            tracker["signed_by"] = "John Tester"
        if stage.detail == "delayed":
            tracker["est_delivery_date"] = self.book.at(5 * DAY_MS)
        tracker["tracking_details"].append(
            {
                "object": "TrackingDetail",
                "message": stage.message,
                "description": None,
                "status": stage.status,
                "status_detail": stage.detail,
                "datetime": self.book.at(),
                "source": tracker["carrier"],
                "carrier_code": None,
                "est_delivery_date": None,
                "tracking_location": {
                    "object": "TrackingLocation",
                    "city": "MADRID",
                    "state": None,
                    "country": "ES",
                    "zip": "28042",
                },
            }
        )

    def advance(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Let the newest parcel that is still on its way get one stage further.

        Returns its tracker and what was different before. Without any, one is sent.
        """
        moving = [t for t in self.trackers.values() if not t["finalized"]]
        if moving:
            tracker = moving[-1]
        else:
            code = f"94001{self.book.next_number():017d}"
            tracker = self.open(code, "USPS", "pre_transit", mode=self.book.mode)
        before = {name: tracker[name] for name in ("status", "status_detail")}
        self.scan(tracker, self._next(tracker))
        return tracker, before

    def move(self, code: str, status: str, detail: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Let a parcel be scanned with a status, such as `delivered`, or `delayed` as a detail."""
        tracker = next(t for t in reversed(self.trackers.values()) if t["tracking_code"] == code)
        before = {name: tracker[name] for name in ("status", "status_detail")}
        self.scan(tracker, Stage(status, detail, detail.replace("_", " ").capitalize()))
        return tracker, before

    def _next(self, tracker: Mapping[str, Any]) -> Stage:
        details = [d["status_detail"] for d in tracker["tracking_details"]]
        late = list(self.trackers).index(tracker["id"]) % DELAYED == DELAYED - 1
        if late and "departed_facility" in details and "delayed" not in details:
            return DELAY
        return next((s for s in JOURNEY if s.detail not in details), JOURNEY[-1])
