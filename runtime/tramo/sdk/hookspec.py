"""The contract between Tramo and its plugins, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from tramo.sdk.definition import Definition

PROJECT = "tramo"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class TramoSpec:
    """The hooks that Tramo calls."""

    @hookspec
    def tramo_connector(self) -> Definition:  # pyright: ignore[reportReturnType]  # a specification has no body
        """Return what this plugin offers; called once, at start-up."""
