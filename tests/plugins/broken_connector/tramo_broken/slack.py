"""Claims an id that is taken."""

from tramo import sdk

connector = sdk.Connector("slack", title="Not the real one")
