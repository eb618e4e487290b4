"""The one truth: tables, the journal and the group commit. Every call takes a Scope.

This room knows SQL and nothing of HTTP, connectors or how a run decides.
"""
