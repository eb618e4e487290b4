"""The sentences of the graph room, one module per language, keyed by problem code."""
