"""The journal's words: transitions as short arrays, several to a segment, encoded once.

A segment is `[[at, [transition, …]], …]`. The first element of a transition names it:

    t  node, variables?                            the trigger fired (its output is the event)
    i  node, port, output, iteration?              an inline node was settled
    b  node, iteration?                            a disabled node was passed by
    k  node, iteration, port, output, given?       a step was taken over from the run before, or
                                                   ended as a person said
    s  node, iteration, attempt, effect, key, params   an attempt started
    d  node, iteration, port, output               a step succeeded
    f  node, iteration, code, message, details, doubt?, params?  a step failed for good
    r  node, iteration, due_at, code, message, doubt?, params?   a further attempt is due then
    p  node, iteration, code, message, params?     parked until the connection works again
    q  node, iteration, code, message, params?     a person must say what happened
    a  node, iteration, outcome, output, actor     somebody said it
    o  node, iteration                             another run holds the claim of `once`
    w  node, iteration, due_at, pause              it waits: for a time, an event, an answer
    h  node, iteration, due_at                     its stored function wants to be called again
    l  node, iteration, items                      a loop began
    z  node, iteration of the item, result?, code?, message?, details?, params?   an item is done,
                                                   or failed
    n  node, iteration                             a loop was cancelled
    c  actor                                       somebody cancelled the run
    x  code, message, params?                      the run's own limits end it
    e  state, reason, [code, message, details, params?]?   the run ended

`params` are what the sentence for a code is told with; they are left out where there are none, and
were not written before there were any. An iteration that may be left out is left out at the root,
where most nodes stand.
Nodes are named by id, for positions are the plan's own. Skipped steps follow from the rest and are
not written.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tramo.model.run import StepError
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


def error_of(transition: Transition) -> StepError | None:
    """Return what a transition says of a failure; None where it says nothing of one."""
    match transition:
        case ("f" | "z" as kind, _, _, *said):
            if kind == "z":
                return StepError(*said[1:]) if said[1:] else None
            code, message, details, *rest = said
            return StepError(code, message, details, *rest[1:])
        case ("r", _, _, _, code, message, *rest):
            return StepError(code, message, None, *rest[1:])
        case ("p" | "q", _, _, code, message, *params) | ("x", code, message, *params):
            return StepError(code, message, None, *params)
        case ("e", _, _, said) if said:
            return StepError(*said)
    return None


def told(error: StepError) -> tuple[Any, ...]:
    """Return code, message, details and params of a failure, the last only where there are any."""
    said = (error.code, error.message, error.details)
    return (*said, error.params) if error.params else said


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
