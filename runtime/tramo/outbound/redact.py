"""Takes a connection's secrets out of anything that people or logs will see.

The net, not the wall: secrets are kept apart by type everywhere else. It finds them as they are and
in the encodings in which they travel.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

MASK: Final = "•••"
SHORTEST: Final = 4
"""Shorter values are left alone: masking them would garble every text and hide nothing."""


class Redactor:
    """Replaces known secret values, in any text, object or list."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if len(secret) >= SHORTEST:
                forms |= _forms(secret)
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        pattern = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(pattern) if pattern else None

    def text(self, text: str) -> str:
        """Return the text with every secret masked."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def value(self, value: Any) -> Any:
        """Return a plain value with every secret masked, in object keys too."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        return value


def _forms(secret: str) -> set[str]:
    """Return a secret as it is and as headers, addresses, JSON and HTML spell it."""
    raw = secret.encode("utf-8", "replace")
    forms = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        raw.hex(),
        raw.hex().upper(),
    }
    forms |= {quote(secret, safe="").replace("%", "%25")}
    for form in _base64_forms(raw):
        forms |= {form, form.replace("+", "-").replace("/", "_"), quote(form, safe="")}
    return {form for form in forms if len(form) >= SHORTEST}


def _base64_forms(raw: bytes) -> set[str]:
    """Return what base64 makes of bytes wherever they begin inside a longer text.

    Three offsets are possible; the characters that also depend on neighbours are left out.
    """
    forms: set[str] = {b64encode(raw).decode(), b64encode(raw).decode().rstrip("=")}
    for offset in range(3):
        text = b64encode(b"\0" * offset + raw).decode().rstrip("=")
        first = (0, 2, 3)[offset]
        whole = len(text) if (offset + len(raw)) % 3 == 0 else len(text) - 1
        forms.add(text[first:whole])
    return {form for form in forms if len(form) >= 2 * SHORTEST}
