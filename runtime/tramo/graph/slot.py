"""Which runs of a flow may not go on side by side: the value of its concurrency limit's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from tramo.expression import EvaluationError, compile_value
from tramo.model.event import Key
from tramo.model.flow import Flow
from tramo.model.value import decode, encode, encode_sorted

SLOT_LENGTH: Final = 300
WHOLE_FLOW: Final = ""


def slot_of(flow: Flow, env: Mapping[str, Any], keys: Sequence[Key]) -> str | None:
    """Return the slot of a run that begins with these variables and business keys.

    A key is a formula, or the kind of a business key. No key at all: the whole flow is one slot.
    None for a flow without a limit, and for a run that lacks the key: nothing holds it back.
    """
    limit = flow.limits.concurrency
    if limit is None:
        return None
    if limit.key is None:
        return WHOLE_FLOW
    if isinstance(limit.key, str):
        return next((key.value for key in keys if key.kind == limit.key), None)
    try:
        value = _compiled(encode(limit.key), flow.timezone, flow.language)(env)
    except EvaluationError:
        return None
    return _text(value)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else encode_sorted(value).decode()
    return text[:SLOT_LENGTH]


@lru_cache(maxsize=256)
def _compiled(template: bytes, timezone: str, language: str) -> Any:
    return compile_value(decode(template), timezone=timezone, language=language)
