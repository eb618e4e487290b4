"""The journal's words: transitions as short arrays, several to a segment, encoded once.

A segment is `[[at, [transition, …]], …]`. The first element of a transition names it:

    t  node, variables?                            the trigger fired (its output is the event)
    i  node, port, output, iteration?              an inline node was settled
    b  node, iteration?                            a disabled node was passed by
    k  node, iteration, port, output, given?       a step was taken over from the run before, or
                                                   ended as a person said
    s  node, iteration, attempt, effect, key, params   an attempt started
    d  node, iteration, port, output               a step succeeded
    f  node, iteration, code, message, details, doubt?  a step failed for good
    r  node, iteration, due_at, code, message, doubt?   a further attempt is due then
    p  node, iteration, code, message              parked until the connection works again
    q  node, iteration, code, message              a person must say what happened
    a  node, iteration, outcome, output, actor     somebody said it
    o  node, iteration                             another run holds the claim of `once`
    w  node, iteration, due_at, pause              it waits: for a time, an event, an answer
    h  node, iteration, due_at                     its stored function wants to be called again
    l  node, iteration, items                      a loop began
    z  node, iteration of the item, result?, code?, message?, details?   an item is done, or failed
    n  node, iteration                             a loop was cancelled
    c  actor                                       somebody cancelled the run
    x  code, message                               the run's own limits end it
    e  state, reason, error                        the run ended

An iteration that may be left out is left out at the root, where most nodes stand.
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


def iteration_of(transition: Transition) -> tuple[int, ...]:
    """Return the iteration that a step's transition is about."""
    match transition[0]:
        case "t":
            return ()
        case "i":
            return tuple(transition[4]) if len(transition) > 4 else ()
        case "b":
            return tuple(transition[2]) if len(transition) > 2 else ()
    return tuple(transition[2])
