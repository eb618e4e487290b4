"""Somewhere to run a person's Python where it can reach and harm nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class Ran(msgspec.Struct, frozen=True):
    """What a program gave, plain, and what it printed."""

    value: Any
    printed: str = ""


class Sandbox(Protocol):
    async def run(
        self,
        source: str,
        inputs: Mapping[str, Any],
        *,
        timeout_s: float,
        now: str,
        timezone: str,
        seed: str,
    ) -> Ran:
        """Run a program on named values; the same arguments give the same answer.

        Its clock stands at `now` in `timezone`, its chance comes from `seed`. The answer is the
        value of its last line, or of its variable `result` where that has none. Raises
        sdk.Rejected or sdk.BadParams for what the program did wrong, with its line and column;
        sdk.Transient when its process was lost; sdk.Unavailable when there is no sandbox here.
        """
        ...
