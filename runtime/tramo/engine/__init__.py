"""What happens next in a run: pure rules over a plan, a state and one happening.

    decide(state, happening) -> commands

This room does no I/O, reads no clock, makes no ids. The same inputs give the same commands. It
knows node types only as compiled manifests.
"""

from tramo.engine.command import Command, Finish, GoOn, Perform, Wait
from tramo.engine.decide import decide
from tramo.engine.fold import fold
from tramo.engine.happening import (
    Answered,
    Began,
    Cancelled,
    Claimed,
    Continued,
    Due,
    Ended,
    Failed,
    Failure,
    Happening,
    Held,
    Hurried,
    Occurred,
    Recovered,
    Replied,
    Woken,
)
from tramo.engine.journal import FORMAT, decode_segment, encode_segment
from tramo.engine.state import RunStatus, State
from tramo.engine.view import view_steps

__all__ = [
    "FORMAT",
    "Answered",
    "Began",
    "Cancelled",
    "Claimed",
    "Command",
    "Continued",
    "Due",
    "Ended",
    "Failed",
    "Failure",
    "Finish",
    "GoOn",
    "Happening",
    "Held",
    "Hurried",
    "Occurred",
    "Perform",
    "Recovered",
    "Replied",
    "RunStatus",
    "State",
    "Wait",
    "Woken",
    "decide",
    "decode_segment",
    "encode_segment",
    "fold",
    "view_steps",
]
