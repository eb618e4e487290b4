"""The journal's words: transitions as short arrays, several to a segment, encoded once.

A segment is `[[at, [transition, …]], …]`. The first element of a transition names it:

    t  node                                        the trigger fired (its output is the event)
    i  node, port, output                          an inline node was settled
    b  node                                        a disabled node was passed by
    s  node, iteration, attempt, effect, key, params   an attempt started
    d  node, iteration, port, output               a step succeeded
    f  node, iteration, code, message, details     a step failed for good
    r  node, iteration, due_at, code, message      a further attempt is due then
    p  node, iteration, code, message              parked until the connection works again
    q  node, iteration, code, message              a person must say what happened
    a  node, iteration, outcome, output, actor     somebody said it
    o  node, iteration                             another run holds the claim of `once`
    c  actor                                       somebody cancelled the run
    x  code, message                               the run's own limits end it
    e  state, reason, error                        the run ended

Nodes are named by id, for positions are the plan's own. Skipped steps follow from the rest and are
not written.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tramo.model.value import decode, encode

FORMAT: Final = 1

Transition = tuple[Any, ...]
Moment = tuple[int, list[Transition]]

Raw = msgspec.Raw


def encode_segment(moments: list[Moment]) -> bytes:
    """Encode what one commit carries."""
    return encode(moments)


def decode_segment(fmt: int, body: bytes) -> list[Moment]:
    """Decode a segment of any format that a released Tramo wrote."""
    if fmt != FORMAT:
        raise ValueError(f"journal format {fmt} is not known")
    return [(at, [tuple(item) for item in items]) for at, items in decode(body)]
