"""What the nodes that wait have in common: lengths of time, who is asked, and what time leaves."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

TEN_YEARS_S: Final = 315_360_000

Seconds = Annotated[int, Meta(ge=0, le=TEN_YEARS_S)]
Addresses = str | list[str] | None
"""One e-mail address, several with commas, or a list of them."""
PortName = Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9_-]{0,63}$")]

Moment = Annotated[str, Meta(title="Ended at")]
Answerer = Annotated[str, Meta(title="Answered by")]


class Over(sdk.Output, kw_only=True):
    """How a wait ended, and when; who answered, and what, if somebody was asked."""

    ended: str
    at: Moment
    port: str | msgspec.UnsetType = msgspec.UNSET
    data: Any = msgspec.UNSET
    by: Answerer | msgspec.UnsetType = msgspec.UNSET


def milliseconds(seconds: Any, field: str) -> int:
    """Return a length of time; raises BadParams for what is none, or longer than ten years."""
    return int(value.number(seconds, field, 0, TEN_YEARS_S) * 1_000)


def addresses(found: Any, field: str) -> tuple[str, ...]:
    """Return the addresses of those who are asked; raises BadParams for what are none."""
    if found is None:
        return ()
    named = found.split(",") if isinstance(found, str) else value.items(found, field)
    return tuple(text for each in named if (text := value.text(each, field).strip()))


def over(port: str, how: str, at_ms: int, /, **more: Any) -> sdk.Exit:
    """Return the way out of a wait that time has ended: `time` as planned, `late` for want of an
    answer."""
    return sdk.Exit(port, {"ended": how, "at": sdk.rfc3339(at_ms), **more})
