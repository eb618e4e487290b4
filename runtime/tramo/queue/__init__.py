"""Wake-ups: how a process hears that a run may have something to do.

The database is the only truth; a ring that is lost costs time and nothing else. `arq` and `bus`
need Redis and are imported only where there is one.
"""

from tramo.queue.local import LocalWakeup

__all__ = ["LocalWakeup"]
