"""What all tables share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, LargeBinary, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator

from tramo.store.codec import pack, unpack

metadata = MetaData()

CHANGING: Final = {
    "autovacuum_vacuum_threshold": 1_000,
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_analyze_scale_factor": 0.02,
}
"""For tables whose rows change again and again: what they were before lies in the way of whoever
looks for due ones, and PostgreSQL would leave it there until a fifth of the table is that."""


class PlainText(String):
    """Text in the order of its code points, whatever language a database sorts by.

    The length says what the doors let in. No database holds to it: what is too long fails at its
    door with a sentence, or nowhere.
    """

    inherit_cache = True


@compiles(PlainText, "postgresql")
def _spell(of: PlainText, compiler: Any, type_expression: Any = None, **options: Any) -> str:  # noqa: ARG001 - the compiler's signature
    return 'TEXT COLLATE "C"' if isinstance(type_expression, Column) else "TEXT"


def id_column() -> Column[str]:
    """Return the column of a prefixed id."""
    return Column("id", PlainText(80), primary_key=True)


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
