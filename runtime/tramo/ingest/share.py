"""What one sender may take of the line in front of the commit: the others must find room in it."""

from __future__ import annotations

from typing import Final

from tramo.store.committer import Busy

QUEUE_LIMIT: Final = 20_000
"""Events that wait for their commit, or are about to."""
SOURCE_LIMIT: Final = QUEUE_LIMIT // 4
"""Of one address or connection."""
WORKSPACE_LIMIT: Final = QUEUE_LIMIT // 2


class Share:
    """Counts events on their way into the store, by where they come from."""

    def __init__(self) -> None:
        self.all = 0
        """Events that were counted and have not left."""
        self._waiting: dict[tuple[str, str], int] = {}

    def enter(self, workspace_id: str, source: str) -> None:
        """Count an event until it `leave`s; raises Busy when its sender has enough waiting."""
        workspace, sender = (workspace_id, ""), (workspace_id, source)
        waiting = self._waiting
        in_workspace, of_sender = waiting.get(workspace, 0), waiting.get(sender, 0)
        if self.all >= QUEUE_LIMIT or in_workspace >= WORKSPACE_LIMIT or of_sender >= SOURCE_LIMIT:
            raise Busy()
        self.all += 1
        waiting[workspace], waiting[sender] = in_workspace + 1, of_sender + 1

    def leave(self, workspace_id: str, source: str) -> None:
        """An event that was counted waits no longer."""
        self.all -= 1
        waiting = self._waiting
        for who in ((workspace_id, ""), (workspace_id, source)):
            left = waiting[who] - 1
            if left:
                waiting[who] = left
            else:
                del waiting[who]
