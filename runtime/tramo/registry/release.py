"""Reads ranges of sdk releases such as `>=1,<2`: the few forms that connectors write, no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

_CLAUSE: Final = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)\s*\Z")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": ge,
    "<=": le,
    "==": eq,
    "!=": ne,
    ">": gt,
    "<": lt,
}


def satisfies(release: str, wanted: str) -> bool:
    """Tell whether a release such as `1.4` lies in a range such as `>=1,<2`; raises ValueError."""
    number = _number(release)
    for clause in wanted.split(","):
        match = _CLAUSE.match(clause)
        if match is None:
            raise ValueError(f"“{wanted}” is not a range; write it like >=1,<2")
        if not _COMPARE[match[1]](number, _number(match[2])):
            return False
    return True


def _number(text: str) -> tuple[int, ...]:
    """Return the release without trailing zeros, so that 1 equals 1.0."""
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
