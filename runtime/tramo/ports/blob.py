"""Big values and files, outside the rows that name them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Iterator
from typing import Any, Protocol


class Blob(Protocol):
    """Keeps bytes for an owner, a run or an event, until the owner is gone."""

    async def put(self, owner: str, data: bytes) -> str:
        """Store bytes durably and return their id; done before the commit that names them."""
        ...

    async def put_items(self, owner: str, pages: AsyncIterable[Iterable[Any]]) -> tuple[str, int]:
        """Store a list that arrives page by page; return its id and the number of its items."""
        ...

    async def get(self, blob_id: str) -> bytes:
        """Return the bytes; raises TramoError where they are gone or damaged."""
        ...

    def items(self, blob_id: str) -> Iterator[Any]:
        """Yield the items of a stored list, holding a chunk of it at a time; may wait for the
        disk."""
        ...

    def drop(self, owner: str) -> None:
        """Remove everything of an owner."""
        ...
