"""The one door out: every request and every socket that leaves the house passes through this room.

It decides where a connection may reach, signs requests with its credential, bounds them, says
exactly what a failure means, and keeps secrets out of every message. It stores nothing.
"""

from tramo.outbound.context import CallContext
from tramo.outbound.outbound import Outbound
from tramo.outbound.redact import Redactor
from tramo.outbound.twin import HousedTwin, TwinHouse

__all__ = ["CallContext", "HousedTwin", "Outbound", "Redactor", "TwinHouse"]
