"""Big values and files, outside the rows that name them."""

from __future__ import annotations

from typing import Protocol


class Blob(Protocol):
    async def put(self, data: bytes) -> str:
        """Store bytes durably and return their id; done before the commit that names them."""
        ...

    async def get(self, blob_id: str) -> bytes:
        """Return the bytes; raises KeyError for an unknown id."""
        ...
