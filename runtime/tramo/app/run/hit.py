"""Where a text was found: the words around it, so that a person sees why a run is in the list."""

from __future__ import annotations

from typing import Any

from tramo.model.value import encode

AROUND = 60


def needle_of(text: str) -> str:
    """Return a text as it is looked for in stored data: as JSON writes it, in any case."""
    return encode(text).decode()[1:-1].casefold()


def excerpt(body: bytes, needle: str) -> dict[str, Any] | None:
    """Return the words before a hit, the hit as it is written there, and the words after it."""
    text = body.decode("utf-8", "replace")
    folded = text.casefold()
    at = folded.find(needle)
    if at < 0:
        return None
    if len(folded) != len(text):  # Some letters fold into two: the place is a guess no more.
        text = folded
    end = at + len(needle)
    return {
        "before": _plain(text[max(0, at - AROUND) : at]),
        "text": _plain(text[at:end]),
        "after": _plain(text[end : end + AROUND]),
    }


def _plain(text: str) -> str:
    return " ".join(text.replace("\\n", " ").replace('\\"', '"').split(" "))
