"""The test kit that is shipped with Tramo, for connectors of our own and of others.

    from tramo.testing import Trial

It runs a connector's code as the runtime does, against the connector's twin, and needs no network,
no database and no account.
"""

from tramo.testing.port import CountingIds, StandingClock, TaskSpawn
from tramo.testing.trial import Heard, NotGenuine, Trial

__all__ = ["CountingIds", "Heard", "NotGenuine", "StandingClock", "TaskSpawn", "Trial"]
