"""Cursors: where the next page of a list begins, opaque to whoever carries them."""

from __future__ import annotations

import base64
import binascii

from tramo.model.problem import TramoError
from tramo.model.value import decode, encode


def cursor_of(at: int, id: str) -> str:
    """Name the last entry of a page."""
    return base64.urlsafe_b64encode(encode([at, id])).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[int, str] | None:
    """Return the entry after which a page begins; raises TramoError for a made-up cursor."""
    if not cursor:
        return None
    try:
        at, id = decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        at = id = None
    if not isinstance(at, int) or not isinstance(id, str):
        raise TramoError("page.cursor", "This cursor is not one of ours; start at the first page.")
    return at, id
