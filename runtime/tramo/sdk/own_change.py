"""The param by which a trigger says what it does about changes that its own flow made.

The runtime adds it to the triggers that some action of the connector brings about (`causes`); a
connector's own code never sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, defstruct
from msgspec.structs import replace

from tramo.sdk.definition import Action, Trigger
from tramo.sdk.param import hint, json_schema

FIELD: Final = "own_changes"

_OwnChanges = Annotated[
    bool,
    Meta(
        title="Own changes too",
        description="Whether changes that this flow itself made start it again. Ten runs that "
        "caused each other are the end in any case.",
    ),
    hint(advanced=True),
]


def with_own_changes(
    triggers: Mapping[str, Trigger], actions: Mapping[str, Action]
) -> dict[str, Trigger]:
    """Return the triggers, with the param on those whose events some action brings about."""
    causes = {cause for action in actions.values() for cause in action.manifest.causes}
    return {
        name: _extended(trigger) if trigger.manifest.type in causes else trigger
        for name, trigger in triggers.items()
    }


def _extended(trigger: Trigger) -> Trigger:
    known = trigger.manifest.trigger
    assert known is not None
    params = defstruct(
        trigger.params.__name__,
        [(FIELD, _OwnChanges, False)],
        bases=(trigger.params,),
        kw_only=True,
    )
    manifest = replace(
        trigger.manifest, params_schema=json_schema(params), trigger=replace(known, caused=True)
    )
    return replace(trigger, manifest=manifest, params=params)
