"""How a run differs from one that does everything: what it takes over, and from whom.

A part is written with its run and read whenever the run is taken up, so that a crash changes
nothing. What it gives ends steps as if they had run; it never sends anything.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tramo.model.run import Iteration
from tramo.model.value import decode, encode

PART: Final = "part"
"""`rerun` of a run of some nodes of a draft."""
CHANGED: Final = "changed"
"""`rerun` of another try with data that a person changed."""


class Given(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a step ends because a person says so."""

    node: str
    port: str
    output: Any = None
    iteration: Iteration | None = None
    """None: in every round of the loops around it."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run takes over, and what it does anew."""

    anew: tuple[str, ...] = ()
    """Nodes that run again although they ended in the runs before."""
    kept: tuple[str, ...] = ()
    """Those of them whose effects count as done all the same."""
    given: tuple[Given, ...] = ()
    data_of: str | None = None
    """The run whose data is taken over, where that is not the newest of its family."""


def write_part(part: Part) -> bytes:
    """Encode a part as it is kept beside its run."""
    return encode(part)


def read_part(body: bytes) -> Part:
    """Decode a part, numbers exact."""
    return msgspec.convert(decode(body), Part)
