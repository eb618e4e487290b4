"""What all tables share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, LargeBinary, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from tramo.store.codec import pack, unpack

SCHEMA_VERSION: Final = 3

metadata = MetaData()


def id_column() -> Column[str]:
    """Return the column of a prefixed id."""
    return Column("id", String(80), primary_key=True)


class Body(TypeDecorator[bytes]):
    """Bytes that lie packed: whoever selects them gets them whole, whatever way they are kept.

    Bulk statements go past it and pack on their own.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the base names it
        return None if value is None else pack(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else unpack(bytes(value), getattr(dialect, "blobs", None))
