"""What happens next in a run: pure rules over a plan, a state and one happening.

    decide(state, happening) -> commands

This room does no I/O, reads no clock, makes no ids. The same inputs give the same commands. It
knows node types only as compiled manifests.
"""

from tramo.engine.command import Command, Finish, Perform, Wait
from tramo.engine.decide import decide
from tramo.engine.fold import fold
from tramo.engine.happening import (
    Answered,
    Began,
    Cancelled,
    Claimed,
    Due,
    Ended,
    Failed,
    Failure,
    Happening,
    Recovered,
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
    "Due",
    "Ended",
    "Failed",
    "Failure",
    "Finish",
    "Happening",
    "Perform",
    "Recovered",
    "RunStatus",
    "State",
    "Wait",
    "decide",
    "decode_segment",
    "encode_segment",
    "fold",
    "view_steps",
]
