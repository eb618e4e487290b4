"""Keeps connections' secrets: sealed in the database, opened only for the door out.

A secret goes in and never comes out by name: there is no call that returns one for showing. This
room knows nothing of HTTP and starts no run.
"""

from tramo.vault.key import MasterKeys, add_master_key, load_master_key
from tramo.vault.vault import Vault, sealed_fields

__all__ = ["MasterKeys", "Vault", "add_master_key", "load_master_key", "sealed_fields"]
