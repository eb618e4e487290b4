"""Whose data a call may touch. Every store call takes a Scope as its first argument."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Role = Literal["owner", "editor", "viewer"]


class Scope(msgspec.Struct, frozen=True):
    """A workspace, and who acts in it."""

    workspace_id: str
    actor: str
    role: Role = "owner"

    @property
    def may_write(self) -> bool:
        return self.role != "viewer"


SYSTEM_ACTOR: Final = "system"


def system_scope(workspace_id: str) -> Scope:
    """Return the scope in which the runtime itself acts for a workspace."""
    return Scope(workspace_id=workspace_id, actor=SYSTEM_ACTOR)
