"""What a request to the twin did, in a few words for people."""

from __future__ import annotations

from typing import Any

from tramo import sdk


def describe(request: sdk.TwinRequest, response: sdk.Response) -> str:
    """Say what a request did, or why it was refused."""
    answer = response.json()
    if response.status >= 400:
        error = answer.get("error")
        said = error["message"] if isinstance(error, dict) else error
        return f"Refused: {said}"
    steps = request.path.strip("/").split("/")[1:]
    match (request.method, *steps):
        case ("POST", "addresses"):
            return f"Address verified: {_place(answer)}"
        case ("POST", "shipments"):
            return f"{len(answer['rates'])} rates for a parcel to {_place(answer['to_address'])}"
        case ("POST", "shipments", _, "buy"):
            rate = answer["selected_rate"]
            price = f"{rate['rate']} {rate['currency']}"
            name = f"{rate['carrier']} {rate['service']}"
            return f"Label {answer['tracking_code']} bought: {name}, {price}"
        case ("POST", "shipments", _, "refund"):
            return f"Label {answer['tracking_code']} given back"
        case ("GET", "shipments", _):
            return f"Look at a shipment to {_place(answer['to_address'])}"
        case ("POST", "trackers"):
            return f"Following {answer['tracking_code']} of {answer['carrier']}"
        case ("GET", "trackers", _):
            return f"Look at {answer['tracking_code']}: {answer['status']}"
        case ("GET", kind):
            return f"List of {kind.replace('_', ' ')}"
        case ("POST", "webhooks"):
            return f"Webhook to {answer['url']}"
        case ("PATCH", "webhooks", _):
            return f"New secret for the webhook to {answer['url']}"
        case ("DELETE", "webhooks", _):
            return "Webhook removed"
        case _:
            return f"{request.method} {request.path}"


def _place(address: Any) -> str:
    parts = (address.get("city"), address.get("country"))
    return ", ".join(part for part in parts if part)
