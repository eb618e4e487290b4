"""What an action does to the world outside, declared and never guessed.

- `pure`: changes nothing anywhere; may be run again freely.
- `stored`: changes only Tramo's own database, in one transaction with its result.
- `repeatable`: a vendor write whose repetition leaves the same state.
- `keyed`: a vendor write that carries one idempotency key and one frozen body at every attempt.
- `never_repeat`: the start is committed before the one send; any doubt becomes a question.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal

Effect = Literal["pure", "stored", "repeatable", "keyed", "never_repeat"]

STRICTNESS: Final[dict[str, int]] = {
    "pure": 0,
    "stored": 1,
    "repeatable": 2,
    "keyed": 3,
    "never_repeat": 4,
}
"""A connector's release may make an effect stricter, never looser."""


def effect_key(origin: str, node_id: str, iteration: tuple[int, ...], generation: int) -> str:
    """Return the key under which one intended effect is known for ever, 32 hexadecimal digits.

    It does not depend on the attempt or on the run that carries it out: a re-run has the origin of
    its family, so that what was done once is not done again.
    """
    path = ".".join(map(str, iteration))
    text = f"{origin}\x1f{node_id}\x1f{path}\x1f{generation}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
