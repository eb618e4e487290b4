"""Prefixed ids: the prefix says what a thing is wherever its id turns up."""

from __future__ import annotations

import re
from typing import Final, Literal

Prefix = Literal[
    "flow",
    "run",
    "evt",
    "conn",
    "user",
    "ws",
    "tok",
    "lnk",
    "blob",
    "own",
    "ses",
    "act",
    "ntc",
    "alr",
]

FLOW_ID: Final = re.compile(r"flow_[A-Za-z0-9_-]{1,64}\Z")
NODE_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
NODE_TYPE: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")

RESERVED_NODE_IDS: Final = frozenset(
    {
        *("item", "index", "run", "flow", "now", "vars", "loop"),
        *("true", "false", "none", "and", "or", "not", "in", "is", "if", "else"),
    }
)
"""Words that mean something else inside an expression."""
