"""What a trigger hands to its flow, made of what the vendor told."""

from __future__ import annotations

from typing import Any

from tramo.model.value import decode, encode
from tramo.sdk.definition import Trigger


def plain_output(trigger: Trigger, payload: Any) -> tuple[Any, bytes]:
    """Return the trigger's output in the form that nodes see, plain data, and that as JSON."""
    if trigger.output is None:
        return payload, encode(payload)
    body = encode(trigger.output(payload))
    return decode(body), body
