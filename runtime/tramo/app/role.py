"""Who may do what at a desk: one refusal, in one sentence."""

from __future__ import annotations

from tramo.model.problem import TramoError
from tramo.model.scope import Scope


def require_editor(scope: Scope) -> None:
    """Raise TramoError for somebody who may look and not change."""
    if not scope.may_write:
        raise TramoError(
            "role.viewer", "You may look at this, but not change it. Ask an owner.", status=403
        )
